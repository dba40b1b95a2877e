// Routes as rtnetlink messages: add, delete, decode (linux/rtnetlink.h, linux/lwtunnel.h, linux/mpls_iptunnel.h).
import { ILA, LWTUNNEL, NETLINK, RTNETLINK, SOCKET } from "../constants.ts";
import { NLMSGHDR, RTMSG } from "../layout.ts";
import type { Memory } from "../memory.ts";
import type { Family } from "../socket.ts";
import { eachAttribute, MessageBuilder } from "./message.ts";

/** An address with the number of its bits that count; the bytes are those of the whole address. */
export interface Prefix {
  address: Uint8Array;
  prefixLength: number;
}

/** What a packet is wrapped into on its way to a next hop (light-weight tunnel). */
export type Encapsulation =
  | {
    kind: "ip" | "ip6";
    id: bigint | null;
    destination: Uint8Array | null;
    source: Uint8Array | null;
    /** TTL or hop limit, 0..255. */
    ttl: number | null;
    /** TOS or traffic class, 0..255. */
    tos: number | null;
  }
  /** Labels from the outermost to the innermost, 0..0xfffff. */
  | { kind: "mpls"; labels: readonly number[]; ttl: number | null }
  /** Identifier-locator addressing: these 8 bytes take the place of the destination's first. */
  | { kind: "ila"; locator: Uint8Array };

/** Where a route sends packets. */
export interface RouteHop {
  gateway: Uint8Array | null;
  /** 0 = found by the gateway. */
  ifindex: number;
  /** 1..256; counts among several hops only. */
  weight?: number;
  /** The gateway counts as reachable on the interface whatever its addresses say. */
  onlink?: boolean;
  /** RTA_FLOW: source realm << 16 | destination realm; 0 = none. */
  realms?: number;
  encapsulation?: Encapsulation | null;
}

/** A route; what is left out is as the kernel or `ip route` has it. */
export interface RouteRequest extends RouteHop {
  family: Family;
  /** Null = default route. */
  destination: Uint8Array | null;
  prefixLength: number;
  /** Preferred source address, or null. */
  source: Uint8Array | null;
  /** RTPROT_*: who made it. */
  protocol: number;
  /** RTN_*; default unicast. */
  type?: number;
  /** Default main. */
  table?: number;
  /** RT_SCOPE_*; default: link without a gateway (IPv4), else universe. */
  scope?: number;
  tos?: number;
  /** RTA_PRIORITY; 0 = the kernel's choice. */
  metric?: number;
  /** IPv6: only packets from there. */
  from?: Prefix | null;
  /** RTAX_* and its value, in the kernel's units. */
  metrics?: readonly (readonly [attribute: number, value: number])[];
  /** RTAX_CC_ALGO. */
  congestionControl?: string | null;
  /** IPv6: seconds until the kernel removes it; 0 = never. */
  expiresS?: number;
  /** IPv6: ICMPV6_ROUTER_PREF_*. */
  preference?: number | null;
  /** Two or more: multipath; gateway and ifindex of the route itself are not used then. */
  hops?: readonly RouteHop[];
}

/** What is asked of the kernel. "replace" takes the place of a route of the same key, "add" fails with EEXIST. */
export type RouteCommand = "add" | "replace" | "append" | "prepend" | "delete";

const ASK = NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK;
const FLAGS: Readonly<Record<RouteCommand, number>> = {
  add: ASK | NETLINK.NLM_F_CREATE | NETLINK.NLM_F_EXCL,
  replace: ASK | NETLINK.NLM_F_CREATE | NETLINK.NLM_F_REPLACE,
  append: ASK | NETLINK.NLM_F_CREATE | NETLINK.NLM_F_APPEND,
  prepend: ASK | NETLINK.NLM_F_CREATE,
  delete: ASK,
};

/** Upper bound of the bytes of one message for a route of so many hops. */
export function routeMessageBytes(hops: number): number {
  return 512 + hops * 192;
}

/** Writes a request for the route. Returns the offset behind it, or -1 if the memory is too small. */
export function writeRoute(memory: Memory, start: number, r: RouteRequest, command: RouteCommand): number {
  const b = new MessageBuilder(memory, start);
  buildRoute(b, r, command);
  return b.end();
}

