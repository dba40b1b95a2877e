// VMACs that an earlier run left behind when it crashed: those that nobody wants any more are removed.
import type { RouteClient } from "../../native/netlink/client.ts";
import type { VmacConfig } from "../config/model.ts";
import { macBytes } from "../config/vmac.ts";
import type { KeptVmac } from "../messages.ts";
import { type Links, sameBytes } from "./links.ts";
import { deleteVmacs } from "./macvlan.ts";
import { VMAC_MARK } from "./vmac_settings.ts";

/**
 * Deletes the macvlans and ipvlans that the state file records and that carry baton's mark, but for macvlans that the
 * new configuration wants as they are. Returns what was removed. Throws SyscallError.
 */
export function removeLeftoverVmacs(
  client: RouteClient,
  links: Links,
  recorded: readonly KeptVmac[],
  wanted: readonly VmacConfig[],
): string[] {
  const found = recorded.flatMap(({ name, mac }) => {
    const link = links.named(name);
    if (link === undefined || link.alias !== VMAC_MARK) return [];
    // An ipvlan has no MAC address of its own, and may be another one than it is to be.
    if (mac === "") return link.kind === "ipvlan" ? [link] : [];
    if (link.kind !== "macvlan") return [];
    if (!sameBytes(link.mac, macBytes(mac))) return [];
    const goesOn = wanted.some((vmac) =>
      vmac.name === name && vmac.mac === mac && links.named(vmac.parent)?.ifindex === link.parentIfindex
    );
    return goesOn ? [] : [link];
  });
  deleteVmacs(client, found.map(({ ifindex }) => ifindex));
  for (const { ifindex } of found) links.deleted(ifindex);
  return found.map(({ name }) => `the interface ${name}`);
}
