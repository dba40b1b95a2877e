// What keepalived's dumps say of VMACs.
import { IF } from "../../../native/constants.ts";
import type { InstanceConfig, VirtualAddress, VmacConfig } from "../../config/model.ts";
import type { LinkInfo } from "../../../native/netlink/link.ts";

/** `vrrp.51@eth0` for an address on a VMAC, and whether its own use_vmac made that; else its interface. */
export function deviceText({ vmacs }: Pick<InstanceConfig, "vmacs">, address: VirtualAddress): string {
  const vmac = vmacs.find(({ name }) => name === address.interface);
  if (vmac === undefined) return address.interface;
  return `${vmac.name}@${vmac.parent}${vmac.ofAddresses ? " use_vmac" : ""}`;
}

/** The lines of an instance in the data file that name its interfaces. */
export function vmacLines(config: InstanceConfig, links: readonly LinkInfo[]): string[] {
  const own = ownVmac(config);
  const elsewhere = config.vmacs.some((vmac) => vmac !== own && !vmac.ofAddresses)
    ? ["   Use VMAC for VIPs on other interfaces"]
    : [];
  if (own === undefined) return [...elsewhere, `   Interface = ${config.interface}`];
  const up = links.some(({ name, flags }) => name === own.name && (flags & IF.IFF_UP) !== 0);
  if (own.ipvlan !== null) {
    const { flag, address, prefixLength } = own.ipvlan;
    const ownAddress = address === null ? "" : `, i/f address = ${address}/${prefixLength}`;
    return [
      `   Use IPVLAN, i/f ${own.name}, is_up = ${up}${ownAddress}, type ${flag}`,
      ...elsewhere,
      `   Interface = ${own.name}, ipvlan on ${own.parent}`,
    ];
  }
  const base = config.advertMac === null;
  return [
    `   Use VMAC, i/f name ${own.name}, is_up = ${up}, xmit_base = ${base}`,
    ...(/^00:00:5e:00:0[12]:/.test(own.mac) ? [] : [`     MAC = ${own.mac}`]),
    ...elsewhere,
    `   Interface = ${own.name}, vmac on ${own.parent}${base ? ", xmit base i/f" : ""}`,
  ];
}

/** The line of a VMAC among the interfaces of the data file; none for another interface. */
export function underlyingLines(
  instances: readonly InstanceConfig[],
  name: string,
  stateOf: (name: string) => string,
): string[] {
  const vmac = instances.flatMap(({ vmacs }) => vmacs).find((each) => each.name === name);
  if (vmac === undefined) return [];
  const type = vmac.ipvlan === null ? "VMAC type bridge" : `IPVLAN type ${vmac.ipvlan.flag}`;
  const line = `   ${type}, underlying interface = ${vmac.parent}, state = ${stateOf(vmac.parent)}`;
  return [line, "   I/f created by keepalived"];
}

/** That of the instance itself, or its ipvlan. */
export function ownVmac({ vmac, vmacs }: InstanceConfig): VmacConfig | undefined {
  return vmacs.find(({ name, ipvlan }) => name === vmac || ipvlan !== null);
}
