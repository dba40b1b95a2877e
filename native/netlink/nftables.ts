// nf_tables messages (linux/netfilter/nf_tables.h): tables, base chains, sets, their elements, and rules.
//
// Every message stands in a batch, which the kernel takes as a whole or not at all. The kernel wants the numbers
// of nf_tables big-endian.
import { NETFILTER, NETLINK, NF_TABLES, SOCKET } from "../constants.ts";
import type { MessageBuilder } from "./message.ts";

/**
 * Types of set keys. The kernel keeps the number for whoever lists the set and does not look at it; the numbers are
 * nft's own (its `enum datatypes`), and those of a concatenation stand in 6 bits each, the first one highest.
 */
export const KEY_TYPE = {
  ipv4_addr: 7,
  ipv6_addr: 8,
  "iface_index . ipv6_addr": (20 << 6) | 8,
  "ifname . ipv6_addr": (41 << 6) | 8,
} as const;
export type KeyType = keyof typeof KEY_TYPE;

/** IFNAMSIZ of linux/if.h: bytes of an interface name as the packet path has it, filled with zeros. */
const NAME_BYTES = 16;

/** Bytes of a key. */
export const KEY_BYTES: Readonly<Record<KeyType, number>> = {
  ipv4_addr: 4,
  ipv6_addr: 16,
  "iface_index . ipv6_addr": 4 + 16,
  "ifname . ipv6_addr": NAME_BYTES + 16,
};

/** One step of a rule. Registers are the 4-byte ones of the kernel, from 0; a step takes as many as it needs. */
export type Expression =
  /** Loads NFT_META_`key`. */
  | { kind: "meta"; key: number; register: number }
  /** Loads bytes of the network (IP) or transport header. */
  | { kind: "payload"; base: "network" | "transport"; offset: number; bytes: number; register: number }
  /** Goes on only if the register compares so. */
  | { kind: "compare"; how: "equal" | "at least" | "at most"; value: Uint8Array; register: number }
  /** Goes on only if the set holds what begins in the register. `id`: that of the set, within the batch. */
  | { kind: "lookup"; set: string; id: number; register: number }
  | { kind: "counter" }
  | { kind: "verdict"; verdict: "accept" | "drop" };

/**
 * Whose a table is. "owned": nobody but the socket that made it may change it, and it goes with the socket (Linux
 * 5.12). "persistent": the same, but it outlives the socket, and is everybody's then (Linux 6.9). "shared": everybody's.
 */
export type Ownership = keyof typeof OWNERSHIP_FLAGS;
const OWNERSHIP_FLAGS = {
  owned: NF_TABLES.NFT_TABLE_F_OWNER,
  persistent: NF_TABLES.NFT_TABLE_F_OWNER | NF_TABLES.NFT_TABLE_F_PERSIST,
  shared: 0,
} as const;

const ASK = NETLINK.NLM_F_REQUEST;
const MAKE = ASK | NETLINK.NLM_F_CREATE;

/** A comment in user data: type 0, length, text with its zero (NFTNL_UDATA_TABLE_COMMENT of libnftnl). */
function commentData(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(`${text}\0`);
  return Uint8Array.of(0, bytes.length, ...bytes);
}

function begin(b: MessageBuilder, message: number, flags: number): void {
  b.begin((NETFILTER.NFNL_SUBSYS_NFTABLES << 8) | message, flags);
  header(b, NETFILTER.NFPROTO_INET, 0);
}

/** struct nfgenmsg; the resource is big-endian. */
function header(b: MessageBuilder, family: number, resource: number): void {
  b.u8(family);
  b.u8(NETFILTER.NFNETLINK_V0);
  b.u8(resource >>> 8);
  b.u8(resource & 0xff);
}

/** Begins or ends a batch. Returns the offset behind the message, or -1. */
export function writeBatch(b: MessageBuilder, which: "begin" | "end"): number {
  b.begin(which === "begin" ? NETFILTER.NFNL_MSG_BATCH_BEGIN : NETFILTER.NFNL_MSG_BATCH_END, ASK);
  header(b, SOCKET.AF_UNSPEC, NETFILTER.NFNL_SUBSYS_NFTABLES);
  return b.end();
}

/**
 * A new table of the inet family; EEXIST if there is one of that name, EPERM if it belongs to another socket. An older
 * kernel refuses an ownership that it does not know: EINVAL or EOPNOTSUPP.
 */
