// A rehearsal before the first performance: elections, takeovers and withdrawals by the real engine with an
// instance on an interface that does not exist, so that the first real takeover meets code that has run before.
//
// Nothing reaches the network or changes the kernel: every send fails (EBADF, ENODEV, ENXIO), every address with
// ENODEV, every blocked address with ENOENT. It may be repeated while the engine runs: each turn is the real loop's and serves what is due.
import { monotonicUs } from "../../native/clock.ts";
import { type LinkInfo, plainLink } from "../../native/netlink/link.ts";
import type { Family, InstanceConfig } from "../config/model.ts";
import { plainAddress, plainInstance } from "../config/plain.ts";
import { COUNTER_SLOTS, type EngineInstance } from "../messages.ts";
import { parseAddress } from "../vrrp/address.ts";
import { Advert, inspect, type Packet } from "../vrrp/advert.ts";
import { OutgoingAdvert, type OutgoingSpec } from "../vrrp/outgoing.ts";
import { NO_REFUSAL } from "../vrrp/refusal.ts";
import type { Instance } from "./instance.ts";
import { Endpoint } from "./endpoint.ts";
import { prepare } from "./prepare.ts";

/** A first run loads and links the code, which is what costs; measured, 20 or 100 rounds gain nothing more. */
const ROUNDS = 3;
/** So short that the rehearsal takes no time of its own. */
const INTERVAL_US = 20;
/** An interface index that no interface has. */
const NOWHERE = 0x7fff_fff0;
const NO_DESCRIPTOR = -1;
/** No interface can have a name with a slash. */
const NO_NAME = "re/hearsal";
/** Of VRID 51 (RFC 9568 section 7.3). */
const VIRTUAL_MAC = "00:00:5e:00:01:33";
/** The instance that the rehearsal plays with; those of a configuration count from 1. */
export const ACTOR_ID = 0;

/** The engine, as far as the rehearsal needs it. */
export interface Stage {
  /** Makes an instance of the engine. */
  enter(entry: EngineInstance, link: LinkInfo): Instance;
  /** Ends the Master as SIGTERM does, by the same way, and forgets it with all traces: nobody succeeds it. */
  leave(actor: Instance, link: LinkInfo): void;
  accepted(instance: Instance, advert: Advert, packet: Packet, remarks: number): void;
  receive(endpoint: Endpoint<Instance>): void;
  /** Blocks its addresses and lets them go again, as far as that goes without a table. */
  block(actor: Instance): void;
  /** Moves the instance's deadline to what its router says now. */
  rearm(instance: Instance): void;
  /** One turn of the real loop; blocks until a deadline comes. */
  turn(): void;
  flush(): void;
}

/** Rehearses for both families, and with a virtual MAC address. Takes some milliseconds. */
export function rehearse(stage: Stage): void {
  rehearseScene(stage, "ipv4", null);
  rehearseScene(stage, "ipv6", null);
  rehearseScene(stage, "ipv4", VIRTUAL_MAC);
}

function rehearseScene(stage: Stage, family: Family, advertMac: string | null): void {
  const config = scene(family, advertMac);
  const link = plainLink(NOWHERE, config.interface);
  const counters = new Float64Array(new SharedArrayBuffer(COUNTER_SLOTS * 8));
  const actor = stage.enter({ id: ACTOR_ID, config, counters, scripts: {}, tracked: {} }, link);
  const [ours, theirs] = sources(family);
  const endpoint = new Endpoint<Instance>(NO_DESCRIPTOR, NOWHERE, family, 112, config.interface);
  // Never the last user: the endpoint has no socket that could be closed.
  endpoint.users = 2;
  actor.attachment = prepare(actor, endpoint, ours);
  actor.router.source = ours;
  const { packet, advert } = rivalAdvert(config, theirs);
  const { judge } = actor.attachment;
  for (let round = 0; round < ROUNDS; round++) {
    actor.router.ready(monotonicUs());
    stage.receive(endpoint);
    // Every other round a lower master is heard, and preempted.
    if (
      inspect(packet, advert) === NO_REFUSAL && judge.judge(packet, advert) === NO_REFUSAL && round % 2 === 0
    ) {
      stage.accepted(actor, advert, packet, judge.remarks);
    }
    stage.rearm(actor);
    while (actor.router.state === "BACKUP") stage.turn();
    // One advert as Master.
    stage.turn();
    if (round < ROUNDS - 1) actor.router.unready(monotonicUs(), { kind: "shutdown" }, "INIT", true);
    stage.rearm(actor);
    stage.flush();
    stage.block(actor);
  }
  stage.leave(actor, link);
}

/** The master that the actor hears: lower, so that the actor need not wait for its silence. */
function rivalAdvert(config: InstanceConfig, source: Uint8Array): { packet: Packet; advert: Advert } {
  const { version, family, vrid, advertIntervalUs, checksumForm } = config;
  const spec: OutgoingSpec = {
    version,
    family,
    vrid,
    priority: 50,
    advertIntervalUs,
    addresses: config.addresses.map((a) => parseAddress(a.address)!),
    source,
    destination: parseAddress(config.multicastGroup)!,
    authentication: null,
    checksumForm,
  };
  const bytes = new Uint8Array(new ArrayBuffer(2048));
  const outgoing = new OutgoingAdvert(bytes, spec);
  const ipv6HeaderBytes = 40;
  const packet: Packet = {
    bytes,
    family,
    protocol: 112,
    start: family === "ipv4" ? 0 : ipv6HeaderBytes,
    end: outgoing.length,
    hopLimit: 255,
    // RFC 8200 section 3: where the addresses stand in an IPv6 header.
    sourceStart: 8,
    destinationStart: 24,
  };
  return { packet, advert: new Advert() };
}

/** Addresses of the documentation prefixes (RFC 5737, 3849) and link-locals. */
function sources(family: Family): [Uint8Array, Uint8Array] {
  return family === "ipv4"
    ? [parseAddress("192.0.2.2")!, parseAddress("192.0.2.3")!]
    : [parseAddress("fe80::2")!, parseAddress("fe80::3")!];
}

function scene(family: Family, advertMac: string | null): InstanceConfig {
  const texts = family === "ipv4" ? ["192.0.2.1", "192.0.2.9"] : ["fe80::1", "2001:db8::1"];
  return plainInstance({
    name: "rehearsal",
    interface: NO_NAME,
    version: 3,
    family,
    advertIntervalUs: INTERVAL_US,
    advertMac,
    multicastGroup: family === "ipv4" ? "224.0.0.18" : "ff02::12",
    addresses: texts.map((text) => plainAddress(text, family === "ipv4" ? 32 : 128, NO_NAME)),
  });
}
