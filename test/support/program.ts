// A program that a test runs: its output as lines that can be awaited, its end, and its end by force.
import { LIMIT_MS, within } from "./until.ts";

/** Signals that tests send. */
export type Signal = "SIGTERM" | "SIGKILL" | "SIGINT" | "SIGHUP" | "SIGSTOP" | "SIGCONT";

interface Waiter {
  pattern: RegExp;
  resolve(line: string): void;
}

/** One running program. stdout and stderr are one log, in the order in which the lines came. */
export class Program {
  readonly title: string;
  readonly pid: number;
  /** Resolves with the exit code (128 + the number of the signal that ended it). */
  readonly exited: Promise<number>;
  readonly lines: string[] = [];
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #waiters = new Set<Waiter>();
  #ended = false;

  constructor(title: string, words: string[], env: Record<string, string> = {}) {
    this.title = title;
    this.#child = Bun.spawn(words, {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, NO_COLOR: "1", ...env },
    });
    this.pid = this.#child.pid;
    const read = Promise.all([this.#read(this.#child.stdout), this.#read(this.#child.stderr)]);
    this.exited = this.#child.exited.then(async (code) => {
      this.#ended = true;
      await read;
      return code;
    });
  }

  get running(): boolean {
    return !this.#ended;
  }

  /** Everything that was written so far. */
  get log(): string {
    return this.lines.join("\n");
  }

  /** A place in the log: give it to `waitFor` to await only what comes later. */
  mark(): number {
    return this.lines.length;
  }

  /** The first line from `from` on that matches, as soon as it is there. Fails with the whole log. */
  waitFor(pattern: RegExp, from = 0, limitMs: number = LIMIT_MS): Promise<string> {
    const present = this.lines.slice(from).find((line) => pattern.test(line));
    if (present !== undefined) return Promise.resolve(present);
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiter = { pattern, resolve };
    this.#waiters.add(waiter);
    return within(promise, () => `${this.title} never wrote ${pattern}:\n${this.log}`, limitMs)
      .finally(() => this.#waiters.delete(waiter));
  }

  signal(name: Signal): void {
    if (!this.#ended) process.kill(this.pid, name);
  }

  /** Sends a signal and awaits the end. Resolves with the exit code. */
  async end(name: Signal): Promise<number> {
    this.signal(name);
    return await within(this.exited, () => `${this.title} did not end after ${name}:\n${this.log}`);
  }

  /** SIGKILL, and the end awaited; nothing when it has ended. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#child.exited;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) this.#take(line);
    }
    if (rest !== "") this.#take(rest);
  }

  #take(line: string): void {
    this.lines.push(line);
    for (const waiter of this.#waiters) if (waiter.pattern.test(line)) waiter.resolve(line);
  }
}

/** Runs a command to its end. Fails with its output when it fails. Returns stdout. */
export async function run(words: string[], input = ""): Promise<string> {
  const child = Bun.spawn(words, { stdin: new Blob([input]), stdout: "pipe", stderr: "pipe" });
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${error}${out}`);
  return out;
}
