// The typed configuration: what a file means once it is parsed, checked and its defaults are filled in.
//
// Plain data only (numbers, strings, arrays): it crosses to the engine thread as a message and is compared
// field by field at a reload. Times are in microseconds (`Us`), addresses in canonical text.
import type { Command, ScriptIdentity } from "../command.ts";
import type { MailSettings } from "../mail_settings.ts";
import type { FineConfig } from "./fine.ts";
import type { TuningConfig } from "./tuning.ts";
import type { PacingConfig } from "./pacing.ts";
import type { RouteConfig, RuleConfig, StaticConfig } from "./routing.ts";
import type { DaemonSettings } from "./daemon.ts";
import type { Family, VirtualAddress } from "./virtual.ts";
import type { BfdConfig } from "./sessions.ts";

export type { Command, ScriptIdentity } from "../command.ts";
export type { Family, VirtualAddress } from "./virtual.ts";

/** VRRPv2 authentication (RFC 2338). The password is at most 8 bytes of UTF-8. */
export interface Authentication {
  type: "PASS" | "AH";
  password: string;
}

/** When and how often the addresses are announced by gratuitous ARP or unsolicited NA. */
export interface AnnounceConfig {
  /** Delay of the second burst after becoming Master; 0 = no second burst. */
  masterDelayUs: number;
  /** Announcements per address and burst, at least 1. */
  masterRepeat: number;
  /** Period of refreshes while Master; 0 = never. */
  refreshUs: number;
  refreshRepeat: number;
  /** Delay of the second burst after a rival's advert; 0 = no second burst. */
  lowerPriorityDelayUs: number;
  lowerPriorityRepeat: number;
  /** Smallest gap between two gratuitous ARPs on one interface; 0 = back to back. */
  garpIntervalUs: number;
  /** The same for unsolicited NAs. */
  gnaIntervalUs: number;
  /** garp_extra_if: period of announcements on the other interfaces of the addresses; 0 = never. */
  extraUs: number;
  /** On all of those, not only on VMACs. */
  extraAll: boolean;
}

/** Who is told of an instance's events; null where no script is configured. */
export interface NotifyConfig {
  /** Run on each event; INSTANCE NAME STATE PRIORITY are appended. */
  any: Command | null;
  master: Command | null;
  backup: Command | null;
  fault: Command | null;
  stop: Command | null;
  deleted: Command | null;
  masterRxLowerPri: Command | null;
  /** notify_deleted, with a command or without: a removal by reload is DELETED, not FAULT. */
  reportsDeleted: boolean;
  /** The FIFOs hear of each change of the effective priority. */
  priorityChanges: boolean;
  /** smtp_alert. */
  mail: boolean;
}

/** A FIFO that hears of every event. */
export interface FifoConfig {
  keyword: "notify_fifo" | "vrrp_notify_fifo";
  path: string;
  /** Who owns a FIFO that baton makes; null = who runs the script, or else the daemon's user. */
  owner: ScriptIdentity | null;
  /** Its reader, started with the path as last argument. */
  script: Command | null;
}

/** A program that runs once, and its time limit. */
export interface OnceConfig {
  command: Command;
  timeoutUs: number;
}

/** Mail by SMTP, and about what. */
export interface MailConfig extends MailSettings {
  /** no_email_faults turns it off. */
  faults: boolean;
}

/** Notifications of the whole daemon. */
export interface NotificationConfig {
  fifos: FifoConfig[];
  /** After a reload the FIFOs hear the state of each instance again. */
  statesOnReload: boolean;
  startup: OnceConfig | null;
  shutdown: OnceConfig | null;
  /** Null unless there is a server and a recipient. */
  mail: MailConfig | null;
}

/** A tracked interface of an instance. Weight 0: down means FAULT. */
export interface TrackedInterface {
  interface: string;
  weight: number;
  reverse: boolean;
}

/** A tracked script of an instance, weight and reverse already resolved against the script's own. */
export interface TrackedScript {
  script: string;
  weight: number;
  reverse: boolean;
}

/** A tracked file of an instance: its number times the weight is added; weight 0: another number than 0 means FAULT. */
export interface TrackedFile {
  file: string;
  weight: number;
  reverse: boolean;
}

/** A tracked process of an instance, good while its quorum is held. */
export interface TrackedProcess {
  process: string;
  weight: number;
  reverse: boolean;
}

/** A tracked BFD session of an instance, good while it is up. */
export interface TrackedBfd {
  bfd: string;
  weight: number;
  reverse: boolean;
}

