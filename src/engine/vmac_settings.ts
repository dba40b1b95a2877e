// What an interface that baton has made on another one is told before it is up.
import { IP_CONF } from "../../native/constants.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import { buildLinkChange } from "../../native/netlink/link.ts";
import { readSysctl, writeSysctl } from "../../native/sysctl.ts";
import type { VmacConfig } from "../config/model.ts";

/** IFLA_IFALIAS of what baton has made: how one that was left is known from others. */
export const VMAC_MARK = "baton";

/** Parameters below net/ipv6/conf/NAME; disable_ipv6 last. */
export type Ipv6Parameters = readonly (readonly [parameter: string, value: string])[];

const NO_IPV6: Ipv6Parameters = [["disable_ipv6", "1"]];

/** Where the kinds of interfaces differ. */
export interface KindSettings {
  kind: "macvlan" | "ipvlan";
  /** The kernel is to make no link-local address of its own. */
  noIpv6Autoconf: boolean;
  /** With IPv6 addresses on it. */
  ipv6: Ipv6Parameters;
}

/** Marks it and sets its parameters; with ifindex 0 the one of that name. Throws SyscallError. */
export function configureMade(
  client: RouteClient,
  { name, group, ipv6 }: VmacConfig,
  ifindex: number,
  settings: KindSettings,
): void {
  // The greater one of the interface's value and that of all interfaces counts; with 1 the addresses would not answer.
  const strict = readSysctl("net/ipv4/conf/all/rp_filter") === "1";
  client.request((b) =>
    buildLinkChange(b, ifindex, {
      ...(ifindex === 0 ? { name } : { group: group ?? 0 }),
      alias: VMAC_MARK,
      noIpv6Autoconf: settings.noIpv6Autoconf,
      ipv4Conf: [
        [IP_CONF.IPV4_DEVCONF_ARP_ANNOUNCE, 2],
        [IP_CONF.IPV4_DEVCONF_ARP_IGNORE, 1],
        [IP_CONF.IPV4_DEVCONF_ARPFILTER, 0],
        [IP_CONF.IPV4_DEVCONF_RP_FILTER, strict ? 2 : 0],
        [IP_CONF.IPV4_DEVCONF_PROMOTE_SECONDARIES, 1],
      ],
    }), `configure the ${settings.kind} ${name}`);
  // No multicast report leaves an interface that IPv6 does not know.
  for (const [parameter, value] of ipv6 ? settings.ipv6 : NO_IPV6) {
    writeSysctl(`net/ipv6/conf/${name}/${parameter}`, value);
  }
}
