// What most instances say nothing of: everything of an instance but who it is, what it holds and how it is elected.
import { readAccept } from "./accept.ts";
import type { Decoding } from "./decoding.ts";
import { ofInstanceFamily, readPeers, readSource } from "./endpoints.ts";
import { readExtra } from "./extra.ts";
import { readFine } from "./fine.ts";
import { atLeastOne, type Defaults } from "./globals.ts";
import { readHmac } from "./hmac.ts";
import type { AnnounceConfig, InstanceConfig } from "./model.ts";
import { readNotify } from "./notifications.ts";
import { readRoutes } from "./routes.ts";
import { readRules, type RulePriorities } from "./rules.ts";
import type { PlacedScript } from "./scripts.ts";
import type { Settings } from "./settings.ts";
import { Silent } from "./silence.ts";
import { readTracked, type Trackable } from "./tracked.ts";
import { readTrackInterfaces, readTrackScripts } from "./trackers.ts";

/** What reading an instance needs. */
export interface OptionReading extends Decoding {
  defaults: Defaults;
  scripts: Map<string, PlacedScript>;
  priorities: RulePriorities;
  trackable: Trackable;
  /** By version and family. */
  silent: Map<string, Silent<InstanceConfig>>;
}

/** What of an instance has been read: who it is, what it holds, how it is elected. */
type Known = Pick<
  InstanceConfig,
  | "name"
  | "interface"
  | "vrid"
  | "version"
  | "family"
  | "initialState"
  | "priority"
  | "advertIntervalUs"
  | "authentication"
  | "addresses"
  | "excludedAddresses"
>;

/** Completes an instance by its options, whose parts may be shared and are never changed in place. */
export function withOptions(reading: OptionReading, settings: Settings, known: Known): InstanceConfig {
  const { name, vrid, version, family, initialState, priority, advertIntervalUs, authentication } = known;
  const key = `${version} ${family}`;
  let silent = reading.silent.get(key);
  if (silent === undefined) {
    // What is known differs, but is asked for only where an option is given.
    silent = new Silent((none) => readGiven(reading, none, known));
    reading.silent.set(key, silent);
  }
  if (!silent.holdsFor(settings)) return readGiven(reading, settings, known);
  // A copy with a few fields written over costs the least.
  return {
    ...silent.result,
    name,
    interface: known.interface,
    vrid,
    initialState,
    priority,
    advertIntervalUs,
    authentication,
    addresses: known.addresses,
    excludedAddresses: known.excludedAddresses,
  };
}

function readGiven(reading: OptionReading, settings: Settings, known: Known): InstanceConfig {
  const { name, interface: device, version, family, advertIntervalUs, authentication } = known;
  const owner = `vrrp_instance ${name}`;
  const { peers: unicastPeers, peerLimits } = readPeers(reading, settings, family, name);
  const preempt = readPreempt(settings);
  const ah = authentication?.type === "AH";
  return {
    name,
    interface: device,
    vrid: known.vrid,
    version,
    family,
    initialState: known.initialState,
    priority: known.priority,
    advertIntervalUs,
    downTimerAdverts: settings.number("down_timer_adverts") ?? reading.defaults.downTimerAdverts,
    preempt,
    preemptDelayUs: settings.number("preempt_delay") ?? 0,
    authentication,
    hmac: readHmac(reading, settings, { owner, advertIntervalUs, ah }),
    checksumForm: settings.boolean("v3_checksum_as_v2") ?? reading.defaults.messageOnlyChecksum
      ? "message-only"
      : "pseudo-header",
    sourceAddress: readSource(reading, settings, family, name, unicastPeers.length > 0),
    multicastGroup: ofInstanceFamily(reading, settings, "mcast_dst_ip", family, name) ??
      reading.defaults.multicastGroup[family],
    unicastPeers,
    addresses: known.addresses,
    excludedAddresses: known.excludedAddresses,
    routes: readRoutes(reading, settings.entries("virtual_routes")),
    rules: readRules(reading, settings.entries("virtual_rules"), reading.priorities),
    vmacs: [],
    lacksIpvlanAddress: false,
    vmac: null,
    advertMac: null,
    lease: settings.boolean("vip_lease") ?? reading.defaults.lease,
    announce: readAnnounce(reading, settings),
    skipCheckAdvAddr: settings.boolean("skip_check_adv_addr") ?? reading.defaults.skipCheckAdvAddr,
    checkUnicastSource: settings.boolean("check_unicast_src") ?? reading.defaults.checkUnicastSource,
    promoteSecondaries: settings.boolean("promote_secondaries") ?? false,
    accept: readAccept(settings) ?? true,
    strict: settings.boolean("strict_mode") ?? reading.defaults.strict,
    trackInterfaces: readTrackInterfaces(reading, settings, device, owner),
    trackScripts: readTrackScripts(reading, settings, owner),
    ...readTracked(reading, settings, owner),
    notify: readNotify(reading, settings, reading.defaults.notify),
    syncGroup: null,
    trackGroups: [],
    debug: settings.number("debug") ?? 0,
    ...readFine(reading, settings, { name, version, family, preempt, peers: unicastPeers, peerLimits }),
  };
}

/** preempt or nopreempt: the later one wins; in YAML each may also be false. */
function readPreempt(settings: Settings): boolean {
  if (!settings.has("preempt") && !settings.has("nopreempt")) return true;
  const values = { preempt: settings.boolean("preempt"), nopreempt: settings.boolean("nopreempt") };
  const last = settings.order.findLast((name) => name === "preempt" || name === "nopreempt");
  const value = last === "preempt" ? values.preempt : last === "nopreempt" ? values.nopreempt : undefined;
  return value === undefined || value === (last === "preempt");
}

function readAnnounce(reading: OptionReading, settings: Settings): AnnounceConfig {
  const { announce } = reading.defaults;
  return {
    masterDelayUs: settings.number("garp_master_delay") ?? announce.masterDelayUs,
    masterRepeat: atLeastOne(reading, settings, "garp_master_repeat") ?? announce.masterRepeat,
    refreshUs: settings.number("garp_master_refresh") ?? announce.refreshUs,
    refreshRepeat: atLeastOne(reading, settings, "garp_master_refresh_repeat") ?? announce.refreshRepeat,
    lowerPriorityDelayUs: settings.number("garp_lower_prio_delay") ?? announce.lowerPriorityDelayUs,
    lowerPriorityRepeat: settings.number("garp_lower_prio_repeat") ?? announce.lowerPriorityRepeat,
    garpIntervalUs: announce.garpIntervalUs,
    gnaIntervalUs: announce.gnaIntervalUs,
    ...readExtra(reading, settings, ["garp_extra_if", "vmac_garp_intvl"]) ?? {
      extraUs: announce.extraUs,
      extraAll: announce.extraAll,
    },
  };
}
