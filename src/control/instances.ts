// What the control thread knows of each instance, from the engine's messages: the facts behind the status.
import type { InstanceConfig } from "../config/model.ts";
import type { FromEngine, HeldAddress, State } from "../messages.ts";
import { describeCause } from "../vrrp/reason.ts";
import type { InstanceFacts } from "../status/snapshot.ts";
import type { Running } from "./reload.ts";

/** The running instances by id. */
export class Instances {
  /** How many are in which state: with thousands of instances nobody counts them at each transition. */
  readonly #counts: Record<State, number> = { BACKUP: 0, FAULT: 0, INIT: 0, MASTER: 0 };
  readonly #facts = new Map<number, InstanceFacts>();
  /** Removed by a reload, but still answering for their addresses until the successor is heard. */
  readonly #leaving = new Map<number, InstanceFacts>();

  /** Takes over a plan's outcome: new instances appear, removed ones fade out. */
  replace(running: readonly Running[], nowUs: number): void {
    const wanted = new Set(running.map((r) => r.id));
    for (const [id, facts] of this.#facts) {
      if (wanted.has(id)) continue;
      this.#facts.delete(id);
      this.#leaving.set(id, facts);
    }
    const ordered = running.map(({ id, config, counters }): [number, InstanceFacts] => {
      const known = this.#facts.get(id);
      if (known !== undefined) return [id, { ...known, config }];
      return [id, {
        config,
        state: "INIT",
        reason: "starting",
        sinceUs: nowUs,
        effectivePriority: config.priority,
        master: null,
        masterIntervalUs: config.advertIntervalUs,
        releases: 0,
        held: [],
        routes: [],
        trackers: [],
        counters,
      }];
    });
    this.#facts.clear();
    for (const [id, facts] of ordered) this.#facts.set(id, facts);
    for (const state of Object.keys(this.#counts) as State[]) this.#counts[state] = 0;
    for (const { state } of this.#facts.values()) this.#counts[state]++;
  }

  /** The states in one line: `3 instances: 1 BACKUP, 2 MASTER`. */
  summary(): string {
    const { size } = this.#facts;
    const parts = Object.entries(this.#counts).filter(([, count]) => count > 0)
      .map(([state, count]) => `${count} ${state}`);
    return `${size} ${size === 1 ? "instance" : "instances"}${
      parts.length === 0 ? "" : `: ${parts.join(", ")}`
    }`;
  }

  /** In the order of the configuration. */
  all(): InstanceFacts[] {
    return [...this.#facts.values()];
  }

  /** The facts of an instance, leaving ones included. */
  get(id: number): InstanceFacts | undefined {
    return this.#facts.get(id) ?? this.#leaving.get(id);
  }

  /** Whether a reload has removed the instance, and it has not gone yet. */
  isLeaving(id: number): boolean {
    return this.#leaving.has(id);
  }

  /** The name of an instance, or null. */
  name(id: number | null): string | null {
    return id === null ? null : this.get(id)?.config.name ?? null;
  }

  /** Takes over what a message says. Returns the facts that it changed. */
  update(message: FromEngine): InstanceFacts | undefined {
    if (!("id" in message) || message.id === null) return undefined;
    const facts = this.get(message.id);
    if (facts === undefined) return undefined;
    switch (message.type) {
      case "state":
        facts.reason = describeCause(message.cause);
        // A fault that only changes its reason has lasted since it began.
        if (facts.state !== message.state || facts.reason === "starting") facts.sinceUs = message.atUs;
        if (facts.state === "MASTER" && message.state !== "MASTER") facts.releases++;
        if (this.#facts.has(message.id)) {
          this.#counts[facts.state]--;
          this.#counts[message.state]++;
        }
        facts.state = message.state;
        facts.effectivePriority = message.priority;
        if (message.state !== "MASTER" && message.state !== "BACKUP") facts.master = null;
        break;
      case "priority":
        facts.effectivePriority = message.to;
        break;
      case "master":
        facts.masterIntervalUs = message.intervalUs;
        facts.master = message.address === null
          ? null
          : { address: message.address, priority: message.priority };
        break;
      case "holding":
        facts.held = message.held;
        break;
      case "kept_routes":
        facts.routes = message.there;
        break;
      case "trackers":
        facts.trackers = message.ok;
        break;
      case "removed":
        this.#leaving.delete(message.id);
        break;
    }
    return facts;
  }

  /** Every address that is held by baton's hand, for the state file. */
  held(): HeldAddress[] {
    return [...this.#facts.values(), ...this.#leaving.values()].flatMap(({ config, held }) =>
      addressesOf(config).filter((_, i) => held[i] === true)
    );
  }
}

function addressesOf(config: InstanceConfig): HeldAddress[] {
  return [...config.addresses, ...config.excludedAddresses].map((a) => ({
    interface: a.interface,
    address: a.address,
    prefixLength: a.prefixLength,
  }));
}
