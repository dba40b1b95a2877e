// track_interface and track_script of an instance to the model.
import { isInterfaceName } from "./arguments.ts";
import { bad, type Context, definedBelow } from "./context.ts";
import type { InstanceConfig, TrackedInterface, TrackedScript } from "./model.ts";
import { noteUse, type PlacedScript } from "./scripts.ts";
import type { Settings } from "./settings.ts";
import { nearest } from "./suggest.ts";
import type { Span } from "./text.ts";
import { readTrackEntry } from "./track.ts";
import { readTracked, type Trackable } from "./tracked.ts";

/** The tracked interfaces; the instance's `own` is followed anyway. */
export function readTrackInterfaces(
  context: Context,
  settings: Settings,
  own: string | null,
  owner: string,
): TrackedInterface[] {
  const found: TrackedInterface[] = [];
  for (const statement of settings.entries("track_interface")) {
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
  for (const statement of settings.entries("track_script")) {
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
    } else if (definedBelow(context, span, `vrrp_script ${value}`, defined.span)) {
      // Reported.
    } else if (found.some((other) => other.script === value)) {
      bad(context, span, `${value} is tracked twice`, "the second is ignored", "delete one");
    } else {
      const { script } = defined;
      noteUse(context, defined, span);
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
  context: Context & { scripts: Map<string, PlacedScript>; trackable: Trackable },
  settings: Settings,
  { instance, name }: { instance: InstanceConfig; name: Span },
  owner: string,
): void {
  const merge = <Entry>(own: Entry[], groups: Entry[], nameOf: (entry: Entry) => string): Entry[] => {
    const names = new Set(groups.map(nameOf));
    for (const twice of own.map(nameOf).filter((each) => names.has(each))) {
      const what = `vrrp_instance ${instance.name} tracks ${twice}, which ${owner} tracks for it`;
      context.report.warning(
        name,
        `${what}, so only the group's way of it counts; delete it in the instance`,
      );
    }
    return [...own.filter((each) => !names.has(nameOf(each))), ...groups];
  };
  const interfaces = readTrackInterfaces(context, settings, null, owner)
    .filter((t) => t.interface !== instance.interface || t.weight !== 0 || t.reverse);
  const tracked = readTracked(context, settings, owner);
  instance.trackInterfaces = merge(instance.trackInterfaces, interfaces, (t) => t.interface);
  instance.trackScripts = merge(
    instance.trackScripts,
    readTrackScripts(context, settings, owner),
    (t) => t.script,
  );
  instance.trackFiles = merge(instance.trackFiles, tracked.trackFiles, (t) => t.file);
  instance.trackProcesses = merge(instance.trackProcesses, tracked.trackProcesses, (t) => t.process);
  instance.trackBfds = merge(instance.trackBfds, tracked.trackBfds, (t) => t.bfd);
}
