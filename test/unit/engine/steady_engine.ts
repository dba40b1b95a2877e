// The whole engine in steady state, on a cable, with short intervals: Masters with and without a virtual MAC address
// and with blocked addresses, a Backup, and two BFD sessions with each other. Run by steady.test.ts in a process of
// its own, which counts the collections.
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEventfd, signalEventfd } from "../../../native/eventfd.ts";
import { enterNamespace, openNamespace } from "../../../native/namespace.ts";
import { endWithParent } from "../../../native/parent.ts";
import { BFD_REFUSALS, UP } from "../../../src/bfd/packet.ts";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { Engine } from "../../../src/engine/engine.ts";
import {
  BFD_COUNTERS,
  BFD_GAUGES,
  COUNTER_SLOTS,
  COUNTERS,
  type EngineInstance,
  FLAGS,
  type FromEngine,
  GLOBAL_COUNTER_SLOTS,
  type ToEngine,
} from "../../../src/messages.ts";
import { load } from "../config/support.ts";
import { PLAIN_BEGINNING } from "../../support/beginning.ts";
import { mark } from "../../support/marks.ts";
import { addAddress, Lab } from "../native/lab.ts";

/** So short that thousands of turns take seconds. */
const ADVERT_US = 500;
const BFD_US = 2000;
/** Once all are in their places, so many turns pass before the count. */
const SETTLING_TURNS = 2000;
/** Each path is gone so often while it is counted: the smallest object, 16 bytes, in one of them fills several blocks. */
const PASSES = 6000;

/** Their detection takes half a second: what is counted is garbage, however busy the machine is. */
const BFD_PAIRS = 4;
const MULTIPLIER = 255;
const session = (name: string, from: string, to: string) =>
  `bfd_instance ${name} {\n source_ip ${from}\n neighbor_ip ${to}\n multiplier ${MULTIPLIER}\n}\n`;
const sessionPair = (_: unknown, i: number) => {
  const near = `127.0.${i}.1`, far = `127.0.${i}.2`;
  return session(`near${i}`, near, far) + session(`far${i}`, far, near);
};
const router = (name: string, link: string, vrid: number, lines: string, address = `192.0.2.${vrid}/24`) =>
  `vrrp_instance ${name} {
  interface ${link}
  version 3
  virtual_router_id ${vrid}
  advert_int 0.01
  garp_master_delay 0
  virtual_ipaddress {
    ${address}
  }
  ${lines}
}
`;
const HMAC = `auth_hmac {\n key 1 hex:${"5a".repeat(32)}\n }`;
const PASSWORD = (type: string) => `version 2\n authentication {\n auth_type ${type}\n auth_pass secret\n }`;
const unicast = (from: string, to: string) => `unicast_src_ip ${from}\n unicast_peer {\n ${to}\n }`;
/** Both ends of a virtual router: its name, its lines here and there, its address. */
type Pair = [name: string, here: string, there: string, address?: string];
/** Routers that are Masters here, and nobody else's. */
const MASTERS: [name: string, lines: string, address?: string][] = [
  ["plain", "track_bfd {\n near0 weight 1\n far0 weight 1\n }"],
  ["virtual", "use_vmac"],
  ["virtual6", "use_vmac", "fe80::52/64"],
  ["blocked", "no_accept"],
  ["six", "", "fe80::53/64"],
  ["signed", HMAC],
];
/** Routers that are Backups here, of Masters in the other engine. */
const BACKUPS: Pair[] = [
  ["backup", "", ""],
  ["backup-virtual", "use_vmac", "use_vmac"],
  ["backup-blocked", "no_accept", ""],
  ["backup6", "", "", "fe80::54/64"],
  ["backup-signed", HMAC, HMAC],
  ["backup-ah", PASSWORD("AH"), PASSWORD("AH")],
  ["backup-unicast", unicast("192.0.2.2", "192.0.2.3"), unicast("192.0.2.3", "192.0.2.2")],
];
const FIRST_VRID = 51;
const masters = MASTERS.map(([name, lines, address], i) =>
  router(name, "va", FIRST_VRID + i, `priority 200\n ${lines}`, address)
);
const backups = (link: "va" | "vb", priority: number) =>
  BACKUPS.map(([name, here, there, address], i) => {
    const lines = `priority ${priority}\n ${link === "va" ? here : there}`;
    return router(name, link, FIRST_VRID + MASTERS.length + i, lines, address);
  });
const TEXTS = {
  here: Array.from({ length: BFD_PAIRS }, sessionPair).join("") +
    "vrrp_sync_group together {\n group {\n six\n signed\n }\n}\n" +
    masters.join("") + backups("va", 100).join(""),
  peer: backups("vb", 200).join(""),
};
const WANTED = [...MASTERS.map(() => "MASTER"), ...BACKUPS.map(() => "BACKUP")];

