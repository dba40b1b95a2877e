// The JSON of the status endpoint, version 1: the one place where its shape is defined and filled.
import { type BfdStatus, buildBfd } from "./bfd.ts";
import type { Family, InstanceConfig } from "../config/model.ts";
import { type Counter, COUNTERS, GLOBAL_COUNTERS, type GlobalCounter, type State } from "../messages.ts";
import { type Refusal, REFUSALS } from "../vrrp/refusal.ts";
import {
  type AddressStatus,
  addressStatus,
  type GroupStatus,
  groupStatus,
  NOTHING_ELSE,
  type RouteStatus,
  routeStatus,
  type StaticStatus,
  staticStatus,
  type WholeFacts,
} from "./kept.ts";

export interface Status {
  version: 1;
  daemon: DaemonStatus;
  instances: InstanceStatus[];
  /** The sync groups. */
  groups: GroupStatus[];
  /** static_ipaddress; static_routes, then static_rules. */
  statics: StaticStatus;
  /** The BFD sessions, in the order of the file. */
  bfd: BfdStatus[];
}

export interface DaemonStatus {
  /** Of the program. */
  version: string;
  pid: number;
  uptime_s: number;
  /** The configuration file. */
  config: string;
  counters: Record<GlobalCounter, number>;
  /** Packets refused before an instance was found for them. */
  refusals: Record<Refusal, number>;
}

export interface InstanceStatus {
  name: string;
  state: State;
  /** Why it is in this state: a clause for people. */
  reason: string;
  /** When it entered the state, RFC 3339 in UTC. */
  since: string;
  interface: string;
  /** The macvlan with its virtual MAC address (use_vmac), or null. */
  vmac: { interface: string; mac: string } | null;
  vrid: number;
  vrrp_version: 2 | 3;
  family: Family;
  priority: { base: number; effective: number };
  master: MasterStatus | null;
  /** virtual_ipaddress, then virtual_ipaddress_excluded, in the order of the file. */
  addresses: AddressStatus[];
  /** virtual_routes, then virtual_rules. */
  routes: RouteStatus[];
  /** The vrrp_sync_group that it is in, or null. */
  sync_group: string | null;
  /** Interfaces, then scripts, files, processes and BFD sessions, in the order of the file. */
  trackers: TrackerStatus[];
  counters: Record<Counter, number>;
  refusals: Record<Refusal, number>;
}

export interface MasterStatus {
  address: string;
  priority: number;
}

export interface TrackerStatus {
  kind: "interface" | "script" | "file" | "process" | "bfd";
  name: string;
  /** Null = no result yet. */
  ok: boolean | null;
  /** 0: not ok means FAULT. */
  weight: number;
}

/** What the control thread knows of the daemon. */
export interface DaemonFacts {
  version: string;
  pid: number;
  uptimeUs: number;
  /** Path of the configuration file. */
  config: string;
  /** GLOBAL_COUNTERS, then REFUSALS: the memory that the engine writes. */
  counters: Float64Array;
}

/** What the control thread knows of an instance. */
export interface InstanceFacts {
  config: InstanceConfig;
  state: State;
  reason: string;
  /** CLOCK_REALTIME of the last transition, in microseconds. */
  sinceUs: number;
  effectivePriority: number;
  master: MasterStatus | null;
  /** The interval by which a silent master is judged: the master's own where version 3 has told it. */
  masterIntervalUs: number;
  /** How often it has left MASTER. */
  releases: number;
  /** In the order addresses, then excludedAddresses; missing = not held. */
  held: readonly boolean[];
  /** Whether its routes, then its rules, are in the kernel; missing = they are not. */
  routes: readonly boolean[];
  /** In the order trackInterfaces, trackScripts, trackFiles, trackProcesses, trackBfds; missing = no result yet. */
  trackers: readonly (boolean | null)[];
  /** COUNTERS, then REFUSALS: the memory that the engine writes. */
  counters: Float64Array;
}

/** A copy of everything that may be shown. Passwords are not among the facts that are copied. */
export function buildStatus(
  daemon: DaemonFacts,
  instances: readonly InstanceFacts[],
  whole: WholeFacts = NOTHING_ELSE,
): Status {
  return {
    version: 1,
    daemon: {
      version: daemon.version,
      pid: daemon.pid,
      uptime_s: Math.floor(daemon.uptimeUs / 1e6),
      config: daemon.config,
      counters: readSlots(GLOBAL_COUNTERS, daemon.counters, 0),
      refusals: readSlots(REFUSALS, daemon.counters, GLOBAL_COUNTERS.length),
    },
    instances: instances.map(buildInstance),
    groups: groupStatus(whole),
    statics: staticStatus(whole),
    bfd: whole.sessions.map(buildBfd),
  };
}

function buildInstance(facts: InstanceFacts): InstanceStatus {
  const { config } = facts;
  return {
    name: config.name,
    state: facts.state,
    reason: facts.reason,
    since: rfc3339(facts.sinceUs),
    interface: config.interface,
    vmac: vmacOf(config),
    vrid: config.vrid,
    vrrp_version: config.version,
    family: config.family,
    priority: { base: config.priority, effective: facts.effectivePriority },
    master: facts.master === null ? null : { address: facts.master.address, priority: facts.master.priority },
    addresses: addressStatus([...config.addresses, ...config.excludedAddresses], facts.held),
    routes: routeStatus(config, facts.routes),
    sync_group: config.syncGroup,
    trackers: buildTrackers(facts),
    counters: readSlots(COUNTERS, facts.counters, 0),
    refusals: readSlots(REFUSALS, facts.counters, COUNTERS.length),
  };
}

function vmacOf({ vmac, vmacs }: InstanceConfig): InstanceStatus["vmac"] {
  const own = vmacs.find(({ name }) => name === vmac);
  return own === undefined ? null : { interface: own.name, mac: own.mac };
}

function buildTrackers(facts: InstanceFacts): TrackerStatus[] {
  const { trackInterfaces, trackScripts, trackFiles, trackProcesses, trackBfds } = facts.config;
  const trackers: TrackerStatus[] = [
    ...trackInterfaces.map((entry) => tracker("interface", entry.interface, entry.weight)),
    ...trackScripts.map((entry) => tracker("script", entry.script, entry.weight)),
    ...trackFiles.map((entry) => tracker("file", entry.file, entry.weight)),
    ...trackProcesses.map((entry) => tracker("process", entry.process, entry.weight)),
    ...trackBfds.map((entry) => tracker("bfd", entry.bfd, entry.weight)),
  ];
  trackers.forEach((entry, index) => entry.ok = facts.trackers[index] ?? null);
  return trackers;
}

function tracker(kind: TrackerStatus["kind"], name: string, weight: number): TrackerStatus {
  return { kind, name, ok: null, weight };
}

function readSlots<Name extends string>(
  names: readonly Name[],
  slots: Float64Array,
  from: number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, slots[from + index] ?? 0])) as Record<
    Name,
    number
  >;
}

/** RFC 3339 with milliseconds in UTC. A time outside of the calendar becomes its beginning. */
function rfc3339(atUs: number): string {
  const time = new Date(atUs / 1000);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}
