// Processes that are counted: told of by the kernel's process connector, else looked for in /proc each second.
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { ProcessEvents } from "../../native/process_events.ts";

/** Between two looks at /proc where the kernel tells nothing. */
const SCAN_MS = 1000;
/** TASK_COMM_LEN of linux/sched.h without its NUL. */
const COMM_BYTES = 15;

/** Processes to count, by what they are called: good while there are from `quorum` to `quorumMax` of them. */
export interface ProcessPattern {
  name: string;
  /** Name or path, then arguments. */
  words: string[];
  /** How the arguments are compared; none = they are not. */
  parameters: "none" | "exact" | "initial" | "partial";
  /** Compare argv[0] and not the 15 characters of the command name. */
  fullCommand: boolean;
  quorum: number;
  /** Null = any number. */
  quorumMax: number | null;
  terminateDelayUs: number;
  forkDelayUs: number;
}

/** Whether a process with this command name and command line (argv) is one of those that are meant. */
export function matches(config: ProcessPattern, comm: string, argv: readonly string[]): boolean {
  const [program = "", ...wanted] = config.words;
  const path = program.includes("/");
  if (path || config.fullCommand || config.parameters !== "none") {
    const [called = ""] = argv;
    if ((path ? called : basename(called)) !== program) return false;
  } else if (comm !== truncated(program)) return false;
  const given = argv.slice(1);
  switch (config.parameters) {
    case "none":
      return true;
    case "exact":
      return given.length === wanted.length && wanted.every((word, i) => word === given[i]);
    case "initial":
      return wanted.every((word, i) => word === given[i]);
    case "partial": {
      const last = wanted.length - 1;
      return wanted.every((word, i) => i < last ? word === given[i] : given[i]?.startsWith(word) ?? false);
    }
  }
}

function truncated(name: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(name).subarray(0, COMM_BYTES));
}

/** Whether the error of a file in /proc says that its process has ended. */
function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ESRCH";
}

/** Whether so many processes are a quorum. */
export function hasQuorum({ quorum, quorumMax }: ProcessPattern, count: number): boolean {
  return count >= quorum && (quorumMax === null || count <= quorumMax);
}

/** One vrrp_track_process: who belongs to it, and what counts after its delays. */
class Tracked {
  readonly config: ProcessPattern;
  readonly pids = new Set<number>();
  ok = false;
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(config: ProcessPattern) {
    this.config = config;
  }

