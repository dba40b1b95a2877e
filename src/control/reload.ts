// From the running instances and a new configuration to a plan: what comes, what changes in place, what goes.
import type { Config, InstanceConfig } from "../config/model.ts";
import { COUNTERS, type EngineInstance, type Plan } from "../messages.ts";
import { REFUSALS } from "../vrrp/refusal.ts";

/** An instance that runs. */
export interface Running {
  id: number;
  config: InstanceConfig;
  counters: SharedArrayBuffer;
}

/** A plan, and what will run once it is applied. */
export interface Planned {
  plan: Plan;
  running: Running[];
}

/**
 * Identity of a virtual router, as the protocol has it: interface, family, VRID; unicast and multicast apart.
 * A new name is not a new router.
 */
export function identity(config: InstanceConfig): string {
  // Two unicast instances may share a VRID: their source tells them apart, as it does for keepalived.
  const cast = config.unicastPeers.length > 0 ? `unicast ${config.sourceAddress ?? ""}` : "multicast";
  return `${config.interface} ${config.family} ${config.vrid} ${cast}`;
}

/**
 * Compares what runs with what should. An instance whose configuration is the same is in no list: it hears
 * nothing of the reload. `nextId` hands out new ids; `scripts` are the results that are known.
 */
export function plan(
  running: readonly Running[],
  config: Config,
  scripts: Readonly<Record<string, boolean>>,
  nextId: () => number,
): Planned {
  const old = new Map(running.map((r) => [identity(r.config), r]));
  const result: Planned = { plan: { add: [], change: [], remove: [] }, running: [] };
  for (const wanted of config.instances) {
    const key = identity(wanted);
    const present = old.get(key);
    old.delete(key);
    const counters = present?.counters ?? new SharedArrayBuffer((COUNTERS.length + REFUSALS.length) * 8);
    const entry: EngineInstance = {
      id: present?.id ?? nextId(),
      config: wanted,
      counters,
      scripts: Object.fromEntries(
        wanted.trackScripts.filter((t) => t.script in scripts).map((t) => [t.script, scripts[t.script]!]),
      ),
    };
    result.running.push({ id: entry.id, config: wanted, counters });
    if (present === undefined) result.plan.add.push(entry);
    else if (!Bun.deepEquals(present.config, wanted, true)) result.plan.change.push(entry);
  }
  result.plan.remove = [...old.values()].map((r) => r.id);
  return result;
}

/** The plan in one line, for the log. */
export function describePlan({ plan, running }: Planned, before: readonly Running[]): string {
  const name = (id: number) =>
    (running.find((r) => r.id === id) ?? before.find((r) => r.id === id))?.config.name ?? "?";
  const parts = [
    ["added", plan.add.map((e) => e.config.name)],
    ["changed in place", plan.change.map((e) => e.config.name)],
    ["removed", plan.remove.map(name)],
  ] as const;
  const said = parts.filter(([, names]) => names.length > 0).map(([verb, names]) =>
    `${verb}: ${names.join(", ")}`
  );
  return said.length === 0 ? "nothing to change" : said.join("; ");
}
