// Kernel parameters, read and written in /proc; those of the network are the calling thread's namespace's.
import { readFileSync, writeFileSync } from "node:fs";

const ROOT = "/proc/sys/";
/** What names of core dumps are made of (core(5)): the machine's. */
export const CORE_PATTERN = "kernel/core_pattern";

/**
 * The value of a parameter, without the line's end; null if it is not there or cannot be read.
 * `path`: a file name below /proc/sys and not a dotted key, since interface names may hold dots.
 */
export function readSysctl(path: string): string | null {
  try {
    return readFileSync(ROOT + path, "utf8").trim();
  } catch {
    return null;
  }
}

/** Sets a parameter. Returns null, or why the kernel refused it. */
export function writeSysctl(path: string, value: string): string | null {
  try {
    writeFileSync(ROOT + path, value);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether a path names a parameter that baton changes, and nothing outside: a record on disk may say anything. */
export function isOwnSysctl(path: string): boolean {
  if (path === CORE_PATTERN) return true;
  return /^net\/(?:ipv4|ipv6|core)(?:\/[^/\0]+)+$/.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path);
}

/** Whether the interface forwards IPv6 packets (net.ipv6.conf.NAME.forwarding); false if it cannot be told. */
export function forwardsIpv6(interfaceName: string): boolean {
  return (readSysctl(`net/ipv6/conf/${interfaceName}/forwarding`) ?? "0") !== "0";
}
