// Links (interfaces) as rtnetlink messages: decode, create, change, delete (linux/if_link.h).
import { IF, IF_ARP, IF_LINK, NETLINK, RTNETLINK, SOCKET, VETH } from "../constants.ts";
import { IFINFOMSG, NLMSGHDR } from "../layout.ts";
import type { Memory } from "../memory.ts";
import { eachAttribute, findAttribute, MessageBuilder, payloadText } from "./message.ts";

/** A link as the kernel reports it. */
export interface LinkInfo {
  ifindex: number;
  name: string;
  /** IFF_* */
  flags: number;
  mtu: number;
  /** Hardware address, as long as the link type has it; empty if it has none. */
  mac: Uint8Array;
  /** ARPHRD_* */
  arpType: number;
  /** IF_OPER_*; 0 (unknown) counts as up. */
  operState: number;
  /** Bridge, bond or VRF that it belongs to, 0 if none. */
  masterIfindex: number;
  /** `veth`, `bridge`, `vlan`, ...; null for hardware. */
  kind: string | null;
  /** The interface that it lies on (macvlan, VLAN) or its other end (veth), 0 if none. */
  parentIfindex: number;
  /** IFLA_IFALIAS: a remark on it, "" if there is none. */
  alias: string;
  /** The routing table of a VRF; 0 for any other link. */
  vrfTable: number;
}

/** No part of another interface, and of no kind. */
const ALONE = { masterIfindex: 0, kind: null, parentIfindex: 0, alias: "", vrfTable: 0 } as const;

/** An Ethernet interface that is up, by itself, with nothing special about it. */
export function plainLink(ifindex: number, name: string, flags = IF.IFF_UP | IF.IFF_RUNNING): LinkInfo {
  return {
    ifindex,
    name,
    flags,
    mtu: 1500,
    mac: new Uint8Array([2, 0, 0, 0, 0, ifindex & 0xff]),
    arpType: IF_ARP.ARPHRD_ETHER,
    operState: IF.IF_OPER_UP,
    ...ALONE,
  };
}

/**
 * Decodes an RTM_NEWLINK or RTM_DELLINK message that lies in [start, end) with its header. Null for bytes
 * that are no whole link message, and for those of a bridge about its ports (family AF_BRIDGE).
 */
export function decodeLink(bytes: Uint8Array, start: number, end: number): LinkInfo | null {
  const at = start + NLMSGHDR.size;
  if (start < 0 || end > bytes.length || at + IFINFOMSG.size > end) return null;
  if (bytes[at] !== SOCKET.AF_UNSPEC) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const info: LinkInfo = {
    ...ALONE,
    ifindex: view.getUint32(at + IFINFOMSG.at.ifi_index, true),
    name: "",
    flags: view.getUint32(at + IFINFOMSG.at.ifi_flags, true),
    mtu: 0,
    mac: new Uint8Array(0),
    arpType: view.getUint16(at + IFINFOMSG.at.ifi_type, true),
    operState: IF.IF_OPER_UNKNOWN,
  };
  eachAttribute(view, at + IFINFOMSG.size, end, (type, from, to) => {
    const length = to - from;
    if (type === IF_LINK.IFLA_IFNAME) info.name = payloadText(bytes, from, to);
    else if (type === IF_LINK.IFLA_ADDRESS) info.mac = bytes.slice(from, to);
    else if (type === IF_LINK.IFLA_MTU && length >= 4) info.mtu = view.getUint32(from, true);
    else if (type === IF_LINK.IFLA_LINK && length >= 4) info.parentIfindex = view.getUint32(from, true);
    else if (type === IF_LINK.IFLA_IFALIAS) info.alias = payloadText(bytes, from, to);
    else if (type === IF_LINK.IFLA_MASTER && length >= 4) info.masterIfindex = view.getUint32(from, true);
    else if (type === IF_LINK.IFLA_OPERSTATE && length >= 1) info.operState = view.getUint8(from);
    else if (type === IF_LINK.IFLA_LINKINFO) {
      const kind = findAttribute(view, from, to, IF_LINK.IFLA_INFO_KIND);
      if (kind >= 0) info.kind = payloadText(bytes, kind + 4, kind + view.getUint16(kind, true));
      if (info.kind === "vrf") info.vrfTable = vrfTable(view, from, to);
    }
  });
  return info;
}

