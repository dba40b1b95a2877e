// The end: of an instance that has left, and of the engine, after which nothing of ours is in the kernel.
import { monotonicUs } from "../../native/clock.ts";
import { FLAG_STOPPED } from "../messages.ts";
import type { Cause } from "../vrrp/reason.ts";
import type { Instance } from "./instance.ts";
import { releaseInstanceSysctls } from "./instance_sysctls.ts";
import type { Parts } from "./parts.ts";
import type { Plans } from "./plans.ts";
import type { Readiness } from "./readiness.ts";
import type { Reception } from "./reception.ts";
import type { Statics } from "./statics.ts";

/** What the end takes besides the parts. */
export interface EndingMeans {
  readiness: Readiness;
  plans: Plans;
  statics: Statics;
  reception: Reception;
  /** At the stop nothing is said or withdrawn. */
  keep: boolean;
  flags: Int32Array;
  /** Posts what is to be told. */
  deliver(): void;
}

const CAUSE: Cause = { kind: "shutdown" };

/** Takes instances, and in the end everything, out of the kernel. */
export class Ending {
  /** The loop is to end. */
  finished = false;
  readonly #parts: Parts;
  readonly #means: EndingMeans;
  /** Instances that have left, whose kernel parameters are to be put back. */
  readonly #departed: number[] = [];

  constructor(parts: Parts, means: EndingMeans) {
    this.#parts = parts;
    this.#means = means;
  }

  /** The daemon is to stop: all instances resign. `actors`: it is a rehearsal, in which only these do. */
  stop(nowUs: number, actors: readonly Instance[] | null = null): void {
    const { readiness, plans, keep } = this.#means;
    const { roster, transport } = this.#parts;
    if (readiness.stopping) return;
    readiness.stopping = actors === null;
    // Whoever is Master falls silent, and what it holds stays.
    if (keep && actors === null) {
      this.finished = true;
      return;
    }
    const leaving = actors ?? roster.places;
    // All adverts of priority 0 before anything else: the others count from them.
    for (let i = 0; i < leaving.length; i++) {
      if (leaving[i]?.router.state === "MASTER") plans.resign(leaving[i]!, CAUSE, nowUs);
    }
    transport.flush();
    for (let i = 0; i < leaving.length; i++) {
      if (leaving[i] != null) plans.shutdown(leaving[i]!, CAUSE, nowUs);
    }
    if (actors === null && roster.size === 0) this.finished = true;
  }

  /** The instance has left for good: what it held is withdrawn. */
  left(instance: Instance): void {
    const { transport, holdings, routes, roster, vmacs, post } = this.#parts;
    const { stopping } = this.#means.readiness;
    transport.flush();
    routes.want(instance.routes, false);
    routes.finish(instance.routes);
    holdings.want(instance.holding, false);
    holdings.finish(instance.holding);
    transport.detach(instance);
    roster.remove(instance);
    // At a stop all of them go together: each would be a wait for the kernel, and a record written anew.
    if (!stopping) {
      vmacs.release(instance);
      this.#departed.push(instance.id);
    }
    this.#means.reception.forget(instance.id);
    post({ type: "removed", id: instance.id });
    if (stopping && roster.size === 0) this.finished = true;
  }

  /** Puts back the kernel parameters of all that have left in this turn. */
  flush(): void {
    if (this.#departed.length > 0) releaseInstanceSysctls(this.#parts.sysctls, this.#departed.splice(0));
  }

  /** The last thing the engine does, however it ends: nothing of ours stays in the kernel. */
  withdraw(): void {
    if (this.#means.keep && this.#means.readiness.stopping) return this.#withdrawn();
    const { roster, groups, links, holdings, firewall, routes, transport } = this.#parts;
    for (const instance of roster.all()) {
      const link = links.named(instance.config.interface);
      groups.leave(instance);
      instance.router.unready(monotonicUs(), CAUSE, "INIT", link?.operational ?? false);
      routes.want(instance.routes, false);
      holdings.want(instance.holding, false);
    }
    transport.flush();
    routes.pump(0, Infinity);
    holdings.pump(Infinity);
    firewall.clear();
    this.#means.statics.withdraw();
    this.#parts.vmacs.withdraw();
    // After the addresses: a primary one that goes must not take the others along.
    this.#parts.sysctls.releaseAll();
    this.#withdrawn();
    // Last: the kernel does not close it before it has freed the table, and it was freeing all that time.
    firewall.close();
  }

  #withdrawn(): void {
    const { flags, deliver } = this.#means;
    this.#parts.bfd.shutdown(monotonicUs());
    deliver();
    Atomics.store(flags, FLAG_STOPPED, 1);
    Atomics.notify(flags, FLAG_STOPPED);
  }
}
