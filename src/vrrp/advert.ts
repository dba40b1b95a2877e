// From bytes to an advert: the checks that need no configuration, in the order of RFC 5798 section 7.1.
import { compareBytes, type Family, isMulticast } from "./address.ts";
import { addWords, fold, pseudoHeader4, pseudoHeader6 } from "./checksum.ts";
import * as at from "./layout.ts";
import { NO_REFUSAL, REFUSAL_CODES } from "./refusal.ts";

// Codes as constants: a property lookup less for each packet.
const { ttl: TTL, length: LENGTH, carp: CARP, version: VERSION, checksum: CHECKSUM } = REFUSAL_CODES;
const { protocol: PROTOCOL } = REFUSAL_CODES;

/** A received packet: where it lies in the caller's memory. Filled in by the receiver, reused for the next. */
export interface Packet {
  bytes: Uint8Array;
  family: Family;
  /** The socket it came from: VRRP (112) or AH (51). */
  protocol: 112 | 51;
  /** IPv4: first byte of the IP header. IPv6: first byte after the IPv6 header. */
  start: number;
  /** One past the last byte. */
  end: number;
  /** IPv6 only; for IPv4 `inspect` looks into the header. */
  hopLimit: number;
  /** Offset of the source address in `bytes`. IPv4: set by `inspect`. */
  sourceStart: number;
  /** Offset of the destination address in `bytes`. IPv4: set by `inspect`. */
  destinationStart: number;
}

/**
 * Which checksum verified: RFC 5798 as deployed, or the message alone, or that of unicast adverts of keepalived up to
 * 1.3.6, whose pseudo-header names the multicast group. "none": not looked at.
 */
export type ChecksumForm = "none" | "pseudo-header" | "message-only" | "old-unicast";

/** What takes the place of the destination there (RFC 5798 section 5.1.1.2): only the usual group is known here. */
const OLD_DESTINATION = Uint8Array.of(224, 0, 0, 18);

/** A parsed advert: fields, and offsets into the bytes of its packet. One object, reused for all packets. */
export class Advert {
  version = 0;
  type = 0;
  /** 0 when the packet is too short to have one. */
  vrid = 0;
  priority = 0;
  count = 0;
  intervalUs = 0;
  /** Version 2: 0 none, 1 simple text, 2 AH. Version 3: 0. */
  authType = 0;
  checksumForm: ChecksumForm = "none";
  /** Whether the destination is a multicast group. */
  multicast = false;
  hopLimit = 0;
  /** First byte of the VRRP message. */
  messageStart = 0;
  /** One past its last byte. */
  messageEnd = 0;
  addressesStart = 0;
  /** Version 2: the 8 bytes of authentication data. */
  authStart = 0;
  /** First byte of the AH header; -1 without one. */
  ahStart = -1;
  /** First byte of the auth_hmac trailer, which is not part of the message; -1 without one. */
  trailerStart = -1;

  /** Back to the values of an unread packet. */
  clear(): void {
    this.version =
      this.type =
      this.vrid =
      this.priority =
      this.count =
      this.intervalUs =
      this.authType =
        0;
    this.checksumForm = "none";
    this.multicast = false;
    this.hopLimit =
      this.messageStart =
      this.messageEnd =
      this.addressesStart =
      this.authStart =
        0;
    this.ahStart = this.trailerStart = -1;
  }
}

/**
 * Reads a packet into `into` and makes the checks that need no configuration: TTL, lengths, CARP, version 2 or 3
 * (IPv6: 3), AH header, checksum. Returns a refusal code or NO_REFUSAL. Never throws, whatever the bytes and
 * offsets are; never allocates. Fields that were reached before a refusal are set, `vrid` as early as possible.
 */
