// The turns that threads get of the processor, as far as the kernel shows them.
import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";

/** Linux 6.12 or later: a thread of SCHED_OTHER may ask for shorter turns. */
const MAY_ASK = Bun.semver.order(`${/^\d+\.\d+/.exec(release())![0]}.0`, "6.12.0") >= 0;
export const SHORTEST_TURN_NS = 100_000;

/** Whether what a thread has asked for shows: without CONFIG_SCHED_DEBUG there is no such file. */
export const TURNS_SHOW = MAY_ASK && existsSync("/proc/self/sched");

/** The turn of a thread, in nanoseconds; `task`: its directory in /proc. */
export function turnNs(task: string): number {
  return Number(/se\.slice +: +(\d+)/.exec(readFileSync(`${task}/sched`, "utf8"))![1]);
}
