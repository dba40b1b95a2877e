// A FIFO that hears of events, and the program that reads it.
import { lookupGroup, lookupUser } from "../../native/accounts.ts";
import { type Child, type Identity, runChild, signalNumber } from "../../native/child.ts";
import { Fifo } from "../../native/fifo.ts";
import type { Level, Prepared } from "./queue.ts";
import type { Command, ScriptIdentity } from "../command.ts";
import type { Subject } from "./script.ts";

/** A FIFO as configured. */
export interface NotifyFifoConfig {
  keyword: string;
  path: string;
  owner: ScriptIdentity | null;
  script: Command | null;
}

export interface NotifyFifoOptions {
  /** How long a reader that has ended is left alone; doubled each time, up to a minute. Default 1000. */
  restartMs?: number;
  /** How long a reader may go on after the end of the file before it gets SIGTERM. Default 1000. */
  lingerMs?: number;
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default 2000. */
  graceMs?: number;
}

const RESTART_LIMIT_MS = 60_000;
/** Between two looks whether the reader has taken everything, at a stop. */
const LOOK_MS = 5;

/** The line of an event, in keepalived's form. */
export function fifoLine(subject: Subject, state: string, priority: number): string {
  return `${subject.kind} "${subject.name}" ${state} ${priority}\n`;
}

/**
 * Writes lines without ever waiting. A line that finds no room is lost, and the log says so once, with the count
 * when there is room again. `prepare` says as whom the reader runs and whether it may.
 */
export class NotifyFifo {
  #config: NotifyFifoConfig;
  readonly #prepare: (command: Command) => Prepared;
  readonly #log: (level: Level, text: string) => void;
  readonly #lingerMs: number;
  readonly #graceMs: number;
  readonly #firstRestartMs: number;
  #restartMs: number;
  #fifo: Fifo | null = null;
  #reader: Child | null = null;
  #readerIs: Prepared | null = null;
  /** Ends when the reader before this one has. */
  #change: Promise<unknown> = Promise.resolve();
  #restart: ReturnType<typeof setTimeout> | null = null;
  #lost = 0;
  #complaint = "";
  #closed = false;

  constructor(
    config: NotifyFifoConfig,
    prepare: (command: Command) => Prepared,
    log: (level: Level, text: string) => void,
    options: NotifyFifoOptions = {},
  ) {
    this.#config = config;
    this.#prepare = prepare;
    this.#log = log;
    this.#firstRestartMs = options.restartMs ?? 1000;
    this.#restartMs = this.#firstRestartMs;
    this.#lingerMs = options.lingerMs ?? 1000;
    this.#graceMs = options.graceMs ?? 2000;
    this.#open();
    this.#startReader();
  }

  get path(): string {
    return this.#config.path;
  }

