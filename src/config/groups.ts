// vrrp_sync_group blocks to the model: their members, and what the members take from them.
import { bad } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import type { Defaults } from "./globals.ts";
import { namedOnce } from "./once.ts";
import type { PlacedInstance } from "./placed.ts";
import type { GroupConfig } from "./model.ts";
import { readNotify } from "./notifications.ts";
import type { PlacedScript } from "./scripts.ts";
import type { Settings } from "./settings.ts";
import { nearest } from "./suggest.ts";
import type { Word } from "./text.ts";
import type { Trackable } from "./tracked.ts";
import { inheritTrackers } from "./trackers.ts";
import { closing, type Statement } from "./tree.ts";

/** What reading groups needs. */
export interface GroupReading extends Decoding {
  defaults: Defaults;
  scripts: Map<string, PlacedScript>;
  trackable: Trackable;
}

/** All usable groups in the order of the file. Their members are told of them, and take over their trackers. */
export function readGroups(
  reading: GroupReading,
  statements: readonly Statement[],
  instances: readonly PlacedInstance[],
): GroupConfig[] {
  const groups: GroupConfig[] = [];
  for (const { statement, name } of namedOnce(reading, statements)) {
    const group = readGroup(reading, statement, name, instances);
    if (group !== undefined) groups.push(group);
  }
  return groups;
}

function readGroup(
  reading: GroupReading,
  statement: Statement,
  name: Word,
  instances: readonly PlacedInstance[],
): GroupConfig | undefined {
  const owner = `vrrp_sync_group ${name.value}`;
  const settings = decodeBlock(reading, statement.block ?? { statements: [] }, "vrrp_sync_group", owner);
  const members = readMembers(reading, settings, owner, instances);
  if (members.length === 0) {
    const cure = "add the names of its instances to group { }";
    const list = settings.statements("group").at(-1)?.block ?? null;
    bad(
      reading,
      closing(list, name.span),
      `${owner} has no member`,
      "it is left out",
      cure,
    );
    return undefined;
  }
  if (members.length === 1) {
    reading.report.warning(
      name.span,
      `${owner} has one member only, so there is nothing to keep in step; add another one or delete it`,
    );
  }
  const old = settings.keywordSpan("global_tracking");
  if (old !== null) {
    const what = "global_tracking is the old spelling of sync_group_tracking_weight";
    reading.report.warning(old, `${what}, so it is taken for that; write sync_group_tracking_weight`);
  }
  const weighted = settings.boolean("sync_group_tracking_weight") ?? settings.boolean("global_tracking") ??
    false;
  for (const member of members) {
    member.instance.syncGroup = name.value;
    const priorityChanges = settings.boolean("notify_priority_changes");
    if (priorityChanges !== undefined && !member.settings.has("notify_priority_changes")) {
      member.instance.notify = { ...member.instance.notify, priorityChanges };
    }
    if (!weighted) dropWeighted(reading, member, owner);
    inheritTrackers(reading, settings, member, owner);
  }
  return {
    name: name.value,
    members: members.map(({ instance }) => instance.name),
    notify: readNotify(reading, settings, reading.defaults.notify),
  };
}

function readMembers(
  reading: GroupReading,
  settings: Settings,
  owner: string,
  instances: readonly PlacedInstance[],
): PlacedInstance[] {
  const members: PlacedInstance[] = [];
  const entries = settings.entries("group");
  for (const { value, span } of entries.flatMap(({ words }) => words)) {
    const member = instances.find(({ instance }) => instance.name === value);
    if (member === undefined) {
      const what = `${owner} names ${value}, which is no usable vrrp_instance`;
      const hint = nearest(value, instances.map(({ instance }) => instance.name));
      bad(reading, span, what, "that member is left out", "correct or delete it", hint);
    } else if (members.includes(member)) {
      bad(reading, span, `${value} is named twice`, "the second is ignored", "delete one");
    } else if (member.instance.syncGroup !== null) {
      const what = `${value} is in vrrp_sync_group ${member.instance.syncGroup} already`;
      bad(reading, span, what, "it stays there", "delete it in one of them");
    } else members.push(member);
  }
  return members;
}

/** Members that count on their own weights would part: keepalived leaves those trackers out. */
function dropWeighted(
  reading: GroupReading,
  { instance, settings, name }: PlacedInstance,
  owner: string,
): void {
  const drop = <Entry extends { weight: number }>(
    entries: Entry[],
    keyword: string,
    nameOf: (entry: Entry) => string,
  ): Entry[] => {
    const dropped = entries.filter(({ weight }) => weight !== 0);
    if (dropped.length > 0) {
      reading.report.warning(
        settings.keywordSpan(keyword) ?? name,
        `${instance.name} is in ${owner} and tracks ${
          dropped.map(nameOf).join(", ")
        } with a weight of its own, ` +
          `so that is left out; track it in ${owner}, or add sync_group_tracking_weight there`,
      );
    }
    return entries.filter(({ weight }) => weight === 0);
  };
  instance.trackInterfaces = drop(instance.trackInterfaces, "track_interface", (t) => t.interface);
  instance.trackScripts = drop(instance.trackScripts, "track_script", (t) => t.script);
  instance.trackFiles = drop(instance.trackFiles, "track_file", (t) => t.file);
  instance.trackProcesses = drop(instance.trackProcesses, "track_process", (t) => t.process);
  instance.trackBfds = drop(instance.trackBfds, "track_bfd", (t) => t.bfd);
}
