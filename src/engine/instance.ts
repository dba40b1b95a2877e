// One virtual router as the engine runs it: its configuration, its state machine, its trackers, and whether
// the machine lets it take part in the election at all.
import type { InstanceConfig, TrackedFile } from "../config/model.ts";
import { carrierOf } from "../config/vmac.ts";
import { COUNTERS, type EngineInstance, trackedKey, type TrackedKind } from "../messages.ts";
import { effectivePriority, faults, fileIsGood, isFault, pending, type Tracker } from "../vrrp/priority.ts";
import type { Group } from "../vrrp/group.ts";
import type { Cause } from "../vrrp/reason.ts";
import { formatAddress, parseAddress } from "../vrrp/address.ts";
import { type Effects, Router, type RouterSettings } from "../vrrp/router.ts";
import { leaseSeconds, masterDownIntervalUs } from "../vrrp/timers.ts";
import { Announcement } from "./announce.ts";
import { misfit } from "./fits.ts";
import type { BfdLinks } from "./bfd.ts";
import { Holding } from "./holding.ts";
import type { Links } from "./links.ts";
import { RouteSet } from "./routeset.ts";
import type { Attachment } from "./endpoint.ts";

/** Why an instance cannot take part, and the state that users see meanwhile. */
export interface Obstacle {
  state: "FAULT" | "INIT";
  cause: Cause;
}

/** What the instance can do now: where it sends from, or what is in the way. */
export type Readiness = { source: Uint8Array } | Obstacle;

/** One virtual router. */
export class Instance {
  /** Place in the engine's table; its timer slots start at index * TIMER_KINDS. */
  readonly index: number;
  readonly id: number;
  config: InstanceConfig;
  readonly router: Router;
  readonly counters: Float64Array;
  /** Interfaces in the order of the configuration, then scripts, files, processes and BFD sessions. */
  trackers: Tracker[] = [];
  holding: Holding;
  routes: RouteSet;
  announcement: Announcement;
  attachment: Attachment<Instance> | null = null;
  /** The obstacle last told, as text; "" = none. */
  obstacle = "";
  /** When the last burst against a rival was started. */
  rivalUs = -Infinity;
  /** Rounds of the burst that waits for the addresses; 0 = none waits. */
  burst = 0;
  /** Rounds of the second burst, as of the first: those of a takeover or those against a rival. */
  secondBurst = 0;
  /** Its sync group, or null. */
  group: Group | null = null;
  /** Taken out of the configuration: forgotten once it has withdrawn. */
  removing = false;
  readonly #scripts = new Map<string, boolean>();
  /** By trackedKey. */
  readonly #tracked = new Map<string, boolean | number>();

  constructor(index: number, from: EngineInstance, effects: Effects) {
    this.index = index;
    this.id = from.id;
    this.config = from.config;
    this.counters = from.counters;
    this.router = new Router(from.id, routerSettings(from.config), effects);
    this.holding = new Holding(from.config, leaseS(from.config));
    this.routes = new RouteSet(from.id, from.config.routes, from.config.rules, this.holding);
    this.announcement = new Announcement(this.holding.addresses.length, this.counters);
    for (const name of Object.keys(from.scripts)) this.#scripts.set(name, from.scripts[name]!);
    this.trackedResults(from.tracked);
  }

  /** Adds to one of COUNTERS. */
  count(counter: number): void {
    this.counters[counter] = this.counters[counter]! + 1;
  }

  /** Notes a script's result. Returns whether this instance tracks it. */
  scriptResult(name: string, ok: boolean): boolean {
    if (!this.config.trackScripts.some((t) => t.script === name)) return false;
    this.#scripts.set(name, ok);
    return true;
  }

  /** Notes a result of a tracked file or process. Returns whether this instance tracks it. */
  tracked(kind: TrackedKind, name: string, value: boolean | number): boolean {
    const { trackFiles, trackProcesses } = this.config;
    const mine = kind === "file"
      ? trackFiles.some((t) => t.file === name)
      : trackProcesses.some((t) => t.process === name);
    if (mine) this.#tracked.set(trackedKey(kind, name), value);
    return mine;
  }

