// Routes as rtnetlink messages: add (linux/rtnetlink.h).
import { NETLINK, RTNETLINK, SOCKET } from "../constants.ts";
import type { Memory } from "../memory.ts";
import type { Family } from "../socket.ts";
import { MessageBuilder } from "./message.ts";

/** A unicast route of the main table. */
export interface RouteRequest {
  family: Family;
  /** Null = default route. */
  destination: Uint8Array | null;
  prefixLength: number;
  gateway: Uint8Array | null;
  ifindex: number;
  /** Preferred source address, or null. */
  source: Uint8Array | null;
  /** RTPROT_*: who made it. */
  protocol: number;
}

/** Writes a request to add the route. Returns the offset behind it, or -1 if the memory is too small. */
export function writeAddRoute(memory: Memory, start: number, r: RouteRequest): number {
  const b = new MessageBuilder(memory, start);
  buildAddRoute(b, r);
  return b.end();
}

/** The same for `RouteClient.request`. */
export function buildAddRoute(b: MessageBuilder, r: RouteRequest): void {
  const flags = NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK | NETLINK.NLM_F_CREATE | NETLINK.NLM_F_EXCL;
  b.begin(RTNETLINK.RTM_NEWROUTE, flags);
  b.u8(r.family === "ipv4" ? SOCKET.AF_INET : SOCKET.AF_INET6);
  b.u8(r.destination === null ? 0 : r.prefixLength);
  b.u8(0);
  b.u8(0);
  b.u8(RTNETLINK.RT_TABLE_MAIN);
  b.u8(r.protocol);
  b.u8(r.gateway === null && r.family === "ipv4" ? RTNETLINK.RT_SCOPE_LINK : RTNETLINK.RT_SCOPE_UNIVERSE);
  b.u8(RTNETLINK.RTN_UNICAST);
  b.u32(0);
  if (r.destination !== null) b.attribute(RTNETLINK.RTA_DST, r.destination);
  if (r.gateway !== null) b.attribute(RTNETLINK.RTA_GATEWAY, r.gateway);
  if (r.source !== null) b.attribute(RTNETLINK.RTA_PREFSRC, r.source);
  b.attributeU32(RTNETLINK.RTA_OIF, r.ifindex);
}
