// Every process that the bench starts, so that none outlives it.
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { inside } from "./lab.ts";

const running = new Set<Child>();
const STOP_LIMIT_MS = 5000;

/** A process in a namespace. */
export class Child {
  readonly pid: number;
  readonly #process: Bun.Subprocess<"ignore", "pipe" | number, number>;

  /**
   * Starts `words` in the namespace (null: the bench's own). Its output goes to the file `log`, or to nowhere;
   * `pipe`: stdout is kept for `output`.
   */
  constructor(words: string[], namespace: number | null, options: { log?: string; pipe?: boolean } = {}) {
    const fd = openSync(options.log ?? "/dev/null", "a");
    const start = () =>
      Bun.spawn(words, {
        cwd: "/",
        stdin: "ignore",
        stdout: options.pipe === true ? "pipe" : fd,
        stderr: fd,
      });
    try {
      this.#process = namespace === null ? start() : inside(namespace, start);
    } finally {
      closeSync(fd);
    }
    this.pid = this.#process.pid;
    running.add(this);
    void this.#process.exited.then(() => running.delete(this));
  }

  get exited(): Promise<number> {
    return this.#process.exited;
  }

  get ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** What it wrote to stdout, once it has ended. */
  async output(): Promise<string> {
    const { stdout } = this.#process;
    return stdout instanceof ReadableStream ? await new Response(stdout).text() : "";
  }

  /** SIGTERM, then SIGKILL to it and its descendants when that takes too long. */
  async stop(): Promise<void> {
    if (!this.ended) process.kill(this.pid, "SIGTERM");
    await Promise.race([this.exited, Bun.sleep(STOP_LIMIT_MS)]);
    await this.kill();
  }

  /** SIGKILL to its descendants and to it, the youngest first. */
  async kill(): Promise<void> {
    this.killNow();
    await this.exited;
  }

  /** The same without waiting for the end. */
  killNow(): void {
    if (this.ended) return;
    for (const pid of processTree(this.pid).reverse()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // ESRCH: it has ended by itself.
      }
    }
  }
}

/** The process and all its descendants, parents first. */
export function processTree(pid: number): number[] {
  const pids = [pid];
  for (const one of pids) pids.push(...childrenOf(one));
  return pids;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
      const text = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8");
      return text.split(" ").filter((word) => word !== "").map(Number);
    });
  } catch {
    return []; // it has ended meanwhile
  }
}

/** Kills what still runs; for the end of the bench, however it comes. */
export function killAll(): void {
  for (const child of running) child.killNow();
}
