// The whole engine in steady state, on a cable, with short intervals: Masters with and without a virtual MAC address
// and with blocked addresses, a Backup, and two BFD sessions with each other. Run by steady.test.ts in a process of
// its own, which counts the collections.
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monotonicUs } from "../../../native/clock.ts";
import { openEventfd, signalEventfd } from "../../../native/eventfd.ts";
import { enterNamespace, openNamespace } from "../../../native/namespace.ts";
import { BFD_REFUSALS } from "../../../src/bfd/packet.ts";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { Engine } from "../../../src/engine/engine.ts";
import {
  BFD_COUNTERS,
  BFD_GAUGES,
  COUNTERS,
  type EngineInstance,
  FLAGS,
  type FromEngine,
  GLOBAL_COUNTERS,
  type ToEngine,
} from "../../../src/messages.ts";
import { REFUSALS } from "../../../src/vrrp/refusal.ts";
import { load } from "../config/support.ts";
import { addAddress, Lab } from "../native/lab.ts";

/** So short that one small object in each turn would show within seconds. */
const ADVERT_US = 500;
const BFD_US = 1000;
const WARM_US = 3_000_000;
const STEADY_TURNS = 20_000;

/** Long detection: what is counted is garbage, however busy the machine is. */
const session = (name: string, from: string, to: string) =>
  `bfd_instance ${name} {\n source_ip ${from}\n neighbor_ip ${to}\n multiplier 200\n}\n`;
const router = (name: string, link: string, vrid: number, lines: string) =>
  `vrrp_instance ${name} {
  interface ${link}
  version 3
  virtual_router_id ${vrid}
  advert_int 0.01
  garp_master_delay 0
  virtual_ipaddress {
    192.0.2.${vrid}/24
  }
  ${lines}
}
`;
const TEXTS = {
  /** Its instances are Masters but the last one, which hears the other engine. */
  here: session("near", "127.0.0.1", "127.0.0.2") + session("far", "127.0.0.2", "127.0.0.1") +
    router("plain", "va", 51, "priority 200\n  track_bfd {\n    near weight 1\n    far weight 1\n  }") +
    router("virtual", "va", 52, "priority 200\n  use_vmac") +
    router("blocked", "va", 53, "priority 200\n  no_accept") +
    router("backup", "va", 54, "priority 100"),
  peer: router("master", "vb", 54, "priority 200"),
};
const WANTED = ["MASTER", "MASTER", "MASTER", "BACKUP"];

const role = process.argv[2] === "peer" ? "peer" : "here";
if (role === "peer") enterNamespace(openNamespace(process.argv[3]!));
const lab = role === "here" ? new Lab() : null;
let peer: Bun.Subprocess | null = null;
if (lab !== null) {
  addAddress(lab.a, "192.0.2.2");
  addAddress(lab.b, "192.0.2.3");
  const words = [process.execPath, import.meta.path, "peer", `/proc/${process.pid}/fd/${lab.b.namespace}`];
  const quiet = { ...process.env, BUN_JSC_logGC: "0" };
  peer = Bun.spawn(words, { stdout: "ignore", stderr: "ignore", env: quiet });
  enterNamespace(lab.a.namespace);
}

const wakeFd = openEventfd();
const { config } = load(TEXTS[role]);
const shared = (slots: number) => new SharedArrayBuffer(slots * 8);
const entry = (instance: InstanceConfig, i: number): EngineInstance => ({
  id: i + 1,
  config: {
    ...instance,
    advertIntervalUs: ADVERT_US,
    // The Backup must not take over however late the peer is.
    downTimerAdverts: instance.name === "backup" ? 2000 : instance.downTimerAdverts,
  },
  counters: new Float64Array(shared(COUNTERS.length + REFUSALS.length)),
  scripts: {},
  tracked: {},
});
const bfds = config!.bfds.map((each) => ({
  config: { ...each, minTxUs: BFD_US, minRxUs: BFD_US },
  counters: shared(BFD_COUNTERS.length + BFD_GAUGES.length + BFD_REFUSALS.length),
}));
const mail: ToEngine[] = [{
  type: "apply",
  plan: {
    add: config!.instances.map(entry),
    change: [],
    remove: [],
    firewall: config!.global.firewall,
    bfds,
    interfaceDelays: [],
    pacing: [],
  },
}];

const states: string[] = [];
const sessions = new Map<string, number>();
let posted = 0;
let phase: "warm" | "steady" | "over" = "warm";
const untilUs = monotonicUs() + WARM_US;
/** The test's own test: two kept objects per turn must show. */
const kept: object[] | null = process.argv[2] === "garbage" ? [] : null;
let turns = 0;

/** The engine, watched from within: nothing else runs in its thread. */
class Watched extends Engine {
  override onEvents(): void {
    super.onEvents();
    turns++;
    if (kept !== null) {
      kept[turns % 1000] = {
        turns,
        posted,
        phase,
        untilUs,
        more: [turns, posted, turns, posted, turns, posted],
      };
    }
    if (role === "peer") return;
    if (phase === "warm") {
      if (monotonicUs() < untilUs) return;
      phase = "steady";
      posted = turns = 0;
      Bun.gc(true);
      process.stderr.write("STEADY\n");
    } else if (phase === "steady" && turns >= STEADY_TURNS) {
      phase = "over";
      process.stderr.write("END\n");
      check();
      this.finish();
    }
  }
}

/** That it was at work. */
function check(): void {
  if (states.join() !== WANTED.join()) throw new Error(`the states are ${states}`);
  if (![...sessions.values()].every((state) => state === 3)) throw new Error("a BFD session is not up");
  if (posted > 0) throw new Error(`it had ${posted} messages to tell`);
}

function post(message: FromEngine): void {
  if (phase === "steady") posted++;
  if (message.type === "state") states[message.id - 1] = message.state;
  if (message.type === "bfd" && phase !== "over") sessions.set(message.name, message.state);
}

const record = join(tmpdir(), `baton-steady-${process.pid}`);
const engine = new Watched({
  mail: null as never,
  wakeFd,
  stopFd: openEventfd(),
  globalCounters: shared(GLOBAL_COUNTERS.length + REFUSALS.length),
  flags: new SharedArrayBuffer(4 * FLAGS),
  realtimePriority: 0,
  tuning: { nice: null, cpuAffinity: null, commandBuffer: null, monitorBuffer: null, raise: null },
  startDelayUs: 0,
  keep: false,
  releaseForeign: false,
  watchAddresses: false,
  leftovers: { addresses: [], routes: [], vmacs: [], table: null },
  sysctlRecord: record,
}, { post, take: () => mail.shift() });
signalEventfd(wakeFd);
try {
  engine.run();
} finally {
  peer?.kill("SIGKILL");
  rmSync(record, { force: true });
}
