// Which kernel parameters an instance wants while it is configured.
import type { InstanceConfig } from "../config/model.ts";
import type { SysctlSetting } from "../messages.ts";
import type { Sysctls } from "./sysctls.ts";

/** Puts back the parameters that only these instances wanted, in one step: they are gone. */
export function releaseInstanceSysctls(sysctls: Sysctls, ids: readonly number[]): void {
  sysctls.wantAll(new Map(ids.map((id) => [owner(id), []])));
}

/** Gives all instances of a plan the parameters that their configuration asks for, in one step. */
export function wantAllInstanceSysctls(
  sysctls: Sysctls,
  entries: readonly { id: number; config: InstanceConfig }[],
): void {
  sysctls.wantAll(new Map(entries.map(({ id, config }) => [owner(id), instanceSysctls(config)])));
}

function owner(id: number): string {
  return `instance ${id}`;
}

function instanceSysctls({ interface: name, promoteSecondaries, vmacs }: InstanceConfig): SysctlSetting[] {
  // An ipvlan is made with that.
  const wanted = promoteSecondaries && vmacs.every(({ ipvlan }) => ipvlan === null)
    ? [{ path: `net/ipv4/conf/${name}/promote_secondaries`, value: "1" }]
    : [];
  for (const { parent, ipv4 } of vmacs) {
    if (!ipv4) continue;
    // Else the interface below answers ARP for the addresses of its VMAC or ipvlan, with its own MAC address,
    wanted.push({ path: `net/ipv4/conf/${parent}/arp_ignore`, value: "1" });
    // and asks for others in their name, from which neighbours learn that MAC address; an ipvlan gets the answers.
    wanted.push({ path: `net/ipv4/conf/${parent}/arp_announce`, value: "2" });
  }
  return wanted;
}
