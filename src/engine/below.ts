// Virtual addresses that stand on the interface below as well, where they were before their VMACs.
import { formatAddress } from "../vrrp/address.ts";
import type { Instance } from "./instance.ts";
import { addressKey, type Links } from "./links.ts";

/**
 * Of each address of a VMAC that the interface below has already: a sentence that names it and the cure. The kernel
 * answers for that one with the MAC address of the interface, and does so in every state.
 */
export function addressesBelow(
  instances: readonly Instance[],
  links: Links,
): { instance: Instance; text: string }[] {
  const withVmac = instances.filter(({ config }) => config.vmacs.length > 0);
  if (withVmac.length === 0) return [];
  const prefixes = new Map(links.all().map((a) => [key(a.ifindex, a.address), a.prefixLength]));
  return withVmac.flatMap((instance) => {
    const { config, holding } = instance;
    const parents = new Map(config.vmacs.map(({ name, parent }) => [name, parent]));
    return holding.addresses.flatMap(({ interface: name }, i) => {
      const parent = parents.get(name);
      const below = parent === undefined ? undefined : links.named(parent);
      const bytes = holding.bytes[i]!;
      const prefixLength = below === undefined ? undefined : prefixes.get(key(below.ifindex, bytes));
      if (prefixLength === undefined) return [];
      const address = `${formatAddress(bytes)}/${prefixLength}`;
      const text =
        `${address} is on ${parent} already, which answers for it as a Backup too, with a MAC address of ` +
        `its own beside that of ${name}: take it off (ip address del ${address} dev ${parent}), and out of what sets ` +
        "it at boot";
      return [{ instance, text }];
    });
  });
}

function key(ifindex: number, address: Uint8Array): string {
  return `${ifindex} ${addressKey(address)}`;
}
