// keepalived.conf text for the tests.

/** One vrrp_instance; what is not given has the default of these tests. */
export interface InstanceText {
  name?: string;
  interface?: string;
  vrid?: number;
  version?: 2 | 3;
  priority?: number;
  state?: "MASTER" | "BACKUP";
  /** In seconds, as the file has it. */
  interval?: number | string;
  addresses?: string[];
  excluded?: string[];
  /** Further lines of the instance. */
  lines?: string[];
}

/** A name for each instance unless given: VI_1. */
export const NAME = "VI_1";
/** The address of an instance unless given. */
export const VIP = "10.0.0.100";
export const VIP6 = "2001:db8:1::100";
export const VIP6_LINK = "fe80::100";

/** The text of one vrrp_instance: VRID 51 on eth0, version 2, 1 s, 10.0.0.100/24. */
export function instance(text: InstanceText): string {
  const { version = 2, addresses = [`${VIP}/24`], excluded = [] } = text;
  return [
    `vrrp_instance ${text.name ?? NAME} {`,
    `  state ${text.state ?? "BACKUP"}`,
    `  interface ${text.interface ?? "eth0"}`,
    `  virtual_router_id ${text.vrid ?? 51}`,
    `  version ${version}`,
    `  priority ${text.priority ?? 100}`,
    `  advert_int ${text.interval ?? 1}`,
    ...(text.lines ?? []).map((line) => `  ${line}`),
    "  virtual_ipaddress {",
    ...addresses.map((a) => `    ${a}`),
    "  }",
    ...(excluded.length === 0 ? [] : [
      "  virtual_ipaddress_excluded {",
      ...excluded.map((a) => `    ${a}`),
      "  }",
    ]),
    "}",
    "",
  ].join("\n");
}

/** A second burst of announcements right after the first, so that tests need not wait 5 s for it. */
export const GLOBAL = "global_defs {\n  router_id lab\n}\n";

/** A vrrp_script block. */
export function script(name: string, command: string, lines: string[] = []): string {
  return [
    `vrrp_script ${name} {`,
    `  script "${command}"`,
    "  user nobody",
    ...lines.map((line) => `  ${line}`),
    "}",
    "",
  ].join("\n");
}
