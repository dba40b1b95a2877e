// The record of kernel parameters that baton has changed: on disk before the change, gone once all is put back.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isOwnSysctl, readSysctl, writeSysctl } from "../../native/sysctl.ts";

/** A parameter that was changed. */
export interface KeptSysctl {
  /** Below /proc/sys. */
  path: string;
  /** What was there, and what baton has written. */
  before: string;
  value: string;
}

/** What a record holds; empty without a readable one. */
export function readSysctlRecord(file: string): KeptSysctl[] {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return [];
  }
  return Array.isArray(data) ? data.filter(isKeptSysctl) : [];
}

/** Writes the record; an empty one removes the file. Returns null, or a sentence why it cannot be written. */
export function writeSysctlRecord(file: string, kept: readonly KeptSysctl[]): string | null {
  try {
    if (kept.length === 0) rmSync(file, { force: true });
    else {
      writeFileSync(`${file}.new`, JSON.stringify(kept) + "\n", { mode: 0o644 });
      renameSync(`${file}.new`, file);
    }
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `the record of kernel parameters ${file} cannot be written (${why}); a crash would leave them changed`;
  }
}

/** Puts a parameter back unless somebody has changed it since. Returns whether that has changed anything. */
export function putBack({ path, before, value }: KeptSysctl): boolean {
  return readSysctl(path) === value && writeSysctl(path, before) === null;
}

/** Puts back what an earlier run has left changed, and removes its record. Returns what was, as `name = value`. */
export function restoreRecord(file: string): string[] {
  const restored = readSysctlRecord(file).filter(putBack).map(({ path, before }) => `${path} = ${before}`);
  writeSysctlRecord(file, []);
  return restored;
}

function isKeptSysctl(value: unknown): value is KeptSysctl {
  if (value === null || typeof value !== "object") return false;
  const { path, before, value: set } = value as Record<string, unknown>;
  return typeof path === "string" && isOwnSysctl(path) && typeof before === "string" &&
    typeof set === "string";
}
