// Runs a program as a child in a process group of its own, and ends the whole group.
import { constants } from "node:os";
import { withCredentials } from "./credentials.ts";

/** The numeric user and group that a child runs as. */
export interface Identity {
  uid: number;
  gid: number;
  /** All its groups; left out = no supplementary ones. */
  groups?: readonly number[];
}

/** How a child ended: by itself (`code`), by a signal (`signal`, its name), or it never started (`error`). */
export interface ChildExit {
  code: number | null;
  signal: string | null;
  /** One sentence for people. */
  error: string | null;
}

export interface ChildOptions {
  /** Replaces the cleaned environment of this process. */
  env?: Record<string, string>;
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default 2000. */
  graceMs?: number;
}

export interface Child {
  /** Process id and process group id; 0 when it could not be started. */
  readonly pid: number;
  /** Resolves when the child itself has ended, or at once when it could not be started. Never rejects. */
  readonly exited: Promise<ChildExit>;
  /** SIGTERM to the group; SIGKILL when the child has ended or the grace is over. Resolves when it has ended. */
  terminate(): Promise<ChildExit>;
  /** SIGKILL to the group at once. Resolves when the child has ended. */
  kill(): Promise<ChildExit>;
}

const DEFAULT_GRACE_MS = 2000;
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Variables that change what a program loads or how a shell splits words, and settings of this program's own
 * runtime (some are baked into the static executable): not passed on.
 */
function isUnsafeVariable(name: string): boolean {
  return name === "IFS" || ["LD_", "BUN_", "MIMALLOC_"].some((prefix) => name.startsWith(prefix));
}

/** The search path for programs: PATH of this process, or the usual directories when it is unset. */
export function searchPath(): string {
  return process.env["PATH"] || DEFAULT_PATH;
}

/** The environment of this process as a child gets it. */
export function childEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !isUnsafeVariable(name)) env[name] = value;
  }
  env["PATH"] = searchPath();
  return env;
}

/** The number of a signal name such as SIGKILL, or 0 when unknown (asm/signal.h). */
export function signalNumber(name: string): number {
  return (constants.signals as Record<string, number>)[name] ?? 0;
}

/**
 * Starts `words` (a program and its arguments) in a session and process group of its own, in `/`, with the
 * standard descriptors on /dev/null and those groups only that are given. `identity` null: as this process.
 * Never throws: what cannot be started has `exited` resolved with an error sentence.
 * A file without `#!` that the kernel refuses runs through /bin/sh, as execvp does.
 */
export function runChild(
  words: readonly string[],
  identity: Identity | null,
  options: ChildOptions = {},
): Child {
  const program = words[0];
  if (program === undefined || program === "") {
    return unstarted("there is no program to run: the command is empty");
  }
  if (words.some((word) => word.includes("\0"))) {
    return unstarted("a word of the command contains a NUL byte");
  }
  const env = options.env ?? childEnvironment();
  const graceMs = options.graceMs ?? DEFAULT_GRACE_MS;
  try {
    return new RunningChild(spawn(words, identity, env), graceMs);
  } catch (error) {
    if (errnoName(error) !== "ENOEXEC") return unstarted(describeSpawnError(error, program, identity));
  }
  try {
    return new RunningChild(spawn(["/bin/sh", ...words], identity, env), graceMs);
  } catch (error) {
    return unstarted(describeSpawnError(error, "/bin/sh", identity));
  }
}

function spawn(
  words: readonly string[],
  identity: Identity | null,
  env: Record<string, string>,
): Bun.Subprocess {
  const start = (as: { uid?: number; gid?: number }) =>
    Bun.spawn([...words], {
      cwd: "/",
      env,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      detached: true,
      ...as,
    });
  if (identity === null) return start({});
  const { uid, gid, groups } = identity;
  // The runtime takes all groups from a child that it gives a user: such a child has to inherit them.
  return groups === undefined ? start({ uid, gid }) : withCredentials({ uid, gid, groups }, () => start({}));
}

class RunningChild implements Child {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  readonly #graceMs: number;
  #ended = false;
  #terminating = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(process: Bun.Subprocess, graceMs: number) {
    this.pid = process.pid;
    this.#graceMs = graceMs;
    const exitOf = (): ChildExit => {
      this.#ended = true;
      if (this.#timer !== null) clearTimeout(this.#timer);
      // What the child leaves behind must not outlive a termination.
      if (this.#terminating) this.#signal("SIGKILL");
      const signal = process.signalCode === null ? null : String(process.signalCode);
      return { code: process.exitCode, signal, error: null };
    };
    this.exited = process.exited.then(exitOf, exitOf);
  }

  terminate(): Promise<ChildExit> {
    if (!this.#ended && !this.#terminating) {
      this.#terminating = true;
      this.#signal("SIGTERM");
      this.#timer = setTimeout(() => this.#signal("SIGKILL"), this.#graceMs);
    }
    return this.exited;
  }

  kill(): Promise<ChildExit> {
    if (!this.#ended) {
      this.#terminating = true;
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#signal("SIGKILL");
    }
    return this.exited;
  }

  #signal(name: "SIGTERM" | "SIGKILL"): void {
    try {
      process.kill(-this.pid, name);
    } catch {
      // ESRCH: the group is gone already, which is what was wanted.
    }
  }
}

function unstarted(error: string): Child {
  const exited = Promise.resolve({ code: null, signal: null, error });
  return { pid: 0, exited, terminate: () => exited, kill: () => exited };
}

function errnoName(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function describeSpawnError(error: unknown, program: string, identity: Identity | null): string {
  const as = identity === null ? "this user" : `uid ${identity.uid}`;
  switch (errnoName(error)) {
    case "ENOENT":
      return `${program} cannot be run: it, or the interpreter in its first line, does not exist`;
    case "EACCES":
      return `${program} cannot be run: ${as} may not execute it (check the mode of the file and of each directory above it)`;
    case "EPERM":
      return `${program} cannot be run as ${as}: only root may change to another user`;
    case "E2BIG":
      return `${program} cannot be run: its arguments and environment are too long for the kernel`;
    case "EAGAIN":
    case "ENOMEM":
      return `${program} cannot be run: the kernel has no process or memory left for it (${
        errnoName(error)
      })`;
    default:
      return `${program} cannot be run: ${error instanceof Error ? error.message : String(error)}`;
  }
}
