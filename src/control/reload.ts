// From the running instances and a new configuration to a plan: what comes, what changes in place, what goes.
import type { Config, InstanceConfig } from "../config/model.ts";
import { type EngineInstance, type Plan, trackedKey } from "../messages.ts";
import { newCounters } from "./counters.ts";

/** An instance that runs. */
export interface Running {
  id: number;
  config: InstanceConfig;
  counters: Float64Array<SharedArrayBuffer>;
}

/** A plan, and what will run once it is applied. */
export interface Planned {
  plan: Plan;
  running: Running[];
}

/**
 * Compares what runs with what should. An instance whose configuration is the same is in no list: it hears
 * nothing of the reload. `nextId` hands out new ids; `scripts` and `tracked` (by trackedKey) are the
 * results that are known.
 */
export function plan(
  running: readonly Running[],
  config: Config,
  scripts: Readonly<Record<string, boolean>>,
  nextId: () => number,
  tracked: Readonly<Record<string, boolean | number>> = {},
): Planned {
  const pairs = match(running, config.instances);
  const result: Planned = {
    plan: { add: [], change: [], remove: [], interfaceDelays: config.interfaceDelays, pacing: config.pacing },
    running: [],
  };
  for (const wanted of config.instances) {
    const present = pairs.get(wanted);
    const counters = present?.counters ?? newCounters();
    const entry: EngineInstance = {
      id: present?.id ?? nextId(),
      config: wanted,
      counters,
      scripts: known(wanted.trackScripts.map((t) => t.script), scripts),
      tracked: known(
        [
          ...wanted.trackFiles.map((t) => trackedKey("file", t.file)),
          ...wanted.trackProcesses.map((t) => trackedKey("process", t.process)),
        ],
        tracked,
      ),
    };
    result.running.push({ id: entry.id, config: wanted, counters });
    if (present === undefined) result.plan.add.push(entry);
    else if (!Bun.deepEquals(present.config, wanted, true)) result.plan.change.push(entry);
  }
  const stay = new Set(pairs.values());
  result.plan.remove = running.filter((r) => !stay.has(r)).map((r) => r.id);
  return result;
}

/** The results of these names, as far as they are known. */
function known<Result>(
  names: readonly string[],
  results: Readonly<Record<string, Result>>,
): Record<string, Result> {
  const found: Record<string, Result> = {};
  for (const name of names) if (name in results) found[name] = results[name]!;
  return found;
}

/**
 * Which running instance each wanted one goes on as: the virtual router of the same interface, family, VRID and VMACs.
 * A new name is not a new router, nor is another way of sending. Several unicast instances may share all
 * three; their source tells them apart, as it does for keepalived, then their name.
 */
function match(
  running: readonly Running[],
  wanted: readonly InstanceConfig[],
): Map<InstanceConfig, Running> {
  const pairs = new Map<InstanceConfig, Running>();
  // As at the start.
  if (running.length === 0) return pairs;
  const left = new Map<string, Running[]>();
  for (const each of running) {
    const key = identity(each.config);
    left.set(key, [...left.get(key) ?? [], each]);
  }
  const likenesses = [
    (a: InstanceConfig, b: InstanceConfig) => sending(a) === sending(b),
    (a: InstanceConfig, b: InstanceConfig) => a.name === b.name,
    () => true,
  ];
  for (const alike of likenesses) {
    for (const instance of wanted) {
      if (pairs.has(instance)) continue;
      const candidates = left.get(identity(instance)) ?? [];
      const at = candidates.findIndex((candidate) => alike(candidate.config, instance));
      if (at >= 0) pairs.set(instance, candidates.splice(at, 1)[0]!);
    }
  }
  return pairs;
}

/**
 * Identity of a virtual router, as the protocol has it: interface, family, VRID. Other VMACs make it another one, as
 * they do for keepalived: its addresses are on other interfaces, and neighbours know it by another MAC address.
 */
export function identity(config: InstanceConfig): string {
  const router = `${config.interface} ${config.family} ${config.vrid}`;
  const vmacs = config.vmacs.map((
    { name, parent, mac, group, ipvlan },
  ) => [name, parent, mac, group, ipvlan]);
  return vmacs.length === 0 ? router : `${router} ${JSON.stringify(vmacs)}`;
}

function sending(config: InstanceConfig): string {
  return config.unicastPeers.length > 0 ? `unicast ${config.sourceAddress ?? ""}` : "multicast";
}
