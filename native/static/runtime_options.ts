// Settings of the runtime that the static executable always has.

/**
 * Variables of the environment (BUN_JSC_useX ...), set before the runtime starts whatever the caller's say.
 * JavaScriptCore and mimalloc read their options only there.
 *
 * Measured (idle, one instance; then 1,000 instances with 100 ms adverts): the last compiler stage off and the second
 * one only for what is hot for good, 44.5 -> 40.5 MiB; 97 -> 83 MiB at the same processor time. Without the second
 * stage (useDFGJIT=0, measured in turn, three times 25 s) 1,000 instances take 64 -> 59 MiB, but 67 -> 89 ms of
 * processor time a second, and 10 instances with 10 ms adverts 22 -> 25 ms: it stays. It comes when a function has run
 * 1,000 times (15 points a call), at the first occasion and not the fifth: who wakes once a second would wait for hours.
 * With fewer points a start compiles more, 3,000: 1,000 instances take 1 to 2 MiB more. Without concurrent compilation
 * the engine would compile; with one compiler thread, which stays (glue/compiler_thread.c), it never waits for another
 * one to begin. One collector thread instead of a pool saves 0.2 MiB, heap blocks that are made ready in
 * advance go back before the memory is locked, and only large starts have them: 0.8 MiB. The allocator would leave up to
 * 4 MiB of free blocks resident, in case that they are wanted again: 0.2 MiB with one instance, 0.9 with 1,000.
 */
export const BAKED_ENVIRONMENT: Record<string, string> = {
  BUN_JSC_useFTLJIT: "0",
  BUN_JSC_thresholdForOptimizeSoon: "15000",
  BUN_JSC_thresholdForOptimizeAfterWarmUp: "15000",
  BUN_JSC_thresholdForOptimizeAfterLongWarmUp: "15000",
  BUN_JSC_maximumOptimizationDelay: "1",
  BUN_JSC_maxNumberOfWorklistThreads: "1",
  BUN_JSC_numberOfGCMarkers: "1",
  BUN_JSC_warmUpMarkedBlockStartAfterBlocks: "400",
  BUN_JSC_warmUpMarkedBlockIdleTimeout: "0.2",
  MIMALLOC_PURGE_HOLES_LARGE_FLOOR: "0",
};

/**
 * The same for command lines that do not serve the status over HTTP (glue/roomy.c), beside those above: the first
 * collection comes after 64 instead of 8 MiB. What is read of a configuration stays in use until all of it is, so that
 * a collection in between takes next to nothing. Measured in turn, medians: `check` of 1,000 instances 50 -> 41 ms, of
 * 4,000 116 -> 98; a start with 1,000, at its best, 72 -> 62 ms to the first advert and 98 -> 89 to each one's. In the
 * ordinary life of a daemon the runtime collects by its own clock long before that (20 scripts a second: the same
 * memory); under 10,000 HTTP requests a second it does not, and 39 MiB would become 53 or more.
 */
export const ROOMY_ENVIRONMENT: Record<string, string> = { BUN_JSC_largeHeapSize: "67108864" };

/** Options of the command line, as after `bun` (--smol ...). */
export const BAKED_ARGUMENTS: string[] = [];
