// rtnetlink commands, synchronous: the kernel has answered when `send` returns.
import { IF_LINK, NETLINK, RTNETLINK, SOCKET } from "../constants.ts";
import { closeDescriptor, waitReadable } from "../descriptor.ts";
import { ERRNO, SyscallError } from "../errno.ts";
import { FIB_RULE_HDR, IFADDRMSG, IFINFOMSG, NLMSGHDR, RTMSG } from "../layout.ts";
import { Memory } from "../memory.ts";
import { setOption } from "../option.ts";
import { ReceiveBatch } from "../receive.ts";
import { type AddressInfo, decodeAddress } from "./address.ts";
import { RouteDump, type Table } from "./dump.ts";
import { decodeLink, type LinkInfo } from "./link.ts";
import {
  align,
  findAnswerText,
  isAnswer,
  MessageBuilder,
  messageLength,
  messageSequence,
  payloadText,
} from "./message.ts";
import { decodeRoute, type RouteInfo } from "./route.ts";
import { decodeRule, type RuleInfo } from "./rule.ts";
import { openCommandSocket, sendMessages } from "./socket.ts";
import type { Family } from "../socket.ts";

/** The kernel answers within the system call; this is for a kernel that does not. */
const TIME_LIMIT_MS = 1000;
/** An ack takes about 1 KB of the buffer, so thousands of requests fit into one transaction. */
const BUFFER_BYTES = 8 * 1024 * 1024;
/** Errors of one transaction whose text is kept. */
const MAX_TEXTS = 64;
const TEXT_BYTES = 256;

const LINKS: Table<LinkInfo> = {
  get: RTNETLINK.RTM_GETLINK,
  answer: RTNETLINK.RTM_NEWLINK,
  tried: "list the links",
  body(b) {
    b.zero(IFINFOMSG.size);
    b.attributeU32(IF_LINK.IFLA_EXT_MASK, RTNETLINK.RTEXT_FILTER_SKIP_STATS);
  },
  decode: decodeLink,
};

function linkNamed(name: string): Table<LinkInfo> {
  return {
    ...LINKS,
    single: true,
    tried: `look at the interface ${name}`,
    body(b) {
      LINKS.body(b);
      b.attributeText(IF_LINK.IFLA_IFNAME, name);
    },
  };
}

function linkIndexed(ifindex: number): Table<LinkInfo> {
  return {
    ...LINKS,
    single: true,
    tried: `look at the interface with index ${ifindex}`,
    body(b) {
      b.zero(IFINFOMSG.at.ifi_index);
      b.u32(ifindex);
      b.zero(IFINFOMSG.size - IFINFOMSG.at.ifi_index - 4);
      b.attributeU32(IF_LINK.IFLA_EXT_MASK, RTNETLINK.RTEXT_FILTER_SKIP_STATS);
    },
  };
}

const ADDRESSES: Table<AddressInfo> = {
  get: RTNETLINK.RTM_GETADDR,
  answer: RTNETLINK.RTM_NEWADDR,
  tried: "list the addresses",
  body: (b) => b.zero(IFADDRMSG.size),
  decode: decodeAddress,
};
const RULES: Table<RuleInfo> = {
  get: RTNETLINK.RTM_GETRULE,
  answer: RTNETLINK.RTM_NEWRULE,
  tried: "list the routing rules",
  body: (b) => b.zero(FIB_RULE_HDR.size),
  decode: decodeRule,
};

/** Routes of one family: of one table, or of all with table 0; of one protocol, or of all with protocol 0. */
function routesOf(family: Family, table: number, protocol: number): Table<RouteInfo> {
  return {
    get: RTNETLINK.RTM_GETROUTE,
    answer: RTNETLINK.RTM_NEWROUTE,
    tried: "list the routes",
    body(b) {
      b.u8(family === "ipv4" ? SOCKET.AF_INET : SOCKET.AF_INET6);
      b.zero(4);
      b.u8(protocol);
      b.zero(RTMSG.size - 6);
      if (table !== 0) b.attributeU32(RTNETLINK.RTA_TABLE, table);
    },
    // A kernel that does not filter (before 4.20) answers with everything; clones are no routes of anybody.
    decode(bytes, start, end) {
      const info = decodeRoute(bytes, start, end);
      if (info === null || (info.flags & RTNETLINK.RTM_F_CLONED) !== 0) return null;
      return (table === 0 || info.table === table) && (protocol === 0 || info.protocol === protocol)
        ? info
        : null;
    },
  };
}

