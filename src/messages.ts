// What the control thread and the engine thread say to each other: one closed union each way.
//
// Plain data only: structured clone carries it. Counters do not travel; the engine writes them into shared
// memory that the control thread handed over with the instance (see COUNTERS).
import type { FirewallConfig, InstanceConfig, InterfaceDelay } from "./config/model.ts";
import type { PacingConfig } from "./config/pacing.ts";
import type { BufferConfig } from "./config/tuning.ts";
import type { BfdConfig } from "./config/sessions.ts";
import type { StaticConfig } from "./config/routing.ts";
import type { Cause } from "./vrrp/reason.ts";
import type { Mismatch } from "./vrrp/mismatch.ts";
import { type Refusal, REFUSALS } from "./vrrp/refusal.ts";

/** The states that users see (keepalived's words). INIT: waiting for a script's first result. */
export type State = "INIT" | "BACKUP" | "MASTER" | "FAULT";

/** Per-instance counters, RFC 8347 names in snake_case and what keepalived shows besides. Order = slot. */
export const COUNTERS = [
  "master_transitions",
  "advertisement_rcvd",
  "advertisement_sent",
  "interval_errors",
  "priority_zero_pkts_rcvd",
  "priority_zero_pkts_sent",
  "invalid_type_pkts_rcvd",
  "address_list_errors",
  "packet_length_errors",
  "backup_transitions",
  "send_errors",
  "address_losses",
  "announcements_sent",
] as const;
export type Counter = (typeof COUNTERS)[number];
/** Float64Array length for the counters of an instance: COUNTERS, then REFUSALS. */
export const COUNTER_SLOTS: number = COUNTERS.length + REFUSALS.length;

/** Global counters: RFC 8347 `statistics`, and the engine's own. Order = slot. */
export const GLOBAL_COUNTERS = [
  "checksum_errors",
  "version_errors",
  "vrid_errors",
  "ip_ttl_errors",
  "netlink_overruns",
  "wakeups",
  "late_wakeups",
  "bfd_unmatched",
] as const;
/** Float64Array length for the counters of the daemon: GLOBAL_COUNTERS, then REFUSALS. */
export const GLOBAL_COUNTER_SLOTS: number = GLOBAL_COUNTERS.length + REFUSALS.length;
export type GlobalCounter = (typeof GLOBAL_COUNTERS)[number];

/** One instance as the engine runs it. `counters`, shared memory: COUNTERS, then REFUSALS. */
export interface EngineInstance {
  /** Chosen by the control thread, unique for the life of the daemon; every message names it. */
  id: number;
  config: InstanceConfig;
  counters: Float64Array<SharedArrayBuffer>;
  /** Results of tracked scripts that are already known; missing = no result yet. */
  scripts: Record<string, boolean>;
  /** Results of other tracked things, by `trackedKey`. */
  tracked: Record<string, boolean | number>;
}

/** Per-session counters of BFD. Order = slot. */
export const BFD_COUNTERS = [
  "packets_rcvd",
  "packets_sent",
  "send_errors",
  "up_transitions",
  "down_transitions",
] as const;
export type BfdCounter = (typeof BFD_COUNTERS)[number];

/** What else is shown of a session, behind its counters; intervals are 0 where there are none. Order = slot. */
export const BFD_GAUGES = [
  "discriminator",
  "remote_discriminator",
  "remote_state",
  "transmit_us",
  "detection_us",
  // What the neighbor last said, and when (CLOCK_REALTIME); 0 = it has not been heard yet.
  "remote_min_tx_us",
  "remote_min_rx_us",
  "remote_multiplier",
  "heard_us",
  // 1 = a poll waits for its answer.
  "polling",
] as const;

/** One BFD session as the engine runs it. `counters` is a Float64Array's memory: BFD_COUNTERS, BFD_GAUGES, BFD_REFUSALS. */
export interface EngineBfd {
  config: BfdConfig;
  counters: SharedArrayBuffer;
}

/** What is tracked besides interfaces and scripts. */
export type TrackedKind = "file" | "process";

/** Name of a tracked thing among all kinds. */
export function trackedKey(kind: TrackedKind, name: string): string {
  return `${kind} ${name}`;
}

