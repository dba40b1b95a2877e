// rtnetlink events: links, IPv4 and IPv6 addresses, and the loss of routes and rules.
import { FILTER, NETLINK, RTNETLINK, SOCKET } from "../constants.ts";
import { closeDescriptor } from "../descriptor.ts";
import { ERRNO, SyscallError } from "../errno.ts";
import { NLMSGHDR, RTMSG, SOCKADDR_NL } from "../layout.ts";
import { attachFilter } from "../filter.ts";
import { requireOption, setReceiveBuffer } from "../option.ts";
import { ReceiveBatch } from "../receive.ts";
import { type AddressInfo, decodeAddress } from "./address.ts";
import { KnownAddresses } from "./known.ts";
import { decodeLink, type LinkInfo } from "./link.ts";
import { align, messageLength, messagePort, messageType } from "./message.ts";
import { decodeRoute, type RouteInfo } from "./route.ts";
import { decodeRule, type RuleInfo } from "./rule.ts";
import { openRouteSocket } from "./socket.ts";

/** No port: 0 is the kernel itself, whose news are wanted. */
const NOBODY = 0xffff_ffff;
const SLOTS = 8;
const MAX_ROUNDS = 8;

export interface MonitorHandler {
  link(info: LinkInfo, deleted: boolean): void;
  address(info: AddressInfo, deleted: boolean): void;
  /** A route of the watched protocol is gone. */
  routeGone?(info: RouteInfo): void;
  /** A rule is gone, whoever made it. */
  ruleGone?(info: RuleInfo): void;
}

const ROUTING_EVENTS = [
  RTNETLINK.RTNLGRP_IPV4_ROUTE,
  RTNETLINK.RTNLGRP_IPV6_ROUTE,
  RTNETLINK.RTNLGRP_IPV4_RULE,
  RTNETLINK.RTNLGRP_IPV6_RULE,
] as const;

/** A socket for the events of the network namespace in which it was made. */
export class RouteMonitor {
  readonly fd: number;
  /**
   * Messages that these ports caused are not reported. The kernel names the port for links and IPv4 addresses only:
   * what was done to an IPv6 address is reported whoever did it.
   */
  #ownPorts: readonly [number, number] = [NOBODY, NOBODY];
  /** RTPROT_* of the routes whose loss is reported. */
  #routeProtocol = 0;
  readonly #batch = new ReceiveBatch(SLOTS, 32 * 1024);
  readonly #known = new KnownAddresses();

  /**
   * Ignores what these ports cause from now on: the kernel does not even queue it, since a thousand addresses that are
   * renewed would wake us a thousand times.
   */
  ignorePorts(first: number, second: number = NOBODY): void {
    this.#ownPorts = [first, second];
    // Where the filter is refused, the same is sorted out after reading.
    this.#filter();
  }

