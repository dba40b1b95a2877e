// From the base priority and what is tracked to the effective priority, faults and pending results.
import { PRIORITY_OWNER } from "./layout.ts";

/** One tracked thing as one virtual router sees it. */
export interface Tracker {
  /** -253..253; 0: bad means FAULT. */
  weight: number;
  /** Exchanges good and bad. */
  reverse: boolean;
  /** The last result; null: none yet. */
  ok: boolean | null;
  /** A tracked file's number, which the weight multiplies; undefined: no file. */
  value?: number;
}

/** What a file may add to a priority, and what it has to take away to mean FAULT (keepalived's limits). */
const MOST_POINTS = 253;
const FAULT_POINTS = -254;

/** What a weighted file adds to the priority. */
function filePoints({ weight, reverse }: Tracker, value: number): number {
  return Math.min(MOST_POINTS, value * (reverse ? -weight : weight));
}

/** Whether a file's number is good: 0 without a weight, else anything that does not take 254 or more away. */
export function fileIsGood(tracker: Tracker, value: number): boolean {
  return tracker.weight === 0 ? value === 0 : filePoints(tracker, value) > FAULT_POINTS;
}

/**
 * Effective priority, 1..254: base + weights of good positive trackers - |weights| of bad negative ones.
 * An owner (255) never changes. A tracker without a result counts for nothing.
 */
export function effectivePriority(base: number, trackers: readonly Tracker[]): number {
  if (base === PRIORITY_OWNER) return PRIORITY_OWNER;
  let priority = base;
  for (const tracker of trackers) {
    const { weight, reverse, ok, value } = tracker;
    if (ok === null || weight === 0) continue;
    if (value !== undefined) {
      priority += filePoints(tracker, value);
      continue;
    }
    const good = ok !== reverse;
    if (weight > 0 && good) priority += weight;
    else if (weight < 0 && !good) priority += weight;
  }
  return Math.min(254, Math.max(1, priority));
}

/** Whether a tracker means FAULT: an unweighted one that is bad, or a file that takes too much away. */
export function isFault(tracker: Tracker): boolean {
  const { weight, reverse, ok, value } = tracker;
  if (weight === 0) return ok !== null && ok === reverse;
  return value !== undefined && filePoints(tracker, value) <= FAULT_POINTS;
}

/** How many trackers mean FAULT: above 0 the router is there. */
export function faults(trackers: readonly Tracker[]): number {
  let count = 0;
  for (const tracker of trackers) if (isFault(tracker)) count++;
  return count;
}

/** How many unweighted trackers have no result yet: above 0 a router that has not started waits in INIT. */
export function pending(trackers: readonly Tracker[]): number {
  let count = 0;
  for (const { weight, ok } of trackers) if (weight === 0 && ok === null) count++;
  return count;
}
