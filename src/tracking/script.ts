// Runs one vrrp_script at its interval and reports when its result changes.
import { type ChildExit, runChild, signalNumber } from "../../native/child.ts";
import { canOpen } from "./open.ts";
import type { Command } from "../command.ts";
import type { Log, Prepared } from "./policy.ts";
import { RiseFall } from "./result.ts";

/** A vrrp_script as configured. */
export interface TrackedScriptConfig {
  name: string;
  command: Command;
  intervalUs: number;
  timeoutUs: number;
  rise: number;
  fall: number;
  /** Counts as failed until `rise` successes. */
  initFail: boolean;
}

/** How the last run ended. `timedOut`: it had to be killed, whatever it returned then. */
export interface LastExit extends ChildExit {
  timedOut: boolean;
}

/** One started run: ends by itself or is terminated. */
interface Run {
  exited: Promise<ChildExit>;
  terminate(): Promise<ChildExit>;
}

export interface ScriptTrackerOptions {
  /** The result of the same script before a reload; null = none. */
  inherited?: boolean | null;
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default 2000. */
  graceMs?: number;
}

/** setTimeout takes at most 2^31 - 1 ms. */
const MAX_TIMER_MS = 0x7fffffff;

function timerMs(us: number): number {
  return Math.min(Math.max(us / 1000, 1), MAX_TIMER_MS);
}

/**
 * Tracks one script. `prepare` is asked before each run as whom it runs and whether it may; `onResult` is
 * called when the result changes, the first result included, never from within start().
 */
export class ScriptTracker {
  readonly script: TrackedScriptConfig;
  readonly #prepare: (command: Command) => Prepared;
  readonly #onResult: (name: string, ok: boolean, detail: string) => void;
  readonly #log: Log;
  readonly #graceMs: number;
  readonly #result: RiseFall;
  #tick: ReturnType<typeof setTimeout> | null = null;
  #dueMs = 0;
  #run: Run | null = null;
  #stopping = false;
  #terminating = false;
  #lastExit: LastExit | null = null;
  #lastCode = 0;
  #lastError: string | null = null;

  constructor(
    script: TrackedScriptConfig,
    prepare: (command: Command) => Prepared,
    onResult: (name: string, ok: boolean, detail: string) => void,
    log: Log,
    options: ScriptTrackerOptions = {},
  ) {
    this.script = script;
    this.#prepare = prepare;
    this.#onResult = onResult;
    this.#log = log;
    this.#graceMs = options.graceMs ?? 2000;
    const inherited = options.inherited ?? null;
    this.#result = new RiseFall(script.rise, script.fall, inherited ?? (script.initFail ? false : null));
    if (inherited !== null) {
      log(
        "info",
        `VRRP_Script(${script.name}) considered ${inherited ? "successful" : "unsuccessful"} on reload`,
      );
    }
  }

  /** The result so far; null = no run has ended yet. */
  get ok(): boolean | null {
    return this.#result.ok;
  }

  /** The rise and fall count behind the result. */
  get count(): number {
    return this.#result.count;
  }

  /** What it is doing: waiting, running, or being ended because it took too long. */
  get doing(): "idle" | "running" | "requested termination" {
    if (this.#run === null) return "idle";
    return this.#terminating ? "requested termination" : "running";
  }

  /** How the last finished run ended; null = none yet. */
  get lastExit(): LastExit | null {
    return this.#lastExit;
  }

  /** The first run starts at once. */
  start(): void {
    if (this.#tick !== null || this.#stopping) return;
    this.#dueMs = performance.now();
    this.#schedule();
    this.#begin();
  }

  /** No further run or result; resolves when a running one has ended, killed with its children if need be. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#tick !== null) clearTimeout(this.#tick);
    this.#tick = null;
    await this.#run?.terminate();
  }

  #schedule(): void {
    const intervalMs = timerMs(this.script.intervalUs);
    const nowMs = performance.now();
    // From start to start; what a busy or sleeping machine has missed is not caught up.
    this.#dueMs = Math.max(this.#dueMs + intervalMs, nowMs);
    this.#tick = setTimeout(() => {
      this.#schedule();
      this.#begin();
    }, this.#dueMs - nowMs);
  }

  #begin(): void {
    if (this.#run !== null) {
      const doing = this.#terminating ? "being timed out" : "already running";
      this.#log("info", `Track script ${this.script.name} is ${doing}, expect idle - skipping run`);
      return;
    }
    const run = this.#startRun();
    this.#run = run;
    this.#terminating = false;
    let judged = false;
    const timer = setTimeout(() => {
      judged = true;
      this.#terminating = true;
      this.#judge({ code: null, signal: null, error: null, timedOut: true });
      void run.terminate();
    }, timerMs(this.script.timeoutUs));
    void run.exited.then((exit) => {
      clearTimeout(timer);
      this.#run = null;
      if (!judged) this.#judge({ ...exit, timedOut: false });
    });
  }

  #startRun(): Run {
    const file = openTarget(this.script.command.words);
    if (file !== null) return canOpen(file);
    const prepared = this.#prepareSafely();
    if (prepared.refused !== null) {
      const exited = Promise.resolve({ code: null, signal: null, error: prepared.refused });
      return { exited, terminate: () => exited };
    }
    return runChild(prepared.words, prepared.identity, { graceMs: this.#graceMs });
  }

  /** Runs in a timer, where an exception would end the daemon. */
  #prepareSafely(): Prepared {
    try {
      return this.#prepare(this.script.command);
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }

  #judge(exit: LastExit): void {
    if (this.#stopping) return;
    const { name } = this.script;
    this.#lastExit = exit;
    if (exit.code !== null && exit.code !== this.#lastCode) {
      this.#log("info", `Script \`${name}\` now returning ${exit.code}`);
      this.#lastCode = exit.code;
    }
    const detail = describe(exit, this.script.timeoutUs);
    const changed = this.#result.record(exit.code === 0);
    if (changed && this.#result.ok === true) this.#log("info", `VRRP_Script(${name}) succeeded`);
    if (changed && this.#result.ok === false) {
      this.#log("warning", `VRRP_Script(${name}) ${exit.timedOut ? "timed_out" : `failed (${detail})`}`);
    } else if (exit.error !== null && exit.error !== this.#lastError) {
      // A script that cannot run at all is said at once, even while `fall` still counts.
      this.#log("warning", `VRRP_Script(${name}) cannot run: ${exit.error}`);
    }
    this.#lastError = exit.error;
    if (changed) this.#onResult(name, this.#result.ok === true, detail);
  }
}

/** The file of a command `</path`, which only tests that the file can be opened; null for other commands. */
function openTarget(words: readonly string[]): string | null {
  const first = words[0];
  if (first === undefined || !first.startsWith("<")) return null;
  return first.slice(1) || (words[1] ?? "");
}

function describe(exit: LastExit, timeoutUs: number): string {
  if (exit.timedOut) return `timed out after ${timeoutUs / 1e6} s`;
  if (exit.error !== null) return exit.error;
  if (exit.signal !== null) return `due to signal ${signalNumber(exit.signal)}`;
  return `exited with status ${exit.code ?? 0}`;
}