export function writeNewTable(
  b: MessageBuilder,
  table: string,
  comment: string,
  ownership: Ownership,
): number {
  begin(b, NF_TABLES.NFT_MSG_NEWTABLE, MAKE | NETLINK.NLM_F_EXCL);
  b.attributeText(NF_TABLES.NFTA_TABLE_NAME, table);
  number(b, NF_TABLES.NFTA_TABLE_FLAGS, OWNERSHIP_FLAGS[ownership]);
  b.attribute(NF_TABLES.NFTA_TABLE_USERDATA, commentData(comment));
  return b.end();
}

/** Deletes a table with all that is in it. */
export function writeDeleteTable(b: MessageBuilder, table: string): number {
  begin(b, NF_TABLES.NFT_MSG_DELTABLE, ASK | NETLINK.NLM_F_ACK);
  b.attributeText(NF_TABLES.NFTA_TABLE_NAME, table);
  return b.end();
}

/** A base chain that filters: packets to this machine (input) or from it (output); `priority` is a signed number. */
export function writeNewChain(
  b: MessageBuilder,
  table: string,
  chain: string,
  hook: "input" | "output",
  priority: number,
): number {
  begin(b, NF_TABLES.NFT_MSG_NEWCHAIN, MAKE);
  b.attributeText(NF_TABLES.NFTA_CHAIN_TABLE, table);
  b.attributeText(NF_TABLES.NFTA_CHAIN_NAME, chain);
  nested(b, NF_TABLES.NFTA_CHAIN_HOOK, () => {
    const at = hook === "input" ? NETFILTER.NF_INET_LOCAL_IN : NETFILTER.NF_INET_LOCAL_OUT;
    number(b, NF_TABLES.NFTA_HOOK_HOOKNUM, at);
    number(b, NF_TABLES.NFTA_HOOK_PRIORITY, priority);
  });
  number(b, NF_TABLES.NFTA_CHAIN_POLICY, NETFILTER.NF_ACCEPT);
  b.attributeText(NF_TABLES.NFTA_CHAIN_TYPE, "filter");
  return b.end();
}

/** A named set. `id`: any number, once in a batch; rules of the same batch name the set by it. */
export function writeNewSet(
  b: MessageBuilder,
  table: string,
  set: string,
  type: KeyType,
  id: number,
): number {
  begin(b, NF_TABLES.NFT_MSG_NEWSET, MAKE);
  b.attributeText(NF_TABLES.NFTA_SET_TABLE, table);
  b.attributeText(NF_TABLES.NFTA_SET_NAME, set);
  number(b, NF_TABLES.NFTA_SET_FLAGS, 0);
  number(b, NF_TABLES.NFTA_SET_KEY_TYPE, KEY_TYPE[type]);
  number(b, NF_TABLES.NFTA_SET_KEY_LEN, KEY_BYTES[type]);
  number(b, NF_TABLES.NFTA_SET_ID, id);
  return b.end();
}

/** A rule behind the others of its chain. */
export function writeNewRule(
  b: MessageBuilder,
  table: string,
  chain: string,
  expressions: readonly Expression[],
): number {
  begin(b, NF_TABLES.NFT_MSG_NEWRULE, MAKE | NETLINK.NLM_F_APPEND | NETLINK.NLM_F_ACK);
  b.attributeText(NF_TABLES.NFTA_RULE_TABLE, table);
  b.attributeText(NF_TABLES.NFTA_RULE_CHAIN, chain);
  nested(b, NF_TABLES.NFTA_RULE_EXPRESSIONS, () => {
    for (const each of expressions) nested(b, NF_TABLES.NFTA_LIST_ELEM, () => expression(b, each));
  });
  return b.end();
}

/**
 * Adds keys to a set or deletes them, at most 1,000 in a message (an attribute holds 64 KiB). To add what is there is
 * no error; to delete what is not is ENOENT, and then nothing of the batch happens.
 */
