// UDP sockets whose TTL matters: one that hears a port on every interface, and ones that send to one host.
import { IN, IN6, SOCKET } from "./constants.ts";
import { closeDescriptor } from "./descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { IN6_PKTINFO, IN_PKTINFO, SOCKADDR_IN, SOCKADDR_IN6 } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";
import { openSocket, requireOption, setOption, setReceiveBuffer } from "./option.ts";
import type { ReceiveBatch } from "./receive.ts";
import { domainOf, type Family, hearNothing, nameOf, setUrgent } from "./socket.ts";

/** Class Selector 6 (RFC 4594 section 3.1): network control. */
const NETWORK_CONTROL = 0xc0;

/**
 * A nonblocking socket for all datagrams to `port` of any address of this host; they come with their TTL or hop
 * limit, their destination and the time of their arrival. Throws SyscallError: EADDRINUSE when another program hears the port.
 */
export function openUdpReceiver(family: Family, port: number, bufferBytes: number): number {
  const tried = `hear UDP port ${port} over ${nameOf(family)}`;
  const fd = openSocket(domainOf(family), SOCKET.SOCK_DGRAM, IN.IPPROTO_UDP, tried);
  try {
    if (family === "ipv4") {
      requireOption(fd, IN.IPPROTO_IP, IN.IP_RECVTTL, 1, "ask for the TTL of datagrams");
      requireOption(fd, IN.IPPROTO_IP, IN.IP_PKTINFO, 1, "ask for the destination of datagrams");
    } else {
      requireOption(fd, IN.IPPROTO_IPV6, IN6.IPV6_V6ONLY, 1, "hear IPv6 only");
      requireOption(fd, IN.IPPROTO_IPV6, IN6.IPV6_RECVHOPLIMIT, 1, "ask for the hop limit of datagrams");
      requireOption(fd, IN.IPPROTO_IPV6, IN6.IPV6_RECVPKTINFO, 1, "ask for the destination of datagrams");
    }
    requireOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_TIMESTAMPNS, 1, "ask for the time of datagrams");
    setReceiveBuffer(fd, bufferBytes);
    const errno = bindTo(fd, socketName(family, null, port));
    if (errno !== 0) {
      const advice = errno === ERRNO.EADDRINUSE ? "end the other program that hears it" : "";
      throw new SyscallError({ call: "bind", errno, tried, advice });
    }
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
  return fd;
}

/** TTL or hop limit of datagram `i` of a batch from such a socket, -1 if the kernel did not tell. */
export function ttlOf(batch: ReceiveBatch, family: Family, i: number): number {
  if (family === "ipv6") return batch.hopLimit(i);
  const at = batch.control(i, IN.IPPROTO_IP, IN.IP_TTL, 4);
  return at < 0 ? -1 : batch.memory.view.getInt32(at, true);
}

/** Offset of the destination address of datagram `i`, -1 if the kernel did not tell. */
export function destinationOf(batch: ReceiveBatch, family: Family, i: number): number {
  if (family === "ipv6") {
    const at = batch.destinationStart(i);
    return at < 0 ? -1 : at + IN6_PKTINFO.at.ipi6_addr;
  }
  const at = batch.control(i, IN.IPPROTO_IP, IN.IP_PKTINFO, IN_PKTINFO.size);
  return at < 0 ? -1 : at + IN_PKTINFO.at.ipi_addr;
}

/** Where a UdpSender sends from and to. */
export interface UdpPath {
  family: Family;
  /** Null: the kernel's choice. */
  source: Uint8Array | null;
  destination: Uint8Array;
  port: number;
  /** TTL or hop limit, 1..255. */
  ttl: number;
}

/** Sends the same memory to one host, again and again, without allocation. */
export class UdpSender {
  /** What is sent. */
  readonly memory: Memory;
  readonly #fd: number;
  readonly #name: Memory;

  /**
   * `sourcePort` tells from which port, given how often that was refused because it is in use; -1 = give up.
   * Throws SyscallError: EADDRNOTAVAIL while no interface has the source address.
   */
  constructor(path: UdpPath, memory: Memory, sourcePort: (attempt: number) => number) {
    const { family, source, destination, port, ttl } = path;
    const tried = `send UDP over ${nameOf(family)}`;
    this.memory = memory;
    this.#name = socketName(family, destination, port);
    this.#fd = openSocket(domainOf(family), SOCKET.SOCK_DGRAM, IN.IPPROTO_UDP, tried);
    try {
      const [level, ttlOption, classOption] = family === "ipv4"
        ? [IN.IPPROTO_IP, IN.IP_TTL, IN.IP_TOS]
        : [IN.IPPROTO_IPV6, IN6.IPV6_UNICAST_HOPS, IN6.IPV6_TCLASS];
      requireOption(this.#fd, level, ttlOption, ttl, `send with TTL ${ttl}`);
      setOption(this.#fd, level, classOption, NETWORK_CONTROL);
      setUrgent(this.#fd);
      hearNothing(this.#fd);
      for (let attempt = 0;; attempt++) {
        const from = sourcePort(attempt);
        const errno = bindTo(this.#fd, socketName(family, source, Math.max(0, from)));
        if (errno === 0) break;
        if (errno === ERRNO.EADDRINUSE && from >= 0) continue;
        throw new SyscallError({ call: "bind", errno, tried: "bind a UDP socket to its source address" });
      }
    } catch (error) {
      closeDescriptor(this.#fd);
      throw error;
    }
  }

  /** Sends the memory. Returns 0 or -errno. */
  send(): number {
    for (;;) {
      const sent = Number(libc.sendto(
        this.#fd,
        pointer(this.memory.address),
        this.memory.bytes.length,
        SOCKET.MSG_DONTWAIT,
        pointer(this.#name.address),
        this.#name.bytes.length,
      ));
      if (sent >= 0) return 0;
      const errno = lastErrno();
      if (errno !== ERRNO.EINTR) return -errno;
    }
  }

  close(): void {
    closeDescriptor(this.#fd);
  }
}

/** A sockaddr; address null: any. */
function socketName(family: Family, address: Uint8Array | null, port: number): Memory {
  const at = family === "ipv4" ? SOCKADDR_IN.at.sin_port : SOCKADDR_IN6.at.sin6_port;
  const memory = new Memory(family === "ipv4" ? SOCKADDR_IN.size : SOCKADDR_IN6.size);
  memory.view.setUint16(0, domainOf(family), true);
  memory.view.setUint16(at, port);
  if (address !== null) {
    memory.bytes.set(address, family === "ipv4" ? SOCKADDR_IN.at.sin_addr : SOCKADDR_IN6.at.sin6_addr);
  }
  return memory;
}

/** Returns 0 or the errno. */
function bindTo(fd: number, address: Memory): number {
  return libc.bind(fd, pointer(address.address), address.bytes.length) < 0 ? lastErrno() : 0;
}
