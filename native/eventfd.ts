// eventfd: wakes a thread that waits in epoll.
import { EVENTFD } from "./constants.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

const one = new Memory(8);
one.view.setUint32(0, 1, true);
const sink = new Memory(8);

/** A new eventfd, nonblocking, closed on exec. Throws SyscallError. */
export function openEventfd(): number {
  const fd = libc.eventfd(0, EVENTFD.EFD_CLOEXEC | EVENTFD.EFD_NONBLOCK);
  if (fd < 0) throw new SyscallError({ call: "eventfd", errno: lastErrno(), tried: "create an eventfd" });
  return fd;
}

/** Makes the eventfd readable. Any thread may do so; many signals before a drain count as one. */
export function signalEventfd(fd: number): void {
  while (Number(libc.write(fd, pointer(one.address), 8)) < 0) {
    if (lastErrno() !== ERRNO.EINTR) return; // EAGAIN: the counter is full, so it is readable already
  }
}

/** Makes the eventfd unreadable again. Read what it announced after this, never before. */
export function drainEventfd(fd: number): void {
  while (Number(libc.read(fd, pointer(sink.address), 8)) < 0) {
    if (lastErrno() !== ERRNO.EINTR) return; // EAGAIN: nothing was signalled
  }
}
