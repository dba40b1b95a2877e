// The protocol's intervals, in microseconds (RFC 3768 section 6.1, RFC 5798 and 9568 section 6.1).

const SECOND_US = 1_000_000;

/**
 * How long a Master that has resigned still answers after its successor was heard, in microseconds: the successor's
 * addresses and announcements come after its advert, and until they do, hosts ask the old one.
 */
export const HANDOVER_US = 40_000;
const CENTISECOND_US = 10_000;

/**
 * Skew_Time in microseconds for an effective priority.
 * Version 2: (256 - priority) / 256 seconds, whatever the interval. Version 3: that part of the interval.
 */
export function skewTimeUs(version: 2 | 3, priority: number, intervalUs: number): number {
  return ((256 - priority) * (version === 2 ? SECOND_US : intervalUs)) / 256;
}

/** Master_Down_Interval in microseconds: `downTimerAdverts` (3 in the RFCs) intervals and the skew. */
export function masterDownIntervalUs(
  version: 2 | 3,
  priority: number,
  intervalUs: number,
  downTimerAdverts: number,
): number {
  return downTimerAdverts * intervalUs + skewTimeUs(version, priority, intervalUs);
}

/** Lifetime in seconds of the addresses a Master holds: whole seconds (the kernel's unit), at least 2. */
export function leaseSeconds(downIntervalUs: number): number {
  return Math.max(2, Math.floor(downIntervalUs / SECOND_US));
}

/** The advertisement interval as a packet says it: whole seconds (1..255) or centiseconds (1..4095). */
export function wireInterval(version: 2 | 3, intervalUs: number): number {
  const units = Math.round(intervalUs / (version === 2 ? SECOND_US : CENTISECOND_US));
  return Math.max(1, Math.min(version === 2 ? 255 : 4095, units));
}

/** The advertisement interval in microseconds as the receiver of a packet understands it. */
export function wireIntervalUs(version: 2 | 3, intervalUs: number): number {
  return wireInterval(version, intervalUs) * (version === 2 ? SECOND_US : CENTISECOND_US);
}
