// Temporary files of the bench: one directory, gone when it ends, however it ends.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let base: string | null = null;

/** A new, empty directory. */
export function scratchDirectory(): string {
  if (base === null) {
    base = mkdtempSync(join(tmpdir(), "baton-bench-"));
    // FRR's daemons give up root: they must get through to theirs.
    chmodSync(base, 0o711);
  }
  return mkdtempSync(join(base, "d"));
}

/** Removes everything that `scratchDirectory` has made. */
export function removeScratch(): void {
  if (base !== null) rmSync(base, { recursive: true, force: true });
  base = null;
}