/** What an ipvlan has that a macvlan has not. */
export interface IpvlanConfig {
  /** Among the ipvlans of one interface: they reach each other, they do not, or only by way of the switch. */
  flag: "bridge" | "private" | "vepa";
  /** Its own address, there in every state; null = the link-local address that the kernel gives it (IPv6). */
  address: string | null;
  prefixLength: number;
}

/**
 * A macvlan with a virtual MAC address: there while its instance is, up while that is Master. Or an ipvlan, which has
 * the MAC address of the interface below: up while its instance is there, which speaks and hears on it.
 */
export interface VmacConfig {
  /** Of the interface; no other has it. */
  name: string;
  /** The interface that it lies on. */
  parent: string;
  /** Six octets: `00:00:5e:00:01:33`; "" = that of the interface below (ipvlan). */
  mac: string;
  /** Null: it is a macvlan. */
  ipvlan: IpvlanConfig | null;
  /** IFLA_GROUP; null = the default group. */
  group: number | null;
  /** Made for addresses by their own use_vmac, not for the instance. */
  ofAddresses: boolean;
  /** Which families its addresses have. */
  ipv4: boolean;
  ipv6: boolean;
}

/** One virtual router. Its identity is (interface, family, vrid), as for the protocol. */
export interface InstanceConfig extends FineConfig {
  name: string;
  /** Where it speaks and hears: with use_ipvlan the ipvlan, whose VmacConfig names the interface below. */
  interface: string;
  vrid: number;
  version: 2 | 3;
  family: Family;
  /** `state`: what is wanted at start only. */
  initialState: "MASTER" | "BACKUP";
  /** Base priority 1..255; 255 = address owner. */
  priority: number;
  advertIntervalUs: number;
  /** Adverts that may be missed before the master counts as dead (3 in the RFCs). */
  downTimerAdverts: number;
  preempt: boolean;
  preemptDelayUs: number;
  authentication: Authentication | null;
  /** auth_hmac: the signed trailer of adverts; null = none is sent, and signed ones are refused. */
  hmac: HmacConfig | null;
  /** Checksum form of VRRPv3 over IPv4 that is sent: RFC 5798 as deployed, or RFC 9568 section 5.2.8. */
  checksumForm: "pseudo-header" | "message-only";
  /** mcast_src_ip or unicast_src_ip; null = the interface's primary address (IPv4) or link-local (IPv6). */
  sourceAddress: string | null;
  /** Destination group of multicast adverts. */
  multicastGroup: string;
  /** Unicast peers; empty = multicast. */
  unicastPeers: string[];
  /** Advertised addresses, in the order of the file. */
  addresses: VirtualAddress[];
  /** Added and removed with them, but not advertised; any family. */
  excludedAddresses: VirtualAddress[];
  /** virtual_routes: there while Master, after the addresses. */
  routes: RouteConfig[];
  /** virtual_rules: there while Master, after the routes. */
  rules: RuleConfig[];
  /** Interfaces with virtual MAC addresses; `addresses` name them as their interface. */
  vmacs: VmacConfig[];
  /** use_ipvlan without the address of its own that IPv4 needs: at fault. */
  lacksIpvlanAddress: boolean;
  /** use_vmac: that of the instance itself, by name; null = none. */
  vmac: string | null;
  /** MAC address that multicast adverts are sent from; null = that of the interface. */
  advertMac: string | null;
  /** Give addresses a finite kernel lifetime that the engine renews (vip_lease). */
  lease: boolean;
  announce: AnnounceConfig;
  /** Do not compare the address list of an advert from the same master as the last one. */
  skipCheckAdvAddr: boolean;
  /** Unicast: use adverts of unicast_peer only; keepalived's default is to use those of anybody. */
  checkUnicastSource: boolean;
  /** Accept packets addressed to the virtual addresses; an owner (priority 255) always does. */
  accept: boolean;
  /** A secondary IPv4 address of the interface becomes primary when the primary one goes. */
  promoteSecondaries: boolean;
  strict: boolean;
  trackInterfaces: TrackedInterface[];
  trackScripts: TrackedScript[];
  trackFiles: TrackedFile[];
  trackProcesses: TrackedProcess[];
  trackBfds: TrackedBfd[];
  notify: NotifyConfig;
  /** The vrrp_sync_group it belongs to, or null. */
  syncGroup: string | null;
  /** The track_groups that it is in: at fault while a static entry of one is missing. */
  trackGroups: string[];
  /** `debug` 0..4; above 0 the instance logs in detail as with -D. */
  debug: number;
}

/** One vrrp_sync_group. Its trackers are among those of its members. */
export interface GroupConfig {
  name: string;
  /** Names of instances, in the order of the file; at least one. */
  members: string[];
  notify: NotifyConfig;
}

