// -m and -M: core dumps are allowed, and what their names are made of as long as the daemon runs.
import { readFileSync, writeFileSync } from "node:fs";
import { unlimitCoreDumps } from "../../native/core_dump.ts";
import type { Log } from "./log.ts";

const PATTERN = "/proc/sys/kernel/core_pattern";

/** Allows core dumps. `pattern` (core(5)) replaces the machine's until this process exits; null = it stays. */
export function allowCoreDumps(pattern: string | null, log: Log): void {
  const refused = unlimitCoreDumps();
  if (refused !== null) log.write("warning", refused);
  if (pattern === null) return;
  try {
    const before = readFileSync(PATTERN, "utf8");
    writeFileSync(PATTERN, `${pattern}\n`);
    process.on("exit", () => writeFileSync(PATTERN, before));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.write("warning", `the pattern of core dumps cannot be set (${why}): run as root, or without -M`);
  }
}
