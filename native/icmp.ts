// An ICMP echo client: sends pings, hears the replies.
import { ICMP, ICMPV6, IN, IN6, SOCKET } from "./constants.ts";
import { ERRNO, lastErrno } from "./errno.ts";
import { SOCKADDR_IN, SOCKADDR_IN6 } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";
import { openSocket } from "./option.ts";
import type { Family } from "./socket.ts";

const ECHO_BYTES = 16;
const name = new Memory(SOCKADDR_IN6.size);
const packet = new Memory(ECHO_BYTES);
const received = new Memory(2048);

/** A raw socket for echo requests and replies, nonblocking. Throws SyscallError. */
export function openPing(family: Family = "ipv4"): number {
  return family === "ipv4"
    ? openSocket(SOCKET.AF_INET, SOCKET.SOCK_RAW, IN.IPPROTO_ICMP, "open a raw ICMP socket")
    : openSocket(SOCKET.AF_INET6, SOCKET.SOCK_RAW, IN6.IPPROTO_ICMPV6, "open a raw ICMPv6 socket");
}

/**
 * Sends an echo request to `address` (4 or 16 bytes, as the socket's family). `id` and `sequence`: 0..65535.
 * Returns 0 or -errno.
 */
export function sendEcho(fd: number, address: Uint8Array, id: number, sequence: number): number {
  const ipv4 = address.length === 4;
  const { bytes, view } = packet;
  bytes.fill(0);
  bytes[0] = ipv4 ? ICMP.ICMP_ECHO : ICMPV6.ICMPV6_ECHO_REQUEST;
  view.setUint16(4, id);
  view.setUint16(6, sequence);
  if (ipv4) view.setUint16(2, checksum(view)); // the kernel fills in that of ICMPv6
  name.bytes.fill(0);
  name.view.setUint16(0, ipv4 ? SOCKET.AF_INET : SOCKET.AF_INET6, true);
  name.bytes.set(address, ipv4 ? SOCKADDR_IN.at.sin_addr : SOCKADDR_IN6.at.sin6_addr);
  const nameBytes = ipv4 ? SOCKADDR_IN.size : SOCKADDR_IN6.size;
  for (;;) {
    const flags = SOCKET.MSG_DONTWAIT;
    const n = Number(
      libc.sendto(fd, pointer(packet.address), ECHO_BYTES, flags, pointer(name.address), nameBytes),
    );
    if (n >= 0) return 0;
    const errno = lastErrno();
    if (errno !== ERRNO.EINTR) return -errno;
  }
}

/**
 * Sequence number of the next echo reply that waits (with that `id`, default: any), -1 if there is none.
 * `family` is the socket's.
 */
export function receiveEcho(fd: number, id = -1, family: Family = "ipv4"): number {
  for (;;) {
    const n = Number(libc.recv(fd, pointer(received.address), received.bytes.length, SOCKET.MSG_DONTWAIT));
    if (n < 0) {
      if (lastErrno() === ERRNO.EINTR) continue;
      return -1;
    }
    const at = family === "ipv4" ? ((received.bytes[0] as number) & 15) * 4 : 0;
    const reply = family === "ipv4" ? ICMP.ICMP_ECHOREPLY : ICMPV6.ICMPV6_ECHO_REPLY;
    if (n < at + 8 || received.bytes[at] !== reply) continue;
    if (id >= 0 && received.view.getUint16(at + 4) !== id) continue;
    return received.view.getUint16(at + 6);
  }
}

/** RFC 1071 over an echo packet whose checksum field is 0. */
function checksum(view: DataView): number {
  let sum = 0;
  for (let at = 0; at < ECHO_BYTES; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
