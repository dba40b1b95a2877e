// Standard output without the runtime's streams, which take a command milliseconds to load.
import { fstatSync, writeSync } from "node:fs";

const STDOUT = 1;
/** Major number of /dev/null and its like (Linux, admin-guide/devices.txt). */
const MEMORY_MAJOR = 1;

/**
 * Writes all of the text; where the reader of a non-blocking pipe is slow, the stream waits for it. Returns whether
 * anybody reads on.
 */
export function print(text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(STDOUT, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Who reads has seen enough (head).
      if (code === "EPIPE") return false;
      if (code !== "EAGAIN") throw error;
      process.stdout.write(bytes.subarray(done));
      return true;
    }
  }
  return true;
}

/** Whether people read it in a terminal that shows colours. */
export function isColorful(): boolean {
  return process.env.NO_COLOR === undefined && isCharacterDevice() && process.stdout.isTTY === true;
}

/** A terminal is one; so is /dev/null, which is none. */
function isCharacterDevice(): boolean {
  try {
    const status = fstatSync(STDOUT);
    return status.isCharacterDevice() && status.rdev >> 8 !== MEMORY_MAJOR;
  } catch {
    // It is closed.
    return false;
  }
}
