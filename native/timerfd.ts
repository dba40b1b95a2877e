// timerfd: one absolute deadline that makes a descriptor readable.
import { TIME, TIMERFD } from "./constants.ts";
import { closeDescriptor } from "./descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { ITIMERSPEC, TIMESPEC } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

const SECONDS_AT = ITIMERSPEC.at.it_value + TIMESPEC.at.tv_sec;
const NANOSECONDS_AT = ITIMERSPEC.at.it_value + TIMESPEC.at.tv_nsec;

/** A timer on CLOCK_MONOTONIC, disarmed at first. */
export class Timerfd {
  readonly fd: number;
  readonly #spec = new Memory(ITIMERSPEC.size);
  readonly #sink = new Memory(8);

  /** Throws SyscallError. */
  constructor() {
    const fd = libc.timerfd_create(TIME.CLOCK_MONOTONIC, TIMERFD.TFD_CLOEXEC | TIMERFD.TFD_NONBLOCK);
    if (fd < 0) {
      throw new SyscallError({ call: "timerfd_create", errno: lastErrno(), tried: "create a timer" });
    }
    this.fd = fd;
  }

  /**
   * Makes the descriptor readable at `dueUs` (monotonicUs; fractions count to the nanosecond). A time in the
   * past, or no number, is due at once; Infinity disarms. Replaces the deadline before.
   */
  arm(dueUs: number): void {
    if (dueUs === Infinity) return this.disarm();
    let seconds = Math.floor(dueUs / 1_000_000);
    let nanoseconds = Math.floor((dueUs - seconds * 1_000_000) * 1000);
    if (nanoseconds < 0) nanoseconds = 0;
    if (nanoseconds > 999_999_999) nanoseconds = 999_999_999;
    if (!(dueUs > 0)) seconds = nanoseconds = 0;
    if (seconds === 0 && nanoseconds === 0) nanoseconds = 1; // an all-zero value would disarm
    this.#set(seconds, nanoseconds);
  }

  disarm(): void {
    this.#set(0, 0);
  }

  #set(seconds: number, nanoseconds: number): void {
    const view = this.#spec.view;
    view.setUint32(SECONDS_AT, seconds >>> 0, true);
    view.setUint32(SECONDS_AT + 4, Math.floor(seconds / 0x1_0000_0000), true);
    view.setUint32(NANOSECONDS_AT, nanoseconds, true);
    libc.timerfd_settime(this.fd, TIMERFD.TFD_TIMER_ABSTIME, pointer(this.#spec.address), null);
  }

  /** Makes the descriptor unreadable after it fired. */
  drain(): void {
    while (Number(libc.read(this.fd, pointer(this.#sink.address), 8)) < 0) {
      if (lastErrno() !== ERRNO.EINTR) return; // EAGAIN: it has not fired, or was armed anew meanwhile
    }
  }

  close(): void {
    closeDescriptor(this.fd);
  }
}