  /** The first look: no delay. */
  begin(): void {
    this.#count = this.pids.size;
    this.ok = hasQuorum(this.config, this.#count);
  }

  /** Compares with the last time, and calls `changed` once a change has lasted long enough. */
  settle(changed: () => void): void {
    const fewer = this.pids.size < this.#count;
    if (this.pids.size === this.#count) return;
    this.#count = this.pids.size;
    const ok = hasQuorum(this.config, this.#count);
    if (ok === this.ok) return this.stop();
    if (this.#timer !== undefined) return;
    const delayUs = fewer ? this.config.terminateDelayUs : this.config.forkDelayUs;
    const change = () => {
      this.#timer = undefined;
      this.ok = ok;
      changed();
    };
    if (delayUs === 0) change();
    else this.#timer = setTimeout(change, delayUs / 1000);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Follows the processes of the configuration in force. */
export class ProcessTracker {
  readonly #onResult: (name: string, ok: boolean, count: number) => void;
  readonly #log: (text: string) => void;
  #tracked: readonly Tracked[] = [];
  #needsArguments = false;
  #buffer: { bytes: number; force: boolean } | null = null;
  #events: ProcessEvents | null = null;
  #scan: ReturnType<typeof setInterval> | undefined;

  /** The results are known when it returns; `onResult` tells of changes. `buffer`: of the kernel's news. */
  constructor(
    processes: readonly ProcessPattern[],
    onResult: (name: string, ok: boolean, count: number) => void,
    log: (text: string) => void,
    buffer: { bytes: number; force: boolean } | null = null,
  ) {
    this.#onResult = onResult;
    this.#log = log;
    this.follow(processes, buffer);
  }

  /** Whether each has its quorum, by the names of the vrrp_track_process blocks. */
  get results(): ReadonlyMap<string, boolean> {
    return new Map(this.#tracked.map(({ config, ok }) => [config.name, ok]));
  }

  /**
   * From now on these are followed. What is the same goes on, with a delay that has begun; the results of the others
   * are known when it returns.
   */
  follow(processes: readonly ProcessPattern[], buffer: { bytes: number; force: boolean } | null): void {
    const before = new Map(this.#tracked.map((tracked) => [tracked.config.name, tracked]));
    const fresh: Tracked[] = [];
    this.#tracked = processes.map((config) => {
      const known = before.get(config.name);
      if (known !== undefined && Bun.deepEquals(known.config, config, true)) {
        before.delete(config.name);
        return known;
      }
      const tracked = new Tracked(config);
      fresh.push(tracked);
      return tracked;
    });
    for (const gone of before.values()) gone.stop();
    this.#needsArguments = processes.some((p) =>
      p.fullCommand || p.parameters !== "none" || p.words[0]?.includes("/")
    );
    // What could not be opened is tried again.
    if (processes.length === 0 || this.#scan !== undefined || !Bun.deepEquals(buffer, this.#buffer)) {
      this.#close();
    }
    this.#buffer = buffer;
    if (processes.length === 0) return;
    // Before the first look, so that nothing is missed in between.
    if (this.#events === null) this.#open();
    this.#lookAtAll();
    for (const tracked of fresh) tracked.begin();
  }

  stop(): void {
    this.#close();
    for (const tracked of this.#tracked) tracked.stop();
  }

  #open(): void {
    try {
      this.#events = this.#listen();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#log(
        `tracked processes are looked for in /proc each second, since the kernel does not report them: ${text}`,
      );
      this.#scan = setInterval(() => {
        this.#lookAtAll();
        this.#settle();
      }, SCAN_MS);
      this.#scan.unref();
    }
  }

  #close(): void {
    this.#events?.close();
    this.#events = null;
    clearInterval(this.#scan);
    this.#scan = undefined;
  }

  #listen(): ProcessEvents {
    return new ProcessEvents({
      forked: (parent, child) => {
        // A copy is the same program, until it is renamed.
        for (const { pids } of this.#tracked) if (pids.has(parent)) pids.add(child);
      },
      renamed: (pid) => this.#lookAt(pid),
      ended: (pid) => {
        for (const { pids } of this.#tracked) pids.delete(pid);
      },
      overrun: () => this.#lookAtAll(),
      settled: () => this.#settle(),
    }, this.#buffer);
  }

  #settle(): void {
    for (const tracked of this.#tracked) {
      const { config, pids } = tracked;
      tracked.settle(() => this.#onResult(config.name, tracked.ok, pids.size));
    }
  }

  #lookAtAll(): void {
    let names: string[];
    try {
      names = readdirSync("/proc");
    } catch {
      // No descriptor is left, say: what was known stands until the next look.
      return;
    }
    const present = new Set(names.filter((name) => /^\d+$/.test(name)).map(Number));
    for (const { pids } of this.#tracked) for (const pid of pids) if (!present.has(pid)) pids.delete(pid);
    for (const pid of present) this.#lookAt(pid);
  }

  #lookAt(pid: number): void {
    let comm = "", argv: string[] = [], gone = false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      // The name stands in brackets and may hold some itself; Z: it has ended and waits for its parent.
      gone = stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
      comm = readFileSync(`/proc/${pid}/comm`, "utf8").replace(/\n$/, "");
      if (this.#needsArguments) {
        argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0$/, "").split("\0");
      }
    } catch (error) {
      if (!isGone(error)) return;
      gone = true;
    }
    for (const { config, pids } of this.#tracked) {
      if (!gone && matches(config, comm, argv)) pids.add(pid);
      else pids.delete(pid);
    }
  }
}
