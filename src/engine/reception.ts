// What becomes of a received packet: counted, and handed to its state machine or reported as refused.
import { monotonicUs } from "../../native/clock.ts";
import { errnoName } from "../../native/errno.ts";
import { COUNTERS, type FromEngine, GLOBAL_COUNTERS } from "../messages.ts";
import { formatAddress } from "../vrrp/address.ts";
import { type Advert, type Packet, vridOf } from "../vrrp/advert.ts";
import { mismatchOf } from "../vrrp/mismatch.ts";
import { describeRefusal, REFUSAL_CODES, REFUSAL_COUNTERS, refusalName, REFUSALS } from "../vrrp/refusal.ts";
import { describeRemark, REMARK_ADDRESS_LIST, remarkNames } from "../vrrp/remark.ts";
import { COUNTER, type Instance } from "./instance.ts";
import { oddityPhrase } from "./oddities.ts";
import { RefusalLimiter } from "./refusals.ts";
import type { Endpoint } from "./endpoint.ts";

const SEND_ERROR_EVERY_US = 60_000_000;
const RESIGNED_EVERY_US = 1_000_000;

/** First counter of a refusal, after COUNTERS or GLOBAL_COUNTERS. */
const INSTANCE_REFUSALS = COUNTERS.length;
const GLOBAL_REFUSALS = GLOBAL_COUNTERS.length;

/** Per refusal code: the RFC 8347 counter that it moves, -1 for none. */
const INSTANCE_SLOT = new Int32Array(REFUSALS.length + 1).fill(-1);
const GLOBAL_SLOT = new Int32Array(REFUSALS.length + 1).fill(-1);
REFUSALS.forEach((refusal, i) => {
  const mapped = REFUSAL_COUNTERS[refusal];
  if (mapped?.scope === "instance") INSTANCE_SLOT[i + 1] = COUNTER[mapped.counter];
  if (mapped?.scope === "global") GLOBAL_SLOT[i + 1] = GLOBAL_COUNTERS.indexOf(mapped.counter);
});

/** Counts and reports for all instances. Allocates only where it reports. */
export class Reception {
  readonly #global: Float64Array;
  readonly #post: (message: FromEngine) => void;
  readonly #limiter = new RefusalLimiter();
  readonly #remarked = new Map<number, { bits: number; master: string }>();
  readonly #sendErrorUs = new Map<number, number>();
  readonly #resignedUs = new Map<number, number>();

  constructor(globalCounters: Float64Array, post: (message: FromEngine) => void) {
    this.#global = globalCounters;
    this.#post = post;
  }

  /** Counts an accepted advert, and remarks on what is odd about it. */
  accepted(instance: Instance, advert: Advert, packet: Packet, remarks: number): void {
    instance.count(COUNTER.advertisement_rcvd);
    if (advert.priority === 0) this.#resigned(instance);
    if (remarks !== 0) this.#remark(instance, remarks, packet, advert);
  }

