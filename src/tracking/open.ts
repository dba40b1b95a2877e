// Tests that a file can be opened for reading, without ever waiting for what is behind it.
import { constants } from "node:fs";
import type { ChildExit } from "../../native/child.ts";

/** A test that has been started, in the shape of a child process: code 0, or 1 when it cannot be opened. */
export interface OpenTest {
  exited: Promise<ChildExit>;
  /** Gives up at once: an open that hangs in the kernel cannot be interrupted. */
  terminate(): Promise<ChildExit>;
}

/** Opens and closes `path`. O_NONBLOCK: a FIFO without a writer opens too. */
export function canOpen(path: string): OpenTest {
  const { promise, resolve } = Promise.withResolvers<ChildExit>();
  const end = (code: number): void => resolve({ code, signal: null, error: null });
  openAndClose(path, () => end(0)).catch(() => end(1));
  return {
    exited: promise,
    terminate: () => {
      end(1);
      return promise;
    },
  };
}

/** Calls `opened` between the two. Rejects when the file cannot be opened. */
async function openAndClose(path: string, opened: () => void): Promise<void> {
  // Loaded with the first such test: most configurations have none.
  const { open } = await import("node:fs/promises");
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  opened();
  await file.close().catch(() => {});
}
