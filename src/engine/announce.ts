// Gratuitous ARP and unsolicited NA: frames built once, sent in bursts, at once or paced.
//
// A burst goes round the addresses (A, B, A, B ...), so that each is announced once before any is repeated.
// It is sent in slices: a long one never keeps the loop from an advert that is due.
import { monotonicUs } from "../../native/clock.ts";
import { IF, IF_ARP } from "../../native/constants.ts";
import { closeDescriptor } from "../../native/descriptor.ts";
import { GARP_BYTES, NA_BYTES, writeGratuitousArp, writeUnsolicitedNa } from "../../native/frames.ts";
import type { Memory } from "../../native/memory.ts";
import { SendBatch } from "../../native/send.ts";
import { memoryPart } from "../../native/slab.ts";
import { COUNTERS } from "../messages.ts";
import type { Holding } from "./holding.ts";
import type { Link, Links } from "./links.ts";

/** Frames sent before the loop looks at its deadlines again. */
const SLICE = 64;
const ANNOUNCEMENTS_SENT = COUNTERS.indexOf("announcements_sent");
/** Room for either frame, 8-aligned. */
const STRIDE = 88;

/** The frames of one instance and how far its burst has got. */
export class Announcement {
  readonly #memory: Memory;
  readonly #counters: Float64Array;
  readonly #lengths: Int32Array;
  readonly #links: Link[] = [];
  /** Frames that can be sent; addresses on interfaces without ARP have none. */
  count = 0;
  /** The first frame of each interface that is announced on now and then (garp_extra_if). */
  readonly extras: number[] = [];
  /** Rounds still to go; 0 = no burst under way. */
  rounds = 0;
  /** Next frame of the round. */
  at = 0;
  active = false;
  garpIntervalUs = 0;
  gnaIntervalUs = 0;

  /** `counters`: the instance's, where the announcements that were sent are counted. */
  constructor(addresses: number, counters: Float64Array) {
    this.#counters = counters;
    this.#memory = memoryPart(Math.max(1, addresses) * STRIDE);
    this.#lengths = new Int32Array(addresses);
  }

  /** Writes the frames anew: after an interface or its MAC address has changed. */
  build(
    holding: Holding,
    links: Links,
    forwards: (interfaceName: string) => boolean,
    isExtra: (interfaceName: string) => boolean = () => false,
  ): void {
    this.count = 0;
    this.extras.length = 0;
    this.#links.length = 0;
    for (let i = 0; i < holding.addresses.length; i++) {
      const a = holding.addresses[i]!;
      const link = links.named(a.interface);
      if (link === undefined || link.arpType !== IF_ARP.ARPHRD_ETHER || (link.flags & IF.IFF_NOARP) !== 0) {
        continue;
      }
      const start = this.count * STRIDE;
      if (a.family === "ipv4") writeGratuitousArp(this.#memory.bytes, start, link.mac, holding.bytes[i]!);
      else writeUnsolicitedNa(this.#memory.bytes, start, link.mac, holding.bytes[i]!, forwards(a.interface));
      if (isExtra(a.interface) && !this.#links.includes(link)) this.extras.push(this.count);
      this.#lengths[this.count++] = a.family === "ipv4" ? GARP_BYTES : NA_BYTES;
      this.#links.push(link);
    }
    this.at = 0;
  }

  /** When frame i may leave; at or before now = at once. */
  allowedUs(i: number): number {
    return this.#gapUs(i) === 0 ? 0 : this.#links[i]!.pace.nextUs;
  }

  /** One of its frames has left. */
  countSent(): void {
    this.#counters[ANNOUNCEMENTS_SENT] = this.#counters[ANNOUNCEMENTS_SENT]! + 1;
  }

  /** Puts frame i into the batch. */
  push(i: number, batch: SendBatch, nowUs: number): void {
    const gapUs = this.#gapUs(i);
    if (gapUs > 0) this.#links[i]!.pace.nextUs = nowUs + gapUs;
    const target = this.#links[i]!.wire;
    batch.push(
      this.#memory.address + i * STRIDE,
      this.#lengths[i]!,
      target.nameAddress,
      target.nameBytes,
      target.controlAddress,
      target.controlBytes,
    );
  }

  #gapUs(i: number): number {
    const { pace } = this.#links[i]!;
    return this.#lengths[i] === GARP_BYTES
      ? pace.garpIntervalUs ?? this.garpIntervalUs
      : pace.gnaIntervalUs ?? this.gnaIntervalUs;
  }
}

/** Sends the bursts of all instances through one packet socket. */
export class Announcer {
  /** -1: closed. */
  #fd: number;
  readonly #batch = new SendBatch(SLICE);
  /** Whose frame is in each slot of the batch. */
  readonly #owners: (Announcement | null)[] = new Array(SLICE).fill(null);
  readonly #active: Announcement[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Starts a burst of `repeat` rounds, or restarts the one under way. */
  start(announcement: Announcement, repeat: number): void {
    if (announcement.count === 0 || this.#fd < 0) return;
    announcement.rounds = repeat;
    announcement.at = 0;
    if (announcement.active) return;
    announcement.active = true;
    this.#active.push(announcement);
  }

  /** Sends one frame on each of its extra interfaces, at once. */
  once(announcement: Announcement): void {
    for (let i = 0; i < announcement.extras.length; i++) {
      announcement.push(announcement.extras[i]!, this.#batch, monotonicUs());
      if (this.#batch.flush(this.#fd) === 1) announcement.countSent();
    }
  }

  /** Ends the burst under way: the addresses are no longer ours to announce. */
  cancel(announcement: Announcement): void {
    announcement.rounds = 0;
  }

  /** Announces nothing any more. Takes 8 to 16 ms: the kernel waits until no processor can be using the socket. */
  close(): void {
    if (this.#fd < 0) return;
    for (const announcement of this.#active) this.cancel(announcement);
    this.#active.length = 0;
    closeDescriptor(this.#fd);
    this.#fd = -1;
  }

  /**
   * Sends the next slice. Returns when it wants to be called again: 0 = as soon as the deadlines allow,
   * Infinity = nothing left.
   */
  pump(nowUs: number): number {
    if (this.#active.length === 0) return Infinity;
    let budget = SLICE;
    let nextUs = Infinity;
    let i = 0;
    while (i < this.#active.length && budget > 0) {
      const a = this.#active[i]!;
      let waitUs = 0;
      while (a.rounds > 0 && budget > 0) {
        const allowedUs = a.allowedUs(a.at);
        if (allowedUs > nowUs) {
          waitUs = allowedUs;
          break;
        }
        a.push(a.at, this.#batch, nowUs);
        this.#owners[SLICE - budget] = a;
        budget--;
        if (++a.at >= a.count) {
          a.at = 0;
          a.rounds--;
        }
      }
      if (a.rounds === 0) {
        a.active = false;
        const last = this.#active.pop()!;
        if (last !== a) this.#active[i] = last;
        continue;
      }
      if (waitUs < nextUs) nextUs = waitUs;
      i++;
    }
    this.#batch.flush(this.#fd);
    for (let slot = 0; slot < SLICE - budget; slot++) {
      if (this.#batch.error(slot) === 0) this.#owners[slot]!.countSent();
    }
    return this.#active.length === 0 ? Infinity : budget === 0 ? 0 : nextUs;
  }
}
