// Waiting for many descriptors at once (epoll), level-triggered, without allocation.
import { EPOLL } from "./constants.ts";
import { closeDescriptor } from "./descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { EPOLL_EVENT } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

const EVENT_BYTES = EPOLL_EVENT.size;
const EVENTS_AT = EPOLL_EVENT.at.events;
const DATA_AT = EPOLL_EVENT.at.data;

/** A set of descriptors; each carries a token that names it when it is readable. */
export class Poller {
  readonly #fd: number;
  readonly #maxEvents: number;
  readonly #events: Memory;
  readonly #change = new Memory(EVENT_BYTES);

  /** `maxEvents`: how many one `wait` reports at most; the others are reported by the next. Throws SyscallError. */
  constructor(maxEvents = 256) {
    const fd = libc.epoll_create1(EPOLL.EPOLL_CLOEXEC);
    if (fd < 0) {
      throw new SyscallError({ call: "epoll_create1", errno: lastErrno(), tried: "create an epoll set" });
    }
    this.#fd = fd;
    this.#maxEvents = maxEvents;
    this.#events = new Memory(maxEvents * EVENT_BYTES);
  }

  /** Watches `fd` for input; `token` is an unsigned 32-bit number. Throws SyscallError. */
  add(fd: number, token: number): void {
    const view = this.#change.view;
    view.setUint32(EVENTS_AT, EPOLL.EPOLLIN, true);
    view.setUint32(DATA_AT, token, true);
    view.setUint32(DATA_AT + 4, 0, true);
    if (libc.epoll_ctl(this.#fd, EPOLL.EPOLL_CTL_ADD, fd, pointer(this.#change.address)) < 0) {
      throw new SyscallError({ call: "epoll_ctl", errno: lastErrno(), tried: `watch descriptor ${fd}` });
    }
  }

  /** Stops watching `fd`; call it before the descriptor is closed. One that is not watched is no error. */
  remove(fd: number): void {
    libc.epoll_ctl(this.#fd, EPOLL.EPOLL_CTL_DEL, fd, pointer(this.#change.address));
  }

  /**
   * Waits up to `timeoutMs` (-1 = for ever, 0 = not at all). Returns the number of ready descriptors, 0 when
   * the time is over or a signal came, -errno otherwise.
   */
  wait(timeoutMs: number): number {
    const n = libc.epoll_wait(this.#fd, pointer(this.#events.address), this.#maxEvents, timeoutMs);
    if (n >= 0) return n;
    const errno = lastErrno();
    return errno === ERRNO.EINTR ? 0 : -errno;
  }

  /** Token of ready descriptor `i` of the last wait. */
  token(i: number): number {
    return this.#events.view.getUint32(i * EVENT_BYTES + DATA_AT, true);
  }

  /** EPOLLIN, EPOLLERR, EPOLLHUP bits of ready descriptor `i` of the last wait. */
  flags(i: number): number {
    return this.#events.view.getUint32(i * EVENT_BYTES + EVENTS_AT, true);
  }

  close(): void {
    closeDescriptor(this.#fd);
  }
}
