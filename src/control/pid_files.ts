// The pid files of a daemon: locked as long as it runs, so that a second one notices.
import { rmSync, writeFileSync } from "node:fs";
import { closeDescriptor } from "../../native/descriptor.ts";
import { lockFile } from "../../native/lock.ts";
import { DaemonError } from "./daemon_error.ts";

/** Pid files that belong to this process. */
export class PidFiles {
  readonly #paths: readonly string[];
  readonly #locks: number[] = [];

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Locks and writes them all, or none. Throws a DaemonError where another daemon holds one. */
  take(): void {
    for (const path of this.#paths) {
      const fd = lockFile(path);
      if (fd === null) {
        this.release();
        throw new DaemonError(
          `another daemon runs: it holds ${path}; stop it, or give this one another --pid`,
          1,
          true,
        );
      }
      this.#locks.push(fd);
      writeFileSync(path, `${process.pid}\n`);
    }
  }

  /** Removes those that were taken. */
  release(): void {
    for (const path of this.#paths.slice(0, this.#locks.length)) rmSync(path, { force: true });
    for (const fd of this.#locks.splice(0)) closeDescriptor(fd);
  }
}