/** A socket for commands of the network namespace in which it was made. */
export class RouteClient {
  readonly fd: number;
  readonly portId: number;
  #sequence: number;
  readonly #acks = new ReceiveBatch(32, 2048);
  readonly #request = new Memory(8192);
  readonly #single = new Int32Array(1);
  readonly #dump: RouteDump;
  readonly #texts = new Uint8Array(MAX_TEXTS * TEXT_BYTES);
  readonly #textResult = new Int32Array(MAX_TEXTS);
  readonly #textLength = new Int32Array(MAX_TEXTS);
  #textCount = 0;

  /** `sequence`: the number before that of the first message. Throws SyscallError. */
  constructor(sequence = 0) {
    this.#sequence = sequence;
    const { fd, portId } = openCommandSocket(NETLINK.NETLINK_ROUTE, BUFFER_BYTES);
    this.fd = fd;
    this.portId = portId;
    this.#dump = new RouteDump(fd, () => this.#sequence = (this.#sequence + 1) >>> 0);
    // It only makes answers shorter; old kernels lack it.
    setOption(fd, SOCKET.SOL_NETLINK, NETLINK.NETLINK_GET_STRICT_CHK, 1);
  }

  /**
   * Sends all messages of [start, end), and has each acknowledged (NLM_F_ACK), in one system call; they run in order, and one
   * that fails does not stop the rest. results[i] becomes 0 or -errno of message i (-ENOBUFS: its answer was
   * lost, -ETIMEDOUT: none came). Returns the number of messages, or -errno if nothing was done: -EINVAL when
   * the bytes are no whole messages or `results` is too short. Allocates nothing.
   */
  transact(memory: Memory, start: number, end: number, results: Int32Array): number {
    const count = this.#number(memory, start, end, results, NETLINK.NLM_F_ACK);
    if (count <= 0) return count;
    const sent = sendMessages(this.fd, memory, start, end);
    if (sent < 0) return sent;
    this.#collect(count, results);
    return count;
  }

  /** For whoever sends the messages himself: as `transact`, but only what fails is to be answered (`collectErrors`). */
  numberQuiet(memory: Memory, start: number, end: number, results: Int32Array): number {
    const count = this.#number(memory, start, end, results, 0);
    for (let i = 0; i < count; i++) results[i] = 0;
    return count;
  }

  /** Takes what has been answered to the last `count` messages, which were numbered by `numberQuiet` and carried out. */
  collectErrors(count: number, results: Int32Array): void {
    const base = (this.#sequence - count + 1) >>> 0;
    for (let n = this.#acks.slots; n === this.#acks.slots;) {
      n = this.#acks.receive(this.fd);
      for (let i = 0; i < n; i++) this.#ack(i, base, count, results);
    }
  }

  /** `ack`: NLM_F_ACK or 0. */
  #number(memory: Memory, start: number, end: number, results: Int32Array, ack: number): number {
    const view = memory.view;
    const base = (this.#sequence + 1) >>> 0;
    let count = 0;
    for (let at = start; at < end;) {
      const length = messageLength(view, at, end);
      if (length === 0 || count === results.length) return -ERRNO.EINVAL;
      view.setUint32(at + NLMSGHDR.at.nlmsg_seq, (base + count) >>> 0, true);
      const flags = view.getUint16(at + NLMSGHDR.at.nlmsg_flags, true);
      view.setUint16(at + NLMSGHDR.at.nlmsg_flags, (flags & ~NETLINK.NLM_F_ACK) | ack, true);
      results[count++] = -ERRNO.ETIMEDOUT;
      at += align(length);
    }
    this.#textCount = 0;
    this.#sequence = (this.#sequence + count) >>> 0;
    return count;
  }

  #collect(count: number, results: Int32Array): void {
    const base = (this.#sequence - count + 1) >>> 0;
    let missing = count;
    let lost = false;
    while (missing > 0) {
      const n = this.#acks.receive(this.fd);
      if (n === -ERRNO.ENOBUFS) lost = true;
      else if (n < 0) return;
      else if (n === 0 && (lost || !waitReadable(this.fd, TIME_LIMIT_MS))) break;
      for (let i = 0; i < n; i++) missing -= this.#ack(i, base, count, results);
    }
    if (!lost) return;
    for (let i = 0; i < count; i++) if (results[i] === -ERRNO.ETIMEDOUT) results[i] = -ERRNO.ENOBUFS;
  }

  /** Takes the acks of one datagram; returns how many of them belong to this transaction. */
  #ack(i: number, base: number, count: number, results: Int32Array): number {
    const view = this.#acks.memory.view;
    const end = this.#acks.start(i) + this.#acks.length(i);
    let taken = 0;
    for (let at = this.#acks.start(i);;) {
      const length = messageLength(view, at, end);
      if (length === 0) return taken;
      const index = (messageSequence(view, at) - base) >>> 0;
      if (isAnswer(view, at, length) && index < count) {
        const error = view.getInt32(at + NLMSGHDR.size, true);
        results[index] = error;
        if (error !== 0) this.#keepText(at, at + length, index);
        taken++;
      }
      at += align(length);
    }
  }

