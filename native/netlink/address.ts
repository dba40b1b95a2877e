// Addresses of interfaces as rtnetlink messages: add, delete, decode (linux/if_addr.h).
import { IF_ADDR, NETLINK, RTNETLINK, SOCKET } from "../constants.ts";
import { IFA_CACHEINFO, IFADDRMSG, NLATTR, NLMSGHDR } from "../layout.ts";
import { Memory } from "../memory.ts";
import type { Family } from "../socket.ts";
import { eachAttribute, MessageBuilder, payloadText } from "./message.ts";

/** An address to add or delete. */
export interface AddressRequest {
  family: Family;
  ifindex: number;
  /** 4 or 16 bytes. */
  address: Uint8Array;
  /** That of the far end where there is one. */
  prefixLength: number;
  /** The far end of a point-to-point address, 4 or 16 bytes. */
  peer?: Uint8Array | null;
  /** IFA_F_* besides IFA_F_NODAD. */
  flags?: number;
  /** RT_SCOPE_*: 0 universe, 253 link, 254 host. IPv6: the kernel finds it by the address. */
  scope: number;
  /** IPv4 only, 4 bytes. */
  broadcast: Uint8Array | null;
  /** IPv4 only, at most 15 characters. */
  label: string | null;
  /** IFA_PROTO, a mark of who made the address (Linux 5.18; older kernels ignore it); 0 = none. */
  protocol: number;
  /** IPv6: without duplicate address detection. */
  noDad: boolean;
  /** Lifetimes in seconds; 0xffffffff = for ever. */
  preferredS: number;
  validS: number;
}

/** An address as the kernel reports it. */
export interface AddressInfo {
  family: Family;
  ifindex: number;
  /** 4 or 16 bytes: IFA_LOCAL, else IFA_ADDRESS. */
  address: Uint8Array;
  /** IFA_ADDRESS where it differs: the far end. */
  peer?: Uint8Array;
  prefixLength: number;
  /** IFA_F_* */
  flags: number;
  scope: number;
  /** IFA_PROTO, 0 if the kernel did not tell. */
  protocol: number;
  label: string | null;
  /** Lifetimes left, in seconds; 0xffffffff = for ever. */
  preferredS: number;
  validS: number;
}

/** A lifetime that never ends. */
export const FOREVER = 0xffff_ffff;

// Reused: renewals must not allocate.
const builder = new MessageBuilder(new Memory(1));

function header(b: MessageBuilder, r: AddressRequest): void {
  b.u8(r.family === "ipv4" ? SOCKET.AF_INET : SOCKET.AF_INET6);
  b.u8(r.prefixLength);
  b.u8(0); // flags travel in IFA_FLAGS
  b.u8(r.scope);
  b.u32(r.ifindex);
}

/**
 * Writes a request to add the address. "replace" renews one that is there (its lifetimes, flags, mark);
 * "exclusive" fails with EEXIST then. Returns the offset behind it, or -1 if the memory is too small.
 * Allocates only for a label.
 */
export function writeAddAddress(
  memory: Memory,
  start: number,
  r: AddressRequest,
  flags: "replace" | "exclusive",
): number {
  builder.reset(memory, start);
  buildAddAddress(builder, r, flags);
  return builder.end();
}

/** Builds what `writeAddAddress` writes. */
export function buildAddAddress(b: MessageBuilder, r: AddressRequest, flags: "replace" | "exclusive"): void {
  const mode = flags === "replace" ? NETLINK.NLM_F_REPLACE : NETLINK.NLM_F_EXCL;
  b.begin(RTNETLINK.RTM_NEWADDR, NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK | NETLINK.NLM_F_CREATE | mode);
  header(b, r);
  b.attribute(IF_ADDR.IFA_LOCAL, r.address);
  b.attribute(IF_ADDR.IFA_ADDRESS, r.peer ?? r.address);
  if (r.family === "ipv4" && r.broadcast !== null) b.attribute(IF_ADDR.IFA_BROADCAST, r.broadcast);
  if (r.family === "ipv4" && r.label !== null) b.attributeText(IF_ADDR.IFA_LABEL, r.label);
  const ifaFlags = (r.flags ?? 0) | (r.family === "ipv6" ? ipv6Flags(r) : 0);
  if (ifaFlags !== 0) b.attributeU32(IF_ADDR.IFA_FLAGS, ifaFlags);
  if (r.protocol !== 0) b.attributeU8(IF_ADDR.IFA_PROTO, r.protocol);
  if (r.preferredS !== FOREVER || r.validS !== FOREVER) {
    b.u16(NLATTR.size + IFA_CACHEINFO.size);
    b.u16(IF_ADDR.IFA_CACHEINFO);
    b.u32(r.preferredS);
    b.u32(r.validS);
    b.zero(8);
  }
}

