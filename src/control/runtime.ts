// Where a running daemon keeps its socket, pid file and state: one directory per network namespace, so that a
// daemon in another namespace is no obstacle.
import { mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { namespaceInode } from "../../native/namespace.ts";

export interface RuntimePaths {
  /** UNIX socket that `baton status` asks. */
  socket: string;
  pid: string;
  /** What this run may own in the kernel: read by the next start after a crash. */
  state: string;
  /** Kernel parameters that this run has changed, with what was there before. */
  sysctls: string;
}

/** Directory of all runtime files. */
const BASE = "/run/baton";
/** Those that no other daemon shares: under keepalived's name one per network namespace. */
const OWN_DIRECTORY = /^\/run\/(?:baton|keepalived)\/[^/]+$/;

/**
 * The paths of the calling thread's network namespace; `socket` and `pid` may be given. `name`: of a daemon that has
 * one (instance), so that several run beside each other.
 */
export function runtimePaths(
  given: { socket?: string | undefined; pid?: string | undefined },
  name: string | null = null,
): RuntimePaths {
  const directory = `${BASE}/net-${namespaceInode()}${name === null ? "" : `-${name}`}`;
  const socket = given.socket ?? `${directory}/baton.sock`;
  const sysctls = given.socket === undefined ? `${directory}/sysctls.json` : `${socket}.sysctls.json`;
  return {
    socket,
    sysctls,
    pid: given.pid ?? `${directory}/baton.pid`,
    // Beside the socket: two daemons in one namespace have two sockets.
    state: given.socket === undefined ? `${directory}/state.json` : `${socket}.state.json`,
  };
}

/** The paths of every daemon of the calling thread's network namespace that has left a directory. */
export function knownRuntimePaths(): RuntimePaths[] {
  const own = `net-${namespaceInode()}`;
  let names: string[];
  try {
    names = readdirSync(BASE).sort();
  } catch {
    return [];
  }
  return names.filter((name) => name === own || name.startsWith(`${own}-`))
    .map((name) => runtimePaths({}, name === own ? null : name.slice(own.length + 1)));
}

/** Makes the directories of all paths. Throws an Error of one sentence. */
export function makeDirectories(paths: RuntimePaths): void {
  for (const path of [paths.socket, paths.pid, paths.state]) {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${dirname(path)} cannot be made (${why}): name other places with --socket and --pid`);
    }
  }
}

/** Removes the directories that are ours and empty. */
export function removeDirectories(paths: RuntimePaths): void {
  for (const directory of new Set([paths.socket, paths.pid, paths.state].map((path) => dirname(path)))) {
    if (!OWN_DIRECTORY.test(directory)) continue;
    try {
      rmdirSync(directory);
    } catch {
      // Another daemon's files are in there.
    }
  }
}
