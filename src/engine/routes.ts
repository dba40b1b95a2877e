// Which routes and rules should be there, compared with what the kernel has: added after the addresses of their
// owner, put back when somebody removes them, withdrawn before the addresses go.
//
// A route in whose place another stands replaces it, and that one comes back in the end.
import { ERRNO, errnoName } from "../../native/errno.ts";
import { monotonicUs } from "../../native/clock.ts";
import { Memory } from "../../native/memory.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import { type RouteInfo, routeKey, writeDumped } from "../../native/netlink/route.ts";
import type { RuleInfo } from "../../native/netlink/rule.ts";
import { ROUTE_MARK } from "../config/routing.ts";
import type { FromEngine } from "../messages.ts";
import { ABSENT, HELD, PREEXISTING } from "./holding.ts";
import type { Links } from "./links.ts";
import type { RouteSet } from "./routeset.ts";

/** Entries in one slice of work: an advert that falls due waits no longer. */
const SLICE = 16;
/** Smallest time between two restorations of an owner's routes. */
const RESTORE_EVERY_US = 1_000_000;

/** Who is told. */
export interface RouteReport {
  post(message: FromEngine): void;
  /** A pass over the routes of an owner has ended. */
  tried(set: RouteSet): void;
  log(level: "warning" | "error", id: number | null, text: string): void;
}

/** The routes and rules of all owners against one netlink command socket. */
export class Routes {
  readonly #client: RouteClient;
  readonly #links: Links;
  readonly #report: RouteReport;
  readonly #sets = new Set<RouteSet>();
  readonly #queue: RouteSet[] = [];
  readonly #result = new Int32Array(1);
  readonly #suspects: { set: RouteSet; at: number; ifindex: number }[] = [];
  #restoreUs = Infinity;

  constructor(client: RouteClient, links: Links, report: RouteReport) {
    this.#client = client;
    this.#links = links;
    this.#report = report;
  }

  /** States whether the owner's routes should be there; the kernel hears of it when `pump` comes to it. */
  want(set: RouteSet, wanted: boolean): void {
    set.wanted = wanted;
    if (set.length === 0) return;
    if (set.restoreUs !== Infinity) {
      set.restoreUs = Infinity;
      this.#rearm();
    }
    if (wanted) this.#sets.add(set);
    this.#begin(set, wanted ? "take" : "withdraw");
  }

