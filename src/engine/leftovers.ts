// Addresses that an earlier run left behind when it crashed: found at the start and removed.
import type { AddressInfo } from "../../native/netlink/address.ts";
import { FOREVER, writeDeleteAddress } from "../../native/netlink/address.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import { ERRNO } from "../../native/errno.ts";
import { Memory } from "../../native/memory.ts";
import type { HeldAddress, Plan } from "../messages.ts";
import { formatAddress } from "../vrrp/address.ts";
import { ADDRESS_MARK, type Links, STATIC_MARK } from "./links.ts";

/**
 * Removes what is left of an earlier run: what carries baton's mark and stands in its state file or is configured
 * now. Returns what was removed, as `address/prefix on interface`.
 *
 * The state file alone proves nothing: it may be older than what somebody has configured since. A kernel without
 * IFA_PROTO (before 5.18) keeps no marks; there a finite lifetime tells our addresses from configured ones.
 */
export function removeLeftovers(
  client: RouteClient,
  links: Links,
  recorded: readonly HeldAddress[],
  plan: Plan,
): string[] {
  const key = (name: string, address: string, prefixLength: number) => `${name} ${address}/${prefixLength}`;
  // The kernel marks its own loopback addresses, where it has marks at all.
  const marks = links.all().some((entry) => entry.protocol !== 0);
  const ours = links.all().filter((entry) => isMarked(entry) || (!marks && entry.validS !== FOREVER));
  // Most starts find nothing: what a thousand instances are to have is not put together for that.
  if (ours.length === 0) return [];
  const known = new Set(recorded.map((h) => key(h.interface, h.address, h.prefixLength)));
  const configured = new Set(
    plan.add.flatMap(({ config }) => [...config.addresses, ...config.excludedAddresses])
      .concat(plan.statics?.addresses ?? [])
      .map((a) => key(a.interface, a.address, a.prefixLength)),
  );
  const removed: string[] = [];
  for (const entry of ours) {
    const link = links.indexed(entry.ifindex);
    if (link === undefined) continue;
    const name = key(link.name, formatAddress(entry.address), entry.prefixLength);
    if (!(known.has(name) || (isMarked(entry) && configured.has(name)))) continue;
    if (!remove(client, entry)) continue;
    links.removeAddress(entry);
    removed.push(`${formatAddress(entry.address)}/${entry.prefixLength} on ${link.name}`);
  }
  return removed;
}

function isMarked({ protocol }: AddressInfo): boolean {
  return protocol === ADDRESS_MARK || protocol === STATIC_MARK;
}

function remove(client: RouteClient, entry: AddressInfo): boolean {
  const memory = new Memory(256);
  const results = new Int32Array(1);
  const end = writeDeleteAddress(memory, 0, {
    family: entry.family,
    ifindex: entry.ifindex,
    address: entry.address,
    peer: entry.peer ?? null,
    prefixLength: entry.prefixLength,
    scope: entry.scope,
    broadcast: null,
    label: null,
    protocol: 0,
    noDad: false,
    preferredS: 0,
    validS: 0,
  });
  const sent = client.transact(memory, 0, end, results);
  return sent >= 0 && (results[0] === 0 || results[0] === -ERRNO.EADDRNOTAVAIL);
}
