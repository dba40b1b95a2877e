// Which kernel parameters an instance wants while it is configured.
import type { InstanceConfig } from "../config/model.ts";
import type { SysctlSetting } from "../messages.ts";
import type { Sysctls } from "./sysctls.ts";

/** Gives an instance the parameters that its configuration asks for, or none once it is gone (null). */
export function wantInstanceSysctls(sysctls: Sysctls, id: number, config: InstanceConfig | null): void {
  sysctls.want(`instance ${id}`, config === null ? [] : instanceSysctls(config));
}

function instanceSysctls({ interface: name, promoteSecondaries }: InstanceConfig): SysctlSetting[] {
  return promoteSecondaries ? [{ path: `net/ipv4/conf/${name}/promote_secondaries`, value: "1" }] : [];
}
