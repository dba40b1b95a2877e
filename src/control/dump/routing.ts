// Routes and rules the way keepalived writes them in its dumps. The protocol number is baton's own.
import { FIB_RULES, RTNETLINK } from "../../../native/constants.ts";
import type { HopConfig, PrefixConfig, RouteConfig, RuleConfig } from "../../config/routing.ts";
import { ROUTE_MARK } from "../../config/routing.ts";

/** RTN_* by name; unicast has none. */
const TYPES: Readonly<Record<number, string>> = {
  [RTNETLINK.RTN_LOCAL]: "local",
  [RTNETLINK.RTN_BROADCAST]: "broadcast",
  [RTNETLINK.RTN_ANYCAST]: "anycast",
  [RTNETLINK.RTN_MULTICAST]: "multicast",
  [RTNETLINK.RTN_THROW]: "throw",
  [RTNETLINK.RTN_UNREACHABLE]: "unreachable",
  [RTNETLINK.RTN_PROHIBIT]: "prohibit",
  [RTNETLINK.RTN_BLACKHOLE]: "blackhole",
};

/** RTAX_* in the order of the dumps. */
const METRICS: readonly (readonly [name: string, attribute: number])[] = [
  ["mtu", RTNETLINK.RTAX_MTU],
  ["window", RTNETLINK.RTAX_WINDOW],
  ["rtt", RTNETLINK.RTAX_RTT],
  ["rttvar", RTNETLINK.RTAX_RTTVAR],
  ["ssthresh", RTNETLINK.RTAX_SSTHRESH],
  ["cwnd", RTNETLINK.RTAX_CWND],
  ["advmss", RTNETLINK.RTAX_ADVMSS],
  ["reordering", RTNETLINK.RTAX_REORDERING],
  ["hoplimit", RTNETLINK.RTAX_HOPLIMIT],
  ["initcwnd", RTNETLINK.RTAX_INITCWND],
  ["features", RTNETLINK.RTAX_FEATURES],
  ["rto_min", RTNETLINK.RTAX_RTO_MIN],
  ["initrwnd", RTNETLINK.RTAX_INITRWND],
  ["quickack", RTNETLINK.RTAX_QUICKACK],
  ["fastopen_no_cookie", RTNETLINK.RTAX_FASTOPEN_NO_COOKIE],
];
/** linux/icmpv6.h: ICMPV6_ROUTER_PREF_*. */
const PREFERENCES: Readonly<Record<number, string>> = { 0: "medium", 1: "high", 3: "low" };

/** One route in a line. */
export function routeText(route: RouteConfig): string {
  const { family, hops, table, metric, metrics, tos, source, type } = route;
  const [hop] = hops;
  const several = hops.length > 1;
  const words = [
    route.mode === "replace" ? "prepend" : route.mode,
    TYPES[type] ?? "",
    route.destination === null
      ? (family === "ipv4" ? "0.0.0.0/0" : "default")
      : prefixText(route.destination),
    route.from === null ? "" : `from ${prefixText(route.from)}`,
    source === null ? "" : `src ${source}`,
    several ? "" : gatewayText(hop!),
    tos === 0 ? "" : `tos ${tos}`,
    several || hop!.interface === null ? "" : `dev ${hop!.interface}`,
    route.vrf === null ? table === RTNETLINK.RT_TABLE_MAIN ? "" : `table ${table}` : `vrf ${route.vrf}`,
    protocolText("proto", route),
    // A scope that was not given is not shown.
    /(?:^|\s)scope\s/.test(route.text) ? `scope ${route.scope}` : "",
    metric === 0 ? "" : `metric ${metric}`,
    route.expiresS === 0 ? "" : `expires ${route.expiresS}sec`,
    !several && hop!.onlink ? "onlink" : "",
    ...metricTexts(metrics),
    route.congestionControl === null ? "" : `congctl ${route.congestionControl}`,
    route.preference === null ? "" : `pref ${PREFERENCES[route.preference] ?? route.preference}`,
    ...(several ? hops.map(hopText) : []),
    ...endTexts(route),
  ];
  return words.filter((word) => word !== "").join(" ");
}

