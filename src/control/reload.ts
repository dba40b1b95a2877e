// From the running instances and a new configuration to a plan: what comes, what changes in place, what goes.
import type { Config, InstanceConfig, VirtualAddress } from "../config/model.ts";
import { type EngineInstance, type Plan, trackedKey } from "../messages.ts";
import { newCounters } from "./counters.ts";
import { addressText, daemonDifferences, differences, globalDifferences } from "./differences.ts";
import { sameEnds } from "../config/sessions.ts";

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

/** One line of a plan that people read: what happens to what, and how. */
export interface Step {
  action: "add" | "change" | "remove" | "move";
  /** The name of an instance or a script, or an address; "global_defs". */
  name: string;
  details: string[];
}

/** What was asked of a reload, and how it ended: the answer of the control socket. */
export interface ReloadAnswer {
  verdict: "applied" | "refused";
  /** Why it was refused; "" when it was not. */
  reason: string;
  /** What the file's check found, a line each. */
  findings: { severity: "error" | "warning"; text: string }[];
  steps: Step[];
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
      scripts: Object.fromEntries(
        wanted.trackScripts.filter((t) => t.script in scripts).map((t) => [t.script, scripts[t.script]!]),
      ),
      tracked: Object.fromEntries(
        [
          ...wanted.trackFiles.map((t) => trackedKey("file", t.file)),
          ...wanted.trackProcesses.map((t) => trackedKey("process", t.process)),
        ].filter((key) => key in tracked).map((key) => [key, tracked[key]!]),
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

/** The plan for people. `before`: the configuration in force. Its text holds no secret. */
export function steps(
  { plan, running }: Planned,
  present: readonly Running[],
  before: Config,
  after: Config,
): Step[] {
  const old = new Map(present.map((r) => [r.id, r.config]));
  const found: Step[] = [];
  for (const { config } of plan.add) {
    found.push({
      action: "add",
      name: config.name,
      details: [`virtual_router_id ${config.vrid} on ${config.interface}, priority ${config.priority}`],
    });
  }
  for (const { id, config } of plan.change) {
    found.push({ action: "change", name: config.name, details: differences(old.get(id)!, config) });
  }
  for (const id of plan.remove) {
    const { name, vrid, interface: device } = old.get(id)!;
    found.push({ action: "remove", name, details: [`virtual_router_id ${vrid} on ${device}`] });
  }
  return [
    ...found,
    ...moves(present, running),
    ...scriptSteps(before, after),
    ...bfdSteps(before, after),
    ...staticSteps(before, after),
    ...globalSteps(before, after),
  ];
}

/** Addresses that leave one instance for another. */
function moves(before: readonly Running[], after: readonly Running[]): Step[] {
  const owners = (running: readonly Running[]) =>
    new Map(running.flatMap((r) => addressesOf(r.config).map((a) => [addressText(a), r] as const)));
  const old = owners(before);
  return [...owners(after)].flatMap(([text, { id, config }]): Step[] => {
    const from = old.get(text);
    // The same name: it is restarted and not merely changed.
    if (from === undefined || from.id === id || from.config.name === config.name) return [];
    return [{ action: "move", name: text, details: [`from ${from.config.name} to ${config.name}`] }];
  });
}

function addressesOf(config: InstanceConfig): VirtualAddress[] {
  return [...config.addresses, ...config.excludedAddresses];
}

/** What of static_ipaddress, static_routes and static_rules comes and goes. */
function staticSteps(before: Config, after: Config): Step[] {
  const texts = ({ statics: { addresses, routes, rules } }: Config) => [
    ...addresses.map((a) => `static address ${addressText(a)}`),
    ...routes.map(({ text }) => `static route ${text}`),
    ...rules.map(({ text }) => `static rule ${text}`),
  ];
  const [old, wanted] = [new Set(texts(before)), new Set(texts(after))];
  return [
    ...[...wanted.difference(old)].map((name): Step => ({ action: "add", name, details: [] })),
    ...[...old.difference(wanted)].map((name): Step => ({ action: "remove", name, details: [] })),
  ];
}

function scriptSteps(before: Config, after: Config): Step[] {
  const old = new Map(before.scripts.map((s) => [s.name, s]));
  const found: Step[] = [];
  for (const script of after.scripts) {
    const was = old.get(script.name);
    old.delete(script.name);
    const name = `vrrp_script ${script.name}`;
    if (was === undefined) found.push({ action: "add", name, details: [] });
    else if (!Bun.deepEquals(was, script, true)) {
      // The same program keeps its result: a reload is no reason for a fault.
      const same = Bun.deepEquals(was.command, script.command, true);
      const details = [same ? "keeps its result" : "runs another program, so its result is awaited anew"];
      found.push({ action: "change", name, details });
    }
  }
  return [
    ...found,
    ...[...old.keys()].map((name): Step => ({
      action: "remove",
      name: `vrrp_script ${name}`,
      details: [],
    })),
  ];
}

function bfdSteps(before: Config, after: Config): Step[] {
  const old = new Map(before.bfds.map((session) => [session.name, session]));
  const found = after.bfds.flatMap((session): Step[] => {
    const was = old.get(session.name);
    old.delete(session.name);
    const name = `bfd_instance ${session.name}`;
    if (was === undefined) return [{ action: "add", name, details: [] }];
    if (Bun.deepEquals(was, session, true)) return [];
    const same = sameEnds(was, session);
    return [{ action: "change", name, details: [same ? "the session goes on" : "another session begins"] }];
  });
  const gone = [...old.keys()].map((each): Step => ({
    action: "remove",
    name: `bfd_instance ${each}`,
    details: [],
  }));
  return [...found, ...gone];
}

/** What global_defs holds for itself; the rest of it is in the instances. */
function globalSteps(before: Config, after: Config): Step[] {
  const details = [
    ...globalDifferences(before.global, after.global),
    ...daemonDifferences(before.daemon, after.daemon),
  ];
  const found: Step[] = details.length === 0 ? [] : [{ action: "change", name: "global_defs", details }];
  if (!Bun.deepEquals(before.pacing, after.pacing, true)) {
    found.push({ action: "change", name: "garp_group", details: [] });
  }
  if (!Bun.deepEquals(before.linkbeat, after.linkbeat, true)) {
    found.push({ action: "change", name: "linkbeat_interfaces", details: [] });
  }
  return found;
}

const VERBS: Record<Step["action"], string> = {
  add: "added",
  change: "changed in place",
  remove: "removed",
  move: "moved in one step",
};

/** The plan in one line, for the log. */
export function describeSteps(found: readonly Step[]): string {
  const groups = Map.groupBy(found, ({ action }) => action);
  const said = [...groups].map(([action, members]) => {
    const texts = members.map(({ name, details }) =>
      details.length === 0 ? name : `${name} (${details.join("; ")})`
    );
    return `${VERBS[action]}: ${texts.join(", ")}`;
  });
  return said.length === 0 ? "nothing to change" : said.join("; ");
}

/** The plan as lines, for a terminal. */
export function renderSteps(found: readonly Step[]): string {
  if (found.length === 0) return "nothing to change\n";
  const lines = found.map(({ action, name, details }) =>
    `${VERBS[action]}: ${[name, ...details.map((d) => `    ${d}`)].join("\n")}`
  );
  return `${lines.join("\n")}\n`;
}
