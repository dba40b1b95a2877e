// A macvlan of ours in the kernel: how it is made, configured, taken up and down, and deleted.
//
// Bridge mode: the adverts of others, which carry our own virtual MAC address, then arrive at the interface below in
// every state.
import { IF_LINK } from "../../native/constants.ts";
import { ERRNO, SyscallError } from "../../native/errno.ts";
import { Memory } from "../../native/memory.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import {
  buildGroupDelete,
  buildLinkChange,
  buildLinkDelete,
  buildMacvlan,
  LINK_UP_BYTES,
  type LinkInfo,
  writeLinkUp,
} from "../../native/netlink/link.ts";
import { writeSysctl } from "../../native/sysctl.ts";
import type { VmacConfig } from "../config/model.ts";
import { macBytes } from "../config/vmac.ts";
import { configureMade, type Ipv6Parameters } from "./vmac_settings.ts";

/** IFLA_GROUP of what is about to be deleted, and of nothing else on this machine. */
const LEAVING_GROUP = 0x6261_746e;
/** RFC 8200 section 5. */
const IPV6_LEAST_MTU = 1280;
/** Of a VMAC with IPv6 addresses, below net/ipv6/conf/NAME; disable_ipv6 last. */
const IPV6_SYSCTLS: Ipv6Parameters = [
  // An address made of a router's prefix and the virtual MAC address would be that of the whole group as well.
  ["accept_ra", "0"],
  ["autoconf", "0"],
  // After a crash the kernel takes the addresses away and reports twice that their groups are left: the second
  // report must not come when another one is Master.
  ["mldv2_unsolicited_report_interval", "10"],
  ["disable_ipv6", "0"],
];
const DOWN_AT = (LINK_UP_BYTES + 7) & ~7;

/** Makes one and configures it. Returns what has come of it, null if it is gone already. Throws SyscallError. */
export function makeVmac(client: RouteClient, config: VmacConfig, parentIfindex: number): LinkInfo | null {
  const { name, parent, mac, group } = config;
  client.request(
    (b) => buildMacvlan(b, name, parentIfindex, macBytes(mac), IF_LINK.MACVLAN_MODE_BRIDGE, group ?? 0),
    `make a macvlan on ${parent} (is the kernel module macvlan there?)`,
  );
  configureVmac(client, config, 0);
  return client.link(name);
}

/** Makes it what it has to be before it is up; with ifindex 0 the one of that name. Throws SyscallError. */
export function configureVmac(client: RouteClient, config: VmacConfig, ifindex: number): void {
  // A link-local address made of the virtual MAC address would be that of every router of the group.
  configureMade(client, config, ifindex, { kind: "macvlan", noIpv6Autoconf: true, ipv6: IPV6_SYSCTLS });
}

/** Gives it the MTU of the interface below. Throws SyscallError. */
export function resizeVmac(client: RouteClient, ifindex: number, mtu: number): void {
  client.request((b) => buildLinkChange(b, ifindex, { mtu }), `set the MTU to ${mtu}`);
}

/** Whether IPv6, which has left it below its smallest MTU with all that it was told, comes back with `mtu`. */
export function ipv6Returns(before: number, mtu: number): boolean {
  return before < IPV6_LEAST_MTU && mtu >= IPV6_LEAST_MTU;
}

/** Takes IPv6 off it, or puts it back. Returns whether the kernel has taken that. */
export function muteVmac(name: string, mute: boolean): boolean {
  return writeSysctl(`net/ipv6/conf/${name}/disable_ipv6`, mute ? "1" : "0") === null;
}

/** Takes one up and down: both messages are built once. */
export class VmacSwitch {
  readonly #memory = new Memory(2 * DOWN_AT);
  readonly #result = new Int32Array(1);

  constructor(ifindex: number) {
    writeLinkUp(this.#memory, 0, ifindex, true);
    writeLinkUp(this.#memory, DOWN_AT, ifindex, false);
  }

  /** Returns what the kernel has against it, null if it is done; `name` is for the error. */
  turn(client: RouteClient, name: string, up: boolean): SyscallError | null {
    const start = up ? 0 : DOWN_AT;
    const sent = client.transact(this.#memory, start, start + LINK_UP_BYTES, this.#result);
    const result = sent < 0 ? sent : this.#result[0]!;
    return result === 0 ? null : new SyscallError({
      call: "netlink",
      errno: -result,
      tried: `take ${name} ${up ? "up" : "down"}`,
      detail: sent < 0 ? "" : client.errorText(0),
    });
  }
}

/** Deletes interfaces; several in one group, so that the kernel waits once. Throws SyscallError. */
export function deleteVmacs(client: RouteClient, indexes: readonly number[]): void {
  const [first] = indexes;
  if (first === undefined) return;
  if (indexes.length === 1) return ignoringGone(() => client.request((b) => buildLinkDelete(b, first)));
  for (const ifindex of indexes) {
    ignoringGone(() => client.request((b) => buildLinkChange(b, ifindex, { group: LEAVING_GROUP })));
  }
  ignoringGone(() => client.request((b) => buildGroupDelete(b, LEAVING_GROUP)));
}

/** Whoever has deleted it has done what was wanted. */
function ignoringGone(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== ERRNO.ENODEV) throw error;
  }
}
