// What threads do, as the kernel's tracer (tracefs, Documentation/trace/ftrace.rst) records it: system calls, when they
// run and wait, signals, page faults and packets that leave.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";

const TRACEFS = "/sys/kernel/tracing";
const BUFFER_KB = 16_384;
/** Events, and which field of each names the thread. */
const OF_THREAD = {
  "raw_syscalls/sys_enter": ["common_pid"],
  "raw_syscalls/sys_exit": ["common_pid"],
  "exceptions/page_fault_user": ["common_pid"],
  "net/net_dev_xmit": ["common_pid"],
  "sched/sched_switch": ["prev_pid", "next_pid"],
  "sched/sched_waking": ["pid"],
} as const;
const SIGNALS = "signal/signal_generate";

export type TraceKind =
  | "enter"
  | "exit"
  | "fault"
  | "sent"
  | "stops"
  | "runs"
  | "woken"
  | "signal";

/** One thing that happened to a thread. */
export interface TraceEvent {
  /** CLOCK_MONOTONIC in microseconds, with a fraction. */
  timeUs: number;
  kind: TraceKind;
  /** enter, exit: the number of the system call; signal: its number; otherwise 0. */
  number: number;
}

/** Records from `start` to `stop`. Needs root. */
export class Tracer implements Disposable {
  readonly #directory = `${TRACEFS}/instances/baton-bench-${process.pid}`;
  readonly #tid: number;
  readonly #pid: number;

  /** Of thread `tid` of process `pid`. Throws an Error of one sentence where the kernel has no tracer. */
  constructor(pid: number, tid: number) {
    if (!existsSync(`${TRACEFS}/events/raw_syscalls`)) {
      throw new Error(`${TRACEFS} is empty: mount -t tracefs none ${TRACEFS}, or another kernel, is needed`);
    }
    this.#pid = pid;
    this.#tid = tid;
    mkdirSync(this.#directory);
    this.#set("trace_clock", "mono");
    this.#set("buffer_size_kb", String(BUFFER_KB));
    this.#set("tracing_on", "0");
    for (const [event, fields] of Object.entries(OF_THREAD)) {
      this.#enable(event, fields.map((field) => `${field} == ${tid}`).join(" || "));
    }
    this.#enable(SIGNALS, `pid == ${pid}`);
  }

  start(): void {
    this.#set("trace", "");
    this.#set("tracing_on", "1");
  }

  /** What happened since `start`, in order. */
  stop(): TraceEvent[] {
    this.#set("tracing_on", "0");
    const events: TraceEvent[] = [];
    for (const line of readFileSync(`${this.#directory}/trace`, "utf8").split("\n")) {
      const match = / (\d+\.\d+): (\w+): (.*)$/.exec(line);
      if (match === null) continue;
      const [, seconds = "", name = "", rest = ""] = match;
      const event = this.#read(name, rest);
      if (event !== null) events.push({ timeUs: Number(seconds) * 1_000_000, ...event });
    }
    return events;
  }

  #read(name: string, rest: string): Pick<TraceEvent, "kind" | "number"> | null {
    const number = Number(/NR (\d+)/.exec(rest)?.[1] ?? 0);
    if (name === "sys_enter") return { kind: "enter", number };
    if (name === "sys_exit") return { kind: "exit", number };
    if (name === "page_fault_user") return { kind: "fault", number: 0 };
    if (name === "net_dev_xmit") return { kind: "sent", number: 0 };
    if (name === "sched_waking") return { kind: "woken", number: 0 };
    if (name === "signal_generate") {
      return rest.includes(`pid=${this.#pid} `)
        ? { kind: "signal", number: Number(/sig=(\d+)/.exec(rest)?.[1]) }
        : null;
    }
    if (name !== "sched_switch") return null;
    return { kind: rest.includes(`next_pid=${this.#tid} `) ? "runs" : "stops", number: 0 };
  }

  #enable(event: string, filter: string): void {
    this.#set(`events/${event}/filter`, filter);
    this.#set(`events/${event}/enable`, "1");
  }

  #set(file: string, value: string): void {
    writeFileSync(`${this.#directory}/${file}`, value);
  }

  [Symbol.dispose](): void {
    this.#set("tracing_on", "0");
    rmdirSync(this.#directory);
  }
}
