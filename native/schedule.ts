// Real-time scheduling, memory locking and timer slack, which may be refused and say why; short turns, which are asked for.
import { readdirSync, readFileSync } from "node:fs";
import { CALL, MMAN, PRCTL, SCHED, SCHED_FLAG } from "./constants.ts";
import { ERRNO, errnoName, lastErrno } from "./errno.ts";
import { SCHED_ATTR, SCHED_PARAM } from "./layout.ts";
import { libc, systemCall } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";
import { niceValue } from "./thread.ts";

/**
 * Runs the calling thread under SCHED_FIFO with `priority` 1..99, and what io_uring does for it in the kernel just below
 * that; children start under SCHED_OTHER. Priority 0 goes back to SCHED_OTHER. Returns null, or a sentence that
 * says why it was refused.
 */
export function setRealtime(priority: number): string | null {
  if (schedule(0, priority)) {
    // It may have to wait for what they do.
    for (const tid of kernelThreads()) schedule(tid, priority > 1 ? priority - 1 : priority);
    return null;
  }
  const errno = lastErrno();
  const cure = errno === ERRNO.EPERM
    ? "run as root, or grant CAP_SYS_NICE and give the service real-time bandwidth (LimitRTPRIO=, RestrictRealtime=no)"
    : errno === ERRNO.EINVAL
    ? "choose a priority from 1 to 99"
    : "adverts go out with ordinary priority";
  return `real-time priority ${priority} was refused (sched_setscheduler: ${errnoName(errno)}): ${cure}`;
}

/** `tid` 0: the calling thread. Returns whether the kernel allows it. */
function schedule(tid: number, priority: number): boolean {
  const parameter = new Memory(SCHED_PARAM.size);
  parameter.view.setInt32(SCHED_PARAM.at.sched_priority, priority, true);
  const policy = priority === 0 ? SCHED.SCHED_OTHER : SCHED.SCHED_FIFO | SCHED.SCHED_RESET_ON_FORK;
  // The system call itself: musl's function of this name only fails with ENOSYS.
  return systemCall(CALL.SYS_sched_setscheduler, tid, policy, pointer(parameter.address)) >= 0;
}

/** The threads of io_uring (io_uring/io-wq.c): only one thread of this program uses it. */
function kernelThreads(): number[] {
  return readdirSync("/proc/self/task").filter((tid) => nameOf(tid).startsWith("iou-wrk-")).map(Number);
}

/** "" once the thread has ended. */
function nameOf(tid: string): string {
  try {
    return readFileSync(`/proc/self/task/${tid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

/** kernel/sched/fair.c: no turn is shorter. */
const SHORTEST_TURN_NS = 100_000n;

/**
 * Asks for short turns of the calling thread in ordinary time: who asks for less is due earlier, so whoever runs when
 * it wakes is interrupted. Needs no right. A thread that is in real time already stays as it is; before Linux 6.12 it
 * means nothing.
 */
export function shortenTurns(): void {
  const { size, at } = SCHED_ATTR;
  const attributes = new Memory(size);
  attributes.view.setUint32(at.size, size, true);
  attributes.view.setBigUint64(at.sched_flags, BigInt(SCHED_FLAG.SCHED_FLAG_KEEP_POLICY), true);
  attributes.view.setInt32(at.sched_nice, niceValue(), true);
  attributes.view.setBigUint64(at.sched_runtime, SHORTEST_TURN_NS, true);
  systemCall(CALL.SYS_sched_setattr, 0, attributes.address);
}

/**
 * Keeps the pages of this process in memory that it uses now, and those of its present mappings that it will use. Only
 * together with MCL_ONFAULT: without it the kernel would fill all the address space that the runtime has reserved.
 * What is mapped later is not locked (MCL_FUTURE): locked memory never goes back to the system, and a process would
 * keep for ever what it once needed for a moment.
 */
export function lockMemory(): string | null {
  if (libc.mlockall(MMAN.MCL_CURRENT | MMAN.MCL_ONFAULT) >= 0) return null;
  const errno = lastErrno();
  const cure = errno === ERRNO.EINVAL
    ? "use Linux 4.4 or newer"
    : "grant CAP_IPC_LOCK or set LimitMEMLOCK=infinity";
  return `locking memory was refused (mlockall: ${errnoName(errno)}): ${cure}`;
}

/** How late the kernel may wake the calling thread to save power, in nanoseconds (1 = not at all). */
export function setTimerSlack(ns: number): string | null {
  if (libc.prctl(PRCTL.PR_SET_TIMERSLACK, ns, 0, 0, 0) >= 0) return null;
  return `timer slack ${ns} ns was refused (prctl: ${
    errnoName(lastErrno())
  }): timers may be up to 50 us late`;
}
