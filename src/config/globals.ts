// global_defs to the model, and the defaults that instances take from it.
import { bad } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import { readDumps } from "./dumps.ts";
import { readFirewall } from "./firewall.ts";
import { type FineDefaults, readFineDefaults } from "./fine.ts";
import type { AnnounceConfig, GlobalConfig } from "./model.ts";
import { type NotifyDefaults, readNotifications } from "./notifications.ts";
import { warnOfNumbers } from "./scripts.ts";
import type { Settings } from "./settings.ts";
import type { Statement } from "./tree.ts";
import { readTuning } from "./tuning.ts";
import { readPrefix, type VmacPrefixes } from "./vmac.ts";
import { readExtra } from "./extra.ts";

/** What an instance takes from global_defs when it says nothing itself. */
export interface Defaults extends VmacPrefixes {
  version: 2 | 3;
  announce: AnnounceConfig;
  multicastGroup: { ipv4: string; ipv6: string };
  downTimerAdverts: number;
  skipCheckAdvAddr: boolean;
  checkUnicastSource: boolean;
  strict: boolean;
  messageOnlyChecksum: boolean;
  lease: boolean;
  notify: NotifyDefaults;
  fine: FineDefaults;
}

const SECOND_US = 1_000_000;

/** Reads all global_defs blocks as one. */
export function readGlobals(
  decoding: Decoding,
  blocks: readonly Statement[],
  hostName: string,
): { global: GlobalConfig; defaults: Defaults; settings: Settings } {
  const statements = blocks.flatMap(({ block }) => block?.statements ?? []);
  const settings = decodeBlock(decoding, { statements }, "global_defs", "global_defs");
  const scriptUser = settings.identity("script_user") ?? null;
  if (scriptUser !== null) warnOfNumbers(decoding, scriptUser, settings.span("script_user")!);
  const ceiling = settings.number("max_auto_priority");
  const { notifications, defaults: notify } = readNotifications(decoding, settings, hostName);
  const global: GlobalConfig = {
    routerId: settings.text("router_id") ?? hostName,
    enableScriptSecurity: settings.boolean("enable_script_security") ?? false,
    useSymlinkPaths: settings.boolean("use_symlink_paths") ?? false,
    scriptUser,
    supplementaryGroups: settings.boolean("set_supplementary_groups") ?? false,
    realtimePriority: settings.number("vrrp_rt_priority") ?? null,
    maxAutoPriority: ceiling ?? null,
    notifications,
    disableLocalIgmp: settings.boolean("disable_local_igmp") ?? false,
    dumps: readDumps(settings),
    firewall: readFirewall(decoding, settings, statements),
    ...readTuning(decoding, settings),
  };
  const vmacPrefix = readPrefix(decoding, settings, "vmac_prefix") ?? "vrrp";
  const defaults: Defaults = {
    version: settings.number("vrrp_version") === 3 ? 3 : 2,
    announce: readAnnounce(decoding, settings),
    multicastGroup: {
      ipv4: settings.text("vrrp_mcast_group4") ?? "224.0.0.18",
      ipv6: settings.text("vrrp_mcast_group6") ?? "ff02::12",
    },
    downTimerAdverts: settings.number("vrrp_down_timer_adverts") ?? 3,
    skipCheckAdvAddr: settings.boolean("vrrp_skip_check_adv_addr") ?? false,
    checkUnicastSource: settings.boolean("vrrp_check_unicast_src") ?? false,
    strict: settings.boolean("vrrp_strict") ?? false,
    messageOnlyChecksum: settings.boolean("v3_checksum_as_v2") ?? false,
    lease: settings.boolean("vip_lease") ?? true,
    vmacPrefix,
    vmacAddressPrefix: readPrefix(decoding, settings, "vmac_addr_prefix") ?? vmacPrefix,
    notify,
    fine: readFineDefaults(decoding, settings),
  };
  const { ipv6 } = defaults.multicastGroup;
  if (!/^ff.2:/.test(ipv6)) {
    const where = settings.span("vrrp_mcast_group6");
    decoding.report.warning(
      where,
      `vrrp_mcast_group6 ${ipv6} is not link-local, so routers may forward it; use ff02::12`,
    );
  }
  return { global, defaults, settings };
}

function readAnnounce(decoding: Decoding, settings: Settings): AnnounceConfig {
  const fewest = settings.boolean("vrrp_min_garp") ?? false;
  for (const name of ["vrrp_garp_interval", "vrrp_gna_interval"]) {
    if (settings.number(name) !== 0 || decoding.syntax !== "conf") continue;
    decoding.report.warning(
      settings.span(name),
      `${name} 0 is the default, which keepalived calls invalid; delete it`,
    );
  }
  const masterDelayUs = settings.number("vrrp_garp_master_delay") ?? (fewest ? 0 : 5 * SECOND_US);
  const masterRepeat = atLeastOne(decoding, settings, "vrrp_garp_master_repeat") ?? (fewest ? 1 : 5);
  return {
    masterDelayUs,
    masterRepeat,
    refreshUs: settings.number("vrrp_garp_master_refresh") ?? 0,
    refreshRepeat: atLeastOne(decoding, settings, "vrrp_garp_master_refresh_repeat") ?? 1,
    lowerPriorityDelayUs: settings.number("vrrp_garp_lower_prio_delay") ?? masterDelayUs,
    lowerPriorityRepeat: settings.number("vrrp_garp_lower_prio_repeat") ?? masterRepeat,
    garpIntervalUs: settings.number("vrrp_garp_interval") ?? 0,
    gnaIntervalUs: settings.number("vrrp_gna_interval") ?? 0,
    ...readExtra(decoding, settings, ["vrrp_garp_extra_if", "vrrp_vmac_garp_intvl"]) ?? {
      extraUs: 0,
      extraAll: false,
    },
  };
}

/** A repeat count, where 0 is taken as 1. */
export function atLeastOne(decoding: Decoding, settings: Settings, name: string): number | undefined {
  const value = settings.number(name);
  const where = settings.span(name);
  if (value !== 0 || where === null) return value;
  bad(decoding, where, `${name} 0 would announce nothing`, "1 is used", "write 1 or more");
  return 1;
}
