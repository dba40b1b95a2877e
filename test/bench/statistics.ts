// Order statistics of figures: median, percentile, and the summary of several rounds.

/** The figure of one row over its rounds. */
export interface Summary {
  median: number;
  min: number;
  max: number;
  rounds: number;
}

/** Nearest-rank percentile, `p` in 0..100, of unsorted numbers. NaN for none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((p / 100) * sorted.length));
  return sorted[rank - 1] ?? NaN;
}

/** The middle value, or the mean of the two middle ones. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}

/** Median and range of the rounds that gave a number; null when none did. */
export function summarise(values: readonly number[]): Summary | null {
  const known = values.filter((v) => Number.isFinite(v));
  if (known.length === 0) return null;
  return { median: median(known), min: Math.min(...known), max: Math.max(...known), rounds: known.length };
}

/** How the medians compare, by size; null when one is missing or the peer's is 0. */
export function ratio(own: Summary | null, peer: Summary | null): number | null {
  if (own === null || peer === null || peer.median === 0) return null;
  return Math.abs(own.median) / Math.abs(peer.median);
}
