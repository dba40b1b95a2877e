// Renewals of address lifetimes: many in one system call, which a thread of the kernel makes for us.
//
// A change of an address waits for whatever else changes the machine's network (native/netlink/aside.ts). A takeover
// has to; a renewal has time, and the adverts that this thread would not send meanwhile have not.
import { monotonicUs } from "../../native/clock.ts";
import { Memory } from "../../native/memory.ts";
import type { AsideClient } from "../../native/netlink/aside.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import { HELD, type Holding, isDue, MESSAGE_BYTES, SLICE } from "./holding.ts";

/** Addresses that the kernel is given at once where it works beside this thread; where that waits for it, a slice. */
const BATCH = 256;
/** A batch may take this part of a lifetime; another third has passed before. */
const PATIENCE = 1 / 2;

/** What renewals need of the engine. */
export interface RenewalMeans {
  client: RouteClient;
  /** Null: this thread waits. */
  aside: AsideClient | null;
  /** The kernel refused address i of the holding. */
  failed(holding: Holding, i: number, errno: number, kernelText: string): void;
  /** Has the loop wake up when `fd` is readable, or no more. */
  watch(fd: number): void;
  unwatch(fd: number): void;
}

/** The renewals of all holdings. */
export class Renewals {
  readonly #means: RenewalMeans;
  readonly #batch: number;
  readonly #memory: Memory;
  readonly #results: Int32Array;
  /** Whose the messages are, and of which address. */
  readonly #holdings: Holding[] = [];
  readonly #addresses: Int32Array;
  #count = 0;
  /** The end of the last message. */
  #end = 0;
  readonly #queue: Holding[] = [];
  /** The first of the queue that is not done, and its first address that is not. */
  #head = 0;
  #cursor = 0;
  #watched = false;

  constructor(means: RenewalMeans) {
    this.#means = means;
    this.#batch = means.aside === null ? SLICE : BATCH;
    this.#memory = new Memory(this.#batch * MESSAGE_BYTES);
    this.#results = new Int32Array(this.#batch);
    this.#addresses = new Int32Array(this.#batch);
  }

  /** The netlink port of what is sent beside this thread; undefined: nothing is. */
  get portId(): number | undefined {
    return this.#means.aside?.portId;
  }

  /** Gives every held address a new lifetime, when `pump` comes to it. False: the last one is still under way. */
  want(holding: Holding): boolean {
    // Nobody was woken for its end.
    if (holding.renewal === "under way") this.#collect();
    if (holding.renewal === "under way") return false;
    if (holding.renewal === "none") this.#queue.push(holding);
    holding.renewal = "queued";
    return true;
  }

  /** Whether the one that is under way takes so long that the lifetime may run out. */
  overdue({ renewingSinceUs, leaseS }: Holding): boolean {
    return monotonicUs() - renewingSinceUs > PATIENCE * leaseS * 1_000_000;
  }

  /** Waits until nothing of the holding is under way: it would come back after it was removed. */
  settle(holding: Holding): void {
    if (holding.renewal === "none") return;
    this.settleAll();
    holding.renewal = "none";
  }

  /** Waits until nothing is under way. */
  settleAll(): void {
    const { aside } = this.#means;
    if (aside === null || !aside.busy) return;
    aside.wait();
    this.#conclude(aside);
  }