  /** Notes results by trackedKey. */
  trackedResults(results: Record<string, boolean | number>): void {
    for (const key of Object.keys(results)) this.#tracked.set(key, results[key]!);
  }

  /** Looks at every tracker again. Returns whether a result changed. */
  refreshTrackers(links: Links, bfd: Pick<BfdLinks, "isUp">): boolean {
    const { trackInterfaces, trackScripts, trackFiles, trackProcesses, trackBfds } = this.config;
    const wanted = trackInterfaces.length + trackScripts.length + trackFiles.length + trackProcesses.length +
      trackBfds.length;
    // Most track nothing: for them no closure is made.
    return (this.trackers.length > 0 || wanted > 0) && this.#replaceTrackers(links, bfd);
  }

  #replaceTrackers(links: Links, bfd: Pick<BfdLinks, "isUp">): boolean {
    const before = this.trackers;
    const { trackInterfaces, trackScripts, trackFiles, trackProcesses, trackBfds } = this.config;
    this.trackers = [
      ...trackInterfaces.map((t) => ({
        weight: t.weight,
        reverse: t.reverse,
        ok: links.named(carrierOf(this.config, t.interface))?.operational ?? false,
      })),
      ...trackScripts.map((t) => ({
        weight: t.weight,
        reverse: t.reverse,
        ok: this.#scripts.get(t.script) ?? null,
      })),
      ...trackFiles.map((t) => this.#fileTracker(t)),
      ...trackProcesses.map((t) => ({
        weight: t.weight,
        reverse: t.reverse,
        ok: this.#tracked.get(trackedKey("process", t.process)) === true,
      })),
      ...trackBfds.map((t) => ({ weight: t.weight, reverse: t.reverse, ok: bfd.isUp(t.bfd) })),
    ];
    return before.length !== this.trackers.length || this.trackers.some((t, i) => t.ok !== before[i]!.ok);
  }

  #fileTracker({ file, weight, reverse }: TrackedFile): Tracker {
    const value = Number(this.#tracked.get(trackedKey("file", file)) ?? 0);
    const tracker: Tracker = { weight, reverse, ok: null, value };
    tracker.ok = fileIsGood(tracker, value);
    return tracker;
  }

  /** Whether garp_extra_if concerns an interface: the adverts do not tell switches of its MAC address. */
  announcesExtra(name: string): boolean {
    const { vmac, vmacs, advertMac, announce, interface: own } = this.config;
    if (announce.extraUs === 0) return false;
    if (name === vmac) return advertMac === null;
    if (name === own) return false;
    return announce.extraAll || vmacs.some((each) => each.name === name);
  }

  /** The effective priority that the trackers leave (keepalived's arithmetic). */
  effectivePriority(): number {
    return effectivePriority(this.config.priority, this.trackers);
  }

