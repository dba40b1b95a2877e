// The daemons that are measured: how each is called, and one running router of theirs.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { realtimeUs } from "../../native/clock.ts";
import { Child, processTree } from "./children.ts";
import { configuration, type RouterConfiguration } from "./configuration.ts";
import type { Node } from "./lab.ts";
import { scratchDirectory } from "./scratch.ts";

/** A VRRP daemon that reads keepalived.conf. */
export interface DaemonKind {
  name: string;
  /** Why it cannot be measured: a sentence for its rows; null when it can. */
  absent: string | null;
  /** The command line; `directory` is private to this process. */
  command(directory: string, file: string): string[];
  /** Further words that turn on its HTTP endpoint on a UNIX socket; null if it has none. */
  status: ((socket: string) => string[]) | null;
}

/** baton, as the binary at this path. */
export function baton(path: string): DaemonKind {
  return {
    name: "baton",
    absent: null,
    command: (directory, file) => [
      path,
      "run",
      "-f",
      file,
      "--socket",
      join(directory, "control"),
      "--pid",
      join(directory, "pid"),
    ],
    status: (socket) => ["--status", `unix:${socket}`],
  };
}

/** keepalived, if it is installed. */
export function keepalived(): DaemonKind {
  const path = Bun.which("keepalived", { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` });
  return {
    name: "keepalived",
    absent: path === null ? "keepalived is not installed (apt-get install keepalived)" : null,
    command: (directory, file) => [
      path ?? "keepalived",
      "-n",
      "-l",
      "-G",
      "--vrrp",
      "-f",
      file,
      "-p",
      join(directory, "pid"),
      "-r",
      join(directory, "vrrp-pid"),
    ],
    status: null,
  };
}

/** The version that a daemon reports of itself, "" if it does not. */
export function versionOf(kind: DaemonKind): string {
  const program = kind.absent === null ? kind.command("/", "/")[0] : undefined;
  if (program === undefined) return "";
  const { stdout, stderr } = Bun.spawnSync([program, "--version"]);
  return `${stdout.toString()}${stderr.toString()}`.split("\n")[0]?.trim() ?? "";
}

const POLL_MS = 2;

/** One router: a daemon that runs on a node, with files of its own. */
export class Router implements AsyncDisposable {
  readonly kind: DaemonKind;
  /** CLOCK_REALTIME in microseconds, just before the daemon was executed. */
  readonly startedUs: number;
  /** Where its HTTP endpoint listens, if it was asked for one. */
  readonly statusSocket: string;
  readonly #directory: string;
  readonly #child: Child;

  /** `quiet`: its log goes nowhere, for loads that would fill it. */
  constructor(
    kind: DaemonKind,
    node: Node,
    router: RouterConfiguration,
    options: { quiet?: boolean; status?: boolean } = {},
  ) {
    this.kind = kind;
    this.#directory = scratchDirectory();
    this.statusSocket = join(this.#directory, "status");
    const file = join(this.#directory, "keepalived.conf");
    writeFileSync(file, configuration(router));
    const words = kind.command(this.#directory, file);
    if (options.status === true && kind.status !== null) words.push(...kind.status(this.statusSocket));
    this.startedUs = realtimeUs();
    const log = options.quiet === true ? "/dev/null" : this.#log;
    this.#child = new Child(words, node.namespace, { log });
  }

  get #log(): string {
    return join(this.#directory, "log");
  }

  /** Waits until its log has a line with `text`. Throws an Error with the log after `limitMs`. */
  async says(text: string, limitMs: number): Promise<void> {
    const end = performance.now() + limitMs;
    for (;;) {
      const log = readFileSync(this.#log, "utf8");
      if (log.includes(text)) return;
      if (this.#child.ended || performance.now() > end) {
        throw new Error(
          `${this.kind.name} did not say "${text}" within ${limitMs} ms; its log: ${log.slice(-600)}`,
        );
      }
      await Bun.sleep(POLL_MS);
    }
  }

  /** Its processes, parents first. */
  pids(): number[] {
    return processTree(this.#child.pid);
  }

  /** SIGKILL to all its processes. Returns the time just before, CLOCK_REALTIME in microseconds. */
  killNow(): number {
    const atUs = realtimeUs();
    this.#child.killNow();
    return atUs;
  }

  /** SIGTERM to its first process, as a service manager does. Returns the time just before. */
  terminateNow(): number {
    const atUs = realtimeUs();
    process.kill(this.#child.pid, "SIGTERM");
    return atUs;
  }

  get exited(): Promise<number> {
    return this.#child.exited;
  }

  /** Nothing of a router outlives its measurement; it is not asked politely, the node is gone anyway. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
