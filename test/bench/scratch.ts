// Temporary files of the bench: one directory, gone when it ends, however it ends.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let base: string | null = null;

/** A new, empty directory. */
export function scratchDirectory(): string {
  base ??= mkdtempSync(join(tmpdir(), "baton-bench-"));
  return mkdtempSync(join(base, "d"));
}

/** Removes everything that `scratchDirectory` has made. */
export function removeScratch(): void {
  if (base !== null) rmSync(base, { recursive: true, force: true });
}