/** The table in the IFLA_LINKINFO attributes of a VRF, 0 if it is not there. */
function vrfTable(view: DataView, from: number, to: number): number {
  const data = findAttribute(view, from, to, IF_LINK.IFLA_INFO_DATA);
  if (data < 0) return 0;
  const end = data + view.getUint16(data, true);
  const table = findAttribute(view, data + 4, end, IF_LINK.IFLA_VRF_TABLE);
  return table < 0 || table + 8 > end ? 0 : view.getUint32(table + 4, true);
}

const REQUEST = NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_ACK;
const CREATE = REQUEST | NETLINK.NLM_F_CREATE | NETLINK.NLM_F_EXCL;

function infoHeader(b: MessageBuilder, ifindex: number, flags: number, change: number): void {
  b.u8(SOCKET.AF_UNSPEC);
  b.u8(0);
  b.u16(0);
  b.u32(ifindex);
  b.u32(flags);
  b.u32(change);
}

/** One end of a veth pair; `namespaceFd`: the network namespace where it is born, default the caller's. */
export interface VethEnd {
  name: string;
  mac?: Uint8Array;
  namespaceFd?: number;
}

function vethEnd(b: MessageBuilder, end: VethEnd): void {
  b.attributeText(IF_LINK.IFLA_IFNAME, end.name);
  if (end.mac !== undefined) b.attribute(IF_LINK.IFLA_ADDRESS, end.mac);
  if (end.namespaceFd !== undefined) b.attributeU32(IF_LINK.IFLA_NET_NS_FD, end.namespaceFd);
}

/** Creates a veth pair: a cable with two ends. */
export function buildVeth(b: MessageBuilder, end: VethEnd, peer: VethEnd): void {
  b.begin(RTNETLINK.RTM_NEWLINK, CREATE);
  infoHeader(b, 0, 0, 0);
  vethEnd(b, end);
  b.beginNested(IF_LINK.IFLA_LINKINFO);
  b.attributeText(IF_LINK.IFLA_INFO_KIND, "veth");
  b.beginNested(IF_LINK.IFLA_INFO_DATA);
  b.beginNested(VETH.VETH_INFO_PEER);
  infoHeader(b, 0, 0, 0);
  vethEnd(b, peer);
  b.endNested();
  b.endNested();
  b.endNested();
}

/** Creates a bridge. */
export function buildBridge(b: MessageBuilder, name: string): void {
  b.begin(RTNETLINK.RTM_NEWLINK, CREATE);
  infoHeader(b, 0, 0, 0);
  b.attributeText(IF_LINK.IFLA_IFNAME, name);
  b.beginNested(IF_LINK.IFLA_LINKINFO);
  b.attributeText(IF_LINK.IFLA_INFO_KIND, "bridge");
  b.endNested();
}

/** Creates a macvlan on `parentIfindex`; `mode` is MACVLAN_MODE_*, `group` its IFLA_GROUP (0 = the default one). */
export function buildMacvlan(
  b: MessageBuilder,
  name: string,
  parentIfindex: number,
  mac: Uint8Array,
  mode: number,
  group = 0,
): void {
  buildOnParent(b, { name, parentIfindex, mac, group, kind: "macvlan" }, () => {
    b.attributeU32(IF_LINK.IFLA_MACVLAN_MODE, mode);
  });
}

/**
 * Creates an ipvlan of mode L2 on `parentIfindex`, whose MAC address it has; `flags` are IPVLAN_F_* (0 = bridge),
 * `group` its IFLA_GROUP (0 = the default one).
 */
export function buildIpvlan(
  b: MessageBuilder,
  name: string,
  parentIfindex: number,
  flags: number,
  group = 0,
): void {
  buildOnParent(b, { name, parentIfindex, mac: null, group, kind: "ipvlan" }, () => {
    b.attributeU16(IF_LINK.IFLA_IPVLAN_MODE, IF_LINK.IPVLAN_MODE_L2);
    b.attributeU16(IF_LINK.IFLA_IPVLAN_FLAGS, flags);
  });
}

/** A link that lies on another one. */
interface OnParent {
  name: string;
  parentIfindex: number;
  /** Null: that of the other one. */
  mac: Uint8Array | null;
  group: number;
  kind: string;
}

