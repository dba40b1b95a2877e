// From the adverts that a capture saw to figures. Pure: no clock, no socket.
import { percentile } from "./statistics.ts";

/** An advert on the wire. */
export interface SeenAdvert {
  /** Kernel timestamp, CLOCK_REALTIME in microseconds. */
  timeUs: number;
  /** Sent by the host where the capture runs. */
  outgoing: boolean;
  vrid: number;
  priority: number;
}

/** A gratuitous ARP on the wire. */
export interface Announcement {
  /** As above. */
  timeUs: number;
  /** The address that it announces, as a number. */
  address: number;
}

/** How far the intervals of one sender are from the nominal one; microseconds. */
export interface Jitter {
  intervals: number;
  /** Mean interval minus the nominal one: a drift, if it does not go to 0 with more intervals. */
  meanOffUs: number;
  /** Percentiles of |interval - nominal|. */
  p50Us: number;
  p99Us: number;
  p999Us: number;
  longestUs: number;
}

/** Jitter of adverts at these times (microseconds, rising). NaN throughout for fewer than two. */
export function jitter(timesUs: readonly number[], nominalUs: number): Jitter {
  const intervals = gaps(timesUs);
  const deviations = intervals.map((i) => Math.abs(i - nominalUs));
  const spanUs = (timesUs.at(-1) ?? NaN) - (timesUs[0] ?? NaN);
  return {
    intervals: intervals.length,
    meanOffUs: intervals.length === 0 ? NaN : spanUs / intervals.length - nominalUs,
    p50Us: percentile(deviations, 50),
    p99Us: percentile(deviations, 99),
    p999Us: percentile(deviations, 99.9),
    longestUs: intervals.length === 0 ? NaN : Math.max(...intervals),
  };
}

/** The schedule is read from so many adverts that follow: one of them is on time. */
const FOLLOWING = 20;

/**
 * How late each advert was against the sender's schedule, which nobody tells us: the earliest of the adverts that
 * follow shows it. After a gap of more than one and a half intervals the sender is taken to have begun a new schedule:
 * what comes then was late by its distance to the old one. Times in microseconds, rising.
 */
export function lateness(
  timesUs: readonly number[],
  nominalUs: number,
): { dueUs: number; lateUs: number }[] {
  const isGap = (i: number) => i > 0 && timesUs[i]! - timesUs[i - 1]! > 1.5 * nominalUs;
  let expectedUs = Infinity;
  return timesUs.map((timeUs, i) => {
    let behindUs = 0;
    for (let k = 1; k < FOLLOWING && i + k < timesUs.length && !isGap(i + k); k++) {
      behindUs = Math.max(behindUs, timeUs + k * nominalUs - timesUs[i + k]!);
    }
    const lateUs = isGap(i) ? timeUs - expectedUs : behindUs;
    expectedUs = timeUs - behindUs + nominalUs;
    return { dueUs: timeUs - lateUs, lateUs };
  });
}

function gaps(timesUs: readonly number[]): number[] {
  return timesUs.slice(1).map((time, i) => time - (timesUs[i] as number));
}

/** What a backup's link saw of a takeover; microseconds. */
export interface Takeover {
  /** The last advert of the master (not of priority 0) before the backup's first. */
  lastUs: number;
  /** The master's priority 0, NaN if it sent none. */
  resignedUs: number;
  /** The backup's first advert after that. */
  firstUs: number;
}

/** The takeover in a capture on the backup's link, or null if the backup has not spoken after the master. */
export function takeover(adverts: readonly SeenAdvert[]): Takeover | null {
  let lastIncoming = adverts.findLastIndex((a) => !a.outgoing);
  if (lastIncoming < 0) return null;
  const first = adverts.slice(lastIncoming).find((a) => a.outgoing);
  if (first === undefined) return null;
  let resignedUs = NaN;
  while (adverts[lastIncoming]?.priority === 0 || adverts[lastIncoming]?.outgoing === true) {
    if (adverts[lastIncoming]?.outgoing === false) resignedUs = adverts[lastIncoming]!.timeUs;
    lastIncoming--;
  }
  return { lastUs: adverts[lastIncoming]?.timeUs ?? NaN, resignedUs, firstUs: first.timeUs };
}

/** Whether the backup's own adverts came before `limitUs`: it took over from a living master. */
export function spokeBefore(adverts: readonly SeenAdvert[], limitUs: number): boolean {
  return adverts.some((a) => a.outgoing && a.timeUs < limitUs);
}

/** How often the sender changed to that side: takeovers by the host of the capture, or by the other. */
export function takeovers(adverts: readonly SeenAdvert[], by: "own" | "other" = "own"): number {
  const outgoing = by === "own";
  let count = 0;
  for (let i = 1; i < adverts.length; i++) {
    if (adverts[i]!.outgoing === outgoing && adverts[i - 1]!.outgoing !== outgoing) count++;
  }
  return count;
}

/** The adverts of each virtual router, in their order. */
export function byRouter(adverts: readonly SeenAdvert[]): SeenAdvert[][] {
  return [...Map.groupBy(adverts, (advert) => advert.vrid).values()];
}

/** When a burst of announcements had named each address once, when it ended, and how many it named. */
export function announced(
  seen: readonly Announcement[],
): { eachUs: number; endUs: number; addresses: number } {
  const first = new Map<number, number>();
  for (const { address, timeUs } of seen) if (!first.has(address)) first.set(address, timeUs);
  return {
    eachUs: [...first.values()].at(-1) ?? NaN,
    endUs: seen.at(-1)?.timeUs ?? NaN,
    addresses: first.size,
  };
}
