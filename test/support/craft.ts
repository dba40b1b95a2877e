// Adverts made by hand, right or wrong in one place, and a socket that puts them on the wire.
import { createHmac } from "node:crypto";
import { closeDescriptor } from "../../native/descriptor.ts";
import { Memory } from "../../native/memory.ts";
import { openFrameSocket, SendBatch } from "../../native/socket.ts";
import { Target } from "../../native/target.ts";
import type { Node } from "./node.ts";

/** A VRRP message and how it is carried. What is not given is right. */
export interface Crafted {
  version?: number;
  type?: number;
  vrid?: number;
  priority?: number;
  addresses?: string[];
  /** The count field, when it shall differ from the number of addresses. */
  count?: number;
  authType?: number;
  password?: string;
  /** Version 2: seconds; version 3: centiseconds. */
  interval?: number;
  /** Added to the right checksum. */
  checksumError?: number;
  /** IPv4, version 3: over the message alone (RFC 9568 section 5.2.8). */
  messageOnly?: boolean;
  hopLimit?: number;
  from?: string;
  to?: string;
  sourceMac?: string;
  destinationMac?: string;
  /** Bytes of the VRRP message that are sent; more than there are: padded with zeros. */
  length?: number;
  /** The whole VRRP message. */
  message?: Uint8Array;
  /** IP AH (RFC 2338 section 5.3.6.3) with this key and sequence number. */
  ah?: { key: string; sequence: number };
}

const SOURCE_MAC = "02:00:00:00:00:77";

/** An Ethernet frame with a version 2 advert over IPv4; defaults: VRID 51, 1 s, 10.0.0.100, from 10.0.0.77. */
export function advert4(c: Crafted): Uint8Array {
  const { version = 2, from = "10.0.0.77", to = "224.0.0.18", addresses = ["10.0.0.100"] } = c;
  const body = [
    ((version & 15) << 4) | (c.type ?? 1),
    c.vrid ?? 51,
    c.priority ?? 200,
    c.count ?? addresses.length,
    ...(version === 3 ? u16(c.interval ?? 100) : [c.authType ?? 0, c.interval ?? 1]),
    0,
    0,
    ...addresses.flatMap(ip4),
    ...(version === 3 ? [] : padded(c.password ?? "", 8)),
  ];
  const pseudo = version === 3 && c.messageOnly !== true
    ? [...ip4(from), ...ip4(to), 0, 112, ...u16(c.length ?? body.length)]
    : [];
  const message = finish(c, body, pseudo);
  const protocol = c.ah === undefined ? 112 : 51;
  const payload = c.ah === undefined ? message : [...authentication(c, message, from, to), ...message];
  const ip = ipv4Header(payload.length, c.hopLimit ?? 255, protocol, from, to);
  const mac = c.destinationMac ?? "01:00:5e:00:00:12";
  return Uint8Array.from([...macBytes(mac), ...macBytes(c.sourceMac ?? SOURCE_MAC), 8, 0, ...ip, ...payload]);
}

/** The same for version 3 over IPv6; defaults: 1 s, fe80::100 and 2001:db8:1::100, from fe80::77. */
export function advert6(c: Crafted): Uint8Array {
  const { from = "fe80::77", to = "ff02::12", addresses = ["fe80::100", "2001:db8:1::100"] } = c;
  const body = [
    ((c.version ?? 3) << 4) | (c.type ?? 1),
    c.vrid ?? 51,
    c.priority ?? 200,
    c.count ?? addresses.length,
    ...u16(c.interval ?? 100),
    0,
    0,
    ...addresses.flatMap(ip6),
  ];
  const length = c.length ?? body.length;
  const pseudo = [...ip6(from), ...ip6(to), 0, 0, ...u16(length), 0, 0, 0, 112];
  const message = finish(c, body, pseudo);
  const header = [0x6c, 0, 0, 0, ...u16(message.length), 112, c.hopLimit ?? 255, ...ip6(from), ...ip6(to)];
  const mac = c.destinationMac ?? "33:33:00:00:00:12";
  return Uint8Array.from([
    ...macBytes(mac),
    ...macBytes(c.sourceMac ?? SOURCE_MAC),
    0x86,
    0xdd,
    ...header,
    ...message,
  ]);
}

