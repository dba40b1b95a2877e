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
}

/**
 * Effective priority, 1..254: base + weights of good positive trackers - |weights| of bad negative ones.
 * An owner (255) never changes. A tracker without a result counts for nothing.
 */
export function effectivePriority(base: number, trackers: readonly Tracker[]): number {
  if (base === PRIORITY_OWNER) return PRIORITY_OWNER;
  let priority = base;
  for (const { weight, reverse, ok } of trackers) {
    if (ok === null || weight === 0) continue;
    const good = ok !== reverse;
    if (weight > 0 && good) priority += weight;
    else if (weight < 0 && !good) priority += weight;
  }
  return Math.min(254, Math.max(1, priority));
}

/** How many unweighted trackers are bad: above 0 the router is in FAULT. */
export function faults(trackers: readonly Tracker[]): number {
  let count = 0;
  for (const { weight, reverse, ok } of trackers) if (weight === 0 && ok !== null && ok === reverse) count++;
  return count;
}

/** How many unweighted trackers have no result yet: above 0 a router that has not started waits in INIT. */
export function pending(trackers: readonly Tracker[]): number {
  let count = 0;
  for (const { weight, ok } of trackers) if (weight === 0 && ok === null) count++;
  return count;
}