/** The same for `RouteClient.request`. */
export function buildRoute(b: MessageBuilder, r: RouteRequest, command: RouteCommand): void {
  const table = r.table ?? RTNETLINK.RT_TABLE_MAIN;
  const multipath = r.hops !== undefined && r.hops.length > 1;
  const direct = r.gateway === null && !multipath && r.family === "ipv4";
  b.begin(command === "delete" ? RTNETLINK.RTM_DELROUTE : RTNETLINK.RTM_NEWROUTE, FLAGS[command]);
  b.u8(r.family === "ipv4" ? SOCKET.AF_INET : SOCKET.AF_INET6);
  b.u8(r.destination === null ? 0 : r.prefixLength);
  b.u8(r.from?.prefixLength ?? 0);
  b.u8(r.tos ?? 0);
  b.u8(table < 256 ? table : RTNETLINK.RT_TABLE_UNSPEC);
  b.u8(r.protocol);
  b.u8(r.scope ?? (direct ? RTNETLINK.RT_SCOPE_LINK : RTNETLINK.RT_SCOPE_UNIVERSE));
  b.u8(r.type ?? RTNETLINK.RTN_UNICAST);
  b.u32(!multipath && r.onlink === true ? RTNETLINK.RTNH_F_ONLINK : 0);
  if (table > 255) b.attributeU32(RTNETLINK.RTA_TABLE, table);
  if (r.destination !== null) b.attribute(RTNETLINK.RTA_DST, r.destination);
  if (r.from != null) b.attribute(RTNETLINK.RTA_SRC, r.from.address);
  if (r.source !== null) b.attribute(RTNETLINK.RTA_PREFSRC, r.source);
  if (r.metric !== undefined && r.metric !== 0) b.attributeU32(RTNETLINK.RTA_PRIORITY, r.metric);
  if (r.preference != null) b.attributeU8(RTNETLINK.RTA_PREF, r.preference);
  if (r.expiresS !== undefined && r.expiresS !== 0 && command !== "delete") {
    b.attributeU32(RTNETLINK.RTA_EXPIRES, r.expiresS);
  }
  metrics(b, r);
  if (multipath) {
    b.beginNested(RTNETLINK.RTA_MULTIPATH);
    for (const each of r.hops ?? []) {
      // struct rtnexthop: the hop's attributes follow it, and its length counts them.
      b.beginHop(each.onlink === true ? RTNETLINK.RTNH_F_ONLINK : 0, (each.weight ?? 1) - 1, each.ifindex);
      hop(b, r.family, each);
      b.endNested();
    }
    b.endNested();
  } else {
    hop(b, r.family, r);
    if (r.ifindex !== 0) b.attributeU32(RTNETLINK.RTA_OIF, r.ifindex);
  }
}

function metrics(b: MessageBuilder, r: RouteRequest): void {
  const congestionControl = r.congestionControl ?? null;
  if ((r.metrics?.length ?? 0) === 0 && congestionControl === null) return;
  b.beginNested(RTNETLINK.RTA_METRICS);
  for (const [attribute, value] of r.metrics ?? []) b.attributeU32(attribute, value);
  if (congestionControl !== null) b.attributeText(RTNETLINK.RTAX_CC_ALGO, congestionControl);
  b.endNested();
}

/** Gateway, realms and encapsulation of a hop. */
function hop(b: MessageBuilder, family: Family, h: RouteHop): void {
  if (h.gateway !== null) {
    if (h.gateway.length === (family === "ipv4" ? 4 : 16)) b.attribute(RTNETLINK.RTA_GATEWAY, h.gateway);
    else {
      // struct rtvia: a gateway of the other family.
      const via = new Uint8Array(2 + h.gateway.length);
      via[0] = h.gateway.length === 4 ? SOCKET.AF_INET : SOCKET.AF_INET6;
      via.set(h.gateway, 2);
      b.attribute(RTNETLINK.RTA_VIA, via);
    }
  }
  if (h.realms !== undefined && h.realms !== 0) b.attributeU32(RTNETLINK.RTA_FLOW, h.realms);
  if (h.encapsulation != null) encapsulation(b, h.encapsulation);
}

function encapsulation(b: MessageBuilder, e: Encapsulation): void {
  const type = {
    ip: LWTUNNEL.LWTUNNEL_ENCAP_IP,
    ip6: LWTUNNEL.LWTUNNEL_ENCAP_IP6,
    mpls: LWTUNNEL.LWTUNNEL_ENCAP_MPLS,
    ila: LWTUNNEL.LWTUNNEL_ENCAP_ILA,
  };
  b.attributeU16(RTNETLINK.RTA_ENCAP_TYPE, type[e.kind]);
  b.beginNested(RTNETLINK.RTA_ENCAP | NETLINK.NLA_F_NESTED);
  if (e.kind === "mpls") {
    // RFC 3032 section 2.1: label, 3 bits, bottom of stack, TTL; big-endian.
    const stack = new DataView(new ArrayBuffer(e.labels.length * 4));
    e.labels.forEach((label, i) =>
      stack.setUint32(i * 4, label * 4096 + (i === e.labels.length - 1 ? 256 : 0))
    );
    b.attribute(LWTUNNEL.MPLS_IPTUNNEL_DST, new Uint8Array(stack.buffer));
    if (e.ttl !== null) b.attributeU8(LWTUNNEL.MPLS_IPTUNNEL_TTL, e.ttl);
  } else if (e.kind === "ila") b.attribute(ILA.ILA_ATTR_LOCATOR, e.locator);
  else {
    if (e.id !== null) {
      const id = new DataView(new ArrayBuffer(8));
      id.setBigUint64(0, e.id);
      b.attribute(LWTUNNEL.LWTUNNEL_IP_ID, new Uint8Array(id.buffer));
    }
    // The numbers of the IPv6 attributes are the same: hop limit for TTL, traffic class for TOS.
    if (e.destination !== null) b.attribute(LWTUNNEL.LWTUNNEL_IP_DST, e.destination);
    if (e.source !== null) b.attribute(LWTUNNEL.LWTUNNEL_IP_SRC, e.source);
    if (e.ttl !== null) b.attributeU8(LWTUNNEL.LWTUNNEL_IP_TTL, e.ttl);
    if (e.tos !== null) b.attributeU8(LWTUNNEL.LWTUNNEL_IP_TOS, e.tos);
  }
  b.endNested();
}

