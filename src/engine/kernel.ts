// What the kernel reports: interfaces that change, addresses that somebody takes away and that are put back.
import type { AddressInfo } from "../../native/netlink/address.ts";
import type { LinkInfo } from "../../native/netlink/link.ts";
import { type MonitorHandler, RouteMonitor } from "../../native/netlink/monitor.ts";
import type { Claim } from "./claims.ts";
import { ABSENT } from "./holding.ts";
import { COUNTER, type Instance } from "./instance.ts";
import type { KernelNews } from "./news.ts";
import type { Parts } from "./parts.ts";
import type { RouteInfo } from "../../native/netlink/route.ts";
import type { RuleInfo } from "../../native/netlink/rule.ts";
import { ROUTE_MARK } from "../config/routing.ts";
import type { Readiness } from "./readiness.ts";
import type { Statics } from "./statics.ts";
import { holdingMessage } from "./roster.ts";
import { RESTORE, TIMER_KINDS } from "./timers.ts";

/** Smallest time between two restorations of an instance's addresses. */
const RESTORE_EVERY_US = 1_000_000;

/** Follows the kernel's events and dumps. */
export class KernelWatch implements MonitorHandler {
  readonly #parts: Parts;
  readonly #readiness: Readiness;
  readonly #statics: Statics;
  readonly #monitor: RouteMonitor;
  readonly #news: KernelNews;
  /** Addresses that are reported gone; the kernel is asked once for all of them. */
  readonly #suspects: Claim[] = [];
  #changed = false;
  /** Interfaces that have changed: what hangs on them is looked at once for all of them. */
  readonly #links = new Set<string>();

  #nowUs = 0;

  constructor(parts: Parts, readiness: Readiness, statics: Statics, monitor: RouteMonitor, news: KernelNews) {
    this.#news = news;
    this.#statics = statics;
    monitor.watchRouting(ROUTE_MARK);
    this.#parts = parts;
    this.#readiness = readiness;
    this.#monitor = monitor;
    monitor.ignorePorts(parts.client.portId, parts.holdings.renewalPort);
  }

  /** Reads what is waiting. Returns false when events were lost and everything had to be read again. */
  read(nowUs: number): boolean {
    this.#nowUs = nowUs;
    const complete = this.#monitor.receive(this) === "done";
    if (!complete) {
      this.#parts.log(
        "warning",
        null,
        "Netlink: Receive buffer overrun on monitor socket - (ENOBUFS): the kernel reported changes faster than they " +
          "were read; all interfaces are read again",
      );
      this.resync();
      this.#findLosses(nowUs);
      this.#parts.routes.recheck();
    }
    // Not asked inside: a function with a closure in it allocates with each call.
    if (this.#links.size > 0) this.#followLinks();
    if (this.#parts.links.names.length > 0) this.#followNames();
    if (this.#suspects.length > 0) this.#clearUp(nowUs);
    this.#parts.routes.clearUp(nowUs);
    if (this.#changed) {
      this.#changed = false;
      this.#readiness.evaluateAll(nowUs);
    }
    return complete;
  }

  /** Kernel parameters belong to names: a dump may have told of these before the event did. */
  #followNames(): void {
    const { client, links, sysctls } = this.#parts;
    const names = links.names.splice(0);
    // A new name is told before the parameters have it; a request is answered afterwards.
    if (names.some(({ to }) => to !== null)) client.link("lo");
    for (const { from, to } of names) {
      if (to === null) sysctls.interfaceGone(from);
      else if (from !== null) sysctls.interfaceRenamed(from, to);
    }
    sysctls.retry();
  }

  /** The model as the kernel is now: what has happened since the monitor was made is no news. */
  begin(): void {
    this.#monitor.discard();
    this.resync();
  }

  /** Replaces the model by a dump. */
  resync(): void {
    this.#parts.links.resync(this.#parts.client.links(), this.#parts.client.addresses());
    this.#parts.vmacs.sweep();
    this.#changed = true;
  }

  link(info: LinkInfo, deleted: boolean): void {
    const { links, vmacs } = this.#parts;
    this.#news.link(info, deleted);
    if (vmacs.isLeaving(info.ifindex)) return this.#leaving(info, deleted);
    if (!(deleted ? links.remove(info.ifindex) : links.update(info))) return;
    if (!deleted) vmacs.changed(info);
    this.#changed = true;
    this.#links.add(info.name);
  }

  #followLinks(): void {
    this.#statics.linkChanged();
    this.#parts.routes.recheck();
    for (const instance of this.#parts.roster.all()) {
      if (instance.holding.addresses.some((a) => this.#links.has(a.interface))) {
        this.#readiness.rebuildFrames(instance);
      }
    }
    this.#links.clear();
  }

  /** Of a VMAC that is being deleted: nothing is to be brought back there, and the kernel is busy with it. */
  #leaving(info: LinkInfo, deleted: boolean): void {
    const { links, vmacs } = this.#parts;
    const changed = deleted ? links.remove(info.ifindex) : links.update(info);
    if (deleted) vmacs.gone(info.ifindex);
    if (changed) this.#changed = true;
  }

