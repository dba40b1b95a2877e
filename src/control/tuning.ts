// What global_defs asks of the engine thread and of the process, made ready for them.
import { readFileSync } from "node:fs";
import { limitRealtime } from "../../native/thread.ts";
import type { Config } from "../config/model.ts";
import type { EngineTuning } from "../messages.ts";
import type { Log } from "./log.ts";

/** Real-time priority of the engine thread when the file names none (sched(7): 1..99). */
const DEFAULT_REALTIME_PRIORITY = 50;

/** The SCHED_FIFO priority that the engine thread is to have at some time; 0 = never. */
function highestPriority({ global: { realtimePriority, maxAutoPriority } }: Config): number {
  const ceiling = maxAutoPriority === null ? DEFAULT_REALTIME_PRIORITY : Math.max(0, maxAutoPriority);
  return realtimePriority ?? Math.min(DEFAULT_REALTIME_PRIORITY, ceiling);
}

/** The SCHED_FIFO priority of the engine thread that a configuration asks for from the start; 0 = none. */
export function realtimePriorityOf(config: Config): number {
  return raiseOf(config) === null ? highestPriority(config) : 0;
}

/** The real time that it takes once it was late. A vrrp_rt_priority holds from the start. */
function raiseOf(config: Config): EngineTuning["raise"] {
  const { minAutoPriorityDelayUs: afterUs, realtimePriority } = config.global;
  const priority = highestPriority(config);
  return afterUs === null || realtimePriority !== null || priority === 0 ? null : { afterUs, priority };
}

/** What the engine thread is told of a configuration. */
export function engineTuningOf(config: Config): EngineTuning {
  const { nice, cpuAffinity, commandBuffer, monitorBuffer } = config.global;
  return { nice, cpuAffinity, commandBuffer, monitorBuffer, raise: raiseOf(config) };
}

/** How long the instances wait, in microseconds from now: a daemon that starts asks for it once. */
export function startDelayUs({ global: { startupDelayUs, delayAfterBootUs } }: Config): number {
  const afterBootUs = delayAfterBootUs === 0 ? 0 : delayAfterBootUs - uptimeUs();
  return Math.max(0, startupDelayUs, afterBootUs);
}

/** proc_uptime(5): seconds since boot, sleep included. */
function uptimeUs(): number {
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1e6;
}

/** Keeps RLIMIT_RTTIME as the configuration has it; who runs too long is logged and lives on. */
export class RealtimeLimit {
  readonly #log: Log;
  #us: number | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  apply({ global: { realtimeLimitUs } }: Config): void {
    if (realtimeLimitUs === this.#us) return;
    // The handler first: without one the signal ends the process.
    if (this.#us === null) process.on("SIGXCPU", this.#exceeded);
    this.#us = realtimeLimitUs;
    const refused = limitRealtime(realtimeLimitUs);
    if (refused !== null) this.#log.write("warning", refused);
  }

  readonly #exceeded = (): void => {
    const text = `a real-time thread ran for more than ${this.#us} us without a pause (vrrp_rlimit_rttime)`;
    this.#log.write("warning", `${text}; keepalived would end here, baton goes on`);
  };
}
