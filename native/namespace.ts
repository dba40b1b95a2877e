// Network namespaces of the calling thread. A socket stays for life in the one where it was made.
import { statSync } from "node:fs";
import { FCNTL, SCHED } from "./constants.ts";
import { openFile } from "./descriptor.ts";
import { lastErrno, SyscallError } from "./errno.ts";
import { libc } from "./libc.ts";

const OWN = "/proc/thread-self/ns/net";
const NEEDS_ADMIN = "run as root or grant CAP_SYS_ADMIN";

/** A descriptor of the namespace at `path`, default: the calling thread's. Throws SyscallError. */
export function openNamespace(path: string = OWN): number {
  return openFile(path, FCNTL.O_RDONLY | FCNTL.O_CLOEXEC, 0, `open the network namespace ${path}`);
}

/** Moves the calling thread into a namespace. Throws SyscallError. */
export function enterNamespace(fd: number): void {
  if (libc.setns(fd, SCHED.CLONE_NEWNET) >= 0) return;
  const errno = lastErrno();
  throw new SyscallError({ call: "setns", errno, tried: "enter a network namespace", advice: NEEDS_ADMIN });
}

/** Moves the calling thread into a new, empty namespace; it goes when nothing holds it. Throws SyscallError. */
export function newNamespace(): void {
  if (libc.unshare(SCHED.CLONE_NEWNET) >= 0) return;
  const errno = lastErrno();
  throw new SyscallError({
    call: "unshare",
    errno,
    tried: "create a network namespace",
    advice: NEEDS_ADMIN,
  });
}

/** The number that names the calling thread's namespace. */
export function namespaceInode(): number {
  return statSync(OWN).ino;
}