/** A CARP announcement: the same protocol, 36 bytes, authlen 7. */
export function carp(): Uint8Array {
  const message = Uint8Array.from({ length: 36 }, (_, i) => [0x21, 51, 0, 7, 0, 1][i] ?? i);
  return advert4({ message });
}

/** The Internet checksum (RFC 1071) of some bytes. */
export function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** Puts frames on the wire of a node's eth0. */
export class Injector {
  readonly #fd: number;
  readonly #target: Target;

  constructor(node: Node, ifindex: number) {
    this.#fd = node.inside(() => openFrameSocket());
    this.#target = Target.frame(ifindex);
    node.lab.defer(() => closeDescriptor(this.#fd));
  }

  static async on(node: Node): Promise<Injector> {
    const [link] = JSON.parse(await node.ip("-json", "link", "show", "eth0")) as { ifindex: number }[];
    return new Injector(node, link!.ifindex);
  }

  send(...frames: Uint8Array[]): void {
    for (const frame of frames) {
      const memory = new Memory(frame.length);
      memory.bytes.set(frame);
      const batch = new SendBatch(1);
      const { nameAddress, nameBytes } = this.#target;
      batch.push(memory.address, frame.length, nameAddress, nameBytes, 0, 0);
      if (batch.flush(this.#fd) !== 1) throw new Error(`the frame was not sent: errno ${batch.error(0)}`);
    }
  }
}

function finish(c: Crafted, body: number[], pseudo: number[]): number[] {
  if (c.message !== undefined) return [...c.message];
  const length = c.length ?? body.length;
  const message = Array.from({ length }, (_, i) => body[i] ?? 0);
  if (length >= 8) {
    const sum = (checksum([...pseudo, ...message]) + (c.checksumError ?? 0)) & 0xffff;
    message.splice(6, 2, ...u16(sum));
  }
  return message;
}

/** The AH header. Over multicast the TTL is covered too, as keepalived does it. */
function authentication(c: Crafted, message: number[], from: string, to: string): number[] {
  const { key, sequence } = c.ah!;
  const head = [112, 4, 0, 0, ...ip4(from), ...u32(sequence)];
  const ip = ipv4Header(24 + message.length, c.hopLimit ?? 255, 51, from, to);
  for (const at of [1, 6, 7, 10, 11]) ip[at] = 0;
  const covered = Uint8Array.from([...ip, ...head, ...Array<number>(12).fill(0), ...message]);
  const icv = createHmac("md5", Uint8Array.from(padded(key, 8))).update(covered).digest().subarray(0, 12);
  return [...head, ...icv];
}

function ipv4Header(payload: number, ttl: number, protocol: number, from: string, to: string): number[] {
  const header = [
    0x45,
    0xc0,
    ...u16(20 + payload),
    0,
    0,
    0,
    0,
    ttl,
    protocol,
    0,
    0,
    ...ip4(from),
    ...ip4(to),
  ];
  header.splice(10, 2, ...u16(checksum(header)));
  return header;
}

function padded(text: string, length: number): number[] {
  const bytes = new TextEncoder().encode(text);
  return Array.from({ length }, (_, i) => bytes[i] ?? 0);
}

function u16(value: number): number[] {
  return [(value >> 8) & 255, value & 255];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

function macBytes(text: string): number[] {
  return text.split(":").map((x) => parseInt(x, 16));
}

function ip4(text: string): number[] {
  return text.split(".").map(Number);
}

function ip6(text: string): number[] {
  const [head = "", tail = ""] = text.split("::");
  const words = (part: string) => part === "" ? [] : part.split(":").map((w) => parseInt(w, 16));
  const before = words(head), after = words(tail);
  const zeros = Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after].flatMap(u16);
}
