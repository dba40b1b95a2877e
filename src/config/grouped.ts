// Which track_group an entry names, and where it names it.
import type { Span } from "./text.ts";

/** What may name a group. */
export interface Grouped {
  trackGroup: string | null;
  tracked: boolean;
}

/** Where an entry names its group. */
const places = new WeakMap<Grouped, Span>();

/** Takes note of a `track_group NAME` of an entry. */
export function noteTrackGroup(entry: Grouped, name: string, span: Span): void {
  entry.trackGroup = name;
  places.set(entry, span);
}

/** The place of the name; undefined: it names none. */
export function placeOfGroup(entry: Grouped): Span | undefined {
  return places.get(entry);
}
