// Sending many prebuilt packets with one system call (sendmmsg), without allocation.
import { SOCKET } from "./constants.ts";
import { ERRNO, lastErrno } from "./errno.ts";
import { IOVEC, MMSGHDR, MSGHDR } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer, writePointer } from "./memory.ts";

/**
 * Packets to be sent together. It holds addresses only: the memory behind them belongs to the caller and
 * must stay referenced and unchanged until `flush`.
 */
export class SendBatch {
  readonly slots: number;
  readonly #memory: Memory;
  /** That of `#memory`. */
  readonly #view: DataView;
  readonly #iovecsAt: number;
  readonly #errors: Int32Array;
  #count = 0;

  /** Room for `slots` packets, at most 1024 (the kernel's UIO_MAXIOV). */
  constructor(slots = 256) {
    this.slots = Math.min(1024, Math.max(1, slots));
    this.#iovecsAt = this.slots * MMSGHDR.size;
    this.#memory = new Memory(this.#iovecsAt + this.slots * IOVEC.size);
    this.#errors = new Int32Array(this.slots);
    const { view, address } = this.#memory;
    this.#view = view;
    for (let i = 0; i < this.slots; i++) {
      const header = i * MMSGHDR.size;
      writePointer(view, header + MSGHDR.at.msg_iov, address + this.#iovecsAt + i * IOVEC.size);
      writePointer(view, header + MSGHDR.at.msg_iovlen, 1);
    }
  }

  /** Packets that wait for `flush`. */
  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.slots;
  }

  /**
   * Adds a packet. The name is its sockaddr, the control data may be empty (0, 0).
   * Returns its slot, or -1 if the batch is full.
   */
  push(
    packetAddress: number,
    lengthBytes: number,
    nameAddress: number,
    nameBytes: number,
    controlAddress: number,
    controlBytes: number,
  ): number {
    if (this.#count === this.slots) return -1;
    const slot = this.#count++;
    const view = this.#view;
    const header = slot * MMSGHDR.size;
    const iovec = this.#iovecsAt + slot * IOVEC.size;
    writePointer(view, iovec + IOVEC.at.iov_base, packetAddress);
    // The upper halves of lengths are 0, and stay so.
    view.setUint32(iovec + IOVEC.at.iov_len, lengthBytes, true);
    writePointer(view, header + MSGHDR.at.msg_name, nameAddress);
    view.setUint32(header + MSGHDR.at.msg_namelen, nameBytes, true);
    writePointer(view, header + MSGHDR.at.msg_control, controlAddress);
    view.setUint32(header + MSGHDR.at.msg_controllen, controlBytes, true);
    return slot;
  }

  /**
   * Sends all packets in order and empties the batch. A packet that the kernel refuses is skipped, the rest
   * still go. Returns the number sent; `error` then tells about each slot.
   */
  flush(fd: number): number {
    const count = this.#count;
    this.#count = 0;
    let sent = 0;
    let slot = 0;
    while (slot < count) {
      const at = pointer(this.#memory.address + slot * MMSGHDR.size);
      const n = libc.sendmmsg(fd, at, count - slot, SOCKET.MSG_DONTWAIT);
      if (n > 0) {
        for (let i = 0; i < n; i++) this.#errors[slot + i] = 0;
        sent += n;
        slot += n;
        continue;
      }
      const errno = n < 0 ? lastErrno() : ERRNO.EIO;
      if (errno === ERRNO.EINTR) continue;
      this.#errors[slot++] = errno;
    }
    return sent;
  }

  /** 0 if the packet in that slot of the last flush was sent, else the errno. */
  error(slot: number): number {
    return this.#errors[slot] ?? 0;
  }
}