/** One vrrp_script. */
export interface ScriptConfig {
  name: string;
  command: Command;
  intervalUs: number;
  timeoutUs: number;
  weight: number;
  reverse: boolean;
  rise: number;
  fall: number;
  /** Counts as failed until the first result. */
  initFail: boolean;
}

/** One track_file. */
export interface FileConfig {
  name: string;
  path: string;
  weight: number;
  reverse: boolean;
  /** init_file: what the file is made with at start, over an old one or not; null = it is not made. */
  init: { value: number; overwrite: boolean } | null;
}

/** One vrrp_track_process: good while between `quorum` and `quorumMax` processes match. */
export interface ProcessConfig {
  name: string;
  /** Name or path, then arguments. */
  words: string[];
  /** How the arguments are compared; none = they are not. */
  parameters: "none" | "exact" | "initial" | "partial";
  /** Compare argv[0] and not the 15 characters of the command name. */
  fullCommand: boolean;
  weight: number;
  reverse: boolean;
  quorum: number;
  /** Null = any number. */
  quorumMax: number | null;
  /** How long a lost process still counts, and a new one does not yet. */
  terminateDelayUs: number;
  forkDelayUs: number;
}

/** global_defs, as far as it is not already folded into the instances. */
export interface GlobalConfig extends TuningConfig {
  routerId: string;
  enableScriptSecurity: boolean;
  /** Scripts run under their path as written, symbolic links in it unresolved. */
  useSymlinkPaths: boolean;
  /** script_user; null = keepalived_script if that account exists, else nobody (never root by default). */
  scriptUser: ScriptIdentity | null;
  /** Scripts have all groups of their user. */
  supplementaryGroups: boolean;
  /** SCHED_FIFO priority of the engine thread, 1..99; null = baton's default where allowed. */
  realtimePriority: number | null;
  /** Ceiling of the real-time priority that baton takes by itself: -1 or 0 = none; null = no ceiling. */
  maxAutoPriority: number | null;
  notifications: NotificationConfig;
  /** The kernel sends no IGMP reports for 224.0.0.0/24. */
  disableLocalIgmp: boolean;
  /** What the dump signals write, and where. */
  dumps: DumpConfig;
  firewall: FirewallConfig;
}

/** The nftables rules behind no_accept and strict mode. */
export interface FirewallConfig {
  table: string;
  /** Of the chains. */
  priority: number;
  /** Link-local addresses hold on the index of an interface, not on its name. */
  byIndex: boolean;
  counters: boolean;
}

/** interface_up_down_delays: how long a change of an interface has to last until it counts. */
export interface InterfaceDelay {
  interface: string;
  downUs: number;
  upUs: number;
}

/** An interface that is asked once a second; null = in the first way that it answers. */
export interface LinkbeatConfig {
  interface: string;
  method: "MII" | "ETHTOOL" | "IOCTL" | null;
}

/** A whole configuration. */
export interface Config {
  /** The file it was read from, for status and logs. */
  file: string;
  /** What the process itself is to be like. */
  daemon: DaemonSettings;
  global: GlobalConfig;
  instances: InstanceConfig[];
  groups: GroupConfig[];
  /** Only scripts that an instance tracks. */
  scripts: ScriptConfig[];
  /** static_ipaddress, static_routes, static_rules. */
  statics: StaticConfig;
  /** Only files and processes that an instance tracks. */
  files: FileConfig[];
  processes: ProcessConfig[];
  /** All of them: a session that nothing here tracks may be what its neighbor tracks. */
  bfds: BfdConfig[];
  interfaceDelays: InterfaceDelay[];
  /** linkbeat_interfaces, and the interfaces that linkbeat_use_polling adds. */
  linkbeat: LinkbeatConfig[];
  /** garp_group. */
  pacing: PacingConfig[];
}

/** Paths are null for the default, keepalived.* in $TMPDIR or /tmp; one that ends with a slash is a directory. */
export interface DumpConfig {
  data: string | null;
  statistics: string | null;
  json: string | null;
  jsonVersion: 1 | 2;
}

/** The signed trailer of adverts (keepalived 2.4.2 and later). */
export interface HmacConfig {
  /** Ids are 1..255; secrets are 32..64 bytes in hexadecimal. */
  keys: { id: number; secret: string }[];
  /** The id of the key that signs. */
  activeKey: number;
  /** Tolerated age or clock skew. */
  timeWindowUs: number;
  /** "monotonic": time stamps must only grow, whatever our clock says. */
  antiReplay: "time" | "monotonic";
  /** "permissive" signs and takes unsigned adverts, "receive-only" takes both and does not sign. */
  mode: "enforce" | "permissive" | "receive-only";
}
