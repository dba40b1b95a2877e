// The C library: the one table of functions that this program calls, found on glibc and musl alike.
import { dlopen, FFIType } from "bun:ffi";

/** ssize_t and other signed 64-bit results: a number, never garbage; a BigInt only beyond 2^53. */
const SSIZE = FFIType.i64_fast;

/** Variadic functions have one fixed signature here; that holds on x86-64 and aarch64 Linux. */
const SYMBOLS = {
  __errno_location: { args: [], returns: "ptr" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  epoll_create1: { args: ["i32"], returns: "i32" },
  epoll_ctl: { args: ["i32", "i32", "i32", "ptr"], returns: "i32" },
  epoll_wait: { args: ["i32", "ptr", "i32", "i32"], returns: "i32" },
  eventfd: { args: ["u32", "i32"], returns: "i32" },
  flock: { args: ["i32", "i32"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  if_indextoname: { args: ["u32", "ptr"], returns: "ptr" },
  mlockall: { args: ["i32"], returns: "i32" },
  mmap: { args: ["ptr", "u64", "i32", "i32", "i32", "i64"], returns: "ptr" },
  mprotect: { args: ["ptr", "u64", "i32"], returns: "i32" },
  open: { args: ["ptr", "i32", "u32"], returns: "i32" },
  poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
  read: { args: ["i32", "ptr", "u64"], returns: SSIZE },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: SSIZE },
  recvmmsg: { args: ["i32", "ptr", "u32", "i32", "ptr"], returns: "i32" },
  send: { args: ["i32", "ptr", "u64", "i32"], returns: SSIZE },
  sendmmsg: { args: ["i32", "ptr", "u32", "i32"], returns: "i32" },
  sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: SSIZE },
  setns: { args: ["i32", "i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  sigaction: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  signal: { args: ["i32", "u64"], returns: SSIZE },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  syscall: { args: ["i64", "i64", "i64", "ptr"], returns: SSIZE },
  timerfd_create: { args: ["i32", "i32"], returns: "i32" },
  timerfd_settime: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
  unshare: { args: ["i32"], returns: "i32" },
  write: { args: ["i32", "ptr", "u64"], returns: SSIZE },
} as const;

/** The names of the table: the static executable must have them all inside. */
export const LIBC_FUNCTIONS: readonly string[] = Object.keys(SYMBOLS);

function open(name: string) {
  return dlopen(name, SYMBOLS).symbols;
}

type Libc = ReturnType<typeof open>;

/**
 * The names under which a C library may be found, most likely first. musl's loader answers to all of its
 * own names with itself.
 */
export function libcNames(arch: string): string[] {
  const machine = arch === "arm64" ? "aarch64" : "x86_64";
  return ["libc.so.6", `libc.musl-${machine}.so.1`, `/lib/ld-musl-${machine}.so.1`, "libc.so"];
}

/**
 * Opens the first C library of `names` that has every function of the table.
 * Throws an Error of one sentence if there is none.
 */
export function openLibc(names: readonly string[]): { symbols: Libc; name: string } {
  const failures: string[] = [];
  for (const name of names) {
    try {
      return { symbols: open(name), name };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (failures.some((text) => text.includes("JIT"))) {
    throw new Error(
      "the C library cannot be called because memory may not be made executable here: " +
        "remove MemoryDenyWriteExecute= from the service unit (and BUN_JSC_useJIT=0 from the environment)",
    );
  }
  const reason = failures.find((text) => !text.includes("o such file")) ?? failures[0] ?? "no name to try";
  throw new Error(
    `no C library was found under ${names.join(", ")} (${reason}): install glibc 2.17 or newer, or musl`,
  );
}

const opened = openLibc(libcNames(process.arch));

/** The functions. Called with plain numbers, and with `pointer()` of memory.ts for addresses. */
export const libc: Libc = opened.symbols;
/** The name under which the C library was found. */
export const libcName: string = opened.name;
