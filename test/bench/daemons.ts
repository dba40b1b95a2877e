// The daemons that are measured: how each is called, and one running router of theirs.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { realtimeUs } from "../../native/clock.ts";
import { Child, processTree } from "./children.ts";
import { configuration, type RouterConfiguration } from "./configuration.ts";
import type { Node } from "./lab.ts";
import { VRRPD } from "./frr.ts";
import { scratchDirectory } from "./scratch.ts";

/** A VRRP daemon that reads keepalived.conf. */
export interface DaemonKind {
  name: string;
  /** Why it cannot be measured: a sentence for its rows; null when it can. */
  absent: string | null;
  /** The command line; `directory` is private to this process. */
  command(directory: string, file: string): string[];
  /** The command line that judges a file and ends; null if it has none. */
  check: ((file: string) => string[]) | null;
  /** Further words that turn on its HTTP endpoint on a UNIX socket; null if it has none. */
  status: ((socket: string) => string[]) | null;
  /** What prints its version, when its command line with `--version` does not. */
  version?: string[];
  /** Only rows whose name begins like this measure it; default: all. */
  rows?: string;
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
    check: (file) => [path, "check", file],
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
    check: (file) => [path ?? "keepalived", "-t", "-f", file],
    status: null,
  };
}

/** FRR's vrrpd, if it is installed; it reads no keepalived.conf, so it is measured where its answer is of interest. */
export function frr(): DaemonKind {
  return {
    name: "FRR",
    absent: existsSync(VRRPD) ? null : "FRR is not installed (apt-get install frr)",
    command: (directory, file) => [process.execPath, join(import.meta.dir, "frr.ts"), directory, file],
    check: null,
    status: null,
    version: [VRRPD, "--version"],
    rows: "pings",
  };
}

/** The version that a daemon reports of itself, "" if it does not. */
export function versionOf(kind: DaemonKind): string {
  if (kind.absent !== null) return "";
  const { stdout, stderr } = Bun.spawnSync(kind.version ?? [kind.command("/", "/")[0]!, "--version"]);
  return `${stdout.toString()}${stderr.toString()}`.split("\n")[0]?.trim() ?? "";
}

const POLL_MS = 2;
/** A long log is read less often: the reading must not be the load. */
const LONG_POLL_MS = 50;

/** How a router is started. */
export interface RouterOptions {
  /** Its log goes nowhere, for loads that would fill it. */
  quiet?: boolean;
  /** With its HTTP endpoint, if it has one. */
  status?: boolean;
  /** Words in front of its command line: a program that starts it with fewer rights. */
  under?: readonly string[];
}

/** One router: a daemon that runs on a node, with files of its own. */
export class Router implements AsyncDisposable {
  readonly kind: DaemonKind;
  /** CLOCK_REALTIME in microseconds, just before the daemon was executed. */
  readonly startedUs: number;
  /** Where its HTTP endpoint listens, if it was asked for one. */
  readonly statusSocket: string;
  readonly #directory: string;
  readonly #child: Child;

  /** `router`: what it is, or the text of its file. */
  constructor(
    kind: DaemonKind,
    node: Node,
    router: RouterConfiguration | string,
    options: RouterOptions = {},
  ) {
    this.kind = kind;
    this.#directory = scratchDirectory();
    this.statusSocket = join(this.#directory, "status");
    writeFileSync(this.#file, typeof router === "string" ? router : configuration(router));
    const words = [...(options.under ?? []), ...kind.command(this.#directory, this.#file)];
    if (options.status === true && kind.status !== null) words.push(...kind.status(this.statusSocket));
    this.startedUs = realtimeUs();
    const log = options.quiet === true ? "/dev/null" : this.#log;
    this.#child = new Child(words, node.namespace, { log });
  }

  get #file(): string {
    return join(this.#directory, "keepalived.conf");
  }

  get #log(): string {
    return join(this.#directory, "log");
  }

  /** Waits until its log has `times` lines with `text`. Throws an Error with the log after `limitMs`. */
  async says(text: string, limitMs: number, times = 1): Promise<void> {
    const end = performance.now() + limitMs;
    for (;;) {
      const log = readFileSync(this.#log, "utf8");
      const said = log.split(text).length - 1;
      if (said >= times) return;
      if (this.#child.ended || performance.now() > end) {
        const count = times === 1 ? "" : ` more than ${said} of ${times} times`;
        throw new Error(
          `${this.kind.name} did not say "${text}"${count} within ${limitMs} ms; its log: ${log.slice(-600)}`,
        );
      }
      await Bun.sleep(times === 1 ? POLL_MS : LONG_POLL_MS);
    }
  }

  /** Gives it another file and asks it to reload. Returns the time just before the signal. */
  reload(text: string): number {
    writeFileSync(this.#file, text);
    const atUs = realtimeUs();
    process.kill(this.#child.pid, "SIGHUP");
    return atUs;
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
