// Macvlans with a virtual MAC address, and ipvlans with that of the interface below: where they differ for those who
// keep them.
import type { RouteClient } from "../../native/netlink/client.ts";
import { buildLinkChange, type LinkInfo } from "../../native/netlink/link.ts";
import type { VmacConfig } from "../config/model.ts";
import { macBytes } from "../config/vmac.ts";
import { configureIpvlan, makeIpvlan } from "./ipvlan.ts";
import { type Link, type Links, sameBytes } from "./links.ts";
import { configureVmac, makeVmac } from "./macvlan.ts";

/** Makes one and configures it. Returns what has come of it, null if it is gone already. Throws SyscallError. */
export function makeDevice(client: RouteClient, config: VmacConfig, parentIfindex: number): LinkInfo | null {
  if (config.ipvlan === null) return makeVmac(client, config, parentIfindex);
  makeIpvlan(client, config, parentIfindex);
  configureIpvlan(client, config, 0);
  return client.link(config.name);
}

/** Makes it what it has to be before it is up. Throws SyscallError. */
export function configureDevice(client: RouteClient, config: VmacConfig, ifindex: number): void {
  if (config.ipvlan === null) configureVmac(client, config, ifindex);
  else configureIpvlan(client, config, ifindex);
}

/** Whether the interface has the MAC address that it needs: an ipvlan has none of its own. */
export function hasItsMac(link: Link, { mac, ipvlan }: VmacConfig): boolean {
  return ipvlan !== null || sameBytes(link.mac, macBytes(mac));
}

/** Whether the interface is of the kind that is wanted, on that parent. */
export function isSuch(link: Link, config: VmacConfig, parentIfindex: number): boolean {
  const kind = config.ipvlan === null ? "macvlan" : "ipvlan";
  return link.kind === kind && link.parentIfindex === parentIfindex && hasItsMac(link, config);
}

/** How the log speaks of one. */
export function deviceText({ name, ipvlan }: VmacConfig): string {
  return `${ipvlan === null ? "VMAC" : "ipvlan"} interface ${name}`;
}

/**
 * Puts it into the VRF of the interface below, or into none: else its addresses would be in another routing table.
 * Returns what was done, null: nothing. Throws SyscallError.
 */
export function followVrf(client: RouteClient, links: Links, link: Link, parent: Link): string | null {
  const vrfOf = ({ masterIfindex }: Link) =>
    (links.indexed(masterIfindex)?.vrfTable ?? 0) === 0 ? 0 : masterIfindex;
  const masterIfindex = vrfOf(parent);
  if (vrfOf(link) === masterIfindex) return null;
  client.request(
    (b) => buildLinkChange(b, link.ifindex, { masterIfindex }),
    `put ${link.name} into the VRF of ${parent.name}`,
  );
  link.masterIfindex = masterIfindex;
  const vrf = links.indexed(masterIfindex)?.name;
  return `${link.name} is ${vrf === undefined ? "in no VRF" : `in the VRF ${vrf}`}, as ${parent.name} is`;
}
