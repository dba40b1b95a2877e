// Raw sockets for a protocol of its own over IPv4 and IPv6, and packet sockets for whole frames.
import { FILTER, IF, IN, IN6, PKT_SCHED, SOCKET } from "./constants.ts";
import { closeDescriptor } from "./descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { attachFilter } from "./filter.ts";
import { IP_MREQN, IPV6_MREQ } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";
import {
  openSocket,
  requireOption,
  setOption,
  setOptionMemory,
  setReceiveBuffer,
  setSendBuffer,
} from "./option.ts";

export { ReceiveBatch } from "./receive.ts";
export { SendBatch } from "./send.ts";

export type Family = "ipv4" | "ipv6";

/** Room for the packets of a whole batch, which the kernel counts at about 1.3 KB each. */
const SEND_BUFFER_BYTES = 4 * 1024 * 1024;

export interface ReceiverOptions {
  family: Family;
  /** IP protocol number. */
  protocol: number;
  /** The interface that it hears, and no other. */
  ifindex: number;
  /** Wanted receive buffer, in bytes. */
  bufferBytes: number;
}

/**
 * A raw socket that hears `protocol` on one interface, nonblocking. IPv4 packets begin with the IP header;
 * IPv6 ones begin behind it, and carry hop limit and destination as control data; all carry the time when the
 * kernel received them. Groups must be joined;
 * IPv6 multicast that any program of this host has joined on the interface comes too (IPV6_MULTICAST_ALL does
 * not hold for a raw socket that is not bound to an address): the destination tells. Throws SyscallError.
 */
export function openReceiver(options: ReceiverOptions): number {
  const { family, protocol, ifindex } = options;
  const fd = openSocket(domainOf(family), SOCKET.SOCK_RAW, protocol, `open a raw ${nameOf(family)} socket`);
  try {
    bindToInterface(fd, ifindex);
    if (family === "ipv4") {
      const tried = "refuse multicast that other programs joined";
      requireOption(fd, IN.IPPROTO_IP, IN.IP_MULTICAST_ALL, 0, tried);
    } else {
      requireOption(fd, IN.IPPROTO_IPV6, IN6.IPV6_RECVPKTINFO, 1, "ask for the destination of packets");
      requireOption(fd, IN.IPPROTO_IPV6, IN6.IPV6_RECVHOPLIMIT, 1, "ask for the hop limit of packets");
    }
    requireOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_TIMESTAMPNS, 1, "ask for the time of packets");
    setReceiveBuffer(fd, options.bufferBytes);
    // What came between socket and bind may be another interface's.
    while (Number(libc.recv(fd, pointer(drained.address), 1, SOCKET.MSG_DONTWAIT)) >= 0);
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
  return fd;
}

const drained = new Memory(1);

/** The family in words. */
export function nameOf(family: Family): string {
  return family === "ipv4" ? "IPv4" : "IPv6";
}

/** AF_INET or AF_INET6. */
export function domainOf(family: Family): number {
  return family === "ipv4" ? SOCKET.AF_INET : SOCKET.AF_INET6;
}

function bindToInterface(fd: number, ifindex: number): void {
  const tried = `bind a raw socket to the interface with index ${ifindex}`;
  // The kernel would take any index, and the name is for Linux < 5.1, which has no SO_BINDTOIFINDEX.
  const text = new Memory(IF.IFNAMSIZ);
  if (libc.if_indextoname(ifindex, pointer(text.address)) === null) {
    throw new SyscallError({ call: "if_indextoname", errno: lastErrno(), tried });
  }
  let errno = setOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_BINDTOIFINDEX, ifindex);
  if (errno === ERRNO.ENOPROTOOPT) {
    errno = setOptionMemory(fd, SOCKET.SOL_SOCKET, SOCKET.SO_BINDTODEVICE, text);
  }
  if (errno !== 0) throw new SyscallError({ call: "setsockopt", errno, tried });
}

