// A call that a thread of the kernel makes: what becomes of a wait that the kernel refuses.
import { expect, test } from "bun:test";
import { ERRNO } from "../../../native/errno.ts";
import { IoUring } from "../../../native/io_uring.ts";
import { Memory } from "../../../native/memory.ts";

/** No descriptor has this number. */
const NO_DESCRIPTOR = 1_000_000;

test("the result of a call is there once it has been waited for", () => {
  const ring = IoUring.open();
  // A machine that allows none.
  if (ring === null) return;
  expect(ring.send(NO_DESCRIPTOR, new Memory(8), 0, 8)).toBe(0);
  ring.wait();
  expect([ring.ended, ring.take(), ring.busy]).toEqual([true, -ERRNO.EBADF, false]);
  ring.close();
});

test("who waits at a ring that is closed hears of it instead of waiting for ever", () => {
  const ring = IoUring.open();
  if (ring === null) return;
  ring.close();
  expect(() => ring.wait()).toThrow("io_uring_enter: EBADF");
});
