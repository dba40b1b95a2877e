// Tells this process's main thread by a signal (SIGIO) that a descriptor can be read: the runtime's loop cannot be given one.
import { FCNTL } from "./constants.ts";
import { lastErrno, SyscallError } from "./errno.ts";
import { F_OWNER_EX } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory } from "./memory.ts";

const readers = new Map<number, () => void>();

function readAll(): void {
  // One signal may stand for several descriptors.
  for (const read of readers.values()) read();
}

/**
 * From now on `read` is called whenever something new may be read from `fd`, which must be nonblocking. It has to
 * read until nothing is left, and may be called for nothing. Returns the end of it, to be called before the
 * descriptor is closed. For the main thread only. Throws SyscallError.
 */
export function onReadable(fd: number, read: () => void): () => void {
  const owner = new Memory(F_OWNER_EX.size);
  owner.view.setInt32(F_OWNER_EX.at.type, FCNTL.F_OWNER_TID, true);
  // The main thread has the number of its process. No other thread is to be interrupted.
  owner.view.setInt32(F_OWNER_EX.at.pid, process.pid, true);
  if (readers.size === 0) process.on("SIGIO", readAll);
  readers.set(fd, read);
  const end = () => {
    readers.delete(fd);
    if (readers.size === 0) process.off("SIGIO", readAll);
  };
  if (
    libc.fcntl(fd, FCNTL.F_SETOWN_EX, BigInt(owner.address)) < 0 ||
    libc.fcntl(fd, FCNTL.F_SETFL, BigInt(FCNTL.O_ASYNC | FCNTL.O_NONBLOCK)) < 0
  ) {
    const errno = lastErrno();
    end();
    throw new SyscallError({ call: "fcntl", errno, tried: "be told of what can be read" });
  }
  return end;
}
