// Many instances between two hosts: as many cables as they need, one file for both daemons, and what they send.
import { readFileSync } from "node:fs";
import { realtimeUs } from "../../native/clock.ts";
import { OWNER_PRIORITY } from "./configuration.ts";
import { type DaemonKind, Router } from "./daemons.ts";
import { Lab, type Node } from "./lab.ts";

/** The protocol knows 255 virtual routers on a link. */
const PER_CABLE = 250;
/** A thousand instances take a while to start where they share a processor with their peers. */
export const FLEET_LIMIT_MS = 60_000;
/** With fewer adverts than this share of those due, the master is no longer one. */
const ENOUGH = 0.8;

/** The instances of one router. */
export interface FleetConfiguration {
  instances: number;
  intervalUs: number;
  priority: number;
  /** vrrp_rt_priority, if it is not to be the daemon's default. */
  realtimePriority?: number | null;
  /** A further address of the last instance. */
  extraAddress?: string;
}

export function cablesFor(instances: number): number {
  return Math.ceil(instances / PER_CABLE);
}

/** How many instances are on that cable. */
export function instancesOn(cable: number, instances: number): number {
  return Math.min(PER_CABLE, instances - cable * PER_CABLE);
}

/** The text of the file: version 3, one address each, and one announcement for an address instead of ten. */
export function fleetConfiguration(fleet: FleetConfiguration): string {
  const { instances, realtimePriority = null } = fleet;
  const realtime = realtimePriority === null ? "" : `    vrrp_rt_priority ${realtimePriority}\n`;
  const parts = Array.from({ length: instances }, (_, i) => instance(fleet, i));
  return `global_defs {
    router_id bench
    vrrp_garp_master_repeat 1
    vrrp_garp_master_delay 1
${realtime}}
${parts.join("")}`;
}

function instance(fleet: FleetConfiguration, i: number): string {
  const cable = Math.floor(i / PER_CABLE);
  const vrid = 1 + i % PER_CABLE;
  const isLast = i === fleet.instances - 1;
  const extra = isLast && fleet.extraAddress !== undefined ? `        ${fleet.extraAddress}/32\n` : "";
  return `
vrrp_instance bench${i} {
    state ${fleet.priority === OWNER_PRIORITY ? "MASTER" : "BACKUP"}
    interface eth${cable}
    virtual_router_id ${vrid}
    version 3
    priority ${fleet.priority}
    advert_int ${fleet.intervalUs / 1_000_000}
    virtual_ipaddress {
        10.${99 + cable}.1.${vrid}/32
${extra}    }
}
`;
}

/** Frames that the hosts' cables have sent so far, as a process that runs there sees it (/proc/PID/net/dev). */
function sentFrames(pid: number): number {
  let sum = 0;
  for (const line of readFileSync(`/proc/${pid}/net/dev`, "utf8").split("\n")) {
    // proc(5): eight counters of what was received, then that of sent bytes and of sent packets.
    if (/^\s*eth\d+:/.test(line)) sum += Number(line.split(":")[1]!.trim().split(/\s+/)[9]);
  }
  return sum;
}

/** What a master and its backup had sent at a time. */
export interface Sent {
  /** CLOCK_REALTIME in microseconds. */
  atUs: number;
  /** Frames. */
  master: number;
  backup: number;
}

export function sentBy(master: Router, backup: Router): Sent {
  const [ofMaster, ofBackup] = [master, backup].map((router) => sentFrames(router.pids()[0]!));
  return { atUs: realtimeUs(), master: ofMaster!, backup: ofBackup! };
}

/** Why a master and its backup have not kept their roles between two readings; null when they have. */
export function lostRoles(
  before: Sent,
  after: Sent,
  { instances, intervalUs }: Pick<FleetConfiguration, "instances" | "intervalUs">,
): string | null {
  // A backup that keeps its role sends nothing at all.
  if (after.backup > before.backup) return "the backup spoke while the master lived";
  const adverts = after.master - before.master;
  const due = (instances * (after.atUs - before.atUs)) / intervalUs;
  return adverts < ENOUGH * due ? `the master sent ${adverts} adverts of ${Math.round(due)}` : null;
}

/** Two hosts with the cables that so many instances need. The caller disposes of the lab. */
export async function fleetLab(instances: number): Promise<{ lab: Lab; ends: [Node, Node][] }> {
  const lab = await Lab.take(2);
  try {
    return { lab, ends: await lab.cables(cablesFor(instances)) };
  } catch (error) {
    lab[Symbol.dispose]();
    throw error;
  }
}

/** Starts a router with a fleet and waits until all its instances are in `state`. */
export async function startFleet(
  kind: DaemonKind,
  node: Node,
  fleet: FleetConfiguration,
  state: "MASTER" | "BACKUP",
): Promise<Router> {
  const router = new Router(kind, node, fleetConfiguration(fleet));
  try {
    await router.says(`Entering ${state} STATE`, FLEET_LIMIT_MS, fleet.instances);
    return router;
  } catch (error) {
    await router[Symbol.asyncDispose]();
    throw error;
  }
}