function ipv6Flags(r: AddressRequest): number {
  // The kernel keeps the prefix route of an address with a lifetime when the address goes; a /128 needs none.
  const host = r.prefixLength === 128 && r.peer == null;
  return (r.noDad ? IF_ADDR.IFA_F_NODAD : 0) | (host ? IF_ADDR.IFA_F_NOPREFIXROUTE : 0);
}

/**
 * Changes the preferred lifetime, in seconds, of a request from `writeAddAddress` that ends at `end`. It must have
 * been written with one that is not for ever: the lifetimes are its last attribute then.
 */
export function setPreferred(memory: Memory, end: number, preferredS: number): void {
  memory.view.setUint32(end - IFA_CACHEINFO.size + IFA_CACHEINFO.at.ifa_prefered, preferredS, true);
}

/** Writes a request to delete the address. EADDRNOTAVAIL: it was not there. Returns as writeAddAddress. */
export function writeDeleteAddress(memory: Memory, start: number, r: AddressRequest): number {
  const b = builder;
  b.reset(memory, start);
  b.begin(RTNETLINK.RTM_DELADDR, NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK);
  header(b, r);
  b.attribute(IF_ADDR.IFA_LOCAL, r.address);
  b.attribute(IF_ADDR.IFA_ADDRESS, r.peer ?? r.address);
  return b.end();
}

/**
 * Decodes an RTM_NEWADDR or RTM_DELADDR message that lies in [start, end) with its header. Null for bytes
 * that are no whole address message of IPv4 or IPv6.
 */
export function decodeAddress(bytes: Uint8Array, start: number, end: number): AddressInfo | null {
  const at = start + NLMSGHDR.size;
  if (start < 0 || end > bytes.length || at + IFADDRMSG.size > end) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const familyNumber = bytes[at];
  if (familyNumber !== SOCKET.AF_INET && familyNumber !== SOCKET.AF_INET6) return null;
  const family = familyNumber === SOCKET.AF_INET ? "ipv4" : "ipv6";
  const addressBytes = family === "ipv4" ? 4 : 16;
  let local: Uint8Array | null = null;
  let address: Uint8Array | null = null;
  const info = {
    family,
    ifindex: view.getUint32(at + IFADDRMSG.at.ifa_index, true),
    prefixLength: view.getUint8(at + IFADDRMSG.at.ifa_prefixlen),
    flags: view.getUint8(at + IFADDRMSG.at.ifa_flags),
    scope: view.getUint8(at + IFADDRMSG.at.ifa_scope),
    protocol: 0,
    label: null as string | null,
    preferredS: FOREVER,
    validS: FOREVER,
  } as const satisfies Omit<AddressInfo, "address">;
  const result: Omit<AddressInfo, "address"> = info;
  eachAttribute(view, at + IFADDRMSG.size, end, (type, from, to) => {
    const length = to - from;
    if (type === IF_ADDR.IFA_LOCAL && length === addressBytes) local = bytes.slice(from, to);
    else if (type === IF_ADDR.IFA_ADDRESS && length === addressBytes) address = bytes.slice(from, to);
    else if (type === IF_ADDR.IFA_LABEL) result.label = payloadText(bytes, from, to);
    else if (type === IF_ADDR.IFA_FLAGS && length >= 4) result.flags = view.getUint32(from, true);
    else if (type === IF_ADDR.IFA_PROTO && length >= 1) result.protocol = view.getUint8(from);
    else if (type === IF_ADDR.IFA_CACHEINFO && length >= IFA_CACHEINFO.size) {
      result.preferredS = view.getUint32(from + IFA_CACHEINFO.at.ifa_prefered, true);
      result.validS = view.getUint32(from + IFA_CACHEINFO.at.ifa_valid, true);
    }
  });
  const found: Uint8Array | null = local ?? address;
  if (found === null) return null;
  const far = address as Uint8Array | null;
  return far === null || equal(found, far)
    ? { ...result, address: found }
    : { ...result, address: found, peer: far };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
