// The engine's steady state without its sockets: an advert inspected, judged and decided on; our own patched;
// deadlines moved. Run by steady.test.ts in a process of its own, which counts the collections.
import { NO_EFFECTS } from "../../support/effects.ts";
import { mark } from "../../support/marks.ts";
import { RefusalLimiter } from "../../../src/engine/refusals.ts";
import { TimerQueue } from "../../../src/engine/timers.ts";
import { parseAddress } from "../../../src/vrrp/address.ts";
import { Advert, inspect, type Packet } from "../../../src/vrrp/advert.ts";
import type { Authentication } from "../../../src/vrrp/authentication.ts";
import { Judge } from "../../../src/vrrp/judge.ts";
import { OutgoingAdvert } from "../../../src/vrrp/outgoing.ts";
import { Router } from "../../../src/vrrp/router.ts";

/** With AH a fifth of it: a turn costs two digests there. */
const ITERATIONS = 50_000;

/** One Backup that hears its master, and one Master that advertises: so many turns of theirs. */
function steady(authentication: Authentication | null, version: 2 | 3): (iterations: number) => void {
  const bytes = new Uint8Array(new ArrayBuffer(4096));
  const source = parseAddress("192.0.2.2")!;
  const group = parseAddress("224.0.0.18")!;
  const addresses = [parseAddress("192.0.2.1")!, parseAddress("192.0.2.9")!];
  const common = { version, family: "ipv4", vrid: 51, advertIntervalUs: 1_000_000 } as const;
  const form = { checksumForm: "pseudo-header", authentication } as const;
  const outgoing = new OutgoingAdvert(bytes, {
    ...common,
    ...form,
    priority: 150,
    addresses,
    source,
    destination: group,
  });
  const judge = new Judge({
    ...common,
    ...form,
    owner: false,
    strict: false,
    source: parseAddress("192.0.2.3")!,
    multicastGroup: group,
    peers: [],
    addresses,
    skipCheckAdvAddr: false,
  });
  const settings = {
    ...common,
    downTimerAdverts: 3,
    preempt: true,
    preemptDelayUs: 0,
    startAsMaster: false,
    lowerPriorityAdvert: true,
    higherPriorityAdvert: false,
    expiredPriority: null,
    strict: false,
  };
  const backup = new Router(1, { ...settings, priority: 100 }, NO_EFFECTS);
  const master = new Router(2, { ...settings, priority: 255 }, NO_EFFECTS);
  backup.source = master.source = parseAddress("192.0.2.3")!;
  backup.ready(0);
  master.ready(0);
  const timers = new TimerQueue();
  timers.reserve(10);
  const limiter = new RefusalLimiter();
  const advert = new Advert();
  const packet: Packet = {
    bytes,
    family: "ipv4",
    protocol: authentication?.type === "AH" ? 51 : 112,
    start: 0,
    end: outgoing.length,
    hopLimit: 255,
    sourceStart: 0,
    destinationStart: 0,
  };
  let nowUs = 0;
  return (iterations) => {
    for (let i = 0; i < iterations; i++) {
      nowUs += 1_000_000;
      outgoing.setPriority(150);
      outgoing.prepare(judge.highestSequence);
      packet.sourceStart = packet.destinationStart = 0;
      const code = inspect(packet, advert) || judge.judge(packet, advert);
      if (code !== 0) throw new Error(`the advert is refused with code ${code}`);
      backup.advert(nowUs, advert, packet);
      timers.set(0, backup.dueUs);
      if (master.dueUs <= nowUs) master.expire(nowUs);
      timers.set(5, master.dueUs);
      if (timers.takeDue(nowUs) === 0) throw new Error("the backup's deadline has passed");
      // A refused packet costs no memory either.
      bytes[8] = 254;
      if (inspect(packet, advert) !== 1) throw new Error("a wrong TTL is not refused");
      bytes[8] = 255;
      limiter.admit(1, 1, bytes, 12, 4, nowUs);
    }
    if (backup.state !== "BACKUP" || master.state !== "MASTER") throw new Error("a state has changed");
  };
}

const kind = process.argv[2];
const authentication: Authentication | null = kind === "AH" || kind === "PASS"
  ? { type: kind, password: "secret" }
  : null;
const version = authentication === null ? 3 : 2;
const iterations = kind === "AH" ? ITERATIONS / 5 : ITERATIONS;
const turn = steady(authentication, version);
// What is made once is made before the count begins.
turn(iterations / 4);
Bun.gc(true);
mark("STEADY");
turn(iterations);
if (kind === "garbage") {
  // The test's own test: one kept object per turn must show.
  const kept: object[] = [];
  for (let i = 0; i < iterations; i++) kept[i % 1000] = { i };
}
mark("OVER");