  /** Keeps the kernel's sentence of an error ack that lies in [at, end) of the receive memory. */
  #keepText(at: number, end: number, index: number): void {
    const { view, bytes } = this.#acks.memory;
    if (this.#textCount === MAX_TEXTS) return;
    const found = findAnswerText(view, at, end);
    if (found < 0) return;
    const length = Math.min(TEXT_BYTES, view.getUint16(found, true) - 4);
    const to = this.#textCount * TEXT_BYTES;
    for (let i = 0; i < length; i++) this.#texts[to + i] = bytes[found + 4 + i] as number;
    this.#textResult[this.#textCount] = index;
    this.#textLength[this.#textCount] = length;
    this.#textCount++;
  }

  /** The kernel's sentence for result `i` of the last transaction, "" if it gave none. */
  errorText(i: number): string {
    for (let k = 0; k < this.#textCount; k++) {
      const from = k * TEXT_BYTES;
      if (this.#textResult[k] === i) {
        return payloadText(this.#texts, from, from + (this.#textLength[k] as number));
      }
    }
    return "";
  }

  /** Builds, sends and awaits one message. `tried` is for the error. Throws SyscallError. */
  request(build: (b: MessageBuilder) => void, tried = "change the network configuration"): void {
    const builder = new MessageBuilder(this.#request);
    build(builder);
    const end = builder.end();
    const sent = end < 0 ? -ERRNO.EMSGSIZE : this.transact(this.#request, 0, end, this.#single);
    const errno = sent < 0 ? -sent : -(this.#single[0] as number);
    if (errno === 0) return;
    const detail = sent < 0 ? "" : this.errorText(0);
    throw new SyscallError({
      call: "netlink",
      errno,
      tried,
      detail: detail === "" ? "" : `the kernel says: ${detail}`,
      ...(errno === ERRNO.EPERM ? { advice: "run as root or grant CAP_NET_ADMIN" } : {}),
    });
  }

  /** All links of the namespace. Throws SyscallError. */
  links(): LinkInfo[] {
    return this.#dump.read(LINKS);
  }

  /** The link of that name; null if there is none. Throws SyscallError. */
  link(name: string): LinkInfo | null {
    return this.#one(linkNamed(name));
  }

  /** The link with that index; null if there is none. Throws SyscallError. */
  linkAt(ifindex: number): LinkInfo | null {
    return this.#one(linkIndexed(ifindex));
  }

  #one(table: Table<LinkInfo>): LinkInfo | null {
    try {
      return this.#dump.read(table)[0] ?? null;
    } catch (error) {
      if (error instanceof SyscallError && error.errno === ERRNO.ENODEV) return null;
      throw error;
    }
  }

  /** All IPv4 and IPv6 addresses of the namespace. Throws SyscallError. */
  addresses(): AddressInfo[] {
    return this.#dump.read(ADDRESSES);
  }

  /**
   * The routes of a family in one table (0 = all), made by one protocol (0 = all); a table that does not exist
   * has none. Throws SyscallError.
   */
  routes(family: Family, table: number, protocol: number): RouteInfo[] {
    try {
      return this.#dump.read(routesOf(family, table, protocol));
    } catch (error) {
      if (error instanceof SyscallError && error.errno === ERRNO.ENOENT) return [];
      throw error;
    }
  }

  /** All routing policy rules of IPv4 and IPv6. Throws SyscallError. */
  rules(): RuleInfo[] {
    return this.#dump.read(RULES);
  }

  close(): void {
    closeDescriptor(this.fd);
  }
}
