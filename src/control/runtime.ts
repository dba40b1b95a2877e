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

/** The addresses that an earlier run recorded; empty without a readable record. */
export function readState(path: string): HeldAddress[] {
  const list = field(path, "addresses");
  return Array.isArray(list) ? list.filter(isHeldAddress) : [];
}

/** The routes and rules that an earlier run recorded; empty without a readable record. */
export function readKeptRoutes(path: string): KeptRoute[] {
  const list = field(path, "routes");
  return Array.isArray(list) ? list.filter(isKeptRoute) : [];
}

/** The nftables table that an earlier run recorded; null without a readable record. */
export function readKeptTable(path: string): string | null {
  const name = field(path, "table");
  return typeof name === "string" && name !== "" && name.length < 256 ? name : null;
}

/** The VMACs that an earlier run recorded; empty without a readable record. */
export function readKeptVmacs(path: string): KeptVmac[] {
  const list = field(path, "vmacs");
  return Array.isArray(list) ? list.filter(isKeptVmac) : [];
}

function isKeptVmac(value: unknown): value is KeptVmac {
  if (value === null || typeof value !== "object") return false;
  const { name, mac } = value as Record<string, unknown>;
  return typeof name === "string" && typeof mac === "string" &&
    /^(?:(?:[0-9a-f]{2}:){5}[0-9a-f]{2})?$/.test(mac);
}

/** What this run holds beside addresses. */
export interface KeptBeside {
  routes: readonly KeptRoute[];
  vmacs: readonly KeptVmac[];
  /** The nftables table, or null. */
  table: string | null;
}

const NOTHING_BESIDE: KeptBeside = { routes: [], vmacs: [], table: null };

/** Records what this run holds; nothing at all removes the record. Never throws. */
export function writeState(
  path: string,
  addresses: HeldAddress[],
  { routes, vmacs, table }: KeptBeside = NOTHING_BESIDE,
): string | null {
  try {
    if (addresses.length + routes.length + vmacs.length === 0 && table === null) {
      rmSync(path, { force: true });
    } else {
      const record = {
        addresses,
        routes,
        ...(vmacs.length === 0 ? {} : { vmacs }),
        ...(table === null ? {} : { table }),
      };
      writeFileSync(
        `${path}.new`,
        JSON.stringify(record) + "\n",
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

/** A part of the record; null without a readable one. */
function field(path: string, name: string): unknown {
  try {
    return (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown> | null)?.[name] ?? null;
  } catch {
    return null;
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
