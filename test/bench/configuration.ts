// The keepalived.conf that every daemon of the bench reads.
import { INTERFACE, interfaceName, PREFIX_LENGTH, VIP } from "./lab.ts";

/** One router of a measurement. */
export interface RouterConfiguration {
  version: 2 | 3;
  intervalUs: number;
  /** 255: the owner, who waits for nobody. */
  priority: number;
  /** vrrp_rt_priority, or null to leave the daemon its default. */
  realtimePriority?: number | null;
  /** Further instances, with virtual routers of their own on the further interfaces. Default 0. */
  further?: number;
}

export const VRID = 51;
/** Further instances on one further interface; the protocol knows 255 virtual routers on each. */
export const PER_INTERFACE = 250;
/** Priority of the backup in every row. */
export const BACKUP_PRIORITY = 200;
export const OWNER_PRIORITY = 255;

/** The text of the file. */
export function configuration(router: RouterConfiguration): string {
  const realtime = router.realtimePriority ?? null;
  return `global_defs {
    router_id bench
${realtime === null ? "" : `    vrrp_rt_priority ${realtime}\n`}}
vrrp_instance bench {
    state ${router.priority === OWNER_PRIORITY ? "MASTER" : "BACKUP"}
    interface ${INTERFACE}
    virtual_router_id ${VRID}
    version ${router.version}
    priority ${router.priority}
    advert_int ${router.intervalUs / 1_000_000}
    virtual_ipaddress {
        ${VIP}/${PREFIX_LENGTH}
    }
}
${Array.from({ length: router.further ?? 0 }, (_, i) => further(router, i)).join("")}`;
}

function further(router: RouterConfiguration, i: number): string {
  const [at, n] = [1 + Math.floor(i / PER_INTERFACE), 1 + i % PER_INTERFACE];
  return `vrrp_instance further${i} {
    state ${router.priority === OWNER_PRIORITY ? "MASTER" : "BACKUP"}
    interface ${interfaceName(at)}
    virtual_router_id ${n}
    version ${router.version}
    priority ${router.priority}
    advert_int 1
    virtual_ipaddress {
        10.100.${at}.${n}/${PREFIX_LENGTH}
    }
}
`;
}

/** Skew_Time in microseconds (RFC 3768 section 6.1: of a second; RFC 5798 section 6.1: of the interval). */
export function skewUs(version: 2 | 3, priority: number, intervalUs: number): number {
  return ((256 - priority) * (version === 2 ? 1_000_000 : intervalUs)) / 256;
}

/** Master_Down_Interval in microseconds. */
export function masterDownUs(version: 2 | 3, priority: number, intervalUs: number): number {
  return 3 * intervalUs + skewUs(version, priority, intervalUs);
}
