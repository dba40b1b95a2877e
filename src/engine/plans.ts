// A plan of the control thread, carried out: instances come, change in place, or resign and go.
import { SyscallError } from "../../native/errno.ts";
import type { InstanceConfig } from "../config/model.ts";
import type { Belongings, EngineInstance, Plan } from "../messages.ts";
import type { Cause } from "../vrrp/reason.ts";
import { Announcement } from "./announce.ts";
import { addressesBelow } from "./below.ts";
import { Givers } from "./givers.ts";
import { Holding, transferAddresses } from "./holding.ts";
import { wantAllInstanceSysctls } from "./instance_sysctls.ts";
import { type Instance, leaseS, routerSettings } from "./instance.ts";
import { removeLeftoverRoutes } from "./leftover_routes.ts";
import { removeLeftoverTable } from "./leftover_table.ts";
import { removeLeftovers } from "./leftovers.ts";
import { removeLeftoverVmacs } from "./leftover_vmacs.ts";
import type { Links } from "./links.ts";
import type { Parts } from "./parts.ts";
import type { Readiness } from "./readiness.ts";
import { RouteSet } from "./routeset.ts";
import type { Statics } from "./statics.ts";
import { OccupiedError } from "./transport.ts";

/** Applies plans. */
export class Plans {
  readonly #parts: Parts;
  readonly #readiness: Readiness;
  /** Of an earlier run; null: there is nothing to look for any more. */
  #leftovers: Belongings | null = null;
  readonly #statics: Statics;

  constructor(parts: Parts, readiness: Readiness, statics: Statics) {
    this.#parts = parts;
    this.#readiness = readiness;
    this.#statics = statics;
  }

  /** What an earlier run has left: the next plan cleans it up. */
  inherit(leftovers: Belongings): void {
    this.#leftovers = leftovers;
  }

  /** Carries out a plan. */
  apply(plan: Plan, nowUs: number): void {
    const { roster, effects, post } = this.#parts;
    this.#cleanUp(plan);
    const { sysctls } = this.#parts;
    if (plan.sysctls !== undefined) sysctls.want("global", plan.sysctls);
    wantAllInstanceSysctls(sysctls, [...plan.change, ...plan.add]);
    // First what the instances may need.
    if (plan.statics !== undefined) this.#statics.apply(plan.statics);
    this.#parts.links.debounce.configure(plan.interfaceDelays);
    this.#parts.links.pace(plan.pacing);
    if (plan.bfds !== undefined) this.#parts.bfd.apply(plan.bfds, nowUs);
    for (const id of plan.remove) {
      const instance = roster.get(id);
      if (instance === undefined) continue;
      instance.removing = true;
      this.shutdown(instance, { kind: "removed" }, nowUs);
    }
    this.#change(plan.change, nowUs);
    const added = plan.add.map((entry) => roster.add(entry, effects));
    const { links, log } = this.#parts;
    for (const { instance, text } of addressesBelow(added, links)) log("warning", instance.id, text);
    // All of them first: a group waits until each of its members has been looked at.
    for (const instance of added) this.#parts.groups.place(instance, instance.config.syncGroup);
    // Before the first address is set.
    const { firewall } = this.#parts;
    firewall.settle(plan.firewall, roster.all().some(({ holding, removing }) => holding.blocks && !removing));
    // What they send is built as soon as nothing stands in their way.
    for (const instance of added) this.#readiness.evaluate(instance, nowUs);
    post({ type: "applied" });
  }

  /** Ends an instance: a Master resigns, and holds on until its successor is heard. */
  shutdown(instance: Instance, cause: Cause, nowUs: number): void {
    this.resign(instance, cause, nowUs);
    if (instance.router.lingering) this.#parts.effects.silence(instance, nowUs);
    this.#parts.roster.rearm(instance);
  }

  /** Its first step, in which a Master queues its last advert; `shutdown` must follow. */
  resign(instance: Instance, cause: Cause, nowUs: number): void {
    this.#parts.groups.leave(instance);
    if (instance.attachment !== null) instance.attachment.judge.leaving = true;
    instance.router.shutdown(nowUs, cause);
  }

  #cleanUp(plan: Plan): void {
    if (this.#leftovers === null) return;
    const { client, links, log } = this.#parts;
    const { addresses, routes, vmacs, table } = this.#leftovers;
    // Routes before the addresses that they lead through.
    const removed = [
      ...removeLeftoverRoutes(client, routes, configuredRoutes(plan, links)),
      ...removeLeftovers(client, links, addresses, plan),
      ...removeLeftoverVmacs(client, links, vmacs, plan.add.flatMap(({ config }) => config.vmacs)),
    ];
    // Behind the addresses: none of those that it drops answers meanwhile.
    const { removed: tables, refused } = removeLeftoverTable(table);
    if (refused !== null) log("error", null, refused);
    removed.push(...tables);
    for (const text of this.#parts.sysctls.restoreLeftovers()) {
      log("warning", null, `${text} is put back: left behind by an earlier run`);
    }
    for (const text of removed) {
      log("warning", null, `removed ${text}: left behind by an earlier run`);
    }
    this.#leftovers = null;
  }