  /** Counts a refused packet under its refusal, and reports it unless its like was just reported. */
  refused(
    endpoint: Endpoint<Instance>,
    instance: Instance | null,
    code: number,
    packet: Packet,
    advert: Advert,
  ): void {
    if (instance !== null) {
      bump(instance.counters, INSTANCE_REFUSALS + code - 1);
      if (INSTANCE_SLOT[code]! >= 0) bump(instance.counters, INSTANCE_SLOT[code]!);
    } else {
      bump(this.#global, GLOBAL_REFUSALS + code - 1);
    }
    if (GLOBAL_SLOT[code]! >= 0) bump(this.#global, GLOBAL_SLOT[code]!);
    const refusal = refusalName(code)!;
    // Our own packets come back by many ways; a Master that hears an equal one may have a double.
    if (refusal === "own" && (instance === null || !mayBeDouble(instance, advert))) return;
    const length = packet.family === "ipv4" ? 4 : 16;
    const unknown = code === REFUSAL_CODES.vrid && instance === null;
    const vrid = unknown ? vridOf(packet) : 0;
    // Each virtual router that is unknown is told of by itself.
    const scope = unknown
      ? -(endpoint.ifindex * 256 + vrid)
      : instance === null
      ? endpoint.ifindex
      : 1_000_000 + instance.id;
    if (!this.#limiter.admit(scope, code, packet.bytes, packet.sourceStart, length, monotonicUs())) return;
    this.#post({
      type: "refused",
      id: instance?.id ?? null,
      interface: endpoint.interfaceName,
      peer: formatAddress(packet.bytes, packet.sourceStart, length),
      refusal,
      mismatch: instance?.attachment == null
        ? null
        : mismatchOf(refusal, packet, advert, instance.attachment.judge.settings),
      detail: unknown ? `Unknown VRID ${vrid}: ${describeRefusal(refusal)}` : describeRefusal(refusal),
    });
  }

  /** Counts an advert that could not be sent, `place`: to which of the peers; one line a minute and instance. */
  sendFailed(instance: Instance, errno: number, place: number): void {
    instance.count(COUNTER.send_errors);
    const nowUs = monotonicUs();
    if (nowUs - (this.#sendErrorUs.get(instance.id) ?? -Infinity) < SEND_ERROR_EVERY_US) return;
    this.#sendErrorUs.set(instance.id, nowUs);
    const { interface: name, unicastPeers } = instance.config;
    const peer = unicastPeers[place];
    const text = peer === undefined
      ? `cannot send an advert on ${name}: ${errnoName(errno)}`
      : `Cant send advert to ${peer} (${errnoName(errno)}) on ${name}`;
    this.#post({ type: "log", level: "warning", id: instance.id, text });
  }

  /** Forgets an instance that is gone. */
  forget(id: number): void {
    this.#remarked.delete(id);
    this.#sendErrorUs.delete(id);
    this.#resignedUs.delete(id);
  }

  /** Priority 0 has come; a Master tells of it, at most once a second: it answers, and that may go back and forth. */
  #resigned(instance: Instance): void {
    instance.count(COUNTER.priority_zero_pkts_rcvd);
    if (instance.router.state !== "MASTER") return;
    const nowUs = monotonicUs();
    if (nowUs - (this.#resignedUs.get(instance.id) ?? -Infinity) < RESIGNED_EVERY_US) return;
    this.#resignedUs.set(instance.id, nowUs);
    this.#post({ type: "log", level: "debug", id: instance.id, text: "Master received priority 0 message" });
  }

  /** Each oddity is told once, until another master is heard. */
  #remark(instance: Instance, bits: number, packet: Packet, advert: Advert): void {
    if ((bits & REMARK_ADDRESS_LIST) !== 0) instance.count(COUNTER.address_list_errors);
    const told = this.#remarked.get(instance.id);
    if (told !== undefined && (bits & ~told.bits) === 0) return;
    const peer = formatAddress(packet.bytes, packet.sourceStart, packet.family === "ipv4" ? 4 : 16);
    const before = told?.master === peer ? told.bits : 0;
    this.#remarked.set(instance.id, { bits: before | bits, master: peer });
    for (const remark of remarkNames(bits & ~before)) {
      const judge = instance.attachment?.judge;
      const phrase = judge === undefined ? null : oddityPhrase(remark, peer, packet, advert, judge.settings);
      const begin = phrase === null ? "" : `${phrase} - `;
      const text = `${begin}an advert from ${peer} is used, but ${describeRemark(remark)}`;
      this.#post({ type: "log", level: "warning", id: instance.id, text });
    }
  }
}

/** Whether an advert from our own address, heard by a Master, may be another machine's. */
function mayBeDouble({ router, config }: Instance, advert: Advert): boolean {
  // What a VMAC sends is heard on the interface below.
  return router.state === "MASTER" && config.advertMac === null &&
    advert.priority === router.effectivePriority;
}

function bump(counters: Float64Array, slot: number): void {
  counters[slot] = counters[slot]! + 1;
}
