// signalfd: tells a thread that waits in epoll of a signal while that is still on its way to another thread's handler.
import { SIGNALFD } from "./constants.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

/** sigset_t of glibc and musl: a bit for each signal, signal 1 first. */
const SIGSET_BYTES = 128;

/**
 * A descriptor, closed on exec, that is readable from the sending of one of these signals to the process until its
 * handler begins. Not to be read: that would take the signal from the handler. Who waits for it wakes together with
 * the thread that the kernel has chosen for the handler, or finds it unreadable again: it is a hint. -1: refused.
 */
export function openSignalfd(signals: readonly number[]): number {
  const set = new Memory(SIGSET_BYTES);
  for (const signal of signals) set.bytes[(signal - 1) >> 3]! |= 1 << ((signal - 1) & 7);
  return libc.signalfd(-1, pointer(set.address), SIGNALFD.SFD_CLOEXEC | SIGNALFD.SFD_NONBLOCK);
}
