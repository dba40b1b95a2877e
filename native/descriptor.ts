// File descriptors: close them, read and write them, wait for one.
import { POLL } from "./constants.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { POLLFD } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";
import { monotonicUs } from "./clock.ts";

/** Closes a descriptor; a negative one is ignored. Never retried: Linux has released it even on EINTR. */
export function closeDescriptor(fd: number): void {
  if (fd >= 0) libc.close(fd);
}

/**
 * Opens a file; `flags` as of fcntl.h (O_CLOEXEC is the caller's), `mode` for new files.
 * Throws SyscallError.
 */
export function openFile(path: string, flags: number, mode: number, tried: string, advice?: string): number {
  const text = new TextEncoder().encode(`${path}\0`);
  for (;;) {
    const fd = libc.open(text, flags, mode);
    if (fd >= 0) return fd;
    const errno = lastErrno();
    if (errno === ERRNO.EINTR) continue;
    throw new SyscallError({ call: "open", errno, tried, advice: advice ?? fileAdvice(errno) });
  }
}

function fileAdvice(errno: number): string {
  if (errno === ERRNO.ENOENT || errno === ERRNO.ENOTDIR) return "check that the path exists";
  if (errno === ERRNO.EACCES || errno === ERRNO.EPERM) {
    return "check the permissions of the path, or run as root";
  }
  if (errno === ERRNO.EISDIR) return "name a file, not a directory";
  if (errno === ERRNO.EROFS) return "choose a path on a writable file system";
  return "";
}

/** Reads up to `lengthBytes` into memory at `start`. Returns the bytes read, 0 at the end, or -errno. */
export function readInto(fd: number, memory: Memory, start: number, lengthBytes: number): number {
  for (;;) {
    const n = Number(libc.read(fd, pointer(memory.address + start), lengthBytes));
    if (n >= 0) return n;
    const errno = lastErrno();
    if (errno !== ERRNO.EINTR) return -errno;
  }
}

/** Writes bytes of memory from `start` on. Returns the bytes written, or -errno. */
export function writeFrom(fd: number, memory: Memory, start: number, lengthBytes: number): number {
  for (;;) {
    const n = Number(libc.write(fd, pointer(memory.address + start), lengthBytes));
    if (n >= 0) return n;
    const errno = lastErrno();
    if (errno !== ERRNO.EINTR) return -errno;
  }
}

const pollfd = new Memory(POLLFD.size);

/**
 * Waits until a descriptor is readable (or broken), at most `timeoutMs`. True if it is; false when the time
 * is over. A signal does not end the wait.
 */
export function waitReadable(fd: number, timeoutMs: number): boolean {
  const endUs = monotonicUs() + timeoutMs * 1000;
  for (;;) {
    pollfd.view.setInt32(POLLFD.at.fd, fd, true);
    pollfd.view.setUint16(POLLFD.at.events, POLL.POLLIN, true);
    pollfd.view.setUint16(POLLFD.at.revents, 0, true);
    const leftMs = Math.max(0, Math.ceil((endUs - monotonicUs()) / 1000));
    const n = libc.poll(pointer(pollfd.address), 1, leftMs);
    if (n > 0) return true;
    if (n === 0) return false;
    if (lastErrno() !== ERRNO.EINTR) return true;
  }
}
