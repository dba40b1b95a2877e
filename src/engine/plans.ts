// A plan of the control thread, carried out: instances come, change in place, or resign and go.
import type { EngineInstance, HeldAddress, Plan } from "../messages.ts";
import type { Cause } from "../vrrp/reason.ts";
import { Announcement } from "./announce.ts";
import { ABSENT, HELD, Holding } from "./holding.ts";
import { type Instance, leaseS, routerSettings } from "./instance.ts";
import { removeLeftovers } from "./leftovers.ts";
import type { Parts } from "./parts.ts";
import type { Readiness } from "./readiness.ts";

/** Applies plans. */
export class Plans {
  readonly #parts: Parts;
  readonly #readiness: Readiness;
  /** Of an earlier run; null once they have been looked for. */
  #leftovers: HeldAddress[] | null;

  constructor(parts: Parts, readiness: Readiness, leftovers: HeldAddress[]) {
    this.#parts = parts;
    this.#readiness = readiness;
    this.#leftovers = leftovers;
  }

  /** Carries out a plan; the first one cleans up after an earlier run. */
  apply(plan: Plan, nowUs: number): void {
    const { roster, effects, post } = this.#parts;
    this.#cleanUp(plan);
    for (const id of plan.remove) {
      const instance = roster.get(id);
      if (instance === undefined) continue;
      instance.removing = true;
      this.shutdown(instance, { kind: "removed" }, nowUs);
    }
    for (const entry of plan.change) {
      const instance = roster.get(entry.id);
      if (instance !== undefined) this.#change(instance, entry, nowUs);
    }
    const added = plan.add.map((entry) => roster.add(entry, effects));
    for (const instance of added) this.#readiness.rebuild(instance);
    for (const instance of added) this.#readiness.evaluate(instance, nowUs);
    post({ type: "applied" });
  }

  /** Ends an instance: a Master resigns, and holds on until its successor is heard. */
  shutdown(instance: Instance, cause: Cause, nowUs: number): void {
    instance.router.shutdown(nowUs, cause);
    this.#parts.roster.rearm(instance);
  }

  #cleanUp(plan: Plan): void {
    if (this.#leftovers === null) return;
    for (const text of removeLeftovers(this.#parts.client, this.#parts.links, this.#leftovers, plan)) {
      this.#parts.log("warning", null, `removed ${text}: left behind by an earlier run that crashed`);
    }
    this.#leftovers = null;
  }

  #change(instance: Instance, { config, scripts }: EngineInstance, nowUs: number): void {
    const { holdings, effects, transport, roster, announcer } = this.#parts;
    const old = instance.holding;
    const { refreshUs } = instance.config.announce;
    // What is left of a burst names the old addresses.
    const announcing = instance.announcement.rounds > 0;
    announcer.cancel(instance.announcement);
    instance.config = config;
    for (const name of Object.keys(scripts)) instance.scriptResult(name, scripts[name]!);
    roster.replaceHolding(instance, new Holding(config, leaseS(config)));
    instance.announcement = new Announcement(instance.holding.addresses.length, instance.counters);
    // An address in both lists stays where it is; the others go before the new ones come.
    const kept = transfer(old, instance.holding);
    holdings.want(old, false);
    holdings.finish(old);
    this.#readiness.rebuild(instance);
    if (old.wanted || instance.router.state === "MASTER") {
      holdings.want(instance.holding, true);
      effects.armRenewal(instance);
      holdings.finish(instance.holding);
      holdings.renew(instance.holding);
      if (announcing || kept < instance.holding.addresses.length) effects.announce(instance.router, "master");
      if (config.announce.refreshUs !== refreshUs) effects.armRefresh(instance);
    }
    // The packets first: what the change makes the router say at once must carry the new values.
    const { attachment } = instance;
    if (attachment !== null) transport.reattach(instance, attachment.endpoint.ifindex, attachment.source);
    instance.router.change(nowUs, routerSettings(config));
    this.#readiness.evaluate(instance, nowUs);
    roster.rearm(instance);
  }
}

/** Takes over the state of addresses that are in both holdings. Returns how many. */
function transfer(from: Holding, to: Holding): number {
  let kept = 0;
  for (let i = 0; i < to.addresses.length; i++) {
    const text = JSON.stringify(to.addresses[i]);
    const at = from.addresses.findIndex((a) => JSON.stringify(a) === text);
    if (at < 0) continue;
    to.state[i] = from.state[at]!;
    from.state[at] = ABSENT;
    if (to.state[i] === HELD) kept++;
  }
  return kept;
}
