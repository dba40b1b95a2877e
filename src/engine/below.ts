// A virtual address that stands on the interface below as well, where it was before its VMAC.
import { formatAddress } from "../vrrp/address.ts";
import type { Instance } from "./instance.ts";
import type { Links } from "./links.ts";

/**
 * Of each address of a VMAC that the interface below has already: a sentence that names it and the cure. The kernel
 * answers for that one with the MAC address of the interface, and does so in every state.
 */
export function addressesBelow({ config, holding }: Instance, links: Links): string[] {
  return holding.addresses.flatMap(({ interface: name }, i) => {
    const vmac = config.vmacs.find((each) => each.name === name);
    const below = vmac === undefined ? undefined : links.named(vmac.parent);
    if (below === undefined) return [];
    const bytes = holding.bytes[i]!;
    const found = links.all().find(({ ifindex, address }) =>
      ifindex === below.ifindex && address.length === bytes.length &&
      address.every((b, at) => b === bytes[at])
    );
    if (found === undefined) return [];
    const text = `${formatAddress(bytes)}/${found.prefixLength}`;
    return [
      `${text} is on ${below.name} already, which answers for it as a Backup too, with a MAC address of its own ` +
      `beside that of ${name}: take it off (ip address del ${text} dev ${below.name}), and out of what sets it at boot`,
    ];
  });
}
