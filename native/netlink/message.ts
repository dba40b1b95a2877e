// The netlink message format: a bounded builder, and readers that no bytes can confuse.
//
// Numbers are host-endian (little-endian here); messages and attributes are padded to 4 bytes.
import { NETLINK } from "../constants.ts";
import { NLATTR, NLMSGERR, NLMSGHDR } from "../layout.ts";
import type { Memory } from "../memory.ts";

/** nlmsghdr: length 0, type 4, flags 6, seq 8, pid 12. */
const HEADER_BYTES = NLMSGHDR.size;
const ATTRIBUTE_BYTES = NLATTR.size;
const MAX_DEPTH = 8;
/** An attribute's type without its flags: NLA_TYPE_MASK of linux/netlink.h, in 16 bits. */
const TYPE_MASK = 0xffff & ~(NETLINK.NLA_F_NESTED | NETLINK.NLA_F_NET_BYTEORDER);

/**
 * Writes netlink messages one after the other into a Memory. What does not fit is not written: `end` then
 * says -1, and so does every later one until `reset`.
 */
export class MessageBuilder {
  #memory: Memory;
  #at: number;
  #message: number;
  #overflow = false;
  readonly #nested = new Int32Array(MAX_DEPTH);
  #depth = 0;

  constructor(memory: Memory, start = 0) {
    this.#memory = memory;
    this.#at = start;
    this.#message = start;
  }

  /** Starts anew at `start` of `memory`. */
  reset(memory: Memory, start: number): void {
    this.#memory = memory;
    this.#at = start;
    this.#message = start;
    this.#overflow = false;
    this.#depth = 0;
  }

