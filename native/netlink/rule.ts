// Routing policy rules as rtnetlink messages: add, delete, decode (linux/fib_rules.h).
import { FIB_RULES, NETLINK, RTNETLINK, SOCKET } from "../constants.ts";
import { FIB_RULE_HDR, NLMSGHDR } from "../layout.ts";
import type { Memory } from "../memory.ts";
import type { Family } from "../socket.ts";
import { eachAttribute, MessageBuilder } from "./message.ts";
import type { Prefix } from "./route.ts";

/** Upper bound of the bytes of one message. */
export const RULE_MESSAGE_BYTES = 384;

/** A rule: null and left out = not asked for. */
export interface RuleRequest {
  family: Family;
  /** FRA_PRIORITY: rules are asked from the lowest. */
  priority: number;
  /** RTPROT_*: who made it. */
  protocol: number;
  /** FR_ACT_* */
  action: number;
  /** The table looked up; 0 = none. */
  table: number;
  /** FR_ACT_GOTO: the priority to go on with. */
  target: number | null;
  /** The table of the packet's VRF. */
  l3mdev: boolean;
  not: boolean;
  from: Prefix | null;
  to: Prefix | null;
  tos: number;
  inInterface: string | null;
  outInterface: string | null;
  mark: number | null;
  markMask: number | null;
  /** Source realm << 16 | destination realm; 0 = none. */
  realms: number;
  tunnelId: bigint | null;
  uidRange: readonly [number, number] | null;
  ipProtocol: number | null;
  sourcePorts: readonly [number, number] | null;
  destinationPorts: readonly [number, number] | null;
  /** A found route counts only if its prefix is longer. */
  suppressPrefixLength: number | null;
  /** A found route over an interface of this group does not count. */
  suppressGroup: number | null;
}

/** Writes a request to add ("add": EEXIST if there is one like it) or delete the rule; -1 if it does not fit. */
export function writeRule(memory: Memory, start: number, r: RuleRequest, command: "add" | "delete"): number {
  const b = new MessageBuilder(memory, start);
  const ask = NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK;
  if (command === "add") b.begin(RTNETLINK.RTM_NEWRULE, ask | NETLINK.NLM_F_CREATE | NETLINK.NLM_F_EXCL);
  else b.begin(RTNETLINK.RTM_DELRULE, ask);
  b.u8(r.family === "ipv4" ? SOCKET.AF_INET : SOCKET.AF_INET6);
  b.u8(r.to?.prefixLength ?? 0);
  b.u8(r.from?.prefixLength ?? 0);
  b.u8(r.tos);
  b.u8(r.table < 256 ? r.table : RTNETLINK.RT_TABLE_UNSPEC);
  b.zero(2);
  b.u8(r.action);
  b.u32(r.not ? FIB_RULES.FIB_RULE_INVERT : 0);
  b.attributeU32(FIB_RULES.FRA_PRIORITY, r.priority);
  b.attributeU8(FIB_RULES.FRA_PROTOCOL, r.protocol);
  if (r.table > 255) b.attributeU32(FIB_RULES.FRA_TABLE, r.table);
  if (r.target !== null) b.attributeU32(FIB_RULES.FRA_GOTO, r.target);
  if (r.l3mdev) b.attributeU8(FIB_RULES.FRA_L3MDEV, 1);
  selectors(b, r);
  return b.end();
}

function selectors(b: MessageBuilder, r: RuleRequest): void {
  // An address of length 0 says nothing, and the kernel refuses it.
  if (r.from !== null && r.from.prefixLength > 0) b.attribute(FIB_RULES.FRA_SRC, r.from.address);
  if (r.to !== null && r.to.prefixLength > 0) b.attribute(FIB_RULES.FRA_DST, r.to.address);
  if (r.inInterface !== null) b.attributeText(FIB_RULES.FRA_IIFNAME, r.inInterface);
  if (r.outInterface !== null) b.attributeText(FIB_RULES.FRA_OIFNAME, r.outInterface);
  if (r.mark !== null) b.attributeU32(FIB_RULES.FRA_FWMARK, r.mark);
  if (r.markMask !== null) b.attributeU32(FIB_RULES.FRA_FWMASK, r.markMask);
  if (r.realms !== 0) b.attributeU32(FIB_RULES.FRA_FLOW, r.realms);
  if (r.tunnelId !== null) {
    const id = new DataView(new ArrayBuffer(8));
    id.setBigUint64(0, r.tunnelId);
    b.attribute(FIB_RULES.FRA_TUN_ID, new Uint8Array(id.buffer));
  }
  if (r.uidRange !== null) b.attribute(FIB_RULES.FRA_UID_RANGE, pair(r.uidRange, 4));
  if (r.ipProtocol !== null) b.attributeU8(FIB_RULES.FRA_IP_PROTO, r.ipProtocol);
  if (r.sourcePorts !== null) b.attribute(FIB_RULES.FRA_SPORT_RANGE, pair(r.sourcePorts, 2));
  if (r.destinationPorts !== null) b.attribute(FIB_RULES.FRA_DPORT_RANGE, pair(r.destinationPorts, 2));
  if (r.suppressPrefixLength !== null) {
    b.attributeU32(FIB_RULES.FRA_SUPPRESS_PREFIXLEN, r.suppressPrefixLength);
  }
  if (r.suppressGroup !== null) b.attributeU32(FIB_RULES.FRA_SUPPRESS_IFGROUP, r.suppressGroup);
}

