// Where and how urgently the calling thread runs, and how long a real-time thread may run without a pause.
import { RESOURCE, RLIM_INFINITY } from "./constants.ts";
import { ERRNO, errnoName, lastErrno } from "./errno.ts";
import { RLIMIT } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

/** cpu_set_t of sched.h: one bit for each of CPU_SETSIZE processors. */
const CPU_SET_BYTES = 128;

/** The processors that the calling thread may use, as the kernel's bits. */
export function processorBits(): Uint8Array {
  const set = new Memory(CPU_SET_BYTES);
  libc.sched_getaffinity(0, CPU_SET_BYTES, pointer(set.address));
  return set.bytes;
}

/** The bits of some processors, by number. */
export function bitsOfProcessors(processors: readonly number[]): Uint8Array {
  const bits = new Uint8Array(CPU_SET_BYTES);
  for (const number of processors) bits[number >> 3] = bits[number >> 3]! | (1 << (number & 7));
  return bits;
}

/** Lets the calling thread run on these processors only. Returns null, or a sentence that says why not. */
export function setProcessors(bits: Uint8Array): string | null {
  const set = new Memory(CPU_SET_BYTES);
  set.bytes.set(bits);
  if (libc.sched_setaffinity(0, CPU_SET_BYTES, pointer(set.address)) >= 0) return null;
  const errno = lastErrno();
  const cure = errno === ERRNO.EINVAL
    ? "name at least one processor that this machine has and lets the daemon use"
    : "the engine runs where the kernel puts it";
  return `the choice of processors was refused (sched_setaffinity: ${errnoName(errno)}): ${cure}`;
}

/** Nice value of the calling thread, -20 (most urgent) to 19. Returns null, or a sentence that says why not. */
export function setNice(nice: number): string | null {
  // On Linux it is an attribute of the thread (setpriority(2), NOTES).
  if (libc.setpriority(RESOURCE.PRIO_PROCESS, 0, nice) >= 0) return null;
  return `nice ${nice} was refused (setpriority: ${
    errnoName(lastErrno())
  }): run as root or grant CAP_SYS_NICE`;
}

/** Nice value of the calling thread. */
export function niceValue(): number {
  return libc.getpriority(RESOURCE.PRIO_PROCESS, 0);
}

/**
 * Limits how long a real-time thread of this process may run without a pause, in microseconds; null = what is allowed
 * at most. The kernel sends SIGXCPU each second beyond it. Returns null, or a sentence that says why not.
 */
export function limitRealtime(us: number | null): string | null {
  const limit = new Memory(RLIMIT.size);
  const { view } = limit;
  if (libc.getrlimit(RESOURCE.RLIMIT_RTTIME, pointer(limit.address)) >= 0) {
    // The hard limit stays: a thread that reaches it is killed.
    const hard = view.getBigUint64(RLIMIT.at.rlim_max, true);
    const wanted = us === null ? RLIM_INFINITY : BigInt(us);
    view.setBigUint64(RLIMIT.at.rlim_cur, wanted < hard ? wanted : hard, true);
    if (libc.setrlimit(RESOURCE.RLIMIT_RTTIME, pointer(limit.address)) >= 0) return null;
  }
  return `vrrp_rlimit_rttime was refused (setrlimit: ${
    errnoName(lastErrno())
  }): real-time threads run unlimited`;
}
