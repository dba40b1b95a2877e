// Which addresses the instances should hold, compared with what the kernel has, sent as batches.
//
// Wanted state, not commands: a takeover, a renewal, a reload, the return of an address that somebody removed
// and the clean-up after a crash all go through here, in slices between the deadlines.
import { monotonicUs } from "../../native/clock.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import { ERRNO, errnoName } from "../../native/errno.ts";
import type { Firewall } from "./firewall.ts";
import { ABSENT, HELD, type Holding, isDue, type Pass, PREEXISTING, type Region, SLICE } from "./holding.ts";
import { ADDRESS_MARK, type Links } from "./links.ts";
import { type RenewalMeans, Renewals } from "./renewals.ts";

/** Who is told of what the kernel refused. */
export interface HoldingReport {
  /** Its addresses are about to be added. */
  taking(holding: Holding): void;
  /** Its addresses are about to be removed. */
  leaving(holding: Holding): void;
  /** The address states of this holding changed. */
  changed(holding: Holding): void;
  /** Another holding holds the same address now: it must not be removed. */
  claimed(holding: Holding, i: number): boolean;
  /** The kernel refused an address: `text` is a sentence. */
  refused(holding: Holding, text: string): void;
}

/** What the addresses are brought into the kernel with. */
export interface HoldingMeans extends Omit<RenewalMeans, "failed"> {
  links: Links;
  firewall: Firewall;
  takesOver: boolean;
}

/** The addresses of all instances against one netlink command socket. */
export class Holdings {
  readonly #client: RouteClient;
  readonly #links: Links;
  readonly #report: HoldingReport;
  readonly #firewall: Firewall;
  readonly #renewals: Renewals;
  readonly #takesOver: boolean;
  readonly #results = new Int32Array(SLICE);
  readonly #queue: Holding[] = [];
  /** The first of the queue that is not done. */
  #head = 0;
  /** What the last slice took, in microseconds. */
  #sliceUs = 0;

