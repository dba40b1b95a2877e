// The steady state in a loop: a Master sends, a Backup reads, judges and follows; refusals and rivals in between.
// Run by steady.test.ts in a process of its own; argument "allocate" makes each round keep an object.
import { Advert, inspect, type Packet } from "../../../src/vrrp/advert.ts";
import type { HmacSettings } from "../../../src/vrrp/hmac.ts";
import { Judge } from "../../../src/vrrp/judge.ts";
import type { OutgoingSpec } from "../../../src/vrrp/outgoing.ts";
import { OutgoingAdvert } from "../../../src/vrrp/outgoing.ts";
import { type Effects, Router } from "../../../src/vrrp/router.ts";
import { address, build, IPV6_SPEC, V2_SPEC, V3_SPEC } from "./packets.ts";
import { SETTINGS } from "./trace.ts";

const allocate = process.argv[2] === "allocate";
const ROUNDS = 200_000;

let sent = 0;
const effects: Effects = {
  advertise: () => void sent++,
  hold() {},
  release() {},
  announce() {},
  transition() {},
  heard() {},
  delaying() {},
  left() {},
};

interface Link {
  outgoing: OutgoingAdvert;
  packet: Packet;
  judge: Judge;
  master: Router;
  backup: Router;
  rival: Packet;
}

function link(spec: OutgoingSpec): Link {
  const outgoing = build(spec), ipv6 = spec.family === "ipv6";
  const base = {
    family: spec.family,
    hopLimit: 255,
    sourceStart: 8,
    destinationStart: 24,
    start: ipv6 ? 40 : 0,
  };
  const protocol = spec.authentication?.type === "AH" ? 51 as const : 112 as const;
  const judge = new Judge({
    ...spec,
    owner: false,
    strict: false,
    multicastGroup: spec.destination,
    peers: [],
    source: address(ipv6 ? "fe80::99" : "192.0.2.99"),
    skipCheckAdvAddr: false,
  });
  const settings = { ...SETTINGS, version: spec.version, family: spec.family };
  const master = new Router(1, { ...settings, priority: 255 }, effects),
    backup = new Router(2, settings, effects);
  master.source = spec.source;
  backup.source = judge.settings.source;
  master.ready(0);
  backup.ready(0);
  const lower = build({ ...spec, authentication: null, priority: 50 });
  return {
    outgoing,
    packet: { ...base, protocol, bytes: outgoing.bytes, end: outgoing.length },
    judge,
    master,
    backup,
    rival: { ...base, protocol: 112, bytes: lower.bytes, end: lower.length },
  };
}

const HMAC: HmacSettings = {
  keys: [{ id: 1, secret: "5a".repeat(32) }],
  activeKey: 1,
  timeWindowUs: 5_000_000,
  antiReplay: "time",
  mode: "enforce",
};
const links = [
  link(V2_SPEC),
  link({ ...V2_SPEC, authentication: { type: "PASS", password: "secret" } }),
  link({ ...V2_SPEC, authentication: { type: "AH", password: "secret" } }),
  link(V3_SPEC),
  link(IPV6_SPEC),
  link({ ...V3_SPEC, hmac: HMAC }),
];
const advert = new Advert();
/** Of the wall clock, which the stamps of auth_hmac need. */
const EPOCH_US = 1.79e15;
const kept: unknown[] = [];
let used = 0, refused = 0;

function round(nowUs: number, at: Link): void {
  at.master.expire(nowUs);
  at.outgoing.setPriority(100 + (used & 1));
  at.outgoing.prepare(at.judge.highestSequence, EPOCH_US + nowUs);
  at.packet.end = at.outgoing.length;
  if (inspect(at.packet, advert) === 0 && at.judge.judge(at.packet, advert, EPOCH_US + nowUs) === 0) {
    at.backup.advert(nowUs, advert, at.packet);
    used++;
  } else refused++;
  // A cut packet, and a rival of the Master.
  at.packet.end -= 3;
  if (inspect(at.packet, advert) !== 0) refused++;
  if (inspect(at.rival, advert) === 0) {
    at.judge.judge(at.rival, advert, EPOCH_US + nowUs);
    at.master.advert(nowUs, advert, at.rival);
  }
  at.backup.expire(nowUs);
  if (allocate) kept[used % 1000] = { nowUs, bytes: new Uint8Array(64) };
}

let nowUs = 0;
for (let i = 0; i < ROUNDS; i++) {
  nowUs += 500_000.25;
  for (let j = 0; j < links.length; j++) round(nowUs, links[j]!);
}
const states = links.map(({ master, backup }) => `${master.state} ${backup.state}`);
console.log(
  JSON.stringify({ used, refused, sent: sent > 0, states: [...new Set(states)], kept: kept.length }),
);
