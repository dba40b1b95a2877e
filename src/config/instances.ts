// vrrp_instance blocks to the model.
import { readAccept } from "./accept.ts";
import { type PlacedAddress, readVirtualAddress } from "./addresses.ts";
import { readAuthentication } from "./authentication.ts";
import { bad } from "./context.ts";
import { decodeBlock, type Decoding } from "./decode.ts";
import { readFine } from "./fine.ts";
import { ofInstanceFamily, readPeers, readSource } from "./endpoints.ts";
import { atLeastOne, type Defaults } from "./globals.ts";
import { readHmac } from "./hmac.ts";
import type { AnnounceConfig, Family, InstanceConfig, VirtualAddress } from "./model.ts";
import { readNotify } from "./notifications.ts";
import { readRoutes } from "./routes.ts";
import { readRules, type RulePriorities } from "./rules.ts";
import { namedOnce } from "./once.ts";
import type { PlacedInstance } from "./placed.ts";
import type { PlacedScript } from "./scripts.ts";
import type { Settings } from "./settings.ts";
import { checkInstance } from "./lint.ts";
import { applyStrict } from "./strict.ts";
import type { Span, Word } from "./text.ts";
import { readInterval } from "./timing.ts";
import { dropTrackGroups } from "./track_groups.ts";
import { readTracked, type Trackable } from "./tracked.ts";
import { readTrackInterfaces, readTrackScripts } from "./trackers.ts";
import { closing, type Statement } from "./tree.ts";
import { readDevice } from "./vrf.ts";
import { assignVmacs, readUseVmac, refusesIpvlan } from "./vmac.ts";
import { readExtra } from "./extra.ts";

/** What reading instances needs. */
export interface InstanceReading extends Decoding {
  defaults: Defaults;
  scripts: Map<string, PlacedScript>;
  priorities: RulePriorities;
  trackable: Trackable;
}

/** All usable instances in the order of the file. What is not usable is reported and left out. */
export function readInstances(reading: InstanceReading, statements: readonly Statement[]): PlacedInstance[] {
  const instances: PlacedInstance[] = [];
  for (const { statement, name } of namedOnce(reading, "vrrp_instance", statements)) {
    const instance = readInstance(reading, statement, name);
    if (instance !== undefined) instances.push(instance);
  }
  assignVmacs(reading, reading.defaults, instances);
  return instances;
}

