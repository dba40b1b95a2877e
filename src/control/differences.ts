// What a reload changes of an instance or of global_defs, in the words of the configuration file.
import type { DaemonSettings } from "../config/daemon.ts";
import type { GlobalConfig, InstanceConfig, VirtualAddress } from "../config/model.ts";

type Field = keyof InstanceConfig;

/** Fields whose name in the file is another one, or that need a unit. */
const WORDS: Partial<Record<Field, string>> = {
  vrid: "virtual_router_id",
  initialState: "state",
  advertIntervalUs: "advert_int",
  preemptDelayUs: "preempt_delay",
  checksumForm: "v3_checksum_as_v2",
  sourceAddress: "source address",
  multicastGroup: "mcast_dst_ip",
  unicastPeers: "unicast_peer",
  addresses: "virtual_ipaddress",
  excludedAddresses: "virtual_ipaddress_excluded",
  lease: "vip_lease",
  announce: "announcements",
  lowerPriorityAdvert: "answer to lower priorities",
  higherPriorityAdvert: "higher_prio_send_advert",
  ownerIgnoresAdverts: "owner_ignore_adverts",
  expiredPriority: "timer_expired_backup",
  trackPrimary: "tracking of the interface",
  trackSource: "track_src_ip",
  peerLimits: "min_ttl and max_ttl",
  lacksPeers: "unicast_fault_no_peer",
  lacksIpvlanAddress: "use_ipvlan",
  oldChecksum: "old_unicast_checksum",
  receiveBuffer: "kernel_rx_buf_size",
  checkUnicastSource: "check_unicast_src",
  strict: "strict_mode",
  trackInterfaces: "track_interface",
  trackScripts: "track_script",
  trackFiles: "track_file",
  trackProcesses: "track_process",
  trackBfds: "track_bfd",
  syncGroup: "vrrp_sync_group",
  trackGroups: "track_group",
  advertMac: "MAC address of adverts",
};

/** Strings that may be shown; any other field of text may be a secret. */
const PLAIN = new Set<Field>([
  "name",
  "interface",
  "family",
  "initialState",
  "checksumForm",
  "sourceAddress",
  "multicastGroup",
  "syncGroup",
  "advertMac",
]);

/** The differences between two configurations of one virtual router, a phrase each; never a secret. */
export function differences(before: InstanceConfig, after: InstanceConfig): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)] as Field[]);
  return [...fields].flatMap((field) => {
    const [from, to] = [before[field], after[field]];
    if (Bun.deepEquals(from, to, true)) return [];
    const word = WORDS[field] ?? snakeCase(field);
    if (field === "addresses" || field === "excludedAddresses") {
      return [listed(word, before[field].map(addressText), after[field].map(addressText))];
    }
    if (field === "unicastPeers") return [listed(word, before[field], after[field])];
    if (isShown(field, from) && isShown(field, to)) {
      return [`${word} ${shown(field, from)} -> ${shown(field, to)}`];
    }
    return [`${word} changed`];
  });
}

/** Of global_defs: fields whose name in the file is another one. */
const GLOBAL_WORDS: Partial<Record<keyof GlobalConfig, string>> = {
  realtimePriority: "vrrp_rt_priority",
  firewall: "nftables",
  startupDelayUs: "vrrp_startup_delay",
  delayAfterBootUs: "vrrp_delay_after_boot",
  nice: "vrrp_priority",
  cpuAffinity: "vrrp_cpu_affinity",
  realtimeLimitUs: "vrrp_rlimit_rttime",
  commandBuffer: "vrrp_netlink_cmd_rcv_bufs",
  monitorBuffer: "vrrp_netlink_monitor_rcv_bufs",
  processBuffer: "process_monitor_rcv_bufs",
};

/** The differences between two global_defs, a phrase each; never a secret. */
export function globalDifferences(before: GlobalConfig, after: GlobalConfig): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof GlobalConfig)[]);
  return [...fields].flatMap((field) => {
    const [from, to] = [before[field], after[field]];
    if (Bun.deepEquals(from, to, true)) return [];
    const word = GLOBAL_WORDS[field] ?? snakeCase(field);
    const plain = [from, to].every((value) =>
      value === null || typeof value !== "object" && (typeof value !== "string" || field === "routerId")
    );
    const text = (value: unknown) =>
      value === null
        ? "none"
        : typeof value === "number" && field.endsWith("Us")
        ? `${value / 1e6} s`
        : String(value);
    return [plain ? `${word} ${text(from)} -> ${text(to)}` : `${word} changed`];
  });
}

const DAEMON_WORDS: Partial<Record<keyof DaemonSettings, string>> = {
  namespace: "net_namespace",
  name: "instance",
  pidDirectory: "use_pid_dir",
  stopLimitUs: "child_wait_time",
  dumpNames: "data_use_instance",
  saveDirectory: "config_save_dir",
  reload: "reload settings",
};

/** What only a restart changes. */
const FIXED = new Set<keyof DaemonSettings>(["namespace", "name", "pidDirectory", "umask"]);

/** The differences between what the process itself is to be like, a phrase each. */
export function daemonDifferences(before: DaemonSettings, after: DaemonSettings): string[] {
  const fields = Object.keys(after) as (keyof DaemonSettings)[];
  return fields.filter((field) => !Bun.deepEquals(before[field], after[field], true))
    .map((field) => `${DAEMON_WORDS[field] ?? field} changed${FIXED.has(field) ? ", takes a restart" : ""}`);
}

/** An address as the file has it, with its interface. */
export function addressText(address: VirtualAddress): string {
  return `${address.address}/${address.prefixLength} dev ${address.interface}`;
}

function listed(word: string, before: readonly string[], after: readonly string[]): string {
  const gone = before.filter((each) => !after.includes(each)).map((each) => `-${each}`);
  const come = after.filter((each) => !before.includes(each)).map((each) => `+${each}`);
  // The same members with other options, or in another order.
  return gone.length + come.length === 0 ? `${word} changed` : `${word} ${[...come, ...gone].join(", ")}`;
}

function isShown(field: Field, value: unknown): boolean {
  return value === null || typeof value === "number" || typeof value === "boolean" ||
    (typeof value === "string" && PLAIN.has(field));
}

function shown(field: Field, value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "number" && field.endsWith("Us")) return `${value / 1_000_000} s`;
  return String(value);
}

function snakeCase(field: string): string {
  return field.replace(/Us$/, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