  /** Whether interfaces, addresses and unweighted trackers let the instance take part. */
  readiness(links: Links, virtual: (address: Uint8Array) => boolean): Readiness {
    if (this.config.lacksIpvlanAddress) return fault({ kind: "ipvlan_address" });
    // An ipvlan cannot be made without the interface below, and does not always tell that it is down.
    const base = carrierOf(this.config, this.config.interface);
    const below = links.named(base);
    if (below === undefined) return fault({ kind: "interface_missing", interface: base });
    const link = links.named(this.config.interface);
    if (link === undefined) return fault({ kind: "interface_missing", interface: this.config.interface });
    if (this.config.lacksPeers) return fault({ kind: "no_peers" });
    const untracked = this.config.trackPrimary ? null : base;
    if (!below.operational && untracked === null) return fault({ kind: "interface_down", interface: base });
    if (!link.operational && untracked === null) {
      return fault({ kind: "interface_down", interface: link.name });
    }
    for (const a of this.holding.addresses) {
      // A VMAC is down while we are Backup: what it lies on counts.
      const name = carrierOf(this.config, a.interface);
      const own = links.named(name);
      if (own === undefined) return fault({ kind: "interface_missing", interface: name });
      if (!own.operational && name !== untracked) return fault({ kind: "interface_down", interface: name });
    }
    for (const each of this.routes.interfaces()) {
      const name = carrierOf(this.config, each);
      const used = links.named(name);
      if (used === undefined) return fault({ kind: "interface_missing", interface: name });
      if (!used.operational) return fault({ kind: "interface_down", interface: name });
    }
    const tooLong = misfit(this.config, link.mtu);
    if (tooLong !== null) return fault(tooLong);
    const source = this.#source(links, virtual);
    if (!(source instanceof Uint8Array)) return fault(source);
    if (faults(this.trackers) > 0) return fault(this.#failedTracker());
    if (pending(this.trackers) > 0) {
      return { state: "INIT", cause: { kind: "script_pending", script: this.#pendingScript() } };
    }
    return { source };
  }

  #source(links: Links, virtual: (address: Uint8Array) => boolean): Uint8Array | Cause {
    const { interface: name, family, sourceAddress, unicastPeers, trackSource } = this.config;
    if (sourceAddress !== null) {
      const bytes = parseAddress(sourceAddress)!;
      // Unicast peers answer to this address: it must be here. A multicast source may be anything, unless it is tracked.
      if ((unicastPeers.length === 0 && !trackSource) || links.isLocal(bytes)) return bytes;
      return { kind: "source_missing", interface: name, address: sourceAddress };
    }
    const { address, tentative } = links.named(name)!.source(
      family,
      virtual,
      this.attachment?.source ?? null,
    );
    if (address === null) return { kind: "no_source_address", interface: name, family };
    return tentative
      ? { kind: "source_tentative", interface: name, address: formatAddress(address) }
      : address;
  }

  #failedTracker(): Cause {
    const { trackInterfaces, trackScripts, trackFiles, trackProcesses, trackBfds } = this.config;
    const at = this.trackers.findIndex(isFault);
    const causes: Cause[] = [
      ...trackInterfaces.map((t): Cause => ({ kind: "interface_tracked_down", interface: t.interface })),
      ...trackScripts.map((t): Cause => ({ kind: "script_failed", script: t.script })),
      ...trackFiles.map(({ file }, i): Cause => {
        const { value = 0 } = this.trackers[trackInterfaces.length + trackScripts.length + i]!;
        return { kind: "file_status", file, value };
      }),
      ...trackProcesses.map((t): Cause => ({ kind: "process_quorum", process: t.process })),
      ...trackBfds.map(({ bfd, reverse }): Cause => ({ kind: "bfd_state", session: bfd, up: reverse })),
    ];
    return causes[at]!;
  }

  #pendingScript(): string {
    const at = this.trackers.findIndex((t) => t.weight === 0 && t.ok === null);
    return this.config.trackScripts[at - this.config.trackInterfaces.length]!.script;
  }
}

function fault(cause: Cause): Obstacle {
  return { state: "FAULT", cause };
}

/** What the state machine needs of a configuration. */
export function routerSettings(config: InstanceConfig): RouterSettings {
  return {
    version: config.version,
    family: config.family,
    vrid: config.vrid,
    priority: config.priority,
    advertIntervalUs: config.advertIntervalUs,
    downTimerAdverts: config.downTimerAdverts,
    preempt: config.preempt,
    preemptDelayUs: config.preemptDelayUs,
    startAsMaster: config.initialState === "MASTER",
    lowerPriorityAdvert: config.lowerPriorityAdvert,
    higherPriorityAdvert: config.higherPriorityAdvert,
    expiredPriority: config.expiredPriority,
    strict: config.strict,
  };
}

/** Lifetime of the addresses: shorter than the time after which another may take over; 0 = permanent. */
export function leaseS(config: InstanceConfig): number {
  if (!config.lease) return 0;
  const { version, priority, advertIntervalUs, downTimerAdverts } = config;
  return leaseSeconds(masterDownIntervalUs(version, priority, advertIntervalUs, downTimerAdverts));
}

/** Slot numbers of COUNTERS, by name. */
export const COUNTER = Object.fromEntries(COUNTERS.map((name, slot) => [name, slot])) as Record<
  (typeof COUNTERS)[number],
  number
>;