  /** Reserves `bytes` bytes; returns where, or -1. */
  #take(bytes: number): number {
    if (this.#overflow || this.#at < 0 || this.#at + bytes > this.#memory.bytes.length) {
      this.#overflow = true;
      return -1;
    }
    const at = this.#at;
    this.#at += bytes;
    return at;
  }

  /** Begins a message; `flags` are NLM_F_*. Sequence number and port are 0: the client fills them in. */
  begin(type: number, flags: number): void {
    this.#message = this.#at;
    this.#depth = 0;
    const at = this.#take(HEADER_BYTES);
    if (at < 0) return;
    const view = this.#memory.view;
    view.setUint32(at, 0, true);
    view.setUint16(at + NLMSGHDR.at.nlmsg_type, type, true);
    view.setUint16(at + NLMSGHDR.at.nlmsg_flags, flags, true);
    view.setUint32(at + NLMSGHDR.at.nlmsg_seq, 0, true);
    view.setUint32(at + NLMSGHDR.at.nlmsg_pid, 0, true);
  }

  u8(value: number): void {
    const at = this.#take(1);
    if (at >= 0) this.#memory.view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#take(2);
    if (at >= 0) this.#memory.view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#take(4);
    if (at >= 0) this.#memory.view.setUint32(at, value, true);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    if (at < 0) return;
    for (let i = 0; i < bytes.length; i++) this.#memory.bytes[at + i] = bytes[i] as number;
  }

  zero(count: number): void {
    const at = this.#take(count);
    if (at >= 0) this.#memory.bytes.fill(0, at, at + count);
  }

  #pad(): void {
    while (!this.#overflow && ((this.#at - this.#message) & 3) !== 0) this.u8(0);
  }

  #attributeHeader(type: number, payloadBytes: number): void {
    this.#pad();
    this.u16(ATTRIBUTE_BYTES + payloadBytes);
    this.u16(type);
  }

  attribute(type: number, payload: Uint8Array): void {
    this.#attributeHeader(type, payload.length);
    this.bytes(payload);
    this.#pad();
  }

  attributeU8(type: number, value: number): void {
    this.#attributeHeader(type, 1);
    this.u8(value);
    this.#pad();
  }

  attributeU16(type: number, value: number): void {
    this.#attributeHeader(type, 2);
    this.u16(value);
    this.#pad();
  }

  attributeU32(type: number, value: number): void {
    this.#attributeHeader(type, 4);
    this.u32(value);
  }

  /** A string with its terminating zero; UTF-8. */
  attributeText(type: number, text: string): void {
    const payload = new TextEncoder().encode(text);
    this.#attributeHeader(type, payload.length + 1);
    this.bytes(payload);
    this.u8(0);
    this.#pad();
  }

  /** Begins an attribute that holds what is written until `endNested`; at most 8 deep. */
  beginNested(type: number): void {
    this.#pad();
    if (this.#depth === MAX_DEPTH) this.#overflow = true;
    else this.#nested[this.#depth++] = this.#at;
    this.u16(0);
    this.u16(type);
  }

  /** Begins a struct rtnexthop, which ends with `endNested` as an attribute does: its first field is its length. */
  beginHop(flags: number, hops: number, ifindex: number): void {
    // The second field of an attribute is its type; here it is flags and hops, one byte each.
    this.beginNested(flags | (hops << 8));
    this.u32(ifindex);
  }

  endNested(): void {
    this.#pad();
    if (this.#depth === 0) this.#overflow = true;
    if (this.#overflow) return;
    const at = this.#nested[--this.#depth] as number;
    this.#memory.view.setUint16(at, this.#at - at, true);
  }

  /** Ends the message. Returns the offset behind it (where the next may begin), or -1 if it does not fit. */
  end(): number {
    this.#pad();
    if (this.#depth !== 0) this.#overflow = true;
    if (this.#overflow) return -1;
    this.#memory.view.setUint32(this.#message, this.#at - this.#message, true);
    return this.#at;
  }
}

/** Length of the message at `at` with its header, or 0 if no whole message lies there before `end`. */
export function messageLength(view: DataView, at: number, end: number): number {
  const limit = Math.min(end, view.byteLength);
  if (at < 0 || at + HEADER_BYTES > limit) return 0;
  const length = view.getUint32(at, true);
  return length < HEADER_BYTES || at + length > limit ? 0 : length;
}

/** nlmsg_type of the message at `at`. */
export function messageType(view: DataView, at: number): number {
  return view.getUint16(at + NLMSGHDR.at.nlmsg_type, true);
}

/** nlmsg_flags of the message at `at`. */
export function messageFlags(view: DataView, at: number): number {
  return view.getUint16(at + NLMSGHDR.at.nlmsg_flags, true);
}

/** nlmsg_seq of the message at `at`. */
export function messageSequence(view: DataView, at: number): number {
  return view.getUint32(at + NLMSGHDR.at.nlmsg_seq, true);
}

/** nlmsg_pid of the message at `at`: the port that caused it, 0 for the kernel itself. */
export function messagePort(view: DataView, at: number): number {
  return view.getUint32(at + NLMSGHDR.at.nlmsg_pid, true);
}

/** The next multiple of 4. */
export function align(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** Calls `visit` for each whole message of [start, end), with the offsets of its header and its end. */
export function eachMessage(
  view: DataView,
  start: number,
  end: number,
  visit: (start: number, end: number) => void,
): void {
  for (let at = start;;) {
    const length = messageLength(view, at, end);
    if (length === 0) return;
    visit(at, at + length);
    at += align(length);
  }
}

/** Length of the attribute at `at` with its header, or 0 if no whole attribute lies there before `end`. */
export function attributeLength(view: DataView, at: number, end: number): number {
  const limit = Math.min(end, view.byteLength);
  if (at < 0 || at + ATTRIBUTE_BYTES > limit) return 0;
  const length = view.getUint16(at, true);
  return length < ATTRIBUTE_BYTES || at + length > limit ? 0 : length;
}

/** Type of the attribute at `at`, without the flags for nesting and byte order. */
export function attributeType(view: DataView, at: number): number {
  return view.getUint16(at + NLATTR.at.nla_type, true) & TYPE_MASK;
}

/** Calls `visit` for each whole attribute of [start, end), with its type and the bounds of its payload. */
export function eachAttribute(
  view: DataView,
  start: number,
  end: number,
  visit: (type: number, payloadStart: number, payloadEnd: number) => void,
): void {
  for (let at = start;;) {
    const length = attributeLength(view, at, end);
    if (length === 0) return;
    visit(attributeType(view, at), at + ATTRIBUTE_BYTES, at + length);
    at += align(length);
  }
}

/**
 * Header offset of the first attribute of that type in [start, end), or -1. Its payload is 4 bytes further
 * and ends `attributeLength` behind the header. Allocates nothing.
 */
export function findAttribute(view: DataView, start: number, end: number, type: number): number {
  for (let at = start;;) {
    const length = attributeLength(view, at, end);
    if (length === 0) return -1;
    if (attributeType(view, at) === type) return at;
    at += align(length);
  }
}

/** A string of a payload, up to its terminating zero. */
export function payloadText(bytes: Uint8Array, start: number, end: number): string {
  let stop = start;
  while (stop < end && bytes[stop] !== 0) stop++;
  return new TextDecoder().decode(bytes.subarray(start, stop));
}

/** Whether the message at `at`, `length` bytes long, is an answer to a request: an error, or error 0. */
export function isAnswer(view: DataView, at: number, length: number): boolean {
  return messageType(view, at) === NETLINK.NLMSG_ERROR && length >= NLMSGHDR.size + NLMSGERR.size;
}

/** Where the attribute with the kernel's sentence stands in the answer that lies in [at, end), -1 if it gives none. */
export function findAnswerText(view: DataView, at: number, end: number): number {
  const flags = messageFlags(view, at);
  if ((flags & NETLINK.NLM_F_ACK_TLVS) === 0) return -1;
  const echoed = at + NLMSGHDR.size + NLMSGERR.at.msg;
  const skipped = (flags & NETLINK.NLM_F_CAPPED) !== 0 ? NLMSGHDR.size : align(view.getUint32(echoed, true));
  return findAttribute(view, echoed + skipped, end, NETLINK.NLMSGERR_ATTR_MSG);
}
