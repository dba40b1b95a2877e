// Waiting: clock, epoll, eventfd, timerfd, poll.
import { afterEach, describe, expect, test } from "bun:test";
import { monotonicUs, realtimeUs } from "../../../native/clock.ts";
import { EPOLL } from "../../../native/constants.ts";
import { closeDescriptor, waitReadable } from "../../../native/descriptor.ts";
import { Poller } from "../../../native/epoll.ts";
import { ERRNO, SyscallError } from "../../../native/errno.ts";
import { drainEventfd, openEventfd, signalEventfd } from "../../../native/eventfd.ts";
import { Timerfd } from "../../../native/timerfd.ts";

const LIMIT_MS = 5000;
const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const close of cleanup.splice(0)) close();
});

function poller(maxEvents?: number): Poller {
  const made = new Poller(maxEvents);
  cleanup.push(() => made.close());
  return made;
}

function eventfd(): number {
  const fd = openEventfd();
  cleanup.push(() => closeDescriptor(fd));
  return fd;
}

function timerfd(): Timerfd {
  const made = new Timerfd();
  cleanup.push(() => made.close());
  return made;
}

test("the clocks run in microseconds, as fast as the runtime's", () => {
  const before = monotonicUs();
  const start = process.hrtime.bigint();
  while (process.hrtime.bigint() - start < 2_000_000n);
  const passedUs = Number(process.hrtime.bigint() - start) / 1000;
  expect(monotonicUs() - before).toBeGreaterThanOrEqual(passedUs - 1);
  expect(monotonicUs() - before).toBeLessThan(60_000_000);
  expect(Math.abs(realtimeUs() / 1000 - Date.now())).toBeLessThan(60_000);
});

describe("epoll", () => {
  test("tells which descriptors are ready, by their tokens", () => {
    const set = poller();
    const fds = [eventfd(), eventfd(), eventfd()];
    fds.forEach((fd, i) => set.add(fd, 0xffff_fff0 + i));
    expect(set.wait(0)).toBe(0);
    signalEventfd(fds[2] as number);
    signalEventfd(fds[0] as number);
    const n = set.wait(LIMIT_MS);
    const tokens = Array.from({ length: n }, (_, i) => set.token(i)).sort();
    expect(tokens).toEqual([0xffff_fff0, 0xffff_fff2]);
    expect(set.flags(0)).toBe(EPOLL.EPOLLIN);
  });

  test("reports no more than it has room for, and the rest next time", () => {
    const set = poller(2);
    const fds = Array.from({ length: 5 }, eventfd);
    fds.forEach((fd, i) => set.add(fd, i));
    fds.forEach(signalEventfd);
    const seen = new Set<number>();
    for (let n = set.wait(0); n > 0; n = set.wait(0)) {
      expect(n).toBeLessThanOrEqual(2);
      for (let i = 0; i < n; i++) {
        seen.add(set.token(i));
        drainEventfd(fds[set.token(i)] as number);
      }
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("a descriptor that was removed is heard no more; removing it twice is no error", () => {
    const set = poller();
    const fd = eventfd();
    set.add(fd, 1);
    signalEventfd(fd);
    set.remove(fd);
    set.remove(fd);
    expect(set.wait(0)).toBe(0);
  });

  test("a bad descriptor is an error with a name", () => {
    expect(() => poller().add(-1, 0)).toThrow(SyscallError);
    expect(() => poller().add(-1, 0)).toThrow("cannot watch descriptor -1 (epoll_ctl: EBADF)");
  });

  test("waiting on a closed set is an error number, not a throw", () => {
    const set = new Poller();
    const fd = eventfd();
    set.add(fd, 0);
    set.close();
    expect(set.wait(0)).toBe(-ERRNO.EBADF);
  });
});

describe("eventfd", () => {
  test("many signals are one, and a drain takes them all", () => {
    const fd = eventfd();
    expect(waitReadable(fd, 0)).toBe(false);
    for (let i = 0; i < 10; i++) signalEventfd(fd);
    expect(waitReadable(fd, LIMIT_MS)).toBe(true);
    drainEventfd(fd);
    expect(waitReadable(fd, 0)).toBe(false);
    drainEventfd(fd); // nothing there: must not block
  });

  test("wakes a thread that waits in epoll", async () => {
    const fd = eventfd();
    const url = new URL("./waiter.worker.ts", import.meta.url);
    const worker = new Worker(url);
    cleanup.push(() => worker.terminate());
    const answers: unknown[] = [];
    const done = new Promise<void>((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = (event) => {
        answers.push(event.data);
        if (event.data === "waiting") signalEventfd(fd);
        else resolve();
      };
    });
    worker.postMessage(fd);
    await done;
    expect(answers).toEqual(["waiting", "woken 1 77"]);
  });
});

describe("timerfd", () => {
  test("fires at its time, not before", () => {
    const timer = timerfd();
    const dueUs = monotonicUs() + 3000.25;
    timer.arm(dueUs);
    expect(waitReadable(timer.fd, LIMIT_MS)).toBe(true);
    expect(monotonicUs()).toBeGreaterThanOrEqual(dueUs);
    timer.drain();
    expect(waitReadable(timer.fd, 0)).toBe(false);
  });

  for (const due of [0, -1, 1, 0.0004, NaN, -Infinity]) {
    test(`${due} is in the past: it fires at once`, () => {
      const timer = timerfd();
      timer.arm(due);
      expect(waitReadable(timer.fd, LIMIT_MS)).toBe(true);
    });
  }

  test("a later deadline replaces one that was in the past", () => {
    const timer = timerfd();
    timer.arm(1);
    timer.arm(monotonicUs() + 3_600_000_000);
    expect(waitReadable(timer.fd, 0)).toBe(false);
  });

  test("Infinity and disarm stop it", () => {
    const timer = timerfd();
    timer.arm(1);
    timer.arm(Infinity);
    expect(waitReadable(timer.fd, 0)).toBe(false);
    timer.arm(1);
    timer.disarm();
    expect(waitReadable(timer.fd, 0)).toBe(false);
  });

  test("a deadline of a hundred years fits", () => {
    const timer = timerfd();
    timer.arm(monotonicUs() + 100 * 365.25 * 86_400e6);
    expect(waitReadable(timer.fd, 0)).toBe(false);
  });
});
