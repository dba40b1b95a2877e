// Runs the notify scripts of one instance one after the other, each under a time limit.
import { type Child, type ChildExit, type Identity, runChild, signalNumber } from "../../native/child.ts";
import type { Command } from "../command.ts";
import type { NotifyJob } from "./script.ts";

export type Level = "debug" | "info" | "warning" | "error";

/** A command ready to run, or the reason (one sentence) why it may not. */
export type Prepared =
  | { words: string[]; identity: Identity | null; refused: null }
  | { refused: string };

export interface NotifyQueueOptions {
  /** Time limit of one job, in milliseconds. Default 30 000. */
  limitMs?: number;
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default 2000. */
  graceMs?: number;
  /** Jobs that may wait; beyond it the oldest one is dropped, and the log says so. Default 100. */
  capacity?: number;
}

/**
 * One serial queue. `prepare` says as whom a job runs and whether it may. Exit status and duration of each job
 * are logged.
 */
export class NotifyQueue {
  readonly #instance: string;
  readonly #prepare: (command: Command) => Prepared;
  readonly #log: (level: Level, text: string) => void;
  readonly #limitMs: number;
  readonly #graceMs: number;
  readonly #capacity: number;
  #waiting: NotifyJob[] = [];
  #child: Child | null = null;
  #busy: Promise<void> | null = null;
  #closed = false;
  #cut = false;
  /** Why what is left at the stop does not run. */
  #over = "";

  constructor(
    instance: string,
    prepare: (command: Command) => Prepared,
    log: (level: Level, text: string) => void,
    options: NotifyQueueOptions = {},
  ) {
    this.#instance = instance;
    this.#prepare = prepare;
    this.#log = log;
    this.#limitMs = options.limitMs ?? 30_000;
    this.#graceMs = options.graceMs ?? 2000;
    this.#capacity = options.capacity ?? 100;
  }

  /** Jobs that wait, the running one not counted. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Adds jobs at the end; they run in the order given. */
  push(...jobs: NotifyJob[]): void {
    for (const job of jobs) {
      if (this.#closed) {
        this.#log("warning", `${this.#label(job)} is not run: the queue is closed for the stop`);
        continue;
      }
      this.#waiting.push(job);
      if (this.#waiting.length > this.#capacity) this.#dropOldest();
    }
    if (this.#busy === null && this.#waiting.length > 0) {
      this.#busy = this.#work().finally(() => this.#busy = null);
    }
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#busy !== null) await this.#busy;
  }

  /**
   * Takes no more jobs and lets the rest run for at most `timeoutMs`; then the running one is killed with its
   * children and the others are dropped, each named in the log. True when all jobs have run to their end.
   */
  async drain(timeoutMs: number): Promise<boolean> {
    this.#closed = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    const done = await Promise.race([this.idle().then(() => true), promise.then(() => false)]);
    clearTimeout(timer);
    if (done) return !this.#cut;
    this.#cut = true;
    this.#over = `the time for the stop (${timeoutMs / 1000} s) is over`;
    for (const job of this.#waiting.splice(0)) {
      this.#log("warning", `${this.#label(job)} is not run: ${this.#over}`);
    }
    void this.#child?.kill();
    await this.idle();
    return false;
  }

  #dropOldest(): void {
    const job = this.#waiting.shift();
    if (job === undefined) return;
    const reason =
      `more than ${this.#capacity} notify scripts wait (they take longer than the changes they report)`;
    this.#log("warning", `${this.#label(job)} is not run: ${reason}`);
  }

  async #work(): Promise<void> {
    // Also keeps push() from running anything before it has returned.
    await Promise.resolve();
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      await this.#runJob(job);
    }
  }

  async #runJob(job: NotifyJob): Promise<void> {
    const prepared = this.#prepareSafely(job);
    if (prepared.refused !== null) {
      this.#log("error", `${this.#label(job)} is not run: ${prepared.refused}`);
      return;
    }
    const startedMs = performance.now();
    const child = runChild(prepared.words, prepared.identity, { graceMs: this.#graceMs });
    this.#child = child;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void child.terminate();
    }, this.#limitMs);
    const exit = await child.exited;
    clearTimeout(timer);
    this.#child = null;
    this.#report(job, exit, late, (performance.now() - startedMs) / 1000);
  }

  /** A fault in one job must not take the later ones with it. */
  #prepareSafely(job: NotifyJob): Prepared {
    try {
      return this.#prepare(job);
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }

  #report(job: NotifyJob, exit: ChildExit, late: boolean, seconds: number): void {
    const label = this.#label(job);
    const after = `after ${seconds.toFixed(3)} s`;
    if (exit.error !== null) this.#log("error", `${label} is not run: ${exit.error}`);
    else if (this.#cut) this.#log("warning", `${label} was killed ${after}: ${this.#over}`);
    else if (late) {
      this.#log("warning", `${label} was killed ${after}: its time limit is ${this.#limitMs / 1000} s`);
    } else if (exit.signal !== null) {
      this.#log("warning", `${label} was ended by signal ${signalNumber(exit.signal)} ${after}`);
    } else {this.#log(
        exit.code === 0 ? "info" : "warning",
        `${label} exited with status ${exit.code} ${after}`,
      );}
  }

  /** The program only: arguments may carry secrets. */
  #label(job: NotifyJob): string {
    return `(${this.#instance}) ${job.keyword} script ${job.words[0] ?? ""} for ${job.state}`;
  }
}