/** What tells a route from others, and the message that it came in. */
export interface RouteInfo {
  family: Family;
  /** RTN_* */
  type: number;
  table: number;
  /** 4 or 16 bytes; zeros for a default route. */
  destination: Uint8Array;
  prefixLength: number;
  tos: number;
  metric: number;
  /** RTPROT_* */
  protocol: number;
  /** The interface of a route with one hop, else 0. */
  ifindex: number;
  /** RTM_F_*: what the kernel made by itself is cloned. */
  flags: number;
  /** The whole message, a copy. */
  message: Uint8Array;
}

/** IP6_RT_PRIO_USER (linux/ipv6_route.h): the metric of an IPv6 route that is given none. */
const IPV6_METRIC = 1024;

/** Decodes an RTM_NEWROUTE or RTM_DELROUTE message of [start, end). Null for anything but a whole IP route. */
export function decodeRoute(bytes: Uint8Array, start: number, end: number): RouteInfo | null {
  const at = start + NLMSGHDR.size;
  if (start < 0 || end > bytes.length || at + RTMSG.size > end) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const familyNumber = bytes[at];
  if (familyNumber !== SOCKET.AF_INET && familyNumber !== SOCKET.AF_INET6) return null;
  const family = familyNumber === SOCKET.AF_INET ? "ipv4" : "ipv6";
  const info: RouteInfo = {
    family,
    type: view.getUint8(at + RTMSG.at.rtm_type),
    table: view.getUint8(at + RTMSG.at.rtm_table),
    destination: new Uint8Array(family === "ipv4" ? 4 : 16),
    prefixLength: view.getUint8(at + RTMSG.at.rtm_dst_len),
    tos: view.getUint8(at + RTMSG.at.rtm_tos),
    metric: 0,
    protocol: view.getUint8(at + RTMSG.at.rtm_protocol),
    ifindex: 0,
    flags: view.getUint32(at + RTMSG.at.rtm_flags, true),
    message: bytes.slice(start, end),
  };
  eachAttribute(view, at + RTMSG.size, end, (type, from, to) => {
    const length = to - from;
    if (type === RTNETLINK.RTA_DST && length === info.destination.length) {
      info.destination = bytes.slice(from, to);
    } else if (type === RTNETLINK.RTA_TABLE && length >= 4) info.table = view.getUint32(from, true);
    else if (type === RTNETLINK.RTA_PRIORITY && length >= 4) info.metric = view.getUint32(from, true);
    else if (type === RTNETLINK.RTA_OIF && length >= 4) info.ifindex = view.getUint32(from, true);
  });
  if (family === "ipv6" && info.metric === 0) info.metric = IPV6_METRIC;
  return info;
}

/** The key by which the kernel knows a route: two routes of one key cannot stand side by side (unless appended). */
export function routeKey(info: RouteInfo): string {
  const { family, table, destination, prefixLength, tos, metric } = info;
  return `${family} ${table} ${destination.toHex()}/${prefixLength} ${tos} ${metric}`;
}

/**
 * Writes a dumped route or rule as a request: "delete" removes just it, "replace" puts it back in the place of
 * what has its key, "add" puts it back. Returns as writeRoute.
 */
export function writeDumped(
  memory: Memory,
  start: number,
  message: Uint8Array,
  command: "add" | "replace" | "delete",
): number {
  if (start + message.length > memory.bytes.length) return -1;
  memory.bytes.set(message, start);
  const { view } = memory;
  const isRule = view.getUint16(start + NLMSGHDR.at.nlmsg_type, true) === RTNETLINK.RTM_NEWRULE;
  const [add, remove] = isRule
    ? [RTNETLINK.RTM_NEWRULE, RTNETLINK.RTM_DELRULE]
    : [RTNETLINK.RTM_NEWROUTE, RTNETLINK.RTM_DELROUTE];
  view.setUint16(start + NLMSGHDR.at.nlmsg_type, command === "delete" ? remove : add, true);
  view.setUint16(start + NLMSGHDR.at.nlmsg_flags, FLAGS[command], true);
  view.setUint32(start + NLMSGHDR.at.nlmsg_pid, 0, true);
  // What the kernel tells of a route's condition may not be asked for.
  const flags = start + NLMSGHDR.size + RTMSG.at.rtm_flags;
  if (!isRule) view.setUint32(flags, view.getUint32(flags, true) & RTNETLINK.RTNH_F_ONLINK, true);
  return start + ((message.length + 3) & ~3);
}
