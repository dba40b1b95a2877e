// Receiving many datagrams with one system call (recvmmsg), without allocation.
import { IN, IN6, SOCKET } from "./constants.ts";
import { ERRNO, lastErrno } from "./errno.ts";
import { CMSGHDR, IOVEC, MMSGHDR, MSGHDR, SOCKADDR_IN, SOCKADDR_IN6, TIMESPEC } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer, writePointer } from "./memory.ts";

/** Room for a source address: every sockaddr that is used here fits. */
const NAME_BYTES = 32;
/** Room for control data: IPV6_PKTINFO takes 40 bytes, IPV6_HOPLIMIT 24, SCM_TIMESTAMPNS 32. */
const CONTROL_BYTES = 128;

/**
 * The datagrams of the last `receive`. Payloads, source names and control data lie in one Memory; the
 * accessors give offsets into it, valid until the next `receive`.
 */
export class ReceiveBatch {
  readonly memory: Memory;
  readonly slots: number;
  readonly slotBytes: number;
  /** That of `memory`, which would be asked for it several times for each datagram. */
  readonly #view: DataView;
  readonly #namesAt: number;
  readonly #controlsAt: number;
  readonly #payloadsAt: number;
  /** How many slots the kernel wrote to since they were last prepared. */
  #dirty: number;

  /** `slots` datagrams of up to `slotBytes` bytes each. */
  constructor(slots = 32, slotBytes = 4608) {
    this.slots = slots;
    this.slotBytes = slotBytes;
    const iovecsAt = slots * MMSGHDR.size;
    this.#namesAt = iovecsAt + slots * IOVEC.size;
    this.#controlsAt = this.#namesAt + slots * NAME_BYTES;
    this.#payloadsAt = this.#controlsAt + slots * CONTROL_BYTES;
    this.memory = new Memory(this.#payloadsAt + slots * slotBytes);
    const { view, address } = this.memory;
    this.#view = view;
    for (let i = 0; i < slots; i++) {
      const header = i * MMSGHDR.size;
      const iovec = iovecsAt + i * IOVEC.size;
      writePointer(view, header + MSGHDR.at.msg_name, address + this.#namesAt + i * NAME_BYTES);
      writePointer(view, header + MSGHDR.at.msg_iov, address + iovec);
      writePointer(view, header + MSGHDR.at.msg_iovlen, 1);
      writePointer(view, header + MSGHDR.at.msg_control, address + this.#controlsAt + i * CONTROL_BYTES);
      writePointer(view, iovec + IOVEC.at.iov_base, address + this.#payloadsAt + i * slotBytes);
      writePointer(view, iovec + IOVEC.at.iov_len, slotBytes);
    }
    this.#dirty = slots;
  }

  /** Receives what is there, up to `slots`. Returns the number of datagrams, 0 if there is none, or -errno. */
  receive(fd: number): number {
    const view = this.#view;
    for (let i = 0; i < this.#dirty; i++) {
      const header = i * MMSGHDR.size;
      view.setUint32(header + MSGHDR.at.msg_namelen, NAME_BYTES, true);
      view.setUint32(header + MSGHDR.at.msg_controllen, CONTROL_BYTES, true);
    }
    this.#dirty = 0;
    for (;;) {
      const n = libc.recvmmsg(fd, pointer(this.memory.address), this.slots, SOCKET.MSG_DONTWAIT, null);
      if (n >= 0) {
        // A datagram that failed half-way may have left lengths behind in the slot after the last.
        this.#dirty = Math.min(this.slots, n + 1);
        return n;
      }
      const errno = lastErrno();
      this.#dirty = 1;
      if (errno === ERRNO.EAGAIN) return 0;
      if (errno !== ERRNO.EINTR) return -errno;
    }
  }

  /** Offset of the payload of datagram `i`. */
  start(i: number): number {
    return this.#payloadsAt + i * this.slotBytes;
  }

  /** Bytes of the payload that were received. */
  length(i: number): number {
    return this.#view.getUint32(i * MMSGHDR.size + MMSGHDR.at.msg_len, true);
  }

  /** The datagram was longer than a slot; its tail is lost. */
  truncated(i: number): boolean {
    const flags = this.#view.getUint32(i * MMSGHDR.size + MSGHDR.at.msg_flags, true);
    return (flags & SOCKET.MSG_TRUNC) !== 0;
  }

  /** Offset of the source's sockaddr. */
  nameStart(i: number): number {
    return this.#namesAt + i * NAME_BYTES;
  }

  /** Offset of the source address: 4 bytes for IPv4, 16 for IPv6; -1 if the socket has no such addresses. */
  sourceStart(i: number): number {
    const name = this.nameStart(i);
    if (this.#view.getUint32(i * MMSGHDR.size + MSGHDR.at.msg_namelen, true) === 0) return -1;
    const family = this.#view.getUint16(name, true);
    if (family === SOCKET.AF_INET) return name + SOCKADDR_IN.at.sin_addr;
    if (family === SOCKET.AF_INET6) return name + SOCKADDR_IN6.at.sin6_addr;
    return -1;
  }

  /** Hop limit of an IPv6 packet, -1 if the kernel did not tell. */
  hopLimit(i: number): number {
    const at = this.control(i, IN.IPPROTO_IPV6, IN6.IPV6_HOPLIMIT, 4);
    return at < 0 ? -1 : this.#view.getInt32(at, true);
  }

  /** Offset of the 16 bytes of the destination of an IPv6 packet, -1 if the kernel did not tell. */
  destinationStart(i: number): number {
    return this.control(i, IN.IPPROTO_IPV6, IN6.IPV6_PKTINFO, 20);
  }

  /** When the kernel received it, in microseconds of CLOCK_REALTIME; NaN if the socket has no SO_TIMESTAMPNS. */
  stampUs(i: number): number {
    const at = this.control(i, SOCKET.SOL_SOCKET, SOCKET.SCM_TIMESTAMPNS, TIMESPEC.size);
    if (at < 0) return NaN;
    const view = this.#view;
    const seconds = view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
    return seconds * 1_000_000 + view.getUint32(at + TIMESPEC.at.tv_nsec, true) / 1000;
  }

  /** Offset of the control data of that level and type with at least `bytes` bytes, -1 if there is none. */
  control(i: number, level: number, type: number, bytes: number): number {
    const view = this.#view;
    let at = this.#controlsAt + i * CONTROL_BYTES;
    const used = view.getUint32(i * MMSGHDR.size + MSGHDR.at.msg_controllen, true);
    const end = at + Math.min(used, CONTROL_BYTES);
    while (at + CMSGHDR.size <= end) {
      const length = view.getUint32(at + CMSGHDR.at.cmsg_len, true);
      if (length < CMSGHDR.size || at + length > end) return -1;
      if (
        view.getUint32(at + CMSGHDR.at.cmsg_level, true) === level &&
        view.getUint32(at + CMSGHDR.at.cmsg_type, true) === type && length >= CMSGHDR.size + bytes
      ) return at + CMSGHDR.size;
      at += (length + 7) & ~7;
    }
    return -1;
  }
}
