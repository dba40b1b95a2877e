// VRRP frames as the bench reads and writes them: a small codec of its own, so that the daemon's cannot hide an error.
import type { Announcement, SeenAdvert } from "./analyse.ts";

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const PROTOCOL_VRRP = 112;
const GROUP = Uint8Array.of(224, 0, 0, 18);
const GROUP_MAC = Uint8Array.of(0x01, 0x00, 0x5e, 0x00, 0x00, 0x12);

/** What a frame of VRRP over IPv4 is made of. */
export interface AdvertFrame {
  sourceMac: Uint8Array;
  /** Default: that of the group. */
  destinationMac?: Uint8Array;
  source: Uint8Array;
  version: 2 | 3;
  vrid: number;
  priority: number;
  intervalUs: number;
  addresses: readonly Uint8Array[];
  /** Default 255. */
  ttl?: number;
  /** Leave out what lies behind so many bytes of the message; the IP header tells the truth about it. */
  keepBytes?: number;
}

/** The frame to 224.0.0.18, with right checksums (RFC 3768 section 5, RFC 5798 section 5.2). */
export function advertFrame(spec: AdvertFrame): Uint8Array {
  const message = 8 + 4 * spec.addresses.length + (spec.version === 2 ? 8 : 0);
  const kept = spec.keepBytes ?? message;
  const frame = new Uint8Array(ETHERNET_BYTES + IPV4_BYTES + message);
  const view = new DataView(frame.buffer);
  frame.set(spec.destinationMac ?? GROUP_MAC, 0);
  frame.set(spec.sourceMac, 6);
  view.setUint16(12, 0x0800);
  const ip = ETHERNET_BYTES;
  frame[ip] = 0x45;
  frame[ip + 1] = 0xc0;
  view.setUint16(ip + 2, IPV4_BYTES + kept);
  frame[ip + 8] = spec.ttl ?? 255;
  frame[ip + 9] = PROTOCOL_VRRP;
  frame.set(spec.source, ip + 12);
  frame.set(GROUP, ip + 16);
  view.setUint16(ip + 10, checksum(view, ip, ip + IPV4_BYTES, 0));
  const at = ip + IPV4_BYTES;
  frame[at] = (spec.version << 4) | 1;
  frame[at + 1] = spec.vrid;
  frame[at + 2] = spec.priority;
  frame[at + 3] = spec.addresses.length;
  if (spec.version === 2) frame[at + 5] = Math.round(spec.intervalUs / 1_000_000);
  else view.setUint16(at + 4, Math.round(spec.intervalUs / 10_000));
  spec.addresses.forEach((address, i) => frame.set(address, at + 8 + 4 * i));
  const pseudo = spec.version === 2 ? 0 : sum(view, ip + 12, ip + IPV4_BYTES) + PROTOCOL_VRRP + message;
  view.setUint16(at + 6, checksum(view, at, frame.length, pseudo));
  return frame.subarray(0, at + kept);
}

/** The advert in an Ethernet frame; null for any other frame. Without checks: the bench counts what is sent. */
export function readAdvert(frame: Uint8Array, timeUs: number, outgoing: boolean): SeenAdvert | null {
  const isIpv4 = frame[12] === 0x08 && frame[13] === 0x00;
  if (!isIpv4 || frame[ETHERNET_BYTES + 9] !== PROTOCOL_VRRP) return null;
  const at = ETHERNET_BYTES + ((frame[ETHERNET_BYTES] ?? 0) & 15) * 4;
  const vrid = frame[at + 1];
  const priority = frame[at + 2];
  if (vrid === undefined || priority === undefined) return null;
  return { timeUs, outgoing, vrid, priority };
}

/** The gratuitous ARP in an Ethernet frame (RFC 826: sender and target address are the same); null for any other. */
export function readAnnouncement(frame: Uint8Array, timeUs: number): Announcement | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < ETHERNET_BYTES + 28 || view.getUint16(12) !== 0x0806) return null;
  const address = view.getUint32(ETHERNET_BYTES + 14);
  return address === view.getUint32(ETHERNET_BYTES + 24) ? { timeUs, address } : null;
}

function sum(view: DataView, start: number, end: number): number {
  let total = 0;
  for (let at = start; at < end; at += 2) total += view.getUint16(at);
  return total;
}

function checksum(view: DataView, start: number, end: number, pseudo: number): number {
  let total = pseudo + sum(view, start, end);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
}
