// Other programs on this host that speak VRRP in the same network namespace: two speakers for one virtual
// router on one host fight over its addresses, so they are named at the start.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { InstanceConfig } from "../config/model.ts";
import { carrierOf } from "../config/vmac.ts";

/** IP protocol 112 as /proc/net/raw prints it. */
const VRRP_HEX = ":0070";
const DEFAULT_FILES: Record<string, string> = { keepalived: "/etc/keepalived/keepalived.conf" };

/** A process that holds a raw socket for VRRP. */
export interface Rival {
  pid: number;
  name: string;
  /** Its configuration file, if its command line names one or its name implies one. */
  file: string | null;
}

/** The other processes of this network namespace that listen for VRRP. Never throws. */
export function findRivals(): Rival[] {
  const inodes = new Set(["raw", "raw6"].flatMap(rawSockets));
  if (inodes.size === 0) return [];
  const rivals: Rival[] = [];
  for (const entry of list("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const holds = list(`/proc/${pid}/fd`).some((fd) => {
      const target = link(`/proc/${pid}/fd/${fd}`);
      return target.startsWith("socket:[") && inodes.has(target.slice(8, -1));
    });
    if (holds) rivals.push(describe(pid));
  }
  return rivals;
}

/**
 * One warning per rival: with its configuration, which of our virtual routers it serves too; without, that it
 * may. Nothing is said of one whose configuration shows no clash.
 */
export async function rivalWarnings(
  rivals: readonly Rival[],
  ours: readonly InstanceConfig[],
): Promise<string[]> {
  if (rivals.length === 0) return [];
  // With the parser of YAML, which this daemon may not need otherwise.
  const { loadConfig } = await import("../config/load.ts");
  const warnings: string[] = [];
  for (const { pid, name, file } of rivals) {
    const theirs = file === null ? null : loadConfig(file, { hostName: hostname() }).config;
    if (theirs === null) {
      warnings.push(
        `${name} (pid ${pid}) also speaks VRRP in this network namespace: if it serves one of our virtual routers, ` +
          "stop one of the two",
      );
      continue;
    }
    const known = Map.groupBy(theirs.instances, router);
    for (const mine of ours) {
      const clash = known.get(router(mine))?.[0];
      if (clash === undefined) continue;
      warnings.push(
        `${name} (pid ${pid}, ${file}) also serves VRID ${mine.vrid} on ${mine.interface} (as ${clash.name} there, ` +
          `${mine.name} here): stop one of the two`,
      );
    }
  }
  return warnings;
}

/** What two speakers may not share. */
function router(config: InstanceConfig): string {
  return `${carrierOf(config, config.interface)} ${config.vrid} ${config.family}`;
}

function rawSockets(table: string): string[] {
  return read(`/proc/thread-self/net/${table}`).split("\n").flatMap((line) => {
    const words = line.trim().split(/\s+/);
    return words[1]?.endsWith(VRRP_HEX) === true && words[9] !== undefined ? [words[9]] : [];
  });
}

function describe(pid: number): Rival {
  const name = read(`/proc/${pid}/comm`).trim();
  const words = read(`/proc/${pid}/cmdline`).split("\0");
  const at = words.findIndex((w) => w === "-f" || w === "--use-file");
  const joined = words.find((w) => w.startsWith("--use-file="))?.slice("--use-file=".length);
  return { pid, name, file: joined ?? (at >= 0 ? words[at + 1] : undefined) ?? DEFAULT_FILES[name] ?? null };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