  /**
   * Reports the loss of routes of that protocol (RTPROT_*) and of rules from now on. The kernel drops everybody
   * else's: a router with a full table changes thousands of routes a second. Throws SyscallError.
   */
  watchRouting(protocol: number): void {
    this.#routeProtocol = protocol;
    // Without the filter they would wake us all the time: then lost routes are not put back.
    if (this.#filter() !== 0) return;
    const tried = "listen to changes of routes and rules";
    for (const group of ROUTING_EVENTS) {
      requireOption(this.fd, SOCKET.SOL_NETLINK, NETLINK.NETLINK_ADD_MEMBERSHIP, group, tried);
    }
  }

  /**
   * Tells the kernel what to queue: nothing of our own, no route or rule that is new, no loss of another protocol's
   * route. Returns 0 or the errno.
   */
  #filter(): number {
    const { BPF_LD, BPF_W, BPF_B, BPF_ABS, BPF_JMP, BPF_JEQ, BPF_RET, BPF_K } = FILTER;
    const equal = BPF_JMP | BPF_JEQ | BPF_K;
    const [first, second] = this.#ownPorts;
    return attachFilter(this.fd, [
      [BPF_LD | BPF_W | BPF_ABS, 0, 0, NLMSGHDR.at.nlmsg_pid],
      [equal, 7, 0, swapBytes(first)],
      [equal, 6, 0, swapBytes(second)],
      // The low byte of the type: the high one is 0.
      [BPF_LD | BPF_B | BPF_ABS, 0, 0, NLMSGHDR.at.nlmsg_type],
      [equal, 4, 0, RTNETLINK.RTM_NEWROUTE],
      [equal, 3, 0, RTNETLINK.RTM_NEWRULE],
      [equal, 0, 3, RTNETLINK.RTM_DELROUTE],
      [BPF_LD | BPF_B | BPF_ABS, 0, 0, NLMSGHDR.size + RTMSG.at.rtm_protocol],
      [equal, 1, 0, this.#routeProtocol],
      [BPF_RET | BPF_K, 0, 0, 0],
      [BPF_RET | BPF_K, 0, 0, 0xffff_ffff],
    ]);
  }

  /** `bufferBytes`: how much may wait before the kernel drops events. Throws SyscallError. */
  constructor(bufferBytes = 4 * 1024 * 1024) {
    const { fd } = openRouteSocket();
    this.fd = fd;
    try {
      setReceiveBuffer(fd, bufferBytes);
      for (
        const group of [RTNETLINK.RTNLGRP_LINK, RTNETLINK.RTNLGRP_IPV4_IFADDR, RTNETLINK.RTNLGRP_IPV6_IFADDR]
      ) {
        const tried = "listen to changes of links and addresses";
        requireOption(fd, SOCKET.SOL_NETLINK, NETLINK.NETLINK_ADD_MEMBERSHIP, group, tried);
      }
    } catch (error) {
      closeDescriptor(fd);
      throw error;
    }
  }

  /**
   * Reports the events that wait, at most 64 datagrams of them (the descriptor stays readable if there are
   * more). A change of an address's lifetimes alone is no event, so renewals allocate nothing. "overrun": the kernel had to drop some; all that waited is thrown away, and the caller must dump
   * links and addresses again. Throws SyscallError when the socket itself is broken.
   */
  receive(handler: MonitorHandler): "done" | "overrun" {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const n = this.#batch.receive(this.fd);
      if (n === -ERRNO.ENOBUFS) return this.#overrun();
      if (n < 0) throw new SyscallError({ call: "recvmmsg", errno: -n, tried: "receive netlink events" });
      for (let i = 0; i < n; i++) {
        if (this.#batch.truncated(i)) return this.#overrun();
        const port = this.#batch.memory.view.getUint32(
          this.#batch.nameStart(i) + SOCKADDR_NL.at.nl_pid,
          true,
        );
        if (port === 0) this.#datagram(i, handler); // another program may send to us, but is not the kernel
      }
      if (n < SLOTS) return "done";
    }
    return "done";
  }

  /** Events that still wait are older than those that were lost. */
  #overrun(): "overrun" {
    this.discard();
    return "overrun";
  }

  /** Throws away all that waits: reported after a dump that the caller is to make, it would turn the newer state back. */
  discard(): void {
    this.#known.clear();
    for (let round = 0; round < 100_000; round++) {
      const n = this.#batch.receive(this.fd);
      if (n === 0 || (n < 0 && n !== -ERRNO.ENOBUFS)) break;
    }
  }

  #datagram(i: number, handler: MonitorHandler): void {
    const view = this.#batch.memory.view;
    const end = this.#batch.start(i) + this.#batch.length(i);
    for (let at = this.#batch.start(i);;) {
      const length = messageLength(view, at, end);
      if (length < NLMSGHDR.size) return;
      this.#message(at, at + length, handler);
      at += align(length);
    }
  }

  #message(at: number, end: number, handler: MonitorHandler): void {
    const { view, bytes } = this.#batch.memory;
    const port = messagePort(view, at);
    const own = port === this.#ownPorts[0] || port === this.#ownPorts[1];
    const type = messageType(view, at);
    if (type === RTNETLINK.RTM_NEWADDR || type === RTNETLINK.RTM_DELADDR) {
      const deleted = type === RTNETLINK.RTM_DELADDR;
      if (!this.#known.isNews(view, at, end, deleted) || own) return;
      const info = decodeAddress(bytes, at, end);
      if (info !== null) handler.address(info, deleted);
    } else if (type === RTNETLINK.RTM_NEWLINK || type === RTNETLINK.RTM_DELLINK) {
      const deleted = type === RTNETLINK.RTM_DELLINK;
      const info = decodeLink(bytes, at, end);
      if (info === null) return;
      if (deleted) this.#known.clear();
      if (!own) handler.link(info, deleted);
    } else if (type === RTNETLINK.RTM_DELROUTE && !own) {
      const info = decodeRoute(bytes, at, end);
      if (info !== null) handler.routeGone?.(info);
    } else if (type === RTNETLINK.RTM_DELRULE && !own) {
      const info = decodeRule(bytes, at, end);
      if (info !== null) handler.ruleGone?.(info);
    }
  }

  close(): void {
    closeDescriptor(this.fd);
  }
}

/** A filter loads words as the network orders them; netlink has them as the machine does. */
function swapBytes(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
