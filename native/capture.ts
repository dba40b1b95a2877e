// A packet capture socket: every frame of one interface, with the time it came or went.
import { IF_ETHER, IF_PACKET, SOCKET } from "./constants.ts";
import { closeDescriptor } from "./descriptor.ts";
import { lastErrno, SyscallError } from "./errno.ts";
import { SOCKADDR_LL } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";
import { openSocket, requireOption, setReceiveBuffer } from "./option.ts";
import { ReceiveBatch } from "./receive.ts";
import { realtimeUs } from "./clock.ts";

/** A frame with its Ethernet header. */
export interface CapturedFrame {
  /** CLOCK_REALTIME, from the kernel. */
  timeUs: number;
  /** Sent by this host. */
  outgoing: boolean;
  frame: Uint8Array;
}

export class Capture {
  readonly fd: number;
  readonly #batch = new ReceiveBatch(1, 65536);

  /** Throws SyscallError. */
  constructor(ifindex: number) {
    // Protocol 0 hears nothing until bind names the interface: no frame of another one gets in.
    const fd = openSocket(SOCKET.AF_PACKET, SOCKET.SOCK_RAW, 0, "open a packet socket");
    this.fd = fd;
    try {
      requireOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_TIMESTAMPNS, 1, "ask for the time of frames");
      setReceiveBuffer(fd, 4 * 1024 * 1024);
      const name = new Memory(SOCKADDR_LL.size);
      name.view.setUint16(SOCKADDR_LL.at.sll_family, SOCKET.AF_PACKET, true);
      name.view.setUint16(SOCKADDR_LL.at.sll_protocol, IF_ETHER.ETH_P_ALL); // big-endian
      name.view.setInt32(SOCKADDR_LL.at.sll_ifindex, ifindex, true);
      if (libc.bind(fd, pointer(name.address), SOCKADDR_LL.size) < 0) {
        const errno = lastErrno();
        throw new SyscallError({
          call: "bind",
          errno,
          tried: `capture on the interface with index ${ifindex}`,
        });
      }
    } catch (error) {
      closeDescriptor(fd);
      throw error;
    }
  }

  /** The next frame that waits, or null. Never blocks. */
  receive(): CapturedFrame | null {
    const batch = this.#batch;
    if (batch.receive(this.fd) <= 0) return null;
    const { view, bytes } = batch.memory;
    const stampUs = batch.stampUs(0);
    const start = batch.start(0);
    return {
      timeUs: Number.isNaN(stampUs) ? realtimeUs() : stampUs,
      outgoing: view.getUint8(batch.nameStart(0) + SOCKADDR_LL.at.sll_pkttype) === IF_PACKET.PACKET_OUTGOING,
      frame: bytes.slice(start, start + batch.length(0)),
    };
  }

  close(): void {
    closeDescriptor(this.fd);
  }
}
