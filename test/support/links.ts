// Interfaces as the engine knows them, for tests that need no kernel.
import { plainLink } from "../../native/netlink/link.ts";
import { Links } from "../../src/engine/links.ts";
import { parseAddress } from "../../src/vrrp/address.ts";

const FOREVER = 0xffff_ffff;

/** One interface that is up, with these addresses. */
export function linksWith(ifindex: number, name: string, addresses: readonly string[]): Links {
  const links = new Links();
  links.update(plainLink(ifindex, name));
  for (const text of addresses) {
    links.updateAddress({
      ifindex,
      family: text.includes(":") ? "ipv6" : "ipv4",
      address: parseAddress(text)!,
      prefixLength: 24,
      flags: 0,
      scope: 0,
      protocol: 0,
      label: null,
      preferredS: FOREVER,
      validS: FOREVER,
    });
  }
  return links;
}
