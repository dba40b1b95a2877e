// Where a running daemon keeps its socket, pid file and state: one directory per network namespace, so that a
// daemon in another namespace is no obstacle.
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { namespaceInode } from "../../native/namespace.ts";
import type { HeldAddress, KeptRoute, KeptVmac } from "../messages.ts";

export interface RuntimePaths {
  /** UNIX socket that `baton status` asks. */
  socket: string;
  pid: string;
  /** Addresses that this run may own: read by the next start after a crash. */
  state: string;
  /** Kernel parameters that this run has changed, with what was there before. */
  sysctls: string;
}

/** Directory of all runtime files. */
const BASE = "/run/baton";

/** The paths of the calling thread's network namespace; `socket` and `pid` may be given. */
export function runtimePaths(given: { socket?: string | undefined; pid?: string | undefined }): RuntimePaths {
  const directory = `${BASE}/net-${namespaceInode()}`;
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
    if (!directory.startsWith(`${BASE}/`)) continue;
    try {
      rmdirSync(directory);
    } catch {
      // Another daemon's files are in there.
    }
  }
}

/** The addresses that an earlier run recorded; empty without a readable record. */
export function readState(path: string): HeldAddress[] {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return [];
  }
  const list = data !== null && typeof data === "object" && "addresses" in data ? data.addresses : null;
  return Array.isArray(list) ? list.filter(isHeldAddress) : [];
}

/** The routes and rules that an earlier run recorded; empty without a readable record. */
export function readKeptRoutes(path: string): KeptRoute[] {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return [];
  }
  const list = data !== null && typeof data === "object" && "routes" in data ? data.routes : null;
  return Array.isArray(list) ? list.filter(isKeptRoute) : [];
}

/** The VMACs that an earlier run recorded; empty without a readable record. */
export function readKeptVmacs(path: string): KeptVmac[] {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return [];
  }
  const list = data !== null && typeof data === "object" && "vmacs" in data ? data.vmacs : null;
  return Array.isArray(list) ? list.filter(isKeptVmac) : [];
}

function isKeptVmac(value: unknown): value is KeptVmac {
  if (value === null || typeof value !== "object") return false;
  const { name, mac } = value as Record<string, unknown>;
  return typeof name === "string" && typeof mac === "string" && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac);
}

/** Records what this run holds; nothing at all removes the record. Never throws. */
export function writeState(
  path: string,
  addresses: HeldAddress[],
  routes: KeptRoute[] = [],
  vmacs: readonly KeptVmac[] = [],
): string | null {
  try {
    if (addresses.length + routes.length + vmacs.length === 0) rmSync(path, { force: true });
    else {
      writeFileSync(
        `${path}.new`,
        JSON.stringify({ addresses, routes, ...(vmacs.length > 0 ? { vmacs } : {}) }) + "\n",
        { mode: 0o644 },
      );
      renameSync(`${path}.new`, path);
    }
    return null;
  } catch (error) {
    return `the state file ${path} cannot be written (${
      error instanceof Error ? error.message : String(error)
    })`;
  }
}

function isHeldAddress(value: unknown): value is HeldAddress {
  if (value === null || typeof value !== "object") return false;
  const entry = value as Record<string, unknown>;
  return typeof entry.interface === "string" && typeof entry.address === "string" &&
    Number.isInteger(entry.prefixLength);
}

function isKeptRoute(value: unknown): value is KeptRoute {
  if (value === null || typeof value !== "object") return false;
  const { kind, key, protocol, text, replaced } = value as Record<string, unknown>;
  return (kind === "route" || kind === "rule") && typeof key === "string" && Number.isInteger(protocol) &&
    typeof text === "string" && (replaced === null || (typeof replaced === "string" && isMessage(replaced)));
}

/** Whether it is a whole number of bytes in hexadecimal, and no more than a message of the kernel. */
function isMessage(text: string): boolean {
  return text.length < 65536 && /^(?:[0-9a-f]{2})+$/.test(text);
}
