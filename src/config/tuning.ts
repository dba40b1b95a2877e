// How the daemon runs: when it starts, on which processors and how urgently, with which buffers.
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { Settings } from "./settings.ts";
import { parseInteger } from "./values.ts";

/** A receive buffer: beyond net.core.rmem_max only with `force`. */
export interface BufferConfig {
  bytes: number;
  force: boolean;
}

/** Part of GlobalConfig. */
export interface TuningConfig {
  /** Instances wait so long after the start of the daemon. */
  startupDelayUs: number;
  /** They wait until the machine has been up for so long. */
  delayAfterBootUs: number;
  /** Adverts of virtual routers that are not configured here are logged. */
  logUnknownVrids: boolean;
  /** Real time only once a deadline was missed by so much; null = from the start. */
  minAutoPriorityDelayUs: number | null;
  /** Nice value of the engine thread, -20..19; null = that of the daemon. */
  nice: number | null;
  /** Processors that the engine thread may use; null = those of the daemon. */
  cpuAffinity: number[] | null;
  /** Longest run of a real-time thread without a pause, RLIMIT_RTTIME; null = that of the daemon. */
  realtimeLimitUs: number | null;
  /** vrrp_netlink_cmd_rcv_bufs; null = baton's own choice. */
  commandBuffer: BufferConfig | null;
  /** vrrp_netlink_monitor_rcv_bufs. */
  monitorBuffer: BufferConfig | null;
  /** process_monitor_rcv_bufs. */
  processBuffer: BufferConfig | null;
}

/** The default of each. */
export const PLAIN_TUNING: Readonly<TuningConfig> = {
  startupDelayUs: 0,
  delayAfterBootUs: 0,
  logUnknownVrids: false,
  minAutoPriorityDelayUs: null,
  nice: null,
  cpuAffinity: null,
  realtimeLimitUs: null,
  commandBuffer: null,
  monitorBuffer: null,
  processBuffer: null,
};

/** Reads them from global_defs. */
export function readTuning(decoding: Decoding, settings: Settings): TuningConfig {
  return {
    startupDelayUs: settings.number("vrrp_startup_delay") ?? 0,
    delayAfterBootUs: settings.number("vrrp_delay_after_boot") ?? 0,
    logUnknownVrids: settings.boolean("log_unknown_vrids") ?? false,
    minAutoPriorityDelayUs: settings.number("min_auto_priority_delay") ?? null,
    nice: settings.number("vrrp_priority") ?? null,
    cpuAffinity: readProcessors(decoding, settings),
    realtimeLimitUs: settings.number("vrrp_rlimit_rttime") ?? settings.number("vrrp_rlimit_rtime") ?? null,
    commandBuffer: readBuffer(decoding, settings, "vrrp_netlink_cmd_rcv_bufs"),
    monitorBuffer: readBuffer(decoding, settings, "vrrp_netlink_monitor_rcv_bufs"),
    processBuffer: readBuffer(decoding, settings, "process_monitor_rcv_bufs"),
  };
}

/** CPU_SETSIZE of sched.h. */
const MOST_PROCESSORS = 1024;

function readProcessors(decoding: Decoding, settings: Settings): number[] | null {
  const found: number[] = [];
  for (const word of settings.words("vrrp_cpu_affinity") ?? []) {
    const number = parseInteger(word.value);
    if (number === undefined || number < 0 || number >= MOST_PROCESSORS) {
      const what = `"${word.value}" is not the number of a processor`;
      bad(decoding, word.span, what, "it is ignored", `write numbers from 0 to ${MOST_PROCESSORS - 1}`);
    } else {
      decoding.places.note("processor", String(number), word.span);
      if (!found.includes(number)) found.push(number);
    }
  }
  return found.length === 0 ? null : found.sort((a, b) => a - b);
}

function readBuffer(decoding: Decoding, settings: Settings, name: string): BufferConfig | null {
  const bytes = settings.number(name);
  const force = settings.boolean(`${name}_force`) ?? false;
  if (bytes !== undefined) return { bytes, force };
  const where = settings.keywordSpan(`${name}_force`);
  if (where !== null && !settings.has(name)) {
    bad(decoding, where, `${name}_force means nothing without ${name}`, "it is ignored", `add ${name}`);
  }
  return null;
}
