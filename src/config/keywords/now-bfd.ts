// Keywords of bfd_instance.
import { integer, milliseconds, type Row } from "./types.ts";

/** What 32 bits of microseconds can hold (RFC 5880 section 4.1). */
const MOST_MS = 4_294_967;

// deno-fmt-ignore: one row a line
export const BFD_INSTANCE: Row[] = [
  ["neighbor_ip", { kind: "address" }, "IP", "required", "The other end of the session"],
  ["neighbour_ip", { kind: "address" }, "IP", "-", "Another spelling of neighbor_ip"],
  ["source_ip", { kind: "address" }, "IP", "as the routing table says", "Our end of the session"],
  ["min_rx", milliseconds(1, MOST_MS), "MILLISECONDS", "10", "Shortest interval between packets of the neighbor that we put up with; above 1000 with a warning"],
  ["min_tx", milliseconds(1, MOST_MS), "MILLISECONDS", "10", "Shortest interval between our packets while the session is up; above 1000 with a warning"],
  ["idle_tx", milliseconds(1000, MOST_MS), "MILLISECONDS from 1000 on", "1000", "Interval between our packets while the session is not up; above 10000 with a warning"],
  ["multiplier", integer(1, 255), "1..255", "5", "So many of our packets the neighbor may miss before the session is down"],
  ["passive", { kind: "flag" }, "-", "off", "Send nothing until the neighbor has been heard"],
  ["ttl", integer(1, 255), "1..255", "255", "TTL or hop limit of our packets, and what max_hops counts down from; without it packets over IPv6 are taken from 64 on, since keepalived sends them so"],
  ["hoplimit", integer(1, 255), "1..255", "255", "Another spelling of ttl"],
  ["max_hops", integer(-1, 255), "-1..255", "0", "So far below ttl the TTL of a packet may be; -1 = whatever it is"],
  ["multihop", { kind: "boolean" }, "[BOOL]", "off", "Use UDP port 4784 (RFC 5883) instead of 3784; max_hops counts here too"],
  ["weight", { kind: "weight", min: -253, max: 253 }, "-253..253 [reverse]", "0", "0 = a session that is not up means FAULT; above 0 added while it is up, below 0 while it is not; reverse exchanges both"],
  ["vrrp", { kind: "flag" }, "-", "on unless checker is given", "track_bfd may name the session"],
  ["checker", { kind: "flag" }, "-", "on unless vrrp is given", "For checkers of virtual servers only: track_bfd may not name it, unless vrrp is given too"],
];
