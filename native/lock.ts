// A lock on a file that lasts as long as the process holds the descriptor.
import { fstatSync, statSync } from "node:fs";
import { FCNTL, FILE } from "./constants.ts";
import { closeDescriptor, openFile } from "./descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { libc } from "./libc.ts";

/**
 * Locks the file at `path`, which is created if need be (0644). Returns its descriptor, open for reading and
 * writing, or null if somebody else holds the lock. Throws SyscallError.
 */
export function lockFile(path: string): number | null {
  for (;;) {
    const flags = FCNTL.O_RDWR | FCNTL.O_CREAT | FCNTL.O_CLOEXEC;
    const fd = openFile(path, flags, 0o644, `open the lock file ${path}`);
    if (libc.flock(fd, FILE.LOCK_EX | FILE.LOCK_NB) < 0) {
      const errno = lastErrno();
      closeDescriptor(fd);
      if (errno === ERRNO.EINTR) continue;
      if (errno === ERRNO.EAGAIN) return null;
      throw new SyscallError({ call: "flock", errno, tried: `lock the file ${path}` });
    }
    // The former holder may have removed the file in between: then this lock is on a file without a name.
    if (isStillThere(fd, path)) return fd;
    closeDescriptor(fd);
  }
}

function isStillThere(fd: number, path: string): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  const held = fstatSync(fd);
  return named !== undefined && named.ino === held.ino && named.dev === held.dev;
}