/** The difference between what runs and what should run. An instance is in one of the lists at most. */
export interface Plan {
  add: EngineInstance[];
  /** Same identity, new values: changed in place, no transition unless the values demand one. */
  change: EngineInstance[];
  /** Ids to resign and withdraw. */
  remove: number[];
  /** What belongs to no instance; missing = as it is. */
  statics?: StaticConfig;
  /** How packets to the addresses of no_accept are dropped; missing = as it is. */
  firewall?: FirewallConfig;
  /** bfd_instance, all of them; missing = as they are. */
  bfds?: EngineBfd[];
  /** interface_up_down_delays, all of them. */
  interfaceDelays: InterfaceDelay[];
  /** garp_group, all of them. */
  pacing: PacingConfig[];
  /** Kernel parameters of the whole daemon; missing = as they are. */
  sysctls?: SysctlSetting[];
}

/** How the engine thread is to run. */
export interface EngineTuning {
  /** Null = as the daemon was started. */
  nice: number | null;
  cpuAffinity: number[] | null;
  /** Receive buffers of the netlink sockets; null = the engine's own choice. */
  commandBuffer: BufferConfig | null;
  monitorBuffer: BufferConfig | null;
  /** SCHED_FIFO `priority` once a deadline was missed by `afterUs`; null = as realtimePriority says. */
  raise: { afterUs: number; priority: number } | null;
}

/** A kernel parameter that is to have a value; what was there before is put back at the end. */
export interface SysctlSetting {
  /** Below /proc/sys: `net/ipv4/conf/eth0/promote_secondaries`. */
  path: string;
  value: string;
}

/**
 * Places in `flags`: the control thread wants an immediate end; everything is withdrawn; VMACs are being deleted; what
 * the engine waits for when it is ready (BEGIN or LEAVE).
 */
export const FLAG_STOP = 0;
export const FLAG_STOPPED = 1;
export const FLAG_BUSY = 2;
export const FLAG_TURN = 3;
/** How many these are. */
export const FLAGS = 4;

/** Values of FLAG_TURN besides 0: an EngineBeginning is in the mail; nothing will be, the thread is not needed. */
export const BEGIN = 1;
export const LEAVE = 2;

/** What the engine is made of (the Worker's workerData): all that is known before the configuration is read. */
export interface EngineStart {
  /**
   * Messages of the control thread: read by receiveMessageOnPort, which needs no event loop. The first one is an
   * EngineBeginning, the others are PackedMessage.
   */
  mail: MessagePort;
  /** Nonblocking eventfd that wakes the engine; it belongs to the control thread. */
  wakeFd: number;
  /** Nonblocking eventfd that a signal makes readable when the daemon is to stop, before the control thread knows. */
  stopFd: number;
  /** GLOBAL_COUNTERS, then REFUSALS, as float64. */
  globalCounters: SharedArrayBuffer;
  /** Int32, FLAGS of them: what one thread has to know of the other at once. */
  flags: SharedArrayBuffer;
  /** At the stop nothing is said or withdrawn. */
  keep: boolean;
  /** Addresses that were there already are taken over, and withdrawn as well. */
  releaseForeign: boolean;
  /** Each address that comes or goes is worth a line. */
  watchAddresses: boolean;
}

/** What the engine needs before anything runs. */
export interface EngineBeginning {
  /** SCHED_FIFO priority to ask for, or 0 for none. */
  realtimePriority: number;
  tuning: EngineTuning;
  /** No instance starts before so much time has passed; 0 = at once. */
  startDelayUs: number;
  /** What an earlier run left behind (from the state file): removed if it is still there. */
  leftovers: Belongings;
  /** File for the kernel parameters that the engine changes, with what was there before. */
  sysctlRecord: string;
}

/** What a run has put into the kernel, and what would outlive its end by force. */
export interface Belongings {
  addresses: readonly HeldAddress[];
  routes: readonly KeptRoute[];
  vmacs: readonly KeptVmac[];
  /** The nftables table, or null. */
  table: string | null;
}

/** An address on an interface. */
export interface HeldAddress {
  interface: string;
  address: string;
  prefixLength: number;
}

/** A route or rule that baton has put into the kernel. */
export interface KeptRoute {
  kind: "route" | "rule";
  /** What tells it from others, as the kernel's dump does. */
  key: string;
  /** RTPROT_* */
  protocol: number;
  /** As the configuration has it, for messages. */
  text: string;
  /** The kernel's message of the route in whose place it stands, in hexadecimal; null = its place was empty. */
  replaced: string | null;
}