export function inspect(packet: Packet, into: Advert): number {
  into.clear();
  const refusal = packet.family === "ipv4" ? readIpv4(packet, into) : readIpv6(packet, into);
  if (refusal !== NO_REFUSAL) return refusal;
  // TTL is checked for multicast only: a unicast peer may be some hops away.
  if (into.multicast && into.hopLimit !== at.VRRP_TTL) return TTL;
  if (packet.protocol === at.IPPROTO_AH) {
    const ahRefusal = readAuthenticationHeader(packet.bytes, into);
    if (ahRefusal !== NO_REFUSAL) return ahRefusal;
  }
  return readMessage(packet, into);
}

/** The VRID of a packet that `inspect` has found well formed. Allocates nothing. */
export function vridOf({ bytes, family, protocol, start }: Packet): number {
  const message = start + (family === "ipv4" ? (bytes[start]! & 0x0f) * 4 : 0);
  return bytes[message + (protocol === at.IPPROTO_AH ? at.AH_BYTES : 0) + at.VRID] ?? 0;
}

/** IPv4 header: offsets of the addresses, TTL, and where the message lies (options are skipped). */
function readIpv4(packet: Packet, into: Advert): number {
  const { bytes, start, end } = packet;
  packet.sourceStart = packet.destinationStart = 0;
  if (!inside(start, end, bytes.length) || end - start < at.IPV4_HEADER_BYTES) return LENGTH;
  const first = bytes[start]!;
  const headerBytes = (first & 0x0f) * 4;
  const totalBytes = (bytes[start + at.IPV4_TOTAL_LENGTH]! << 8) | bytes[start + at.IPV4_TOTAL_LENGTH + 1]!;
  packet.sourceStart = start + at.IPV4_SOURCE;
  packet.destinationStart = start + at.IPV4_DESTINATION;
  into.hopLimit = bytes[start + at.IPV4_TTL]!;
  into.multicast = isMulticast(bytes, packet.destinationStart, 4);
  if (first >> 4 !== 4 || headerBytes < at.IPV4_HEADER_BYTES || headerBytes > totalBytes) return LENGTH;
  if (totalBytes > end - start) return LENGTH;
  into.messageStart = start + headerBytes;
  // Bytes after the total length are Ethernet padding.
  into.messageEnd = start + totalBytes;
  peekVrid(packet, into);
  return NO_REFUSAL;
}

/** The IPv6 header is gone already: its fields come with the packet. */
function readIpv6(packet: Packet, into: Advert): number {
  const { bytes, start, end, sourceStart, destinationStart } = packet;
  if (!inside(start, end, bytes.length)) return LENGTH;
  if (!inside(sourceStart, sourceStart + 16, bytes.length)) return LENGTH;
  if (!inside(destinationStart, destinationStart + 16, bytes.length)) return LENGTH;
  into.hopLimit = packet.hopLimit;
  into.multicast = isMulticast(bytes, destinationStart, 16);
  into.messageStart = start;
  into.messageEnd = end;
  peekVrid(packet, into);
  return NO_REFUSAL;
}

/** False for every odd pair of offsets, NaN and fractions included. */
function inside(start: number, end: number, length: number): boolean {
  return start >= 0 && start <= end && end <= length && start === Math.floor(start) &&
    end === Math.floor(end);
}

/** The VRID, for the counters, before anything is known to be right. */
function peekVrid(packet: Packet, into: Advert): void {
  const offset = into.messageStart + (packet.protocol === at.IPPROTO_AH ? at.AH_BYTES : 0) + at.VRID;
  into.vrid = offset < into.messageEnd ? packet.bytes[offset]! : 0;
}

/** AH header between IP and VRRP; what it proves is for `Judge` to say, who knows the key. */
function readAuthenticationHeader(bytes: Uint8Array, into: Advert): number {
  const start = into.messageStart;
  if (into.messageEnd - start < at.AH_BYTES) return LENGTH;
  // Socket 51 sees the IPsec traffic of the whole host.
  if (bytes[start + at.AH_NEXT_HEADER] !== at.IPPROTO_VRRP) return PROTOCOL;
  if (bytes[start + at.AH_LENGTH] !== at.AH_LENGTH_VALUE) return LENGTH;
  into.ahStart = start;
  into.messageStart = start + at.AH_BYTES;
  return NO_REFUSAL;
}