  #begin(set: RouteSet, pass: "take" | "recheck" | "withdraw"): void {
    if (set.pass === "none") this.#queue.push(set);
    set.pass = pass;
    set.cursor = 0;
  }

  /** When lost routes are to be put back, monotonicUs; Infinity = none is lost. */
  get nextDueUs(): number {
    return this.#restoreUs;
  }

  /**
   * Brings the kernel to the wanted state, slice by slice until `untilUs`, but at least one slice. Routes whose
   * addresses are not there yet wait. Returns whether work is left that need not wait.
   */
  pump(nowUs: number, untilUs: number): boolean {
    if (this.#restoreUs <= nowUs) this.#restoreDue(nowUs);
    if (this.#queue.length === 0) return false;
    for (let i = 0; i < this.#queue.length;) {
      const set = this.#queue[i]!;
      if (waits(set)) {
        i++;
        continue;
      }
      this.#slice(set);
      if (set.pass === "none") this.#queue.splice(i, 1);
      if (monotonicUs() >= untilUs) break;
    }
    return this.#queue.some((set) => !waits(set));
  }

  /** Brings one owner's routes to their wanted state at once. */
  finish(set: RouteSet): void {
    while (set.pass !== "none") this.#slice(set);
    const at = this.#queue.indexOf(set);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  /** Interfaces have changed: routes that went without a word, or could not be added, are added. */
  recheck(): void {
    for (const set of this.#sets) if (set.wanted && set.pass === "none") this.#begin(set, "recheck");
  }

  /** An address has come: routes that could not be added may be possible now. */
  retry(): void {
    for (const set of this.#sets) {
      if (set.refused && set.wanted && set.pass === "none") this.#begin(set, "take");
    }
  }

  /** A route of ours is gone, the kernel says. */
  routeGone(info: RouteInfo): void {
    this.#gone(routeKey(info), info.ifindex);
  }

  /** A rule is gone, the kernel says; whose it was shows here. */
  ruleGone(info: RuleInfo): void {
    if (info.protocol === ROUTE_MARK) this.#gone(info.key, 0);
  }

  #gone(key: string, ifindex: number): void {
    for (const set of this.#sets) {
      for (let at = 0; at < set.length; at++) {
        if (set.keys[at] === key && set.state[at] === HELD) this.#suspects.push({ set, at, ifindex });
      }
    }
  }

  /** Every event that waited has been read: what is gone is put back, unless its interface went with it. */
  clearUp(nowUs: number): void {
    // A renewed IPv6 address is such an event too: nothing may be allocated for it.
    if (this.#suspects.length === 0) return;
    for (const { set, at, ifindex } of this.#suspects) {
      if (!set.wanted || set.state[at] !== HELD) continue;
      if (ifindex !== 0 && this.#links.indexed(ifindex)?.operational !== true) {
        set.state[at] = ABSENT;
        continue;
      }
      if (!set.restores(at)) {
        set.forsaken[at] = 1;
        continue;
      }
      set.state[at] = ABSENT;
      set.restoreUs = Math.max(nowUs, set.restoredUs + RESTORE_EVERY_US);
      const text = `${set.name(at)} is gone: another program removed it; it is put back`;
      this.#report.log("warning", set.owner, text);
    }
    for (const set of new Set(this.#suspects.map((suspect) => suspect.set))) this.#tell(set);
    this.#suspects.length = 0;
    this.#rearm();
  }

  #restoreDue(nowUs: number): void {
    for (const set of this.#sets) {
      if (set.restoreUs > nowUs) continue;
      set.restoreUs = Infinity;
      set.restoredUs = nowUs;
      if (set.wanted && set.pass === "none") this.#begin(set, "take");
    }
    this.#rearm();
  }

  #rearm(): void {
    this.#restoreUs = Infinity;
    for (const set of this.#sets) this.#restoreUs = Math.min(this.#restoreUs, set.restoreUs);
  }

  /** The next entries of a set's pass; a withdrawal goes backwards: rules, then routes. */
  #slice(set: RouteSet): void {
    const { pass, cursor } = set;
    // An interface that came back has another index.
    if (pass !== "withdraw" && cursor === 0) set.build(this.#links);
    const end = Math.min(cursor + SLICE, set.length);
    for (let i = cursor; i < end; i++) {
      if (pass === "withdraw") this.#withdraw(set, set.length - 1 - i);
      else if (set.state[i] === ABSENT || (pass === "recheck" && mayRecheck(set, i))) this.#take(set, i);
    }
    set.cursor = end;
    if (end < set.length) return;
    set.pass = "none";
    set.refused = set.refusals.some((text) => text !== "");
    if (pass === "withdraw") this.#sets.delete(set);
    this.#tell(set);
    this.#report.tried(set);
  }

  #tell(set: RouteSet): void {
    this.#report.post({ type: "kept_routes", id: set.owner, kept: set.kept(), there: set.there() });
  }

  #take(set: RouteSet, i: number): void {
    if (!set.reachable(i, this.#links)) return;
    const [start, end] = set.bounds(i, "add");
    const errno = this.#transact(set.memory, start, end);
    if (errno === 0) {
      set.state[i] = HELD;
      set.refusals[i] = "";
    } else if (errno === ERRNO.EEXIST) this.#exists(set, i);
    else this.#refused(set, i, "added", errno);
  }

  /** Something of this key is there. A rule is the same then; a route may lead elsewhere. */
  #exists(set: RouteSet, i: number): void {
    if (set.state[i] !== ABSENT) {
      set.refusals[i] = "";
      return;
    }
    const entry = set.entries[i]!;
    const key = set.keys[i]!;
    if (entry.kind === "rule") {
      set.state[i] = this.#heldElsewhere(set, i) ? HELD : PREEXISTING;
      return;
    }
    const table = Number(key.split(" ")[1]);
    const standing = this.#client.routes(entry.config.family, table, 0).find((info) =>
      routeKey(info) === key
    );
    if (standing !== undefined && standing.protocol === ROUTE_MARK) {
      // Ours: of another instance, or of an earlier try.
      set.state[i] = HELD;
      return;
    }
    if (entry.config.mode === "add") return this.#refused(set, i, "added", ERRNO.EEXIST);
    const [start, end] = set.bounds(i, "add");
    const memory = new Memory(end - start);
    const request = set.memory.bytes.slice(start, end);
    const errno = this.#transact(memory, 0, writeDumped(memory, 0, request, "replace"));
    if (errno !== 0) return this.#refused(set, i, "put in the place of another", errno);
    set.state[i] = HELD;
    set.replaced[i] = standing?.message ?? null;
    set.refusals[i] = "";
  }

  #withdraw(set: RouteSet, i: number): void {
    const state = set.state[i];
    const replaced = set.replaced[i] ?? null;
    set.state[i] = ABSENT;
    set.refusals[i] = "";
    set.forsaken[i] = 0;
    if (state !== HELD || this.#heldElsewhere(set, i)) return;
    set.replaced[i] = null;
    if (replaced !== null && this.#putBack(set, i, replaced)) return;
    const [start, end] = set.bounds(i, "remove");
    const errno = this.#transact(set.memory, start, end);
    // Gone already, with its interface, its address or by another hand: that is what was wanted.
    if (errno === 0 || errno === ERRNO.ESRCH || errno === ERRNO.ENOENT || errno === ERRNO.ENODEV) return;
    this.#refused(set, i, "removed", errno);
  }

  /** Puts back the route that ours stands in the place of. False: it cannot be, and ours has to go. */
  #putBack(set: RouteSet, i: number, message: Uint8Array): boolean {
    const memory = new Memory(message.length + 4);
    const errno = this.#transact(memory, 0, writeDumped(memory, 0, message, "replace"));
    if (errno === 0) return true;
    const text = `the route that ${set.name(i)} replaced cannot be put back: ${this.#why(errno)}`;
    this.#report.log("error", set.owner, text);
    return false;
  }

  /** Whether another owner holds the same: it stays, and so does what it replaced. */
  #heldElsewhere(set: RouteSet, i: number): boolean {
    const key = set.keys[i];
    for (const other of this.#sets) {
      if (other === set || !other.wanted) continue;
      const at = other.keys.indexOf(key!);
      if (at < 0 || other.state[at] !== HELD || key === "") continue;
      other.replaced[at] ??= set.replaced[i] ?? null;
      set.replaced[i] = null;
      return true;
    }
    return false;
  }

  /** Returns 0 or the errno. */
  #transact(memory: Memory, start: number, end: number): number {
    const sent = end < 0 ? -ERRNO.EMSGSIZE : this.#client.transact(memory, start, end, this.#result);
    return sent < 0 ? -sent : -this.#result[0]!;
  }

  #refused(set: RouteSet, i: number, verb: string, errno: number): void {
    const text = `${set.name(i)} cannot be ${verb}: ${this.#why(errno)}`;
    if (set.refusals[i] === text) return;
    set.refusals[i] = text;
    this.#report.log("error", set.owner, text);
  }

  #why(errno: number): string {
    const kernelText = this.#client.errorText(0);
    return kernelText === "" ? errnoName(errno) : `${errnoName(errno)}, ${kernelText}`;
  }
}

/** Whether a set's addresses are still being added. */
function waits(set: RouteSet): boolean {
  return set.pass !== "withdraw" && set.addresses !== null && set.addresses.pass === "take";
}

/** Whether adding again what should be there does no harm: of appended ones there would be two. */
function mayRecheck(set: RouteSet, i: number): boolean {
  const entry = set.entries[i]!;
  if (set.state[i] === PREEXISTING || !set.restores(i)) return false;
  return entry.kind === "rule" || entry.config.mode === "replace" || entry.config.mode === "add";
}
