// Which kernel parameters global_defs asks for.
import type { GlobalConfig } from "../config/model.ts";
import type { SysctlSetting } from "../messages.ts";

/** The parameters that hold for the life of the daemon. */
export function globalSysctls({ disableLocalIgmp }: GlobalConfig): SysctlSetting[] {
  return disableLocalIgmp ? [{ path: "net/ipv4/igmp_link_local_mcast_reports", value: "0" }] : [];
}