  /** `takesOver`: a virtual address that was there already counts as ours. `aside`, `watch`, `unwatch`: for renewals. */
  constructor(
    { client, links, firewall, takesOver, aside, watch, unwatch }: HoldingMeans,
    report: HoldingReport,
  ) {
    this.#firewall = firewall;
    this.#takesOver = takesOver;
    this.#client = client;
    this.#links = links;
    this.#report = report;
    this.#renewals = new Renewals({
      client,
      aside,
      watch,
      unwatch,
      failed: (holding, i, errno, text) => this.#failed(holding, "renew", i, errno, text),
    });
  }

  /** States whether the addresses should be held; the kernel hears of it when `pump` comes to it. */
  want(holding: Holding, wanted: boolean): void {
    holding.wanted = wanted;
    if (!wanted) {
      holding.takenUs = -1;
      holding.forsaken.fill(0);
    } else if (holding.takenUs < 0) holding.takenUs = monotonicUs();
    this.#begin(holding, wanted ? "take" : "withdraw");
  }

  /**
   * Gives every held address a new lifetime, when `pump` comes to it. False: the last one is still under way, and there
   * is time to ask again. Allocates nothing.
   */
  renew(holding: Holding): boolean {
    // One that is being taken gets a lifetime anyway, and its next renewal comes before that has passed.
    if (holding.pass !== "none" || this.#renewals.want(holding)) return true;
    if (!this.#renewals.overdue(holding)) return false;
    // Whatever keeps the kernel's thread: better a late advert than no address.
    this.#begin(holding, "renew");
    return true;
  }

  /** The netlink port that renewals come from; undefined: that of the client. */
  get renewalPort(): number | undefined {
    return this.#renewals.portId;
  }

  /** Waits until no renewal is under way: addresses are about to change hands. */
  settle(): void {
    this.#renewals.settleAll();
  }

  #begin(holding: Holding, pass: Pass): void {
    if (holding.pass === "none") this.#queue.push(holding);
    holding.pass = pass;
    holding.cursor = 0;
  }

  /**
   * Brings the kernel to the wanted state, slice by slice until `untilUs` (monotonicUs), but at least one slice.
   * Returns whether work is left.
   */
  pump(untilUs: number): boolean {
    if (this.#queue.length === 0) return this.#renewals.pump(untilUs);
    let nowUs = monotonicUs();
    do {
      const holding = this.#queue[this.#head]!;
      this.#slice(holding);
      if (holding.pass === "none") this.#head++;
      if (this.#head === this.#queue.length) {
        this.#queue.length = this.#head = 0;
        return this.#renewals.pump(untilUs);
      }
      const beforeUs = nowUs;
      nowUs = monotonicUs();
      this.#sliceUs = nowUs - beforeUs;
    } while (nowUs + this.#sliceUs < untilUs);
    return true;
  }

  /** Gives back what the renewals are sent with. */
  close(): void {
    this.#renewals.close();
  }

  /** Brings one holding to its wanted state at once. */
  finish(holding: Holding): void {
    while (holding.pass !== "none") this.#slice(holding);
    const at = this.#queue.indexOf(holding, this.#head);
    if (at >= 0) this.#queue.splice(at, 1);
    if (this.#head === this.#queue.length) this.#queue.length = this.#head = 0;
  }

  /** The next addresses of a holding's pass. */
  #slice(holding: Holding): void {
    const { pass, cursor } = holding;
    const end = Math.min(cursor + SLICE, holding.state.length);
    if (pass === "take") this.#take(holding, cursor, end);
    else if (pass === "withdraw") this.#withdraw(holding, cursor, end);
    else if (pass === "renew") {
      holding.age(cursor, end, monotonicUs());
      this.#send(holding, "renew", HELD, HELD, cursor, end);
    }
    holding.cursor = end;
    if (end < holding.state.length) return;
    holding.pass = "none";
    if (pass === "take" && holding.renewsAfterwards) {
      holding.pass = "renew";
      holding.cursor = 0;
    }
    if (pass !== "renew") holding.renewsAfterwards = false;
    if (pass === "withdraw") holding.settleAll();
    if (pass !== "renew") this.#report.changed(holding);
  }

  /** Takes note that address i is gone from the kernel. Returns whether the holding wanted it. */
  lost(holding: Holding, i: number): boolean {
    // One that is about to be withdrawn stays so: the event may be older than what is there now.
    if (holding.state[i] === ABSENT || !holding.wanted) return false;
    holding.state[i] = ABSENT;
    if (!holding.addresses[i]!.tracked) holding.forsaken[i] = 1;
    return true;
  }

  /** Whether address i is there as far as the model knows; if so it counts as held again. */
  found(holding: Holding, i: number): boolean {
    const { prefixLength } = holding.addresses[i]!;
    const found = this.#links.indexed(holding.ifindex[i]!)?.find(holding.bytes[i]!, prefixLength);
    if (found === undefined) return false;
    holding.state[i] = this.#isForeign(holding, found.protocol) ? PREEXISTING : HELD;
    return true;
  }

  #take(holding: Holding, first: number, end: number): void {
    if (first === 0) this.#report.taking(holding);
    if (first === 0 && !holding.current(this.#links)) holding.build(this.#links);
    // Before the address is there: not one packet is answered.
    if (holding.blocks) this.#firewall.block(holding, first, end);
    for (let i = first; i < end; i++) {
      if (holding.state[i] !== ABSENT) continue;
      const found = this.#links.indexed(holding.ifindex[i]!)?.find(
        holding.bytes[i]!,
        holding.addresses[i]!.prefixLength,
      );
      if (found === undefined || found.protocol === holding.mark) continue;
      holding.state[i] = this.#isForeign(holding, found.protocol) ? PREEXISTING : HELD;
    }
    this.#send(holding, "add", ABSENT, HELD, first, end);
  }

  #isForeign({ mark }: Holding, protocol: number): boolean {
    return protocol !== mark && !(this.#takesOver && mark === ADDRESS_MARK);
  }

  #withdraw(holding: Holding, first: number, end: number): void {
    if (first === 0) this.#renewals.settle(holding);
    if (first === 0) this.#report.leaving(holding);
    for (let i = first; i < end; i++) {
      if (holding.state[i] === HELD && this.#report.claimed(holding, i)) holding.state[i] = ABSENT;
    }
    if (holding.settles) this.#send(holding, "settle", HELD, HELD, first, end);
    this.#send(holding, "remove", HELD, ABSENT, first, end);
    for (let i = first; i < end; i++) holding.state[i] = ABSENT;
    if (holding.blocks) this.#firewall.unblock(holding, first, end);
  }

  /** Sends one region's messages for the addresses of [start, stop) in state `from`, as few batches as possible. */
  #send(holding: Holding, region: Region, from: number, to: number, start: number, stop: number): void {
    let first = start;
    while (first < stop) {
      if (!isDue(holding, first, from)) {
        first++;
        continue;
      }
      let end = first + 1;
      while (end < stop && isDue(holding, end, from)) end++;
      const sent = this.#client.transact(
        holding.memory,
        holding.bound(region, first),
        holding.bound(region, end),
        this.#results,
      );
      for (let i = first; i < end; i++) {
        const result = sent < 0 ? sent : this.#results[i - first]!;
        if (result === 0) {
          holding.state[i] = to;
          if (region === "add" && holding.addresses[i]!.family === "ipv6") holding.awaitSettling(i);
        } else this.#failed(holding, region, i, -result, sent < 0 ? "" : this.#client.errorText(i - first));
      }
      first = end;
    }
  }

  #failed(holding: Holding, region: Region, i: number, errno: number, kernelText: string): void {
    if (region === "remove") {
      // Gone already, with its interface or by another hand: that is what was wanted.
      holding.state[i] = ABSENT;
      if (errno === ERRNO.EADDRNOTAVAIL || errno === ERRNO.ENODEV) return;
    }
    // It is about to be removed: that will tell.
    if (region === "settle") return;
    if (region === "add" && errno === ERRNO.EEXIST) return this.#exists(holding, i);
    const a = holding.addresses[i]!;
    const verb = region === "add" ? "added to" : region === "renew" ? "renewed on" : "removed from";
    const why = kernelText === "" ? errnoName(errno) : `${errnoName(errno)}, ${kernelText}`;
    this.#report.refused(holding, `${a.address}/${a.prefixLength} cannot be ${verb} ${a.interface}: ${why}`);
  }

  /** The address is there although the model did not know: ask the kernel whose it is. */
  #exists(holding: Holding, i: number): void {
    // Of several that are there the first one has asked already.
    if (!this.found(holding, i)) this.#links.resync(this.#client.links(), this.#client.addresses());
    if (!this.found(holding, i) || holding.state[i] !== HELD) return;
    this.#client.transact(
      holding.memory,
      holding.bound("renew", i),
      holding.bound("renew", i + 1),
      this.#results,
    );
  }
}
