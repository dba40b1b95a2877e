// io_uring, as much of it as one call needs that its thread must not wait for: a thread of the kernel makes it instead.
import { type Pointer, toArrayBuffer } from "bun:ffi";
import { CALL, IO_URING, MMAN } from "./constants.ts";
import { closeDescriptor } from "./descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { openEventfd } from "./eventfd.ts";
import {
  IO_CQRING_OFFSETS,
  IO_SQRING_OFFSETS,
  IO_URING_CQE,
  IO_URING_PARAMS,
  IO_URING_SQE,
} from "./layout.ts";
import { libc, systemCall } from "./libc.ts";
import { Memory, pointer, writePointer } from "./memory.ts";

/** One call is under way at a time. */
const ENTRIES = 1;
/** Both rings lie in the first page, and a call in another. */
const PAGE_BYTES = 4096;
const NUMBER_BYTES = 4;

/** A ring as the kernel has made it. */
interface Ring {
  fd: number;
  /** struct io_uring_params, filled in. */
  parameters: Memory;
  deferred: boolean;
}

/** A place for one call that runs aside. Belongs to the thread that has made it. */
export class IoUring {
  /** An eventfd that is readable from the end of a call on. */
  readonly endedFd: number;
  readonly #fd: number;
  /** Both rings as numbers; where in them is what. */
  readonly #rings: Int32Array;
  readonly #call: DataView;
  readonly #at: {
    submitted: number;
    order: number;
    head: number;
    tail: number;
    mask: number;
    results: number;
  };
  /** The kernel writes results only when it is asked for them: it interrupts nobody's sleep then. */
  readonly #deferred: boolean;
  #busy = false;

  private constructor({ fd, parameters, deferred }: Ring, endedFd: number, rings: Pointer, call: Pointer) {
    const { sq_off, cq_off } = IO_URING_PARAMS.at;
    const { at: sq } = IO_SQRING_OFFSETS;
    const { at: cq } = IO_CQRING_OFFSETS;
    const place = (offset: number) => parameters.view.getUint32(offset, true) / NUMBER_BYTES;
    this.#fd = fd;
    this.endedFd = endedFd;
    this.#deferred = deferred;
    this.#rings = new Int32Array(toArrayBuffer(rings, 0, PAGE_BYTES));
    this.#call = new DataView(toArrayBuffer(call, 0, IO_URING_SQE.size));
    this.#at = {
      submitted: place(sq_off + sq.tail),
      order: place(sq_off + sq.array),
      head: place(cq_off + cq.head),
      tail: place(cq_off + cq.tail),
      mask: place(cq_off + cq.ring_mask),
      results: place(cq_off + cq.cqes),
    };
  }

  /**
   * Null where the kernel has none (before Linux 5.6) or allows none (a sandbox, kernel.io_uring_disabled). Throws
   * SyscallError where no descriptor is left.
   */
  static open(): IoUring | null {
    const endedFd = openEventfd();
    const ring = setUp();
    if (ring !== null && tellsBy(endedFd, ring.fd)) {
      const rings = map(ring.fd, IO_URING.IORING_OFF_SQ_RING);
      const call = map(ring.fd, IO_URING.IORING_OFF_SQES);
      if (rings !== null && call !== null) return new IoUring(ring, endedFd, rings, call);
    }
    if (ring !== null) closeDescriptor(ring.fd);
    closeDescriptor(endedFd);
    return null;
  }

  /** A call is under way, or its result has not been taken. */
  get busy(): boolean {
    return this.#busy;
  }

  /**
   * Has the bytes [start, end) sent through socket `fd`; they must stay as they are until the result has been taken.
   * Only when it is not busy. Returns 0, or -errno where it was not begun. Allocates nothing.
   */
  send(fd: number, memory: Memory, start: number, end: number): number {
    const { at } = IO_URING_SQE;
    const call = this.#call;
    call.setUint8(at.opcode, IO_URING.IORING_OP_SEND);
    // Never by this thread, not even at first: the kernel would have it wait.
    call.setUint8(at.flags, IO_URING.IOSQE_ASYNC);
    call.setInt32(at.fd, fd, true);
    writePointer(call, at.addr, memory.address + start);
    call.setUint32(at.len, end - start, true);
    const { submitted, order } = this.#at;
    const before = Atomics.load(this.#rings, submitted);
    this.#rings[order] = 0;
    Atomics.store(this.#rings, submitted, before + 1);
    if (systemCall(CALL.SYS_io_uring_enter, this.#fd, ENTRIES) === ENTRIES) {
      this.#busy = true;
      return 0;
    }
    const errno = lastErrno();
    Atomics.store(this.#rings, submitted, before);
    return -errno;
  }

  /** Whether the call has ended. Allocates nothing. */
  get ended(): boolean {
    if (this.#deferred && !this.#hasResult) this.#enter(0);
    return this.#hasResult;
  }

  /** Waits until it has. Throws SyscallError where the kernel does not let it. */
  wait(): void {
    while (!this.#hasResult) {
      if (this.#enter(1) >= 0) continue;
      const errno = lastErrno();
      if (errno === ERRNO.EINTR) continue;
      throw new SyscallError({ call: "io_uring_enter", errno, tried: "wait for a call that runs aside" });
    }
  }

  /** What the call has returned: a number of bytes, or -errno. To be called once it has ended. */
  take(): number {
    const { head, mask, results } = this.#at;
    const at = Atomics.load(this.#rings, head);
    const slot = results + (at & this.#rings[mask]!) * (IO_URING_CQE.size / NUMBER_BYTES);
    const result = this.#rings[slot + IO_URING_CQE.at.res / NUMBER_BYTES]!;
    Atomics.store(this.#rings, head, at + 1);
    this.#busy = false;
    return result;
  }

  close(): void {
    closeDescriptor(this.#fd);
    closeDescriptor(this.endedFd);
  }

  get #hasResult(): boolean {
    return Atomics.load(this.#rings, this.#at.head) !== Atomics.load(this.#rings, this.#at.tail);
  }

  #enter(atLeast: number): number {
    return systemCall(
      CALL.SYS_io_uring_enter,
      this.#fd,
      0,
      pointer(atLeast),
      IO_URING.IORING_ENTER_GETEVENTS,
    );
  }
}

/** Makes a ring whose two halves lie together; null if refused. */
function setUp(): Ring | null {
  const parameters = new Memory(IO_URING_PARAMS.size);
  const { flags, features } = IO_URING_PARAMS.at;
  const deferring = IO_URING.IORING_SETUP_SINGLE_ISSUER | IO_URING.IORING_SETUP_DEFER_TASKRUN;
  // Before Linux 6.1 there is no deferring: the end of a call wakes its thread.
  for (const wanted of [deferring, 0]) {
    parameters.bytes.fill(0);
    parameters.view.setUint32(flags, wanted, true);
    const fd = systemCall(CALL.SYS_io_uring_setup, ENTRIES, parameters.address);
    if (fd < 0) continue;
    const together = (parameters.view.getUint32(features, true) & IO_URING.IORING_FEAT_SINGLE_MMAP) !== 0;
    if (together) return { fd, parameters, deferred: wanted !== 0 };
    closeDescriptor(fd);
  }
  return null;
}

/** Has the end of each call make an eventfd readable. Returns whether it does. */
function tellsBy(eventfd: number, ring: number): boolean {
  const descriptor = new Memory(NUMBER_BYTES);
  descriptor.view.setInt32(0, eventfd, true);
  const at = pointer(descriptor.address);
  return systemCall(CALL.SYS_io_uring_register, ring, IO_URING.IORING_REGISTER_EVENTFD, at, 1) >= 0;
}

/** A page of the ring's memory; null if refused. It stays as long as the process. */
function map(fd: number, offset: number): Pointer | null {
  const { PROT_READ, PROT_WRITE, MAP_SHARED, MAP_POPULATE } = MMAN;
  const page = libc.mmap(
    null,
    PAGE_BYTES,
    PROT_READ | PROT_WRITE,
    MAP_SHARED | MAP_POPULATE,
    fd,
    offset,
  ) as Pointer;
  return Number(page) <= 0 ? null : page; // MAP_FAILED is -1
}