export function writeElements(
  b: MessageBuilder,
  table: string,
  set: string,
  keys: readonly Uint8Array[],
  command: "add" | "delete",
): number {
  const message = command === "add" ? NF_TABLES.NFT_MSG_NEWSETELEM : NF_TABLES.NFT_MSG_DELSETELEM;
  begin(b, message, (command === "add" ? MAKE : ASK) | NETLINK.NLM_F_ACK);
  b.attributeText(NF_TABLES.NFTA_SET_ELEM_LIST_TABLE, table);
  b.attributeText(NF_TABLES.NFTA_SET_ELEM_LIST_SET, set);
  nested(b, NF_TABLES.NFTA_SET_ELEM_LIST_ELEMENTS, () => {
    for (const key of keys) {
      nested(b, NF_TABLES.NFTA_LIST_ELEM, () => data(b, NF_TABLES.NFTA_SET_ELEM_KEY, key));
    }
  });
  return b.end();
}

/** The key of an address together with its interface, by name or by index. */
export function setKey(address: Uint8Array, link: string | number): Uint8Array {
  const linkBytes = new Uint8Array(typeof link === "string" ? NAME_BYTES : 4);
  // The packet path has the index in the machine's order.
  if (typeof link === "string") new TextEncoder().encodeInto(link, linkBytes);
  else new DataView(linkBytes.buffer).setUint32(0, link, true);
  const key = new Uint8Array(linkBytes.length + address.length);
  key.set(linkBytes);
  key.set(address, linkBytes.length);
  return key;
}

const COMPARISONS = {
  equal: NF_TABLES.NFT_CMP_EQ,
  "at least": NF_TABLES.NFT_CMP_GTE,
  "at most": NF_TABLES.NFT_CMP_LTE,
} as const;

function expression(b: MessageBuilder, e: Expression): void {
  const name = { compare: "cmp", verdict: "immediate" } as Partial<Record<Expression["kind"], string>>;
  b.attributeText(NF_TABLES.NFTA_EXPR_NAME, name[e.kind] ?? e.kind);
  nested(b, NF_TABLES.NFTA_EXPR_DATA, () => {
    if (e.kind === "meta") {
      number(b, NF_TABLES.NFTA_META_DREG, NF_TABLES.NFT_REG32_00 + e.register);
      number(b, NF_TABLES.NFTA_META_KEY, e.key);
    } else if (e.kind === "payload") {
      const base = e.base === "network"
        ? NF_TABLES.NFT_PAYLOAD_NETWORK_HEADER
        : NF_TABLES.NFT_PAYLOAD_TRANSPORT_HEADER;
      number(b, NF_TABLES.NFTA_PAYLOAD_DREG, NF_TABLES.NFT_REG32_00 + e.register);
      number(b, NF_TABLES.NFTA_PAYLOAD_BASE, base);
      number(b, NF_TABLES.NFTA_PAYLOAD_OFFSET, e.offset);
      number(b, NF_TABLES.NFTA_PAYLOAD_LEN, e.bytes);
    } else if (e.kind === "compare") {
      number(b, NF_TABLES.NFTA_CMP_SREG, NF_TABLES.NFT_REG32_00 + e.register);
      number(b, NF_TABLES.NFTA_CMP_OP, COMPARISONS[e.how]);
      data(b, NF_TABLES.NFTA_CMP_DATA, e.value);
    } else if (e.kind === "lookup") {
      b.attributeText(NF_TABLES.NFTA_LOOKUP_SET, e.set);
      number(b, NF_TABLES.NFTA_LOOKUP_SREG, NF_TABLES.NFT_REG32_00 + e.register);
      number(b, NF_TABLES.NFTA_LOOKUP_SET_ID, e.id);
    } else if (e.kind === "verdict") {
      number(b, NF_TABLES.NFTA_IMMEDIATE_DREG, NF_TABLES.NFT_REG_VERDICT);
      nested(b, NF_TABLES.NFTA_IMMEDIATE_DATA, () => {
        nested(b, NF_TABLES.NFTA_DATA_VERDICT, () => {
          const code = e.verdict === "drop" ? NETFILTER.NF_DROP : NETFILTER.NF_ACCEPT;
          number(b, NF_TABLES.NFTA_VERDICT_CODE, code);
        });
      });
    }
  });
}

function data(b: MessageBuilder, type: number, value: Uint8Array): void {
  nested(b, type, () => b.attribute(NF_TABLES.NFTA_DATA_VALUE, value));
}

function nested(b: MessageBuilder, type: number, write: () => void): void {
  b.beginNested(type | NETLINK.NLA_F_NESTED);
  write();
  b.endNested();
}

/** A 32-bit number, big-endian; a negative one in two's complement. */
function number(b: MessageBuilder, type: number, value: number): void {
  b.attributeU32(
    type,
    (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0,
  );
}
