// track_interface and track_script of an instance to the model.
import { isInterfaceName } from "./arguments.ts";
import { bad, type Context } from "./context.ts";
import type { InstanceConfig, TrackedInterface, TrackedScript } from "./model.ts";
import type { PlacedScript } from "./scripts.ts";
import type { Settings } from "./settings.ts";
import { nearest } from "./suggest.ts";
import type { Span } from "./text.ts";
import { readTrackEntry } from "./track.ts";
import type { Statement } from "./tree.ts";

function entries(settings: Settings, name: string): Statement[] {
  return settings.statements(name).flatMap(({ block }) => block?.statements ?? []);
}

/** The tracked interfaces; the instance's `own` is followed anyway. */
export function readTrackInterfaces(
  context: Context,
  settings: Settings,
  own: string | null,
  owner: string,
): TrackedInterface[] {
  const found: TrackedInterface[] = [];
  for (const statement of entries(settings, "track_interface")) {
    const entry = readTrackEntry(context, statement, "interface");
    if (entry === undefined) continue;
    const { value, span } = entry.name;
    context.places.note("interface", value, span);
    if (!isInterfaceName(value)) {
      bad(
        context,
        span,
        `"${value}" cannot be the name of an interface`,
        "it is not tracked",
        "write at most 15 characters",
      );
    } else if (value === own) {
      const what = `${own} is the interface of ${owner} itself, which is always tracked`;
      context.report.warning(span, `${what}, so this line is ignored; delete it`);
    } else if (found.some((other) => other.interface === value)) {
      bad(context, span, `${value} is tracked twice`, "the second is ignored", "delete one");
    } else found.push({ interface: value, weight: entry.weight ?? 0, reverse: entry.reverse ?? false });
  }
  return found;
}

/** The tracked scripts, with the script's own weight and direction where the entry gives none. */
export function readTrackScripts(
  context: Context & { scripts: Map<string, PlacedScript> },
  settings: Settings,
  owner: string,
): TrackedScript[] {
  const found: TrackedScript[] = [];
  for (const statement of entries(settings, "track_script")) {
    const entry = readTrackEntry(context, statement, "script");
    if (entry === undefined) continue;
    const { value, span } = entry.name;
    const defined = context.scripts.get(value);
    if (defined === undefined) {
      const what = `${owner} tracks ${value}, which no vrrp_script defines`;
      // "weight" on a line of its own is meant for the line above.
      const cure = value === "weight"
        ? "write NAME weight N on one line"
        : `define vrrp_script ${value} or delete the line`;
      bad(context, span, what, "it is ignored", cure, nearest(value, context.scripts.keys()));
    } else if (found.some((other) => other.script === value)) {
      bad(context, span, `${value} is tracked twice`, "the second is ignored", "delete one");
    } else {
      const { script } = defined;
      found.push({
        script: value,
        weight: entry.weight ?? script.weight,
        reverse: entry.reverse ?? script.reverse,
      });
    }
  }
  return found;
}

/** Adds what a sync group tracks to one of its members. What the member tracks too, it tracks as the group does. */
export function inheritTrackers(
  context: Context & { scripts: Map<string, PlacedScript> },
  settings: Settings,
  member: { instance: InstanceConfig; name: Span },
  owner: string,
): void {
  const { instance } = member;
  for (const tracked of readTrackInterfaces(context, settings, null, owner)) {
    const own = tracked.interface === instance.interface && tracked.weight === 0 && !tracked.reverse;
    if (own) continue;
    const others = instance.trackInterfaces.filter((t) => t.interface !== tracked.interface);
    if (others.length < instance.trackInterfaces.length) twice(context, member, tracked.interface, owner);
    instance.trackInterfaces = [...others, tracked];
  }
  for (const tracked of readTrackScripts(context, settings, owner)) {
    const others = instance.trackScripts.filter((t) => t.script !== tracked.script);
    if (others.length < instance.trackScripts.length) twice(context, member, tracked.script, owner);
    instance.trackScripts = [...others, tracked];
  }
}

function twice(
  context: Context,
  { instance, name }: { instance: InstanceConfig; name: Span },
  tracked: string,
  owner: string,
): void {
  const what = `vrrp_instance ${instance.name} tracks ${tracked}, which ${owner} tracks for it`;
  context.report.warning(name, `${what}, so only the group's way of it counts; delete it in the instance`);
}