const role = process.argv[2] === "peer" ? "peer" : "here";
if (role === "peer") {
  endWithParent(Number(process.argv[4]));
  enterNamespace(openNamespace(process.argv[3]!));
}
const lab = role === "here" ? new Lab() : null;
let peer: Bun.Subprocess | null = null;
if (lab !== null) {
  addAddress(lab.a, "192.0.2.2");
  addAddress(lab.b, "192.0.2.3");
  const namespace = `/proc/${process.pid}/fd/${lab.b.namespace}`;
  const words = [process.execPath, import.meta.path, "peer", namespace, String(process.pid)];
  const quiet = { PATH: process.env["PATH"] ?? "" };
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
    downTimerAdverts: role === "here" && instance.name.startsWith("backup")
      ? 200_000
      : instance.downTimerAdverts,
  },
  counters: new Float64Array(shared(COUNTER_SLOTS)),
  scripts: {},
  tracked: {},
});
const bfds = config!.bfds.map((each) => ({
  config: { ...each, minTxUs: BFD_US, minRxUs: BFD_US },
  counters: shared(BFD_COUNTERS.length + BFD_GAUGES.length + BFD_REFUSALS.length),
}));
const instances = config!.instances.map(entry);
const mail: ToEngine[] = [{
  type: "apply",
  plan: {
    add: instances,
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
let phase: "coming" | "settling" | "steady" = "coming";
let turns = 0;
/** The test's own test: as many small objects as each path has passes, and no more, must show. */
let garbage = 0;
let kept: object | null = null;

/** The counters that move while all is as it should be: of each way of a packet, those that tell of it. */
const ways: { counters: Float64Array; slot: number }[][] = [
  ...instances.map(({ counters }, i) => {
    const slot = COUNTERS.indexOf(WANTED[i] === "MASTER" ? "advertisement_sent" : "advertisement_rcvd");
    return [{ counters, slot }];
  }),
  ...(["packets_rcvd", "packets_sent"] as const).map((name) =>
    bfds.map(({ counters }) => ({ counters: new Float64Array(counters), slot: BFD_COUNTERS.indexOf(name) }))
  ),
];
const before = new Float64Array(ways.length);

function gone(way: number): number {
  const counted = ways[way]!;
  let sum = 0;
  for (let i = 0; i < counted.length; i++) sum += counted[i]!.counters[counted[i]!.slot]!;
  return sum;
}

/** How often the way that was gone least was gone since the count began. */
function passes(): number {
  let least = Infinity;
  for (let way = 0; way < ways.length; way++) least = Math.min(least, gone(way) - before[way]!);
  return least;
}

/** Whether every instance and session is where it is to stay. */
function inPlace(): boolean {
  return states.join() === WANTED.join() && sessions.size === bfds.length &&
    [...sessions.values()].every((state) => state === UP);
}

/** The engine, watched from within: nothing else runs in its thread. */
class Watched extends Engine {
  override onEvents(): void {
    super.onEvents();
    if (role === "peer") return;
    turns++;
    if (phase === "coming") {
      if (passes() === 0 || !inPlace()) return;
      phase = "settling";
      turns = 0;
    } else if (phase === "settling") {
      if (turns < SETTLING_TURNS) return;
      phase = "steady";
      for (let way = 0; way < ways.length; way++) before[way] = gone(way);
      posted = 0;
      garbage = process.argv[2] === "garbage" ? PASSES : 0;
      Bun.gc(true);
      mark("STEADY");
    } else if (posted > 0) {
      // Something has happened, as where the machine stood still for longer than a lifetime: that is no steady state.
      phase = "coming";
    } else if (passes() < PASSES) {
      if (garbage-- > 0) kept = { kept: kept === null };
    } else {
      mark("OVER");
      this.finish();
    }
  }
}

function post(message: FromEngine): void {
  posted++;
  if (message.type === "state") states[message.id - 1] = message.state;
  if (message.type === "bfd") sessions.set(message.name, message.state);
}

const record = join(tmpdir(), `baton-steady-${process.pid}`);
const engine = new Watched({
  mail: null as never,
  wakeFd,
  stopFd: openEventfd(),
  globalCounters: shared(GLOBAL_COUNTER_SLOTS),
  flags: new SharedArrayBuffer(4 * FLAGS),
  keep: false,
  releaseForeign: false,
  watchAddresses: false,
}, { post, take: () => mail.shift() });
engine.begin({ ...PLAIN_BEGINNING, sysctlRecord: record });
signalEventfd(wakeFd);
try {
  engine.run();
} finally {
  peer?.kill("SIGKILL");
  rmSync(record, { force: true });
}
