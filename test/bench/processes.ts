// What processes have used of the machine: processor time, wake-ups, and the right to real time.
import { readdirSync, readFileSync } from "node:fs";

/** sched.h: SCHED_FIFO, SCHED_RR. */
const REALTIME_POLICIES: readonly number[] = [1, 2];

/** One thread's use so far. */
interface ThreadUse {
  cpuNs: number;
  /** Times that it went to sleep by itself, and so was woken. */
  switches: number;
}

/** The use of some processes so far, thread by thread. */
export type Use = ReadonlyMap<string, ThreadUse>;

function threads(pids: readonly number[]): string[] {
  return pids.flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`));
}

/** Reads schedstat (nanoseconds on a processor) and status of every thread of `pids` (proc(5)). */
export function useOf(pids: readonly number[]): Use {
  return new Map(
    threads(pids).map((path) => {
      const cpuNs = Number(readFileSync(`${path}/schedstat`, "utf8").split(" ")[0]);
      const status = readFileSync(`${path}/status`, "utf8");
      const switches = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? NaN);
      return [path, { cpuNs, switches }];
    }),
  );
}

/** What was used between two readings; of a thread that ended meanwhile nothing is known, it does not count. */
export function usedBetween(before: Use, after: Use): ThreadUse {
  const sum = { cpuNs: 0, switches: 0 };
  for (const [path, use] of after) {
    sum.cpuNs += use.cpuNs - (before.get(path)?.cpuNs ?? 0);
    sum.switches += use.switches - (before.get(path)?.switches ?? 0);
  }
  return sum;
}

/** Whether a thread of theirs runs in real time (proc(5), stat: field 41 is the policy). */
export function isRealtime(pids: readonly number[]): boolean {
  return threads(pids).some((path) => {
    const stat = readFileSync(`${path}/stat`, "utf8");
    // The name, field 2, may hold spaces: count from behind it.
    const policy = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[41 - 3]);
    return REALTIME_POLICIES.includes(policy);
  });
}
