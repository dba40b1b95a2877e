// The plan of a reload for people: what happens to which part of the configuration.
import { sameEnds } from "../config/sessions.ts";
import type { Config, InstanceConfig, VirtualAddress } from "../config/model.ts";
import {
  addressText,
  DAEMON,
  differences,
  GLOBAL,
  GROUP,
  INSTANCE,
  TRACKED_FILE,
  TRACKED_PROCESS,
} from "./differences.ts";
import type { Planned, Running } from "./reload.ts";

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

/** The steps from what runs to the plan's outcome. `before`: the configuration in force. Their text holds no secret. */
export function steps(
  planned: Planned,
  present: readonly Running[],
  before: Config,
  after: Config,
): Step[] {
  return [
    ...instanceSteps(planned, present),
    ...moves(present, planned.running),
    ...Object.values(SECTIONS).flatMap((compare) => compare(before, after)),
  ];
}

type Comparison = (before: Config, after: Config) => Step[];

/**
 * Every part of a configuration but the instances, which a plan compares; a new one must be named here. That of the
 * process itself goes with global_defs, where its words stand.
 */
const SECTIONS: Record<Exclude<keyof Config, "file" | "instances" | "daemon">, Comparison> = {
  // The same program keeps its result: a reload is no reason for a fault.
  scripts: named("vrrp_script", ({ scripts }) => scripts, (was, is) => [
    Bun.deepEquals(was.command, is.command, true)
      ? "keeps its result"
      : "runs another program, so its result is awaited anew",
  ]),
  files: named("track_file", ({ files }) => files, (was, is) => differences(was, is, TRACKED_FILE)),
  processes: named(
    "vrrp_track_process",
    ({ processes }) => processes,
    (was, is) => differences(was, is, TRACKED_PROCESS),
  ),
  bfds: named("bfd_instance", ({ bfds }) => bfds, (was, is) => [
    sameEnds(was, is) ? "the session goes on" : "another session begins",
  ]),
  groups: named("vrrp_sync_group", ({ groups }) => groups, (was, is) => differences(was, is, GROUP)),
  statics: named("static", ({ statics: { addresses, routes, rules } }) => [
    ...addresses.map((address) => ({ name: `address ${addressText(address)}` })),
    ...routes.map(({ text }) => ({ name: `route ${text}` })),
    ...rules.map(({ text }) => ({ name: `rule ${text}` })),
  ], () => []),
  global: (before, after) => {
    const details = [
      ...differences(before.global, after.global, GLOBAL),
      ...differences(before.daemon, after.daemon, DAEMON),
    ];
    return details.length === 0 ? [] : [{ action: "change", name: "global_defs", details }];
  },
  pacing: whole("garp_group", ({ pacing }) => pacing),
  linkbeat: whole("linkbeat_interfaces", ({ linkbeat }) => linkbeat),
  interfaceDelays: whole("interface_up_down_delays", ({ interfaceDelays }) => interfaceDelays),
};

/** Parts that have names: they come, go, or change. */
function named<Part extends { name: string }>(
  keyword: string,
  of: (config: Config) => readonly Part[],
  change: (was: Part, is: Part) => string[],
): Comparison {
  const step = (action: Step["action"], { name }: Part, details: string[] = []): Step => ({
    action,
    name: `${keyword} ${name}`,
    details,
  });
  return (before, after) => {
    const old = new Map(of(before).map((part) => [part.name, part]));
    const found = of(after).flatMap((part) => {
      const was = old.get(part.name);
      old.delete(part.name);
      if (was === undefined) return [step("add", part)];
      return Bun.deepEquals(was, part, true) ? [] : [step("change", part, change(was, part))];
    });
    return [...found, ...[...old.values()].map((part) => step("remove", part))];
  };
}

/** What has no parts that people tell apart. */
function whole(keyword: string, of: (config: Config) => unknown): Comparison {
  return (before, after) =>
    Bun.deepEquals(of(before), of(after), true) ? [] : [{ action: "change", name: keyword, details: [] }];
}

function instanceSteps({ plan }: Planned, present: readonly Running[]): Step[] {
  const old = new Map(present.map((r) => [r.id, r.config]));
  const router = ({ vrid, interface: device }: InstanceConfig) => `virtual_router_id ${vrid} on ${device}`;
  return [
    ...plan.add.map(({ config }): Step => ({
      action: "add",
      name: config.name,
      details: [`${router(config)}, priority ${config.priority}`],
    })),
    ...plan.change.map(({ id, config }): Step => ({
      action: "change",
      name: config.name,
      details: differences(old.get(id)!, config, INSTANCE),
    })),
    ...plan.remove.map((id): Step => ({
      action: "remove",
      name: old.get(id)!.name,
      details: [router(old.get(id)!)],
    })),
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
