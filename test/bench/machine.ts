// What the machine is, and how much time its host takes away.
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** USER_HZ: the unit of /proc/stat. */
const TICK_MS = 10;

/** What the processors have done since boot, all together, in milliseconds. */
export interface ProcessorTime {
  /** Given to others by the hypervisor. */
  stolenMs: number;
  /** Spent on anything but waiting. */
  busyMs: number;
  totalMs: number;
}

/** Reads the first line of /proc/stat (proc(5)). */
export function processorTime(): ProcessorTime {
  const line = readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "";
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/).slice(1).map((ticks) => Number(ticks) * TICK_MS);
  const busyMs = user + nice + system + irq + softirq;
  return { stolenMs: steal, busyMs, totalMs: busyMs + idle + iowait + steal };
}

/** The machine in one line. */
export function machine(): string {
  const all = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const virtual = /\bhypervisor\b/.test(readFileSync("/proc/cpuinfo", "utf8")) ? ", virtual" : "";
  return `${all.length} x ${all[0]?.model ?? "unknown processor"}${virtual}, ${gib} GiB, Linux ${release()}`;
}

/** Resident memory of processes together, in MiB. */
export interface MemoryUse {
  rssMiB: number;
  /** Shared pages divided among those that map them. */
  pssMiB: number;
  /** Pages that no file stands behind. */
  anonymousMiB: number;
}

/** Sums /proc/PID/smaps_rollup of all `pids`. */
export function memoryOf(pids: readonly number[]): MemoryUse {
  const sum = { rssMiB: 0, pssMiB: 0, anonymousMiB: 0 };
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    sum.rssMiB += field(text, "Rss");
    sum.pssMiB += field(text, "Pss");
    sum.anonymousMiB += field(text, "Anonymous");
  }
  return sum;
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? NaN) / 1024;
}