function readInstance(
  reading: InstanceReading,
  statement: Statement,
  word: Word,
): PlacedInstance | undefined {
  const name = word.value;
  const owner = `vrrp_instance ${name}`;
  const settings = decodeBlock(reading, statement.block ?? { statements: [] }, "vrrp_instance", owner);
  const useVmac = readUseVmac(reading, settings);
  const device = useVmac?.parent ?? readDevice(reading, settings, owner);
  const vrid = settings.number("virtual_router_id");
  const missing = [
    ...(device === undefined && !settings.has("interface") ? ["interface"] : []),
    ...(vrid === undefined && !settings.has("virtual_router_id") ? ["virtual_router_id"] : []),
  ];
  if (missing.length > 0) {
    bad(
      reading,
      word.span,
      `${owner} has no ${missing.join(" and no ")}`,
      "it is left out",
      missing.length > 1 ? "add them" : "add it",
    );
  }
  if (device === undefined || vrid === undefined) {
    if (missing.length === 0) {
      const what = `${owner} has no usable ${device === undefined ? "interface" : "virtual_router_id"}`;
      bad(reading, word.span, what, "it is left out", "correct it");
    }
    return undefined;
  }
  const placed = readAddresses(reading, settings, "virtual_ipaddress", device);
  // native_ipv6 or the first address: what comes first counts, as for keepalived.
  const [first] = settings.order.filter((each) => each === "native_ipv6" || each === "virtual_ipaddress");
  const listed = first === "native_ipv6" ? undefined : placed[0]?.value.family;
  const family: Family = listed ?? (settings.boolean("native_ipv6") ? "ipv6" : "ipv4");
  const addresses = ofFamily(reading, placed, family, name);
  const excludedAddresses = readAddresses(reading, settings, "virtual_ipaddress_excluded", device);
  const version = readVersion(reading, settings, family, name);
  const { priority, initialState } = readElection(settings);
  const { peers: unicastPeers, peerLimits } = readPeers(reading, settings, family, name);
  const preempt = readPreempt(settings);
  const instance: InstanceConfig = {
    name,
    interface: device,
    vrid,
    version,
    family,
    initialState,
    priority,
    advertIntervalUs: readInterval(reading, settings, version, name),
    downTimerAdverts: settings.number("down_timer_adverts") ?? reading.defaults.downTimerAdverts,
    preempt,
    preemptDelayUs: settings.number("preempt_delay") ?? 0,
    authentication: readAuthentication(reading, settings, { version, family, owner }),
    hmac: null,
    checksumForm: settings.boolean("v3_checksum_as_v2") ?? reading.defaults.messageOnlyChecksum
      ? "message-only"
      : "pseudo-header",
    sourceAddress: readSource(reading, settings, family, name, unicastPeers.length > 0),
    multicastGroup: ofInstanceFamily(reading, settings, "mcast_dst_ip", family, name) ??
      reading.defaults.multicastGroup[family],
    unicastPeers,
    addresses,
    excludedAddresses: excludedAddresses.map(({ value }) => value),
    routes: readRoutes(reading, settings.statements("virtual_routes")),
    rules: readRules(reading, settings.statements("virtual_rules"), reading.priorities),
    vmacs: [],
    ipvlan: refusesIpvlan(reading, settings, owner),
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
  const ah = instance.authentication?.type === "AH";
  instance.hmac = readHmac(reading, settings, { owner, advertIntervalUs: instance.advertIntervalUs, ah });
  // RFC 9568 section 6.1: an owner accepts whatever the mode.
  if (instance.priority === 255) instance.accept = true;
  if (settings.has("unicast_ttl") && unicastPeers.length === 0) {
    const what = `unicast_ttl of ${owner} means nothing without unicast_peer`;
    reading.report.warning(closing(statement.block, word.span), `${what}; add that or delete it`);
  }
  if (settings.boolean("native_ipv6") && listed === "ipv4") {
    bad(
      reading,
      settings.keywordSpan("native_ipv6") ?? word.span,
      `native_ipv6 stands with ${placed[0]?.value.address}, which is IPv4`,
      "native_ipv6 is ignored",
      "delete native_ipv6 or write IPv6 addresses",
    );
  }
  const result: PlacedInstance = {
    instance,
    name: word.span,
    vrid: settings.span("virtual_router_id") ?? word.span,
    end: closing(statement.block, word.span),
    settings,
    useVmac,
    listed: [...placed, ...excludedAddresses],
  };
  dropTrackGroups(reading, result);
  checkInstance(reading, result, placed);
  applyStrict(reading, result);
  return result;
}

function readAddresses(
  reading: InstanceReading,
  settings: Settings,
  name: string,
  device: string,
): PlacedAddress[] {
  const found: PlacedAddress[] = [];
  for (const statement of settings.statements(name)) {
    for (const entry of statement.block?.statements ?? []) {
      const placed = readVirtualAddress(reading, entry, device);
      if (placed === undefined) continue;
      const { value, word } = placed;
      if (
        found.some(({ value: other }) =>
          other.address === value.address && other.interface === value.interface
        )
      ) {
        bad(
          reading,
          word.span,
          `${value.address} is listed twice`,
          "the second is ignored",
          "delete it here and on the peers",
        );
      } else found.push(placed);
    }
  }
  return found;
}

/** The addresses of the family of the instance; the others are reported. */
function ofFamily(
  reading: InstanceReading,
  placed: PlacedAddress[],
  family: Family,
  name: string,
): VirtualAddress[] {
  return placed.filter(({ value, word }) => {
    if (value.family === family) return true;
    const what = `${word.value} is not of the family of vrrp_instance ${name} (${
      family === "ipv4" ? "IPv4" : "IPv6"
    })`;
    bad(
      reading,
      word.span,
      what,
      "it is ignored",
      "move it to virtual_ipaddress_excluded or to an instance of its own",
    );
    return false;
  }).map(({ value }) => value);
}

function readVersion(reading: InstanceReading, settings: Settings, family: Family, name: string): 2 | 3 {
  const version = settings.number("version");
  if (family === "ipv4") return (version ?? reading.defaults.version) === 3 ? 3 : 2;
  if (version === 2) {
    const what = `version 2 of vrrp_instance ${name} does not know IPv6`;
    bad(
      reading,
      settings.span("version") as Span,
      what,
      "version 3 is used",
      "write version 3 or delete the line",
    );
  }
  return 3;
}

/** Priority and initial state complete each other: MASTER without a priority is the owner, and the reverse. */
function readElection(settings: Settings): Pick<InstanceConfig, "priority" | "initialState"> {
  const state = settings.text("state");
  const given = settings.number("priority");
  // A priority that cannot be read counts as 100 even with state MASTER.
  const priority = given ?? (state === "MASTER" && !settings.has("priority") ? 255 : 100);
  const master = state === undefined && !settings.has("state") ? priority === 255 : state === "MASTER";
  return { priority, initialState: master ? "MASTER" : "BACKUP" };
}

/** preempt or nopreempt: the later one wins; in YAML each may also be false. */
function readPreempt(settings: Settings): boolean {
  const values = { preempt: settings.boolean("preempt"), nopreempt: settings.boolean("nopreempt") };
  const last = settings.order.findLast((name) => name === "preempt" || name === "nopreempt");
  const value = last === "preempt" ? values.preempt : last === "nopreempt" ? values.nopreempt : undefined;
  return value === undefined || value === (last === "preempt");
}

function readAnnounce(reading: InstanceReading, settings: Settings): AnnounceConfig {
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
