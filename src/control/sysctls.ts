// Which kernel parameters global_defs and the command line ask for.
import { CORE_PATTERN } from "../../native/sysctl.ts";
import type { GlobalConfig } from "../config/model.ts";
import type { SysctlSetting } from "../messages.ts";

/** The parameters that hold for the life of the daemon. `corePattern`: what names of core dumps are made of, or null. */
export function globalSysctls(
  { disableLocalIgmp }: GlobalConfig,
  corePattern: string | null,
): SysctlSetting[] {
  return [
    ...(disableLocalIgmp ? [{ path: "net/ipv4/igmp_link_local_mcast_reports", value: "0" }] : []),
    ...(corePattern === null ? [] : [{ path: CORE_PATTERN, value: corePattern }]),
  ];
}
