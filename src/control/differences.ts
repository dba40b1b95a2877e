// What a reload changes of a part of the configuration, in the words of its file.
import type { DaemonSettings } from "../config/daemon.ts";
import type {
  FileConfig,
  GlobalConfig,
  GroupConfig,
  InstanceConfig,
  ProcessConfig,
  VirtualAddress,
} from "../config/model.ts";

/** How a part of the configuration is spoken of; a field that is in none of the lists is said to change, in its own name. */
export interface Vocabulary<Part> {
  /** Fields whose name in the file is another one. */
  words?: Partial<Record<keyof Part, string>>;
  /** Fields of text that may be shown; any other may be a secret. */
  plain?: readonly (keyof Part)[];
  /** Fields of which is told what comes and goes. */
  lists?: { [Field in keyof Part]?: (value: Part[Field]) => readonly string[] };
  /** Fields that only a restart changes. */
  fixed?: readonly (keyof Part)[];
}

/** The differences between two states of one part, a phrase each; never a secret. */
export function differences<Part extends object>(
  before: Part,
  after: Part,
  { words = {}, plain = [], lists = {}, fixed = [] }: Vocabulary<Part>,
): string[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Part & string)[];
  return fields.filter((field) => !Bun.deepEquals(before[field], after[field], true)).map((field) => {
    const word = words[field] ?? snakeCase(field);
    const [from, to] = [before[field], after[field]];
    const list = lists[field];
    const isPlain = [from, to].every((value) => isShown(value, plain.includes(field)));
    const phrase = list !== undefined
      ? listed(word, list(from), list(to))
      : isPlain
      ? `${word} ${shown(field, from)} -> ${shown(field, to)}`
      : `${word} changed`;
    return fixed.includes(field) ? `${phrase}, takes a restart` : phrase;
  });
}

/** What of the process itself would change, and does not: a sentence each. */
export function staying(running: DaemonSettings, wanted: DaemonSettings): string[] {
  return FIXED.filter((field) => wanted[field] !== running[field]).map((field) => {
    const word = DAEMON.words?.[field] ?? snakeCase(field);
    return `${word} cannot change at a reload: ${shown(field, running[field])} stays until a restart`;
  });
}

const addresses = (list: readonly VirtualAddress[]) => list.map(addressText);
const names = (list: readonly string[]) => list;

/** Of a virtual router. */
export const INSTANCE: Vocabulary<InstanceConfig> = {
  words: {
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
  },
  plain: [
    "name",
    "interface",
    "family",
    "initialState",
    "checksumForm",
    "sourceAddress",
    "multicastGroup",
    "syncGroup",
    "advertMac",
  ],
  lists: { addresses, excludedAddresses: addresses, unicastPeers: names },
};

/** Of global_defs, what is in no instance. */
export const GLOBAL: Vocabulary<GlobalConfig> = {
  words: {
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
  },
  plain: ["routerId"],
};

/** What of the process itself a reload leaves as it is. */
export const FIXED = ["namespace", "name", "pidDirectory", "umask"] as const;

/** Of the process itself. */
export const DAEMON: Vocabulary<DaemonSettings> = {
  words: {
    namespace: "net_namespace",
    name: "instance",
    pidDirectory: "use_pid_dir",
    stopLimitUs: "child_wait_time",
    dumpNames: "data_use_instance",
    saveDirectory: "config_save_dir",
    reload: "reload settings",
  },
  plain: ["namespace", "name", "saveDirectory"],
  fixed: FIXED,
};

/** Of a vrrp_sync_group. */
export const GROUP: Vocabulary<GroupConfig> = {
  words: { members: "group", notify: "notifications" },
  lists: { members: names },
};

/** Of a track_file. */
export const TRACKED_FILE: Vocabulary<FileConfig> = {
  words: { path: "file", init: "init_file" },
  plain: ["path"],
};

/** Of a vrrp_track_process. */
export const TRACKED_PROCESS: Vocabulary<ProcessConfig> = {
  words: {
    words: "process",
    parameters: "param_match",
    terminateDelayUs: "terminate_delay",
    forkDelayUs: "fork_delay",
  },
  plain: ["parameters"],
};

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

function isShown(value: unknown, isPlain: boolean): boolean {
  return value === null || typeof value === "number" || typeof value === "boolean" ||
    (typeof value === "string" && isPlain);
}

function shown(field: string, value: unknown): string {
  if (value === null) return "none";
  if (field === "umask") return Number(value).toString(8).padStart(3, "0");
  if (typeof value === "number" && field.endsWith("Us")) return `${value / 1_000_000} s`;
  return String(value);
}

function snakeCase(field: string): string {
  return field.replace(/Us$/, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