  address(info: AddressInfo, deleted: boolean): void {
    const { links, roster } = this.#parts;
    this.#changed = true;
    this.#news.address(info, deleted);
    if (!deleted) {
      links.updateAddress(info);
      this.#parts.routes.retry();
      return this.#settled(info);
    }
    links.removeAddress(info);
    this.#statics.addressGone(info, this.#nowUs);
    for (const claim of roster.claims.on(info.address)) {
      if (claim.holding.isAt(claim.at, info.ifindex, info.prefixLength)) this.#suspects.push(claim);
    }
  }

  routeGone(info: RouteInfo): void {
    this.#parts.routes.routeGone(info);
  }

  ruleGone(info: RuleInfo): void {
    this.#parts.routes.ruleGone(info);
  }

  /** Events may be old: an address that went and came back since is not lost. */
  #clearUp(nowUs: number): void {
    const { holdings } = this.#parts;
    const lost = this.#suspects.filter(({ holding, at }) => holdings.lost(holding, at));
    this.#suspects.length = 0;
    if (lost.length === 0) return;
    this.resync();
    for (const { instance, holding, at } of lost) {
      if (!holdings.found(holding, at)) this.#lost(instance, at, nowUs);
    }
  }

  /** Puts lost addresses back, and announces them. */
  restore(instance: Instance, nowUs: number): void {
    if (!instance.holding.wanted) return;
    instance.holding.restoredUs = nowUs;
    this.#parts.holdings.want(instance.holding, true);
    this.#parts.effects.announce(instance.router, "master");
  }

  /** After an overrun: what is wanted but no longer there was lost without an event. */
  #findLosses(nowUs: number): void {
    for (const instance of this.#parts.roster.all()) {
      const { holding } = instance;
      for (let i = 0; i < holding.bytes.length; i++) {
        if (!holding.wanted || holding.state[i] === ABSENT) continue;
        const { prefixLength } = holding.addresses[i]!;
        const link = this.#parts.links.indexed(holding.ifindex[i]!);
        if (link?.find(holding.bytes[i]!, prefixLength) !== undefined) continue;
        holding.state[i] = ABSENT;
        this.#lost(instance, i, nowUs);
      }
    }
  }

  /** An address is in place: of an IPv6 one that we have added this is the first that we hear. */
  #settled(info: AddressInfo): void {
    for (const { instance, holding, at } of this.#parts.roster.claims.on(info.address)) {
      if (holding.freshCount === 0 || !holding.isAt(at, info.ifindex, info.prefixLength)) continue;
      if (holding.settled(at)) this.#parts.effects.settled(instance);
    }
  }

  #lost(instance: Instance, at: number, nowUs: number): void {
    instance.count(COUNTER.address_losses);
    const { address, prefixLength, tracked } = instance.holding.addresses[at]!;
    const what = `${address}/${prefixLength}`;
    if (!tracked) {
      const text = `${what} is gone: another program removed it; it has no_track, so it is not put back`;
      this.#parts.log("warning", instance.id, text);
      return this.#parts.post(holdingMessage(instance));
    }
    const dueUs = Math.max(nowUs, instance.holding.restoredUs + RESTORE_EVERY_US);
    this.#parts.timers.set(instance.index * TIMER_KINDS + RESTORE, dueUs);
    const text =
      `${what} is gone: another program removed it, or this process stood still for longer than its ` +
      "lifetime; it is put back";
    this.#parts.log("warning", instance.id, text);
    this.#parts.post(holdingMessage(instance));
  }
}
