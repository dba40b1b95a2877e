// The Internet checksum (RFC 1071) and the pseudo-headers that VRRPv3 puts before it.
import { IPPROTO_VRRP } from "./layout.ts";

/**
 * Adds the 16-bit words of bytes[start, end) to `sum`; an odd last byte counts as the high half of a word.
 * The result is not folded; it stays exact for up to 64 KiB.
 */
export function addWords(sum: number, bytes: Uint8Array, start: number, end: number): number {
  const last = end - 1;
  let i = start;
  for (; i < last; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  if (i === last) sum += bytes[i]! << 8;
  return sum;
}

/** Folds a sum to 16 bits with end-around carry. A range that verifies folds to 0xffff. */
export function fold(sum: number): number {
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}

/** The value of the checksum field for a sum taken with that field as zero. */
export function checksumOf(sum: number): number {
  return ~fold(sum) & 0xffff;
}

/** IPv4 pseudo-header as VRRPv3 uses it: source, destination, zero, protocol 112, message length. */
export function pseudoHeader4(
  bytes: Uint8Array,
  sourceStart: number,
  destinationStart: number,
  messageBytes: number,
): number {
  let sum = IPPROTO_VRRP + messageBytes;
  sum = addWords(sum, bytes, sourceStart, sourceStart + 4);
  return addWords(sum, bytes, destinationStart, destinationStart + 4);
}

/** IPv6 pseudo-header (RFC 8200 section 8.1): source, destination, 32-bit length, next header 112. */
export function pseudoHeader6(
  bytes: Uint8Array,
  sourceStart: number,
  destinationStart: number,
  messageBytes: number,
): number {
  let sum = IPPROTO_VRRP + messageBytes;
  sum = addWords(sum, bytes, sourceStart, sourceStart + 16);
  return addWords(sum, bytes, destinationStart, destinationStart + 16);
}