  /**
   * Hands the kernel what is to be renewed, and takes its answers. Where this thread has to wait for it, slice by slice
   * until `untilUs` (monotonicUs), but at least one. Returns whether work is left that can be done now.
   */
  pump(untilUs: number): boolean {
    // Nothing is wanted, nothing under way: with every advert that is heard.
    if (this.#queue.length === 0 && this.#count === 0 && !this.#watched) return false;
    const { aside } = this.#means;
    if (aside === null) return this.#pumpHere(untilUs);
    this.#collect();
    if (aside.busy) return false;
    if (this.#head < this.#queue.length) this.#begin(aside);
    // Nobody is woken for the answers, but for what waits behind them.
    const waits = this.#head < this.#queue.length;
    if (waits !== this.#watched) {
      this.#watched = waits;
      if (waits) this.#means.watch(aside.endedFd);
      else this.#means.unwatch(aside.endedFd);
    }
    return waits && !aside.busy;
  }

  close(): void {
    this.#means.aside?.close();
  }

  #begin(aside: AsideClient): void {
    this.#gather();
    if (this.#count === 0) return;
    // Its end will be waited for.
    if (this.#head < this.#queue.length) aside.forget();
    if (aside.begin(this.#memory, 0, this.#end, this.#results) < 0) return this.#transact();
    const nowUs = monotonicUs();
    for (let k = 0; k < this.#count; k++) this.#holdings[k]!.renewingSinceUs = nowUs;
  }

  /** Takes the answers if they are there. */
  #collect(): void {
    const { aside } = this.#means;
    if (aside !== null && aside.busy && aside.ended) this.#conclude(aside);
  }

  #conclude(aside: AsideClient): void {
    const done = aside.conclude(this.#results);
    // Nothing was done: before Linux 5.6 there are rings that cannot send.
    if (done < 0) this.#transact();
    else this.#tell(done, aside);
  }

  #pumpHere(untilUs: number): boolean {
    if (this.#head === this.#queue.length) return false;
    let nowUs = monotonicUs();
    for (;;) {
      const beforeUs = nowUs;
      this.#gather();
      this.#transact();
      if (this.#head === this.#queue.length) return false;
      nowUs = monotonicUs();
      if (nowUs + (nowUs - beforeUs) >= untilUs) return true;
    }
  }

  #transact(): void {
    const { client } = this.#means;
    this.#tell(client.transact(this.#memory, 0, this.#end, this.#results), client);
  }

  /** Copies the next messages of the queue, as many as fit. */
  #gather(): void {
    const nowUs = monotonicUs();
    let count = 0, end = 0;
    while (this.#head < this.#queue.length && count < this.#batch) {
      const holding = this.#queue[this.#head]!;
      // One that is being taken gets a lifetime anyway, and its next renewal comes before that has passed.
      const wanted = holding.renewal === "queued" && holding.pass === "none" && holding.wanted;
      const total = wanted ? holding.state.length : 0;
      const first = this.#cursor;
      let i = first;
      for (; i < total && count < this.#batch; i++) {
        if (!isDue(holding, i, HELD)) continue;
        holding.age(i, i + 1, nowUs);
        end = copyMessage(holding, i, this.#memory, end);
        this.#holdings[count] = holding;
        this.#addresses[count++] = i;
      }
      this.#cursor = i;
      if (i < total) break;
      if (holding.renewal === "queued") {
        holding.renewal = count > 0 && this.#holdings[count - 1] === holding ? "under way" : "none";
      }
      this.#head++;
      this.#cursor = 0;
    }
    if (this.#head === this.#queue.length) this.#queue.length = this.#head = 0;
    this.#count = count;
    this.#end = end;
  }

  /** The batch is done, with `done` answers, or refused as a whole with -errno. */
  #tell(done: number, answers: Pick<RouteClient, "errorText">): void {
    for (let k = 0; k < this.#count; k++) {
      const holding = this.#holdings[k]!;
      if (holding.renewal === "under way") holding.renewal = "none";
      const result = done < 0 ? done : this.#results[k]!;
      if (result !== 0) {
        this.#means.failed(holding, this.#addresses[k]!, -result, done < 0 ? "" : answers.errorText(k));
      }
    }
    this.#holdings.length = this.#count = 0;
  }
}

/** Copies the renewal of address i to `at`, in words: netlink pads to four bytes. Returns the offset behind it. */
function copyMessage(holding: Holding, i: number, to: Memory, at: number): number {
  const { view } = holding.memory;
  const end = holding.bound("renew", i + 1);
  for (let from = holding.bound("renew", i); from < end; from += 4, at += 4) {
    to.view.setUint32(at, view.getUint32(from, true), true);
  }
  return at;
}