function hopText(hop: HopConfig): string {
  return [
    "nexthop",
    gatewayText(hop),
    hop.interface === null ? "" : `dev ${hop.interface}`,
    `weight ${hop.weight}`,
    hop.onlink ? "onlink" : "",
  ].filter((word) => word !== "").join(" ");
}

function gatewayText({ gateway }: HopConfig): string {
  return gateway === null ? "" : `via ${gateway.includes(":") ? "inet6" : "inet"} ${gateway}`;
}

function metricTexts(metrics: RouteConfig["metrics"]): string[] {
  const values = new Map(metrics);
  const locks = values.get(RTNETLINK.RTAX_LOCK) ?? 0;
  return METRICS.flatMap(([name, attribute]) => {
    const value = values.get(attribute);
    const lock = (locks & (1 << attribute)) === 0 ? "" : " lock";
    return value === undefined ? [] : [`${name}${lock} ${value}`];
  });
}

/** What the dump calls the actions of linux/fib_rules.h that have no argument. */
const ACTIONS: Readonly<Record<number, string>> = {
  [FIB_RULES.FR_ACT_NOP]: "type nop",
  [FIB_RULES.FR_ACT_BLACKHOLE]: "type blackhole",
  [FIB_RULES.FR_ACT_UNREACHABLE]: "type unreachable",
  [FIB_RULES.FR_ACT_PROHIBIT]: "type prohibit",
};

/** One rule in a line. */
export function ruleText(rule: RuleConfig): string {
  const mask = rule.markMask === null ? "" : `/${hex(rule.markMask)}`;
  const option = (name: string, value: string | number | null) => value === null ? "" : `${name} ${value}`;
  const range = (name: string, value: readonly [number, number] | null) =>
    option(name, value && value.join("-"));
  const words = [
    rule.not ? "not" : "",
    `from ${rule.from === null ? "all" : prefixText(rule.from)}`,
    rule.to === null ? "" : `to ${prefixText(rule.to)}`,
    `priority ${rule.priority}`,
    `tos ${hex(rule.tos)}`,
    rule.mark === null ? "" : `fwmark ${hex(rule.mark)}${mask}`,
    option("iif", rule.inInterface),
    option("oif", rule.outInterface),
    option("suppress_prefixlen", rule.suppressPrefixLength),
    option("suppress_ifgroup", rule.suppressGroup),
    option("tunnel-id", rule.tunnelId),
    range("uidrange", rule.uidRange),
    rule.l3mdev ? "l3mdev" : "",
    protocolText("protocol", rule),
    option("ipproto", rule.ipProtocol),
    range("sport", rule.sourcePorts),
    range("dport", rule.destinationPorts),
    rule.realms === 0 ? "" : `realms ${rule.realms >>> 16}/${rule.realms & 0xffff}`,
    rule.target === null ? "" : `goto ${rule.target}`,
    ACTIONS[rule.action] ?? "",
    rule.table === 0 ? "" : `lookup ${rule.table}`,
    ...endTexts(rule),
  ];
  return words.filter((word) => word !== "").join(" ");
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function prefixText({ address, prefixLength }: PrefixConfig): string {
  return `${address}/${prefixLength}`;
}

/** keepalived marks only what it tracks. */
function protocolText(
  name: string,
  { protocol, tracked }: Pick<RouteConfig, "protocol" | "tracked">,
): string {
  return !tracked && protocol === ROUTE_MARK ? "" : `${name} ${protocol}`;
}

function endTexts({ tracked, trackGroup }: Pick<RouteConfig, "tracked" | "trackGroup">): string[] {
  return [tracked ? "" : "no_track", trackGroup === null ? "" : `track_group ${trackGroup}`];
}
