// Whether the weights of what is tracked can ever move the addresses: the arithmetic of two routers.
import { effectivePriority } from "../vrrp/priority.ts";
import type { PlacedInstance } from "./placed.ts";
import type { InstanceConfig } from "./model.ts";
import type { Span, Word } from "./text.ts";

/** A thing that is tracked with a weight. */
export interface Weighted {
  weight: number;
  reverse: boolean;
}

/** What an instance can reach. */
export interface Range {
  /** With everything that it tracks in order. */
  best: number;
  /** With everything that it tracks out of order, as far as that is no FAULT. */
  worst: number;
}

/** The lists of an instance whose entries have a weight. */
type WeightedList = {
  [Field in keyof InstanceConfig]: InstanceConfig[Field] extends Weighted[] ? Field : never;
}[keyof InstanceConfig];

/** All of them: one that is missing here does not compile. */
const LISTS = Object.keys(
  {
    trackInterfaces: true,
    trackScripts: true,
    trackFiles: true,
    trackProcesses: true,
    trackBfds: true,
  } satisfies Record<WeightedList, true>,
) as WeightedList[];

/** Everything that an instance tracks with a weight, of whatever kind. */
export function weighted(instance: InstanceConfig): Weighted[] {
  const found: Weighted[] = [];
  for (const list of LISTS) {
    for (const { weight, reverse } of instance[list]) if (weight !== 0) found.push({ weight, reverse });
  }
  return found;
}

/** The effective priorities that the weights lead to from this base. */
export function range(base: number, trackers: readonly Weighted[]): Range {
  const all = (good: boolean) =>
    effectivePriority(base, trackers.map((t) => ({ ...t, ok: good !== t.reverse })));
  return { best: all(true), worst: all(false) };
}

/** How far the weights reach beyond 1..254 from this base: the sum that is clamped, or null. */
export function clamped(base: number, trackers: readonly Weighted[]): number | null {
  const sum = (sign: number) =>
    base + trackers.filter(({ weight }) => Math.sign(weight) === sign).reduce((s, t) => s + t.weight, 0);
  if (sum(1) > 254) return sum(1);
  return sum(-1) < 1 ? sum(-1) : null;
}

/** Where the first weighted entry of an instance stands, and its name. */
export function weightedEntry({ settings, name }: PlacedInstance): { span: Span; name: string } {
  const blocks = settings.order.filter((keyword) => keyword.startsWith("track_"));
  const entries = blocks.flatMap((keyword) => settings.statements(keyword))
    .flatMap(({ block }) => block?.statements ?? []);
  const word: Word | undefined = (entries.find((e) => e.words[1]?.value === "weight") ?? entries[0])
    ?.words[0];
  return word === undefined ? { span: name, name: "what it tracks" } : { span: word.span, name: word.value };
}