function readMessage(packet: Packet, into: Advert): number {
  const bytes = packet.bytes, start = into.messageStart;
  let length = into.messageEnd - start;
  if (length < at.MESSAGE_MIN_BYTES) return LENGTH;
  const first = bytes[start]!;
  into.version = first >> 4;
  into.type = first & 0x0f;
  into.vrid = bytes[start + at.VRID]!;
  into.priority = bytes[start + at.PRIORITY]!;
  into.count = bytes[start + at.COUNT]!;
  into.addressesStart = start + at.ADDRESSES;
  // CARP starts with the same byte as VRRPv2; read as that it would claim 7 addresses in 36 bytes.
  if (first === 0x21 && length === at.CARP_BYTES && into.count === at.CARP_AUTH_LENGTH) return CARP;
  const ipv4 = packet.family === "ipv4";
  if (into.version !== 3 && !(into.version === 2 && ipv4)) return VERSION;
  const expected = at.messageLength(into.version, ipv4 ? 4 : 16, into.count);
  if (length === expected + at.HMAC_TRAILER_BYTES && bytes[start + expected] === at.HMAC_TRAILER_TYPE) {
    // What it proves is for `Judge` to say; the checksum does not cover it.
    into.trailerStart = into.messageEnd = start + expected;
    length = expected;
  }
  if (length !== expected) return LENGTH;
  if (into.version === 2) {
    into.authType = bytes[start + at.AUTH_TYPE]!;
    into.intervalUs = bytes[start + at.ADVERT_SECONDS]! * 1_000_000;
    into.authStart = into.messageEnd - at.AUTH_DATA_BYTES;
  } else {
    const high = bytes[start + at.ADVERT_CENTISECONDS]! & 0x0f; // the upper four bits are reserved
    into.intervalUs = ((high << 8) | bytes[start + at.ADVERT_CENTISECONDS + 1]!) * 10_000;
  }
  return verifyChecksum(packet, into, length);
}

/** The sum of the old pseudo-header, from that of the right one. */
function oldPseudoHeader({ bytes, sourceStart, destinationStart }: Packet, length: number): number {
  const right = pseudoHeader4(bytes, sourceStart, destinationStart, length);
  return addWords(right - addWords(0, bytes, destinationStart, destinationStart + 4), OLD_DESTINATION, 0, 4);
}

/** Version 3 over IPv4 exists in two forms; either is taken, and which one is noted (RFC 9568 section 5.2.8). */
function verifyChecksum(packet: Packet, into: Advert, length: number): number {
  const bytes = packet.bytes;
  const sum = addWords(0, bytes, into.messageStart, into.messageEnd);
  if (into.version === 3) {
    const pseudo = packet.family === "ipv4"
      ? pseudoHeader4(bytes, packet.sourceStart, packet.destinationStart, length)
      : pseudoHeader6(bytes, packet.sourceStart, packet.destinationStart, length);
    if (fold(sum + pseudo) === 0xffff) {
      into.checksumForm = "pseudo-header";
      return NO_REFUSAL;
    }
    if (packet.family === "ipv6") return CHECKSUM;
  }
  if (into.version === 3 && !into.multicast && fold(sum + oldPseudoHeader(packet, length)) === 0xffff) {
    into.checksumForm = "old-unicast";
    return NO_REFUSAL;
  }
  if (fold(sum) !== 0xffff) return CHECKSUM;
  into.checksumForm = "message-only";
  return NO_REFUSAL;
}

/** Whether the packet's source address is `address` (4 or 16 bytes). */
export function isFrom(packet: Packet, address: Uint8Array): boolean {
  return compareBytes(packet.bytes, packet.sourceStart, address, 0, address.length) === 0;
}