  /** All at once: an address may move from one of them to another, and so may a VRID's way of sending. */
  #change(entries: readonly EngineInstance[], nowUs: number): void {
    if (entries.length === 0) return;
    // A renewal that is under way names the old holding.
    this.#parts.holdings.settle();
    const changes: Change[] = [];
    for (const entry of entries) {
      const instance = this.#parts.roster.get(entry.id);
      if (instance !== undefined) changes.push(this.#prepare(instance, entry));
    }
    this.#adopt(changes);
    for (const { old } of changes) this.#parts.holdings.want(old, false);
    for (const change of changes) this.#hold(change);
    this.#reattach(changes);
    for (const { instance } of changes) {
      // The packets first: what the change makes the router say at once must carry the new values.
      instance.router.change(nowUs, routerSettings(instance.config));
      this.#parts.groups.settle(instance, nowUs);
      this.#readiness.evaluate(instance, nowUs);
    }
  }

  /** Puts the new configuration in place of the old, with what both of them hold. */
  #prepare(instance: Instance, { config, scripts, tracked }: EngineInstance): Change {
    const { roster, announcer } = this.#parts;
    const old = instance.holding;
    const was = instance.config;
    // What is left of a burst names the old addresses.
    const announcing = instance.announcement.rounds > 0;
    announcer.cancel(instance.announcement);
    instance.config = config;
    // A group has all its new members before any of them is looked at.
    this.#parts.groups.place(instance, config.syncGroup);
    for (const name of Object.keys(scripts)) instance.scriptResult(name, scripts[name]!);
    instance.trackedResults(tracked);
    roster.replaceHolding(instance, new Holding(config, leaseS(config)));
    instance.announcement = new Announcement(instance.holding.addresses.length, instance.counters);
    this.#readiness.rebuild(instance);
    // An address in both lists stays where it is.
    const kept = transferAddresses(old, instance.holding);
    const oldRoutes = instance.routes;
    instance.routes = new RouteSet(instance.id, config.routes, config.rules, instance.holding);
    instance.routes.inherit(oldRoutes);
    // Before their addresses; the new ones come after the new addresses.
    this.#parts.routes.want(oldRoutes, false);
    return { instance, old, held: old.wanted, was, announcing, kept };
  }

  /** Lets a Master have the addresses that another instance gives up with this plan: they never leave the kernel. */
  #adopt(changes: readonly Change[]): void {
    if (!changes.some(({ held }) => held)) return;
    const givers = new Givers();
    for (const { old } of changes) givers.add(old);
    for (const { removing, holding } of this.#parts.roster.all()) if (removing) givers.add(holding);
    for (const { instance, held } of changes) if (held) givers.give(instance.holding);
  }

  /** Brings the kernel to the new holding, in slices: what goes, then what comes, then the new lifetimes. */
  #hold({ instance, held, was, announcing, kept }: Change): void {
    if (!held) return;
    const { holdings, routes, effects } = this.#parts;
    const { holding, config } = instance;
    holding.renewsAfterwards = true;
    holdings.want(holding, true);
    routes.want(instance.routes, true);
    effects.armRenewal(instance);
    if (announcing || kept < holding.addresses.length) effects.announce(instance.router, "master");
    if (config.announce.refreshUs !== was.announce.refreshUs) effects.armRefresh(instance);
    if (config.announce.extraUs !== was.announce.extraUs) effects.armExtra(instance);
  }

  /**
   * Builds the adverts anew. Where the way of sending changes, every place is left before one is taken. What cannot
   * be attached is tried again by `evaluate`, which says why it is at fault.
   */
  #reattach(changes: readonly Change[]): void {
    const { transport } = this.#parts;
    const waiting: (() => void)[] = [];
    for (const { instance, was } of changes) {
      const { attachment } = instance;
      if (attachment === null) continue;
      const { endpoint: { ifindex }, source } = attachment;
      if (isUnicast(was) === isUnicast(instance.config)) {
        waiting.push(() => transport.reattach(instance, ifindex, source));
      } else {
        transport.detach(instance);
        waiting.push(() => transport.attachAgain(instance, ifindex, source, attachment));
      }
    }
    for (const attach of waiting) {
      try {
        attach();
      } catch (error) {
        if (!(error instanceof SyscallError || error instanceof OccupiedError)) throw error;
      }
    }
  }
}

/** One instance of a reload: what it was and what it held. */
interface Change {
  instance: Instance;
  old: Holding;
  /** It is Master: what it should hold is to be in the kernel. */
  held: boolean;
  was: InstanceConfig;
  /** A burst of announcements was under way. */
  announcing: boolean;
  /** Addresses that it held and goes on holding. */
  kept: number;
}

function isUnicast(config: InstanceConfig): boolean {
  return config.unicastPeers.length > 0;
}

/** The routes and rules of a plan, built: those of the daemon and of the instances that have any. */
function configuredRoutes(plan: Plan, links: Links): RouteSet[] {
  const { routes = [], rules = [] } = plan.statics ?? {};
  const sets = [new RouteSet(null, routes, rules, null)];
  for (const { id, config } of plan.add) {
    if (config.routes.length + config.rules.length > 0) {
      sets.push(new RouteSet(id, config.routes, config.rules, null));
    }
  }
  for (const set of sets) set.build(links);
  return sets;
}
