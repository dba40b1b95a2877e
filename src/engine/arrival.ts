// When a packet reached this machine, by the kernel's stamp: how late it is read must not count.

/** A packet cannot be believed to have waited longer than this: the clock may have been set meanwhile. */
const LONGEST_WAIT_US = 10_000;

/** How long a packet has waited, in microseconds, when the wall clock says this: never negative, never very long. */
export function waitedUs(differenceUs: number): number {
  return differenceUs > 0 ? Math.min(differenceUs, LONGEST_WAIT_US) : 0;
}
