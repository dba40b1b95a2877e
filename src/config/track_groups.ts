// track_group blocks to the model: which instances are at fault while a static entry of the group is missing.
import { bad, definedBelow } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import { type Grouped, placeOfGroup } from "./grouped.ts";
import { namedOnce } from "./once.ts";
import type { PlacedInstance } from "./placed.ts";
import type { StaticConfig } from "./routing.ts";
import { nearest } from "./suggest.ts";
import type { Span } from "./text.ts";
import { closing, type Statement } from "./tree.ts";

/** Tells the members of every track_group of it, and takes out of the static entries what names none. */
export function readTrackGroups(
  decoding: Decoding,
  statements: readonly Statement[],
  instances: readonly PlacedInstance[],
  statics: StaticConfig,
): void {
  const names = new Map<string, Span>();
  for (const { statement, name } of namedOnce(decoding, statements)) {
    names.set(name.value, name.span);
    readMembers(decoding, statement, name.value, instances);
  }
  for (const entry of [...statics.addresses, ...statics.routes, ...statics.rules]) {
    checkEntry(decoding, entry, names);
  }
  for (const rule of statics.rules) {
    if (rule.trackGroup === null || rule.inInterface !== null) continue;
    const what = "keepalived leaves track_group out where a rule names no iif, baton uses it";
    decoding.report.warning(placeOfGroup(rule)!, `${what}; add iif, so that both do the same`);
  }
}

function readMembers(
  decoding: Decoding,
  statement: Statement,
  group: string,
  instances: readonly PlacedInstance[],
): void {
  const owner = `track_group ${group}`;
  const settings = decodeBlock(decoding, statement.block ?? { statements: [] }, "track_group", owner);
  const lists = settings.statements("group");
  const entries = settings.entries("group");
  const words = entries.flatMap((entry) => entry.words);
  if (words.length === 0) {
    const where = closing(lists.at(-1)?.block ?? null, (statement.words[1] ?? statement.words[0]).span);
    bad(
      decoding,
      where,
      `${owner} has no member`,
      "nobody reacts",
      "add the names of instances to group { }",
    );
  }
  for (const { value, span } of words) {
    const member = instances.find(({ instance }) => instance.name === value);
    if (member === undefined) {
      const what = `${owner} names ${value}, which is no usable vrrp_instance`;
      const hint = nearest(value, instances.map(({ instance }) => instance.name));
      bad(decoding, span, what, "that member is left out", "correct or delete it", hint);
    } else if (member.instance.trackGroups.includes(group)) {
      bad(decoding, span, `${value} is named twice`, "the second is ignored", "delete one");
    } else member.instance.trackGroups = [...member.instance.trackGroups, group];
  }
}

function checkEntry(decoding: Decoding, entry: Grouped, names: ReadonlyMap<string, Span>): void {
  const group = entry.trackGroup;
  if (group === null) return;
  const where = placeOfGroup(entry)!;
  const defined = names.get(group);
  if (defined === undefined) {
    const what = `there is no track_group ${group}`;
    bad(
      decoding,
      where,
      what,
      "nobody reacts",
      `add track_group ${group} { group { ... } }`,
      nearest(group, names.keys()),
    );
    entry.trackGroup = null;
  } else if (!entry.tracked) {
    bad(
      decoding,
      where,
      "no_track and track_group exclude each other",
      "track_group is ignored",
      "delete one",
    );
    entry.trackGroup = null;
  } else if (definedBelow(decoding, where, `track_group ${group}`, defined)) entry.trackGroup = null;
}

/** An instance reacts to its own entries anyway: a group in them is reported and taken out. */
export function dropTrackGroups(decoding: Decoding, placed: PlacedInstance): void {
  const { instance } = placed;
  const { addresses, excludedAddresses, routes, rules } = instance;
  for (const entries of [addresses, excludedAddresses, routes, rules]) {
    for (const entry of entries) {
      if (entry.trackGroup === null) continue;
      const where = placeOfGroup(entry) ?? placed.name;
      const what = `track_group is for static entries, and ${instance.name} reacts to its own anyway`;
      bad(decoding, where, what, "it is ignored", "delete it");
      entry.trackGroup = null;
    }
  }
}