/** struct fib_rule_uid_range or fib_rule_port_range: first and last, of so many bytes each. */
function pair([first, last]: readonly [number, number], bytes: 2 | 4): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes * 2));
  if (bytes === 2) {
    view.setUint16(0, first, true);
    view.setUint16(2, last, true);
  } else {
    view.setUint32(0, first, true);
    view.setUint32(4, last, true);
  }
  return new Uint8Array(view.buffer);
}

/** A rule as the kernel reports it. */
export interface RuleInfo {
  family: Family;
  priority: number;
  /** RTPROT_* */
  protocol: number;
  /** Everything that tells it from other rules, but the protocol. */
  key: string;
  /** The whole message, a copy. */
  message: Uint8Array;
}

/** Values with which the kernel says that something was not asked for. */
const UNSET: Readonly<Record<number, string>> = {
  [FIB_RULES.FRA_SUPPRESS_PREFIXLEN]: "ffffffff",
  [FIB_RULES.FRA_SUPPRESS_IFGROUP]: "ffffffff",
  [FIB_RULES.FRA_FWMASK]: "ffffffff",
  [FIB_RULES.FRA_UID_RANGE]: "00000000ffffffff",
  [FIB_RULES.FRA_L3MDEV]: "00",
  [FIB_RULES.FRA_FLOW]: "00000000",
  [FIB_RULES.FRA_PRIORITY]: "00000000",
};

/** Decodes an RTM_NEWRULE or RTM_DELRULE message of [start, end). Null for anything but a whole IP rule. */
export function decodeRule(bytes: Uint8Array, start: number, end: number): RuleInfo | null {
  const at = start + NLMSGHDR.size;
  if (start < 0 || end > bytes.length || at + FIB_RULE_HDR.size > end) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const familyNumber = bytes[at];
  if (familyNumber !== SOCKET.AF_INET && familyNumber !== SOCKET.AF_INET6) return null;
  const field = (name: keyof typeof FIB_RULE_HDR.at) => view.getUint8(at + FIB_RULE_HDR.at[name]);
  let table = field("table");
  let priority = 0;
  let protocol = 0;
  const parts: string[] = [];
  eachAttribute(view, at + FIB_RULE_HDR.size, end, (type, from, to) => {
    const length = to - from;
    if (type === FIB_RULES.FRA_TABLE && length >= 4) table = view.getUint32(from, true);
    else if (type === FIB_RULES.FRA_PRIORITY && length >= 4) priority = view.getUint32(from, true);
    else if (type === FIB_RULES.FRA_PROTOCOL && length >= 1) protocol = view.getUint8(from);
    else if (type !== FIB_RULES.FRA_PAD) {
      const hex = bytes.slice(from, to).toHex();
      if (UNSET[type] !== hex) parts.push(`${type}=${hex}`);
    }
  });
  const family = familyNumber === SOCKET.AF_INET ? "ipv4" : "ipv6";
  const invert = view.getUint32(at + FIB_RULE_HDR.at.flags, true) & FIB_RULES.FIB_RULE_INVERT;
  const head = [
    family,
    priority,
    field("action"),
    table,
    field("src_len"),
    field("dst_len"),
    field("tos"),
    invert,
  ];
  return {
    family,
    priority,
    protocol,
    key: [...head, ...parts.sort()].join(" "),
    message: bytes.slice(start, end),
  };
}
