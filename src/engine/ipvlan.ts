// An ipvlan of ours in the kernel: how it is made, configured and taken up. It has the MAC address of the interface
// below and an address of its own, and is up as long as it is there: an instance speaks and hears on it.
import { IF, IF_ADDR, IF_LINK } from "../../native/constants.ts";
import { ERRNO, SyscallError } from "../../native/errno.ts";
import { type AddressInfo, buildAddAddress, FOREVER } from "../../native/netlink/address.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import { buildIpvlan, buildLinkChange, type LinkInfo } from "../../native/netlink/link.ts";
import type { IpvlanConfig, VmacConfig } from "../config/model.ts";
import { parseAddress } from "../vrrp/address.ts";
import { type Link, type Links, STATIC_MARK } from "./links.ts";
import { configureMade, type Ipv6Parameters } from "./vmac_settings.ts";

/** IPVLAN_F_* of each flag. */
const FLAGS: Record<IpvlanConfig["flag"], number> = {
  bridge: 0,
  private: IF_LINK.IPVLAN_F_PRIVATE,
  vepa: IF_LINK.IPVLAN_F_VEPA,
};
/** Below net/ipv6/conf/NAME; a default route of its own would stand beside that of the interface below. */
const IPV6_SYSCTLS: Ipv6Parameters = [
  ["accept_ra", "0"],
  ["autoconf", "0"],
  ["disable_ipv6", "0"],
];
/** RT_SCOPE_UNIVERSE (linux/rtnetlink.h). */
const UNIVERSE = 0;

/** What people can do where an interface cannot have one. */
const CURES: Record<number, string> = {
  [ERRNO.EOPNOTSUPP]: "load the kernel module ipvlan, or write use_vmac",
  [ERRNO.EBUSY]: "take away its VMACs and macvlans, or the bridge that it is in",
  [ERRNO.EINVAL]: "name an Ethernet interface",
};

/** Makes the ipvlan on the interface with this index; it is down. Throws SyscallError. */
export function makeIpvlan(client: RouteClient, config: VmacConfig, parentIfindex: number): void {
  const { name, parent, group, ipvlan } = config;
  const tried = `make an ipvlan on ${parent}`;
  try {
    client.request((b) => buildIpvlan(b, name, parentIfindex, FLAGS[ipvlan!.flag], group ?? 0), tried);
  } catch (error) {
    const advice = error instanceof SyscallError ? CURES[error.errno] : undefined;
    if (advice === undefined) throw error;
    throw new SyscallError({ call: "netlink", errno: (error as SyscallError).errno, tried, advice });
  }
}

/** What it has to be before it is up; with ifindex 0 the one of that name. Throws SyscallError. */
export function configureIpvlan(client: RouteClient, config: VmacConfig, ifindex: number): void {
  // With a link-local address of its own it needs no other.
  const noIpv6Autoconf = config.ipvlan!.address?.startsWith("fe80:") ?? false;
  configureMade(client, config, ifindex, { kind: "ipvlan", noIpv6Autoconf, ipv6: IPV6_SYSCTLS });
}

/** Takes it up and gives it its address, if that is lacking. Throws SyscallError. */
export function raiseIpvlan(
  client: RouteClient,
  links: Links,
  { name, ipvlan }: VmacConfig,
  link: Link,
): void {
  const { ifindex } = link;
  if ((link.flags & IF.IFF_UP) === 0) {
    client.request((b) => buildLinkChange(b, ifindex, { up: true }), `take ${name} up`);
    // Our own requests are not among the events.
    const info: LinkInfo | null = client.link(name);
    if (info !== null) links.update(info);
  }
  const own = ownAddress(ipvlan!, ifindex);
  if (own === null || link.has(own.address)) return;
  client.request(
    (b) => buildAddAddress(b, { ...own, flags: 0, broadcast: null, noDad: true }, "replace"),
    `give ${name} the address ${ipvlan!.address}/${ipvlan!.prefixLength}`,
  );
  links.updateAddress(own);
}

/** Whether one is as another is to be: flag and address are given to it when it is made. */
export function sameIpvlan(a: IpvlanConfig | null, b: IpvlanConfig | null): boolean {
  if (a === null || b === null) return a === b;
  return a.flag === b.flag && a.address === b.address && a.prefixLength === b.prefixLength;
}

function ownAddress({ address: text, prefixLength }: IpvlanConfig, ifindex: number): AddressInfo | null {
  if (text === null) return null;
  const address = parseAddress(text)!;
  return {
    family: address.length === 4 ? "ipv4" : "ipv6",
    ifindex,
    address,
    prefixLength,
    flags: IF_ADDR.IFA_F_PERMANENT,
    scope: UNIVERSE,
    protocol: STATIC_MARK,
    label: null,
    preferredS: FOREVER,
    validS: FOREVER,
  };
}
