// Which addresses the instances should hold, compared with what the kernel has, sent as batches.
//
// Wanted state, not commands: a takeover, a renewal, a reload, the return of an address that somebody removed
// and the clean-up after a crash all go through here.
import type { AddressInfo } from "../../native/netlink/address.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import { ERRNO, errnoName } from "../../native/errno.ts";
import { ABSENT, HELD, type Holding, PREEXISTING, type Region } from "./holding.ts";
import { ADDRESS_MARK, type Links } from "./links.ts";

/** Messages in one send: their acks fit the receive buffer with room to spare. */
const BATCH = 64;

/** Who is told of what the kernel refused. */
export interface HoldingReport {
  /** The address states of this holding changed. */
  changed(holding: Holding): void;
  /** Another holding holds the same address now: it must not be removed. */
  claimed(holding: Holding, i: number): boolean;
  /** The kernel refused an address: `text` is a sentence. */
  refused(holding: Holding, text: string): void;
}

/** The addresses of all instances against one netlink command socket. */
export class Holdings {
  readonly #client: RouteClient;
  readonly #links: Links;
  readonly #report: HoldingReport;
  readonly #results = new Int32Array(BATCH);
  #queue: Holding[] = [];

  constructor(client: RouteClient, links: Links, report: HoldingReport) {
    this.#client = client;
    this.#links = links;
    this.#report = report;
  }

  /** States whether the addresses should be held; the kernel hears of it at the next flush. */
  want(holding: Holding, wanted: boolean): void {
    holding.wanted = wanted;
    if (holding.queued) return;
    holding.queued = true;
    this.#queue.push(holding);
  }

  /** Brings the kernel to the wanted state. */
  flush(): void {
    if (this.#queue.length === 0) return;
    const queue = this.#queue;
    this.#queue = [];
    for (let i = 0; i < queue.length; i++) {
      const holding = queue[i]!;
      holding.queued = false;
      if (holding.wanted) this.#take(holding);
      else this.#withdraw(holding);
      this.#report.changed(holding);
    }
  }

  /** Gives every held address a new lifetime. Allocates nothing. */
  renew(holding: Holding): void {
    this.#send(holding, "renew", HELD, HELD);
  }

  /**
   * Takes note of an address that is gone from the kernel. Returns its place in the holding when the holding
   * wanted it, -1 when it is none of the holding's business.
   */
  lost(holding: Holding, info: AddressInfo): number {
    const i = holding.indexOf(info.ifindex, info.address, info.prefixLength);
    // One that is about to be withdrawn stays so: the event may be older than what is there now.
    if (i < 0 || holding.state[i] === ABSENT || !holding.wanted) return -1;
    holding.state[i] = ABSENT;
    return i;
  }

  /** Asks the kernel, not the model, whether our address i is there; if so it counts as held again. */
  present(holding: Holding, i: number): boolean {
    this.#links.resync(this.#client.links(), this.#client.addresses());
    const { prefixLength } = holding.addresses[i]!;
    const found = this.#links.indexed(holding.ifindex[i]!)?.find(holding.bytes[i]!, prefixLength);
    if (found === undefined) return false;
    holding.state[i] = found.protocol === ADDRESS_MARK ? HELD : PREEXISTING;
    return true;
  }

  #take(holding: Holding): void {
    if (!holding.current(this.#links)) holding.build(this.#links);
    for (let i = 0; i < holding.state.length; i++) {
      if (holding.state[i] !== ABSENT) continue;
      const found = this.#links.indexed(holding.ifindex[i]!)?.find(
        holding.bytes[i]!,
        holding.addresses[i]!.prefixLength,
      );
      if (found !== undefined && found.protocol !== ADDRESS_MARK) holding.state[i] = PREEXISTING;
    }
    this.#send(holding, "add", ABSENT, HELD);
  }

  #withdraw(holding: Holding): void {
    for (let i = 0; i < holding.state.length; i++) {
      if (holding.state[i] === HELD && this.#report.claimed(holding, i)) holding.state[i] = ABSENT;
    }
    if (holding.settles) this.#send(holding, "settle", HELD, HELD);
    this.#send(holding, "remove", HELD, ABSENT);
    holding.settleAll();
    for (let i = 0; i < holding.state.length; i++) holding.state[i] = ABSENT;
  }

  /** Sends one region's messages for the addresses in state `from`, as few batches as possible. */
  #send(holding: Holding, region: Region, from: number, to: number): void {
    const count = holding.state.length;
    let first = 0;
    while (first < count) {
      if (holding.state[first] !== from || holding.ifindex[first] === 0) {
        first++;
        continue;
      }
      let end = first + 1;
      while (
        end < count && end - first < BATCH && holding.state[end] === from && holding.ifindex[end] !== 0
      ) end++;
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
    if (!this.present(holding, i) || holding.state[i] !== HELD) return;
    this.#client.transact(
      holding.memory,
      holding.bound("renew", i),
      holding.bound("renew", i + 1),
      this.#results,
    );
  }
}
