// Waiting in tests: for an event with a limit that tells what was missed, and for a fact that nothing announces.

/**
 * Limit of every wait, in milliseconds: far above what a loaded machine needs, below the test's own limit.
 * Shorter where tests are expected to fail: test/keywords/break.ts.
 */
export const LIMIT_MS = Number(process.env["WAIT_LIMIT_MS"] ?? 25_000);
/** Pause between two looks at a fact that cannot be subscribed to. */
const LOOK_EVERY_MS = 15;

/** Rejects with `describe()` when `promise` has not settled within the limit. */
export async function within<T>(
  promise: Promise<T>,
  describe: () => string,
  limitMs: number = LIMIT_MS,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(describe())), limitMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks until `look` returns something other than null, undefined or false; fails with `describe()`. */
export async function until<T>(
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  describe: () => string,
  limitMs: number = LIMIT_MS,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(describe());
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
