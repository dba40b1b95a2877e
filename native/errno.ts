// Error numbers of the kernel, and the one error that failed system calls throw.
import { type Pointer, read } from "bun:ffi";
import { libc } from "./libc.ts";

/** asm-generic/errno-base.h and asm-generic/errno.h */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  EOVERFLOW: 75,
  ENOTSOCK: 88,
  EDESTADDRREQ: 89,
  EMSGSIZE: 90,
  EPROTOTYPE: 91,
  ENOPROTOOPT: 92,
  EPROTONOSUPPORT: 93,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ECONNREFUSED: 111,
  ENOBUFS: 105,
  EISCONN: 106,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  EHOSTDOWN: 112,
  EHOSTUNREACH: 113,
  EALREADY: 114,
  ESTALE: 116,
} as const;

const NAMES = new Map<number, string>(Object.entries(ERRNO).map(([name, number]) => [number, name]));

/** The name of an error number, for example EPERM; `errno 999` for one that is not in the table. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

// errno is per thread, and so is this module: each Worker loads its own.
const location = libc.__errno_location() as Pointer;

/**
 * errno of the calling thread. Meaningful only in the statement after a failed call: whatever allocates
 * between the two may run the collector, whose own system calls overwrite errno.
 */
export function lastErrno(): number {
  return read.i32(location, 0);
}

/** What helps, by the error alone, where the call gives no better advice. */
const ADVICE: Readonly<Record<number, string>> = {
  [ERRNO.EPERM]: "run as root or grant CAP_NET_RAW and CAP_NET_ADMIN",
  [ERRNO.EACCES]: "run as root or grant CAP_NET_RAW and CAP_NET_ADMIN",
  [ERRNO.EMFILE]: "raise the limit of open files (LimitNOFILE= or ulimit -n)",
  [ERRNO.ENFILE]: "raise fs.file-max",
  [ERRNO.ENOMEM]: "free memory or raise the memory limit of the service",
  [ERRNO.ENOBUFS]: "raise net.core.rmem_max or try again",
  [ERRNO.ENODEV]: "check that the interface still exists",
  [ERRNO.ENXIO]: "check that the interface still exists",
  [ERRNO.ENETDOWN]: "set the interface up",
  [ERRNO.ENOSYS]: "use Linux 4.20 or newer",
  [ERRNO.EAFNOSUPPORT]:
    "enable this address family (ipv6.disable=1, or RestrictAddressFamilies= in the unit?)",
  [ERRNO.EOPNOTSUPP]: "use a kernel that is built with this feature",
  [ERRNO.EROFS]: "choose a path on a writable file system",
};

/** What went wrong, as the caller of a system call knows it. */
export interface SyscallFailure {
  /** The function that failed, for example `socket`. */
  call: string;
  errno: number;
  /** What was tried, after "cannot": for example `open a raw socket`. */
  tried: string;
  /** The kernel's own words, where it gave some. */
  detail?: string;
  /** What to do; default: by errno. "" = there is nothing to say. */
  advice?: string;
}

/** A system call that failed. The message is one sentence: what was tried, the error's name, what to do. */
export class SyscallError extends Error {
  override readonly name = "SyscallError";
  readonly call: string;
  readonly errno: number;
  readonly errnoName: string;
  readonly advice: string;

  constructor(failure: SyscallFailure) {
    const name = errnoName(failure.errno);
    const advice = failure.advice ?? ADVICE[failure.errno] ?? "";
    const detail = failure.detail ? `, ${failure.detail}` : "";
    super(`cannot ${failure.tried} (${failure.call}: ${name}${detail})${advice ? `: ${advice}` : ""}`);
    this.call = failure.call;
    this.errno = failure.errno;
    this.errnoName = name;
    this.advice = advice;
  }
}
