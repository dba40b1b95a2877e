// The nftables table of the firewall: which sets, chains and rules, written as one part of a batch.
import { NETFILTER, NF_TABLES } from "../../native/constants.ts";
import type { MessageBuilder } from "../../native/netlink/message.ts";
import {
  type Expression,
  type Ownership,
  writeNewChain,
  writeNewRule,
  writeNewSet,
  writeNewTable,
} from "../../native/netlink/nftables.ts";
import type { FirewallConfig } from "../config/model.ts";

/** The sets by number: IPv4, IPv6, and link-local IPv6 addresses with their interface. */
export const SETS = { ipv4: 0, ipv6: 1, link: 2, count: 3, names: ["vips", "vips6", "link_vips6"] } as const;

/** Upper bound of the bytes that `ruleset` writes. */
export const RULESET_BYTES = 16384;

/** The set that an address belongs to: link-local ones (RFC 4291 section 2.5.6) may stand on several interfaces. */
export function setOf(address: Uint8Array): number {
  if (address.length === 4) return SETS.ipv4;
  return address[0] === 0xfe && (address[1]! & 0xc0) === 0x80 ? SETS.link : SETS.ipv6;
}

/** IANA protocol numbers. */
const IPPROTO_ICMPV6 = 58;
const IPPROTO_VRRP = 112;
/** RFC 4861 section 4: the types of neighbour discovery, router solicitation to redirect. */
const ND_FIRST = 133;
const ND_LAST = 137;

interface Side {
  chain: string;
  hook: "input" | "output";
  /** Offset of the address in an IPv4 header (RFC 791) and in an IPv6 header (RFC 8200). */
  ipv4At: number;
  ipv6At: number;
  nameKey: number;
  indexKey: number;
}

const SIDES: readonly Side[] = [
  {
    chain: "in",
    hook: "input",
    ipv4At: 16,
    ipv6At: 24,
    nameKey: NF_TABLES.NFT_META_IIFNAME,
    indexKey: NF_TABLES.NFT_META_IIF,
  },
  {
    chain: "out",
    hook: "output",
    ipv4At: 12,
    ipv6At: 8,
    nameKey: NF_TABLES.NFT_META_OIFNAME,
    indexKey: NF_TABLES.NFT_META_OIF,
  },
];

/** Writes the messages that make the table with empty sets; the first of them makes the table itself. */
export function ruleset(
  b: MessageBuilder,
  table: string,
  config: FirewallConfig,
  ownership: Ownership,
): void {
  writeNewTable(b, table, "made by baton", ownership);
  const linkType = config.byIndex ? "iface_index . ipv6_addr" : "ifname . ipv6_addr";
  for (const [id, type] of (["ipv4_addr", "ipv6_addr", linkType] as const).entries()) {
    writeNewSet(b, table, SETS.names[id]!, type, id + 1);
  }
  for (const side of SIDES) {
    writeNewChain(b, table, side.chain, side.hook, config.priority);
    for (const rule of rules(side, config)) writeNewRule(b, table, side.chain, rule);
  }
}

function rules(side: Side, config: FirewallConfig): Expression[][] {
  const { byIndex, counters } = config;
  const accept: Expression = { kind: "verdict", verdict: "accept" };
  const drop: Expression[] = [
    ...(counters ? [{ kind: "counter" } as const] : []),
    { kind: "verdict", verdict: "drop" },
  ];
  const ipv4 = is(NF_TABLES.NFT_META_NFPROTO, NETFILTER.NFPROTO_IPV4);
  const ipv6 = is(NF_TABLES.NFT_META_NFPROTO, NETFILTER.NFPROTO_IPV6);
  const type = (how: "at least" | "at most", value: number): Expression => ({
    kind: "compare",
    how,
    value: Uint8Array.of(value),
    register: 0,
  });
  const inSet = (set: number, register = 0): Expression => ({
    kind: "lookup",
    set: SETS.names[set]!,
    id: set + 1,
    register,
  });
  const address = (offset: number, bytes: number, register = 0): Expression => ({
    kind: "payload",
    base: "network",
    offset,
    bytes,
    register,
  });
  // Registers of 4 bytes: the address stands right behind the name or the index.
  const linkRegisters = byIndex ? 1 : 4;
  return [
    // An advert may have such an address as its source (mcast_src_ip, unicast_src_ip): nobody falls silent.
    [...is(NF_TABLES.NFT_META_L4PROTO, IPPROTO_VRRP), accept],
    // RFC 9568 section 6.1 (Accept_Mode): whatever the mode, neighbour discovery goes on, or nobody finds the router.
    [
      ...ipv6,
      ...is(NF_TABLES.NFT_META_L4PROTO, IPPROTO_ICMPV6),
      { kind: "payload", base: "transport", offset: 0, bytes: 1, register: 0 },
      type("at least", ND_FIRST),
      type("at most", ND_LAST),
      accept,
    ],
    [...ipv4, address(side.ipv4At, 4), inSet(SETS.ipv4), ...drop],
    [...ipv6, address(side.ipv6At, 16), inSet(SETS.ipv6), ...drop],
    [
      ...ipv6,
      { kind: "meta", key: byIndex ? side.indexKey : side.nameKey, register: 0 },
      address(side.ipv6At, 16, linkRegisters),
      inSet(SETS.link),
      ...drop,
    ],
  ];
}

/** Goes on only if a byte of the packet's description is that value. */
function is(key: number, value: number): Expression[] {
  return [
    { kind: "meta", key, register: 0 },
    { kind: "compare", how: "equal", value: Uint8Array.of(value), register: 0 },
  ];
}