/** Joins a multicast group on an interface; being a member already is no error. Throws SyscallError. */
export function joinGroup(fd: number, family: Family, group: Uint8Array, ifindex: number): void {
  const errno = membership(fd, family, group, ifindex, true);
  if (errno === 0 || errno === ERRNO.EADDRINUSE) return;
  throw new SyscallError({
    call: "setsockopt",
    errno,
    tried: `join a multicast group on the interface with index ${ifindex}`,
    ...(errno === ERRNO.ENOBUFS ? { advice: "raise net.ipv4.igmp_max_memberships" } : {}),
    ...(errno === ERRNO.EINVAL ? { advice: "name a multicast address" } : {}),
  });
}

/** Leaves a multicast group; not being a member, or the interface being gone, is no error. Throws SyscallError. */
export function leaveGroup(fd: number, family: Family, group: Uint8Array, ifindex: number): void {
  const errno = membership(fd, family, group, ifindex, false);
  if (errno === 0 || errno === ERRNO.EADDRNOTAVAIL || errno === ERRNO.ENODEV) return;
  const tried = `leave a multicast group on the interface with index ${ifindex}`;
  throw new SyscallError({ call: "setsockopt", errno, tried });
}

function membership(fd: number, family: Family, group: Uint8Array, ifindex: number, join: boolean): number {
  if (family === "ipv4") {
    const request = new Memory(IP_MREQN.size);
    request.bytes.set(group.subarray(0, 4), IP_MREQN.at.imr_multiaddr);
    request.view.setInt32(IP_MREQN.at.imr_ifindex, ifindex, true);
    const option = join ? IN.IP_ADD_MEMBERSHIP : IN.IP_DROP_MEMBERSHIP;
    return setOptionMemory(fd, IN.IPPROTO_IP, option, request);
  }
  const request = new Memory(IPV6_MREQ.size);
  request.bytes.set(group.subarray(0, 16), IPV6_MREQ.at.ipv6mr_multiaddr);
  request.view.setInt32(IPV6_MREQ.at.ipv6mr_interface, ifindex, true);
  const option = join ? IN6.IPV6_ADD_MEMBERSHIP : IN6.IPV6_DROP_MEMBERSHIP;
  return setOptionMemory(fd, IN.IPPROTO_IPV6, option, request);
}

/**
 * A socket that sends whole IP packets, header included, and hears nothing. For IPv4 the kernel fills in
 * total length and header checksum, and the identification and source if they are 0; IPv6 goes out as it is.
 * Multicast is not looped back. Throws SyscallError.
 */
export function openSender(family: Family): number {
  const fd = openSocket(
    domainOf(family),
    SOCKET.SOCK_RAW,
    IN.IPPROTO_RAW,
    `open a raw ${nameOf(family)} socket`,
  );
  try {
    const tried = "stop multicast from being looped back";
    if (family === "ipv4") requireOption(fd, IN.IPPROTO_IP, IN.IP_MULTICAST_LOOP, 0, tried);
    else requireOption(fd, IN.IPPROTO_IPV6, IN6.IPV6_MULTICAST_LOOP, 0, tried);
    hearNothing(fd);
    setUrgent(fd);
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
  return fd;
}

/** A socket that sends whole Ethernet frames and hears nothing. Throws SyscallError. */
export function openFrameSocket(): number {
  const fd = openSocket(SOCKET.AF_PACKET, SOCKET.SOCK_RAW, 0, "open a packet socket");
  setUrgent(fd);
  return fd;
}

/** Ahead of other traffic in the queue of the interface, where that is allowed. */
export function setUrgent(fd: number): void {
  if (setOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_PRIORITY, PKT_SCHED.TC_PRIO_CONTROL) !== 0) {
    setOption(fd, SOCKET.SOL_SOCKET, SOCKET.SO_PRIORITY, PKT_SCHED.TC_PRIO_INTERACTIVE);
  }
  setSendBuffer(fd, SEND_BUFFER_BYTES);
}

/** A filter of one instruction: nothing is ever queued on a socket that nobody reads. */
export function hearNothing(fd: number): void {
  attachFilter(fd, [[FILTER.BPF_RET | FILTER.BPF_K, 0, 0, 0]]);
}