  /** Writes one line, which ends with a newline. */
  write(line: string): void {
    if (this.#fifo !== null && !this.#fifo.inPlace) {
      this.#log("warning", `the FIFO ${this.path} was taken away: it is opened anew`);
      this.#fifo.close();
      this.#fifo = null;
    }
    if (this.#fifo === null) this.#open();
    if (this.#fifo === null) return;
    if (!this.#fifo.write(line)) {
      this.#lost += 1;
      if (this.#lost === 1) {
        const cure = "start a reader";
        this.#log("warning", `the FIFO ${this.path} is full, so lines are lost: nobody reads it; ${cure}`);
      }
    } else if (this.#lost > 0) {
      this.#log("warning", `the FIFO ${this.path} is read again; ${this.#lost} lines were lost`);
      this.#lost = 0;
    }
  }

  /** After a reload, for the same path. A reader that would be started in the same way goes on. */
  update(config: NotifyFifoConfig): void {
    this.#config = config;
    this.#open();
    const wanted = config.script === null ? null : this.#prepared(config.script);
    if (Bun.deepEquals(wanted, this.#readerIs)) return;
    this.#cancelRestart();
    this.#restartMs = this.#firstRestartMs;
    // Two readers would share the lines between them; meanwhile they wait in the FIFO.
    this.#change = this.#change.then(() => this.#endReader()).then(() => this.#startReader());
  }

  /**
   * Ends the writing. The reader gets what is left and the end of the file, then SIGTERM, and SIGKILL in the end.
   * A FIFO that was made here is removed.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRestart();
    await this.#change;
    const reader = this.#reader;
    if (reader !== null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, this.#lingerMs);
      let over = false;
      const end = Promise.race([reader.exited, promise]).then(() => over = true);
      // One that has not opened it yet would find nothing. The kernel tells nobody that a pipe is empty.
      while (this.#fifo?.pending === true && !over) await Promise.race([end, Bun.sleep(LOOK_MS)]);
      this.#fifo?.close();
      await end;
      clearTimeout(timer);
      await reader.terminate();
    }
    this.#fifo?.close();
    this.#remove();
    this.#fifo = null;
  }

  /** What cannot be removed (a directory is in its place, say) is no reason to end otherwise than in order. */
  #remove(): void {
    try {
      this.#fifo?.unlink();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log("warning", `the FIFO ${this.path} cannot be removed (${why}): remove it yourself`);
    }
  }

  /** Opens it, or gives an open one to the owner that it should have. */
  #open(): void {
    const { keyword, path, owner } = this.#config;
    try {
      if (this.#fifo === null) this.#fifo = Fifo.open(path, this.#owner(), owner?.group != null);
      else this.#fifo.give(this.#owner(), owner?.group != null);
      this.#complaint = "";
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== this.#complaint) this.#log("error", `${keyword} is not written: ${text}`);
      this.#complaint = text;
    }
  }

  /** Without an owner the reader gets it: it runs as somebody who may not read what is root's. */
  #owner(): Identity | null {
    const { owner, script } = this.#config;
    if (owner !== null) return identify(owner);
    const reader = script === null ? null : this.#prepared(script);
    return reader === null || reader.refused !== null ? null : reader.identity;
  }

  #startReader(): void {
    const { keyword, path, script } = this.#config;
    this.#readerIs = null;
    if (script === null || this.#closed) return;
    const prepared = this.#prepared(script);
    this.#readerIs = prepared;
    if (prepared.refused !== null) {
      this.#log("error", `${keyword}_script ${script.words[0]} is not run: ${prepared.refused}`);
      return;
    }
    const startedMs = performance.now();
    const reader = runChild([...prepared.words, path], prepared.identity, { graceMs: this.#graceMs });
    this.#reader = reader;
    void reader.exited.then(({ code, signal, error }) => {
      if (this.#reader !== reader) return;
      this.#reader = null;
      if (this.#closed) return;
      const seconds = (performance.now() - startedMs) / 1000;
      if (seconds * 1000 >= RESTART_LIMIT_MS) this.#restartMs = this.#firstRestartMs;
      const how = signal === null
        ? `exited with status ${code}`
        : `was ended by signal ${signalNumber(signal)}`;
      const what = error ?? `it ${how} after ${seconds.toFixed(3)} s`;
      const again = `it is started again in ${this.#restartMs / 1000} s`;
      this.#log("warning", `${keyword}_script ${script.words[0]} does not run: ${what}; ${again}`);
      this.#restart = setTimeout(() => this.#startReader(), this.#restartMs);
      this.#restartMs = Math.min(2 * this.#restartMs, RESTART_LIMIT_MS);
    });
  }

  async #endReader(): Promise<void> {
    const reader = this.#reader;
    this.#reader = null;
    await reader?.terminate();
  }

  #cancelRestart(): void {
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#restart = null;
  }

  #prepared(script: Command): Prepared {
    try {
      return this.#prepare(script);
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** The ids of an owner. Throws an Error of one sentence for an unknown name. */
function identify({ user, group }: ScriptIdentity): Identity {
  const known = lookupUser(user);
  if (known === null) throw new Error(`user ${user} does not exist: create it, or name another one`);
  if (group === null) return known;
  const gid = lookupGroup(group);
  if (gid === null) throw new Error(`group ${group} does not exist: create it, or name another one`);
  return { uid: known.uid, gid };
}