function buildOnParent(
  b: MessageBuilder,
  { name, parentIfindex, mac, group, kind }: OnParent,
  data: () => void,
): void {
  b.begin(RTNETLINK.RTM_NEWLINK, CREATE);
  infoHeader(b, 0, 0, 0);
  b.attributeText(IF_LINK.IFLA_IFNAME, name);
  b.attributeU32(IF_LINK.IFLA_LINK, parentIfindex);
  if (mac !== null) b.attribute(IF_LINK.IFLA_ADDRESS, mac);
  if (group !== 0) b.attributeU32(IF_LINK.IFLA_GROUP, group);
  b.beginNested(IF_LINK.IFLA_LINKINFO);
  b.attributeText(IF_LINK.IFLA_INFO_KIND, kind);
  b.beginNested(IF_LINK.IFLA_INFO_DATA);
  data();
  b.endNested();
  b.endNested();
}

/** What of a link is to be changed; what is left out stays. */
export interface LinkChange {
  up?: boolean;
  name?: string;
  mac?: Uint8Array;
  mtu?: number;
  /** Bridge, bond or VRF to join; 0 = leave. */
  masterIfindex?: number;
  /** Network namespace to move to. */
  namespaceFd?: number;
  /** IPv6: no link-local address of its own when it goes up. */
  noIpv6Autoconf?: boolean;
  /** A remark on it (IFLA_IFALIAS). */
  alias?: string;
  /** IFLA_GROUP. */
  group?: number;
  /** net.ipv4.conf parameters by IPV4_DEVCONF_*. */
  ipv4Conf?: readonly (readonly [number, number])[];
}

/** Changes a link; with ifindex 0 the one that `change.name` names. */
export function buildLinkChange(b: MessageBuilder, ifindex: number, change: LinkChange): void {
  b.begin(RTNETLINK.RTM_NEWLINK, REQUEST);
  infoHeader(b, ifindex, change.up === true ? IF.IFF_UP : 0, change.up === undefined ? 0 : IF.IFF_UP);
  if (change.alias !== undefined) b.attributeText(IF_LINK.IFLA_IFALIAS, change.alias);
  if (change.group !== undefined) b.attributeU32(IF_LINK.IFLA_GROUP, change.group);
  if (change.name !== undefined) b.attributeText(IF_LINK.IFLA_IFNAME, change.name);
  if (change.mac !== undefined) b.attribute(IF_LINK.IFLA_ADDRESS, change.mac);
  if (change.mtu !== undefined) b.attributeU32(IF_LINK.IFLA_MTU, change.mtu);
  if (change.masterIfindex !== undefined) b.attributeU32(IF_LINK.IFLA_MASTER, change.masterIfindex);
  if (change.namespaceFd !== undefined) b.attributeU32(IF_LINK.IFLA_NET_NS_FD, change.namespaceFd);
  const { noIpv6Autoconf = false, ipv4Conf = [] } = change;
  if (!noIpv6Autoconf && ipv4Conf.length === 0) return;
  b.beginNested(IF_LINK.IFLA_AF_SPEC);
  if (noIpv6Autoconf) {
    b.beginNested(SOCKET.AF_INET6);
    b.attributeU8(IF_LINK.IFLA_INET6_ADDR_GEN_MODE, IF_LINK.IN6_ADDR_GEN_MODE_NONE);
    b.endNested();
  }
  if (ipv4Conf.length > 0) {
    b.beginNested(SOCKET.AF_INET);
    b.beginNested(IF_LINK.IFLA_INET_CONF);
    for (const [parameter, value] of ipv4Conf) b.attributeU32(parameter, value);
    b.endNested();
    b.endNested();
  }
  b.endNested();
}

/** Length of what `writeLinkUp` writes. */
export const LINK_UP_BYTES = NLMSGHDR.size + IFINFOMSG.size;

/** Writes the message that takes a link up, or down, at `start`: one that is kept and sent often. */
export function writeLinkUp(memory: Memory, start: number, ifindex: number, up: boolean): number {
  const b = new MessageBuilder(memory, start);
  buildLinkChange(b, ifindex, { up });
  return b.end();
}

/** Deletes all links of an IFLA_GROUP: the kernel waits once for all of them, and not for each. */
export function buildGroupDelete(b: MessageBuilder, group: number): void {
  b.begin(RTNETLINK.RTM_DELLINK, REQUEST);
  infoHeader(b, 0, 0, 0);
  b.attributeU32(IF_LINK.IFLA_GROUP, group);
}

/** Deletes a link (one end of a veth pair deletes both). */
export function buildLinkDelete(b: MessageBuilder, ifindex: number): void {
  b.begin(RTNETLINK.RTM_DELLINK, REQUEST);
  infoHeader(b, ifindex, 0, 0);
}
