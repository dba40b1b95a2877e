// The Ethernet frames that tell a link where an address lives now: gratuitous ARP and unsolicited NA.
import { ICMP6, IF_ETHER, IN6 } from "./constants.ts";

/** A gratuitous ARP: Ethernet header 14, ARP 28. */
export const GARP_BYTES = 42;
/** An unsolicited NA: Ethernet header 14, IPv6 header 40, NA 24, target link-layer address option 8. */
export const NA_BYTES = 86;

function copy(bytes: Uint8Array, at: number, from: Uint8Array, length: number): void {
  for (let i = 0; i < length; i++) bytes[at + i] = from[i] ?? 0;
}

function fill(bytes: Uint8Array, at: number, value: number, length: number): void {
  for (let i = 0; i < length; i++) bytes[at + i] = value;
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}

/**
 * Writes the Ethernet header (14 bytes) of a packet to the multicast group `destination`, 4 or 16 bytes (RFC 1112
 * section 6.4, RFC 2464 section 7), that comes from `mac`.
 */
export function writeMulticastHeader(
  bytes: Uint8Array,
  start: number,
  mac: Uint8Array,
  destination: Uint8Array,
): void {
  if (destination.length === 4) {
    copy(bytes, start, Uint8Array.of(0x01, 0x00, 0x5e, destination[1]! & 0x7f), 4);
    copy(bytes, start + 4, destination.subarray(2), 2);
    put16(bytes, start + 12, IF_ETHER.ETH_P_IP);
  } else {
    put16(bytes, start, 0x3333);
    copy(bytes, start + 2, destination.subarray(12), 4);
    put16(bytes, start + 12, IF_ETHER.ETH_P_IPV6);
  }
  copy(bytes, start + 6, mac, 6);
}

/**
 * Writes a gratuitous ARP request (RFC 5944 section 4.6): sender and target are `address` (4 bytes), the
 * sender's hardware address is `mac` (6 bytes). `bytes` needs GARP_BYTES from `start` on.
 */
export function writeGratuitousArp(
  bytes: Uint8Array,
  start: number,
  mac: Uint8Array,
  address: Uint8Array,
): void {
  fill(bytes, start, 0xff, 6);
  copy(bytes, start + 6, mac, 6);
  put16(bytes, start + 12, IF_ETHER.ETH_P_ARP);
  put16(bytes, start + 14, 1); // hardware: Ethernet
  put16(bytes, start + 16, IF_ETHER.ETH_P_IP);
  bytes[start + 18] = 6;
  bytes[start + 19] = 4;
  put16(bytes, start + 20, 1); // request: some hosts ignore gratuitous replies
  copy(bytes, start + 22, mac, 6);
  copy(bytes, start + 28, address, 4);
  fill(bytes, start + 32, 0xff, 6);
  copy(bytes, start + 38, address, 4);
}

/**
 * Writes an unsolicited neighbour advertisement (RFC 4861 section 4.4) to ff02::1: the target and source are
 * `address` (16 bytes), with the Override flag, and the Router flag if `router`. `bytes` needs NA_BYTES.
 */
export function writeUnsolicitedNa(
  bytes: Uint8Array,
  start: number,
  mac: Uint8Array,
  address: Uint8Array,
  router: boolean,
): void {
  const ip = start + 14;
  const icmp = ip + 40;
  fill(bytes, start, 0, NA_BYTES);
  put16(bytes, start, 0x3333);
  bytes[start + 5] = 1;
  copy(bytes, start + 6, mac, 6);
  put16(bytes, start + 12, IF_ETHER.ETH_P_IPV6);
  bytes[ip] = 0x60;
  put16(bytes, ip + 4, 32);
  bytes[ip + 6] = IN6.IPPROTO_ICMPV6;
  bytes[ip + 7] = 255;
  copy(bytes, ip + 8, address, 16);
  put16(bytes, ip + 24, 0xff02);
  bytes[ip + 39] = 1;
  bytes[icmp] = ICMP6.ND_NEIGHBOR_ADVERT;
  bytes[icmp + 4] = router ? 0xa0 : 0x20;
  copy(bytes, icmp + 8, address, 16);
  bytes[icmp + 24] = ICMP6.ND_OPT_TARGET_LINKADDR;
  bytes[icmp + 25] = 1; // option length, in units of 8 bytes
  copy(bytes, icmp + 26, mac, 6);
  put16(bytes, icmp + 2, icmpv6Checksum(bytes, ip));
}

/** RFC 4443 section 2.3: over the pseudo-header and the 32 bytes behind the IPv6 header at `ip`. */
function icmpv6Checksum(bytes: Uint8Array, ip: number): number {
  let sum = 32 + IN6.IPPROTO_ICMPV6;
  for (let at = ip + 8; at < ip + 72; at += 2) {
    sum += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
