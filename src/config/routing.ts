// Routes and rules as the configuration has them: plain data, as in model.ts.
import type { RuleRequest } from "../../native/netlink/rule.ts";
import type { Family, VirtualAddress } from "./virtual.ts";

/** What packets are wrapped into on the way to a next hop. Numbers as linux/lwtunnel.h has them. */
export type EncapConfig =
  | {
    kind: "ip" | "ip6";
    /** Tunnel key in decimal: 64 bits do not fit into a number. */
    id: string | null;
    destination: string | null;
    source: string | null;
    ttl: number | null;
    tos: number | null;
  }
  | { kind: "mpls"; labels: number[]; ttl: number | null }
  /** Four groups of up to four hexadecimal digits: the first half of an IPv6 address. */
  | { kind: "ila"; locator: string };

/** Where a route sends packets. */
export interface HopConfig {
  /** Canonical text; null = directly. */
  gateway: string | null;
  interface: string | null;
  /** 1..256. */
  weight: number;
  onlink: boolean;
  /** Source realm << 16 | destination realm; 0 = none. */
  realms: number;
  encap: EncapConfig | null;
}

/** An address and its prefix length. */
export interface PrefixConfig {
  address: string;
  prefixLength: number;
}

/** One entry of virtual_routes or static_routes. Numbers are the kernel's (linux/rtnetlink.h). */
export interface RouteConfig {
  /** As it was written, for messages. */
  text: string;
  family: Family;
  /** RTN_* */
  type: number;
  /** Null = default route. */
  destination: PrefixConfig | null;
  /** IPv6: only packets from there. */
  from: PrefixConfig | null;
  table: number;
  /** The table is that of this VRF; null = `table`. */
  vrf: string | null;
  protocol: number;
  scope: number;
  tos: number;
  /** 0 = the kernel's choice. */
  metric: number;
  /** Preferred source address. */
  source: string | null;
  /** One; several = multipath. */
  hops: HopConfig[];
  /** RTAX_* and its value. */
  metrics: [attribute: number, value: number][];
  congestionControl: string | null;
  /** IPv6: 0 = never. */
  expiresS: number;
  preference: number | null;
  /** What happens when there is one of the same key: it is replaced, or it is an error, or they stand side by side. */
  mode: "replace" | "add" | "append" | "prepend";
  /** Put back when somebody removes it, and its interfaces must be up. */
  tracked: boolean;
  /** Static entries: the track_group whose instances are at fault while it is missing, or null. */
  trackGroup: string | null;
}

/** One entry of virtual_rules or static_rules. Numbers are the kernel's (linux/fib_rules.h). */
export interface RuleConfig extends Omit<RuleRequest, "from" | "to" | "tunnelId"> {
  /** As it was written, for messages. */
  text: string;
  from: PrefixConfig | null;
  to: PrefixConfig | null;
  /** In decimal: 64 bits do not fit into a number. */
  tunnelId: string | null;
  tracked: boolean;
  trackGroup: string | null;
}

/** What is there from the start of the daemon to its end. */
export interface StaticConfig {
  addresses: VirtualAddress[];
  routes: RouteConfig[];
  rules: RuleConfig[];
}

/**
 * RTPROT_* of the routes and rules that baton makes: VRRP's number. Not keepalived's 18, since a keepalived that
 * starts removes every route of that protocol.
 */
export const ROUTE_MARK = 112;