/** A macvlan or ipvlan that baton has made. */
export interface KeptVmac {
  name: string;
  /** "" = an ipvlan, which has none of its own. */
  mac: string;
}

/** One that is not needed any more. */
export interface LeavingVmac extends KeptVmac {
  ifindex: number;
}

export type ToEngine =
  | { type: "apply"; plan: Plan }
  | { type: "script"; name: string; ok: boolean }
  /** Another SCHED_FIFO priority of the thread, after a reload; 0 = none. */
  | { type: "realtime"; priority: number }
  | { type: "tuning"; tuning: EngineTuning }
  /** Whether the driver of a polled interface sees a link; null: it is polled no more. */
  | { type: "linkbeat"; interface: string; up: boolean | null }
  /** A file's number, or whether a process has its quorum. */
  | { type: "tracked"; kind: TrackedKind; name: string; value: boolean | number }
  /** VMACs that could not be deleted; `error`: a clause why. */
  | { type: "vmacs_stay"; indexes: number[]; error: string }
  /** The engine may rest if it can; then the code of a takeover, which is not in memory any more, is gone through again. */
  | { type: "rehearse" }
  | { type: "stop" };

export type Level = "debug" | "info" | "warning" | "error";

export type FromEngine =
  /** The loop runs. `notes`: what was refused (real time, memory lock), a sentence each. */
  | { type: "ready"; notes: string[] }
  /** The plan was applied; instances that already existed before are not restarted. */
  | { type: "applied" }
  /** A transition. `atUs`: CLOCK_REALTIME. */
  | { type: "state"; id: number; state: State; cause: Cause; priority: number; atUs: number }
  /** The effective priority changed. */
  | { type: "priority"; id: number; from: number; to: number }
  /** The master that this instance follows (itself when Master), or null; and the interval that it is held to. */
  | { type: "master"; id: number; address: string | null; priority: number; intervalUs: number }
  /** A sync group has another state. `syncing`: its members follow it. */
  | { type: "group"; name: string; state: State; syncing: boolean }
  /** Which of its addresses the instance holds now, in the order addresses, then excludedAddresses. */
  | { type: "holding"; id: number; held: boolean[] }
  /** The nftables table that would outlive this process, or null. */
  | { type: "table"; name: string | null }
  /** The static addresses that baton has added, and for each that is configured whether it is there. */
  | { type: "static_addresses"; held: HeldAddress[]; there: boolean[] }
  /**
   * The routes and rules that are there for an instance, or for none (null), and are baton's; and for each route,
   * then each rule, that is configured whether it is there.
   */
  | { type: "kept_routes"; id: number | null; kept: KeptRoute[]; there: boolean[] }
  /** VMACs that have come and gone since the last such message; none is in both lists. */
  | { type: "kept_vmacs"; made: KeptVmac[]; gone: string[] }
  /** VMACs that are to be deleted, which takes too long for the engine; it hears of their end from the kernel. */
  | { type: "delete_vmacs"; vmacs: LeavingVmac[] }
  /** Result of every tracker of the instance, interfaces first, then scripts, files, processes, BFD sessions; null = no result yet. */
  | { type: "trackers"; id: number; ok: (boolean | null)[] }
  /** A BFD session has another state; numbers as RFC 5880 section 4.1 has them. `atUs`: CLOCK_REALTIME. */
  | {
    type: "bfd";
    name: string;
    state: number;
    diagnostic: number;
    remoteDiagnostic: number;
    atUs: number;
  }
  /** A refused packet; at most one per (peer, refusal) and minute. id null: no instance was found. */
  | {
    type: "refused";
    id: number | null;
    interface: string;
    peer: string;
    refusal: Refusal;
    /** Of a packet for an instance that is there. */
    mismatch: Mismatch | null;
    detail: string;
  }
  /** A Master has heard an advert of lower priority; at most one a second. */
  | { type: "rival"; id: number }
  /** A line for the log. */
  | { type: "log"; level: Level; id: number | null; text: string }
  /** The removed instance has withdrawn everything. */
  | { type: "removed"; id: number }
  /** A signal has reached the engine first: it resigns. */
  | { type: "stopping" }
  /** The stop is done: everything is withdrawn; the thread ends. */
  | { type: "stopped" }
  /** The engine cannot go on; it has withdrawn what it could. */
  | { type: "failed"; error: string };
