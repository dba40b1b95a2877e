// keepalived.data: the settings and the state of instances, scripts and interfaces, as text.
//
// Lines of keepalived that speak of what baton does not have (its processes, its descriptors, LVS) are left out.
import type { Config, InstanceConfig, ScriptConfig } from "../../config/model.ts";
import { markerPath } from "../reload_files.ts";
import { UP } from "../../bfd/packet.ts";
import type { BfdConfig } from "../../config/sessions.ts";
import { IF, IF_ARP } from "../../../native/constants.ts";
import type { LinkInfo } from "../../../native/netlink/link.ts";
import { effectivePriority, faults, pending, type Tracker } from "../../vrrp/priority.ts";
import { masterDownIntervalUs } from "../../vrrp/timers.ts";
import {
  addressTexts,
  Commands,
  type DumpedInstance,
  type DumpFacts,
  notifyLines,
  SECRET,
  wantedState,
} from "./facts.ts";
import { routeText, ruleText } from "./routing.ts";
import { ctime, section } from "./text.ts";
import { groupLines, staticSections } from "./whole.ts";
import { underlyingLines, vmacLines } from "./vmac.ts";

/** An interface with its addresses as the kernel reports them, the virtual ones left out. */
export interface DumpedInterface {
  link: LinkInfo;
  ipv4: readonly string[];
  ipv6: readonly string[];
}

const SECOND_US = 1e6;

/** The settings that belong to no instance. */
export function globalDump({ config }: DumpFacts): string {
  const { global, daemon } = config;
  const { reload } = daemon;
  const user = new Commands(config).identity({ words: ["/"], identity: null });
  return section("Global definitions", [
    ...(daemon.saveDirectory === null ? [] : [` Config save dir = ${daemon.saveDirectory}`]),
    ` Network namespace = ${daemon.namespace ?? "(default)"}`,
    ...(daemon.name === null ? [] : [` Instance name = ${daemon.name}`]),
    ...(reload.findings === null ? [] : [` Test config before reload, log file = ${reload.findings}`]),
    ...(reload.timeFile === null
      ? []
      : [` Reload time file = ${reload.timeFile}${reload.repeat ? " (repeat)" : ""}`]),
    ...(reload.marker === null ? [] : [` Reload_file = ${markerPath(daemon)}`]),
    ` Router ID = ${global.routerId}`,
    ` Max auto priority = ${global.maxAutoPriority ?? 0}`,
    ` VRRP realtime priority = ${global.realtimePriority ?? 0}`,
    ...firewallLines(config),
    ` Script security ${global.enableScriptSecurity ? "enabled" : "disabled"}`,
    ` Default script uid:gid ${user}`,
  ]);
}

/** keepalived names its table only where one is needed. */
function firewallLines({ instances, global: { firewall } }: Config): string[] {
  const { table, priority, byIndex, counters } = firewall;
  const needed = instances.some(({ accept }) => !accept);
  return [
    ...(needed
      ? [
        ` nftables table name = ${table}`,
        ` nftables base chain priority = ${priority}`,
        ` nftables ${byIndex ? "" : "don't "}force use ifindex for link local IPv6`,
      ]
      : []),
    ` nftables with${counters ? "" : "out"} counters`,
  ];
}

/** The whole file. */
export function dataDump(facts: DumpFacts, interfaces: readonly DumpedInterface[]): string {
  const commands = new Commands(facts.config);
  return [
    globalDump(facts),
    ...staticSections(facts).map(([title, lines]) => section(title, lines)),
    section("VRRP Topology", facts.instances.flatMap((one) => instanceLines(one, interfaces, commands))),
    facts.config.scripts.length === 0 ? "" : section(
      "VRRP Scripts",
      facts.config.scripts.flatMap((script) => scriptLines(facts, script, commands)),
    ),
    facts.whole.groups.length === 0 ? "" : section("VRRP Sync groups", groupLines(facts, commands)),
    facts.config.bfds.length === 0
      ? ""
      : section("VRRP Track BFDs", facts.config.bfds.flatMap((session) => bfdLines(facts, session))),
    section("Interfaces", interfaces.flatMap((one) => interfaceLines(facts, one, interfaces))),
  ].join("");
}

function instanceLines(
  { facts }: DumpedInstance,
  interfaces: readonly DumpedInterface[],
  commands: Commands,
): string[] {
  const { config } = facts;
  const { announce, authentication } = config;
  const trackers = trackersOf(config, facts.trackers);
  const unicast = config.unicastPeers.length > 0;
  const intervalUs = facts.state === "MASTER" ? config.advertIntervalUs : facts.masterIntervalUs;
  const downUs = masterDownIntervalUs(
    config.version,
    facts.effectivePriority,
    intervalUs,
    config.downTimerAdverts,
  );
  const { vips, excluded } = addressTexts(facts);
  const onOff = (value: boolean) => value ? "enabled" : "disabled";
  const seconds = (us: number) => us / SECOND_US;
  return [
    ` VRRP Instance = ${config.name}`,
    `   VRRP Version = ${config.version}`,
    ...(config.syncGroup === null ? [] : [`   Sync group = ${config.syncGroup}`]),
    ...(config.family === "ipv6" ? ["   Using Native IPv6"] : []),
    `   State = ${facts.state}`,
    ...(unicast
      ? ["   Flags:", "     Using unicast"]
      : [`   Flags:${config.preempt && !config.promoteSecondaries && config.vmac === null ? " none" : ""}`]),
    `   Wantstate = ${wantedState(facts)}`,
    "   Number of config faults = 0",
    `   Number of interface and track script faults = ${faults(trackers)}`,
    `   Number of track scripts init = ${pending(trackers)}`,
    `   Last transition = ${(facts.sinceUs / SECOND_US).toFixed(6)} (${timeText(facts.sinceUs)})`,
    `   Master down timer = ${Math.trunc(downUs)} usecs`,
    ...vmacLines(config, interfaces.map(({ link }) => link)),
    `   Using src_ip = ${sourceText(config, interfaces)}`,
    ...(unicast ? [] : [`   Multicast address ${config.multicastGroup}`]),
    `   Gratuitous ARP delay = ${seconds(announce.masterDelayUs)}`,
    `   Gratuitous ARP repeat = ${announce.masterRepeat}`,
    `   Gratuitous ARP refresh = ${seconds(announce.refreshUs)}`,
    `   Gratuitous ARP refresh repeat = ${announce.refreshRepeat}`,
    `   Gratuitous ARP lower priority delay = ${seconds(announce.lowerPriorityDelayUs)}`,
    `   Gratuitous ARP lower priority repeat = ${announce.lowerPriorityRepeat}`,
    `   Down timer adverts = ${config.downTimerAdverts}`,
    `   Send advert after receive lower priority advert = ${config.lowerPriorityAdvert}`,
    `   Send advert after receive higher priority advert = ${config.higherPriorityAdvert}`,
    `   Virtual Router ID = ${config.vrid}`,
    `   Priority = ${config.priority}`,
    `   Effective priority = ${facts.effectivePriority}`,
    `   Total priority = ${effectivePriority(config.priority, trackers)}`,
    config.version === 2
      ? `   Advert interval = ${seconds(config.advertIntervalUs)} sec`
      : `   Advert interval = ${config.advertIntervalUs / 1000} milli-sec`,
    `   Accept = ${onOff(config.accept)}`,
    `   Preempt = ${onOff(config.preempt)}`,
    ...(config.preemptDelayUs === 0 ? [] : [`   Preempt delay = ${seconds(config.preemptDelayUs)} secs`]),
    `   Promote_secondaries = ${onOff(config.promoteSecondaries)}`,
    ...(authentication === null
      ? []
      : authentication.type === "AH"
      ? ["   Authentication type = IPSEC_AH"]
      : ["   Authentication type = SIMPLE_PASSWORD", `   Password = ${SECRET}`]),
    ...list(`Virtual IP (${vips.length})`, vips, ":"),
    ...list("Virtual IP Excluded", excluded),
    ...list("Virtual Routes", config.routes.map(routeText)),
    ...list("Virtual Rules", config.rules.map(ruleText)),
    ...(unicast
      ? [
        `   Check unicast src : ${config.checkUnicastSource ? "yes" : "no"}`,
        ...list("Unicast Peer", config.unicastPeers.map((peer) => peerText(config, peer))),
        `   Unicast checksum compatibility = ${CHECKSUMS[config.oldChecksum ?? "no"]}`,
      ]
      : []),
    ...list("Tracked interfaces", config.trackInterfaces.map((t) => weightText(t.interface, t))),
    ...list("Tracked scripts", config.trackScripts.map((t) => weightText(t.script, t))),
    ...list("Tracked BFDs", config.trackBfds.map((t) => bfdWeightText(t.bfd, t))),
    `   Using smtp notification = ${config.notify.mail ? "yes" : "no"}`,
    `   Notify deleted = ${config.notify.reportsDeleted ? "Deleted" : "Fault"}`,
    ...notifyLines(config.notify, commands),
    `   Notify priority changes = ${config.notify.priorityChanges}`,
  ];
}

function trackersOf(config: InstanceConfig, results: readonly (boolean | null)[]): Tracker[] {
  const { trackInterfaces, trackScripts, trackFiles, trackProcesses, trackBfds } = config;
  const tracker = ({ weight, reverse }: { weight: number; reverse: boolean }, i: number): Tracker => ({
    weight,
    reverse,
    ok: results[i] ?? null,
  });
  const bfdsAt = trackInterfaces.length + trackScripts.length + trackFiles.length + trackProcesses.length;
  return [
    ...[...trackInterfaces, ...trackScripts].map(tracker),
    ...trackBfds.map((t, i) => tracker(t, bfdsAt + i)),
  ];
}

/** A heading and an indented line for each entry; nothing for an empty list. */
function list(title: string, entries: readonly string[], end = " :"): string[] {
  if (entries.length === 0) return [];
  return [`   ${title}${end}`, ...entries.map((entry) => `     ${entry}`)];
}

function weightText(name: string, { weight, reverse }: { weight: number; reverse: boolean }): string {
  return `${name} weight ${weight}${reverse ? " reverse" : ""}`;
}

/** keepalived's words for old_unicast_checksum. */
const CHECKSUMS = { no: "no", refuse: "never", send: "config" } as const;

function peerText({ peerLimits }: InstanceConfig, peer: string): string {
  const { min, max } = peerLimits.find((each) => each.peer === peer) ?? { min: 0, max: 255 };
  return `${peer} min_ttl ${min} max_ttl ${max}`;
}

function bfdWeightText(name: string, { weight, reverse }: { weight: number; reverse: boolean }): string {
  return `${name}: weight ${weight}${reverse ? " reverse" : ""}`;
}

function bfdLines(facts: DumpFacts, { name, weight, reverse }: BfdConfig): string[] {
  const up = facts.whole.sessions.some((each) => each.config.name === name && each.state === UP);
  return [
    ` VRRP Track BFD = ${name}`,
    `   Weight = ${weight}${reverse ? " reverse" : ""}`,
    `   Bfd is ${up ? "up" : "down"}`,
    "   Tracking VRRP instances :",
    "   Tracking instances :",
    ...facts.instances.flatMap(({ facts: { config } }) =>
      config.trackBfds.filter((t) => t.bfd === name)
        .map((t) => `     ${config.name}, weight ${t.weight}${t.reverse ? " reverse" : ""}`)
    ),
  ];
}

function sourceText(config: InstanceConfig, interfaces: readonly DumpedInterface[]): string {
  if (config.sourceAddress !== null) return `${config.sourceAddress} (from configuration)`;
  const own = interfaces.find(({ link }) => link.name === config.interface);
  const candidates = config.family === "ipv4" ? own?.ipv4 : own?.ipv6.filter((a) => a.startsWith("fe80:"));
  return candidates?.[0] ?? "(none)";
}

function scriptLines(facts: DumpFacts, script: ScriptConfig, commands: Commands): string[] {
  const now = facts.scripts.find((s) => s.name === script.name);
  const status = now === undefined || now.ok === null ? "INIT" : now.ok ? "GOOD" : "BAD";
  const tracking = facts.instances.flatMap(({ facts: { config } }) =>
    config.trackScripts.filter((t) => t.script === script.name)
      .map((t) => `     ${config.name}, weight ${t.weight}${t.reverse ? " reverse" : ""}`)
  );
  return [
    ` VRRP Script = ${script.name}`,
    `   Command = ${commands.words(script.command)}`,
    `   Interval = ${script.intervalUs / SECOND_US} sec`,
    `   Timeout = ${script.timeoutUs / SECOND_US} sec`,
    `   Weight = ${script.weight}${script.reverse ? " reverse" : ""}`,
    `   Rise = ${script.rise}`,
    `   Fall = ${script.fall}`,
    `   Result = ${now?.count ?? 0}`,
    "   Insecure = no",
    `   Init state = ${script.initFail ? "failed" : "unknown"}`,
    `   Status = ${status}`,
    `   Script uid:gid = ${commands.identity(script.command)}`,
    "   VRRP instances :",
    "   Tracking instances :",
    ...tracking,
    `   State = ${now?.state ?? "idle"}`,
  ];
}

function stateText({ flags }: LinkInfo): string {
  return [
    flags & IF.IFF_UP ? "UP" : "DOWN",
    flags & IF.IFF_RUNNING ? "RUNNING" : "not RUNNING",
    ...(flags & IF.IFF_LOOPBACK ? ["no broadcast", "loopback"] : []),
    ...(flags & IF.IFF_MULTICAST ? [] : ["no multicast"]),
  ].join(", ");
}

function interfaceLines(
  facts: DumpFacts,
  { link, ipv4, ipv6 }: DumpedInterface,
  all: readonly DumpedInterface[],
): string[] {
  const linkLocal = ipv6.filter((a) => a.startsWith("fe80:"));
  const types: Record<number, string> = {
    [IF_ARP.ARPHRD_ETHER]: "ETHERNET",
    [IF_ARP.ARPHRD_LOOPBACK]: "LOOPBACK",
  };
  const tracking = facts.instances.flatMap(({ facts: { config } }) => {
    const tracked = config.trackInterfaces.find((t) => t.interface === link.name);
    if (tracked === undefined && config.interface !== link.name && config.vmac !== link.name) {
      return [];
    }
    return [`     ${config.name}, weight ${tracked?.weight ?? 0}`];
  });
  return [
    ` Name = ${link.name}`,
    `   index = ${link.ifindex}`,
    `   IPv4 address = ${ipv4[0] ?? "(none)"}`,
    ...list("Additional IPv4 addresses", ipv4.slice(1)),
    `   IPv6 address = ${linkLocal[0] ?? "(none)"}`,
    ...list("Additional IPv6 addresses", linkLocal.slice(1)),
    ...(link.mac.length === 6 && link.arpType === IF_ARP.ARPHRD_ETHER
      ? [`   MAC = ${[...link.mac].map((b) => b.toString(16).padStart(2, "0")).join(":")}`]
      : []),
    `   State = ${stateText(link)}`,
    ...underlyingLines(facts.instances.map((each) => each.facts.config), link.name, (name) => {
      const below = all.find((each) => each.link.name === name);
      return below === undefined ? "DOWN" : stateText(below.link);
    }),
    `   MTU = ${link.mtu}`,
    `   HW Type = ${types[link.arpType] ?? "UNKNOWN"}`,
    ...(tracking.length === 0 ? [] : ["   Tracking VRRP instances :", ...tracking]),
  ];
}

/** Local time as ctime(3) writes it, with microseconds after the seconds. */
function timeText(fractionUs: number): string {
  const us = Math.round(fractionUs);
  return ctime(us, `.${String(us % SECOND_US).padStart(6, "0")}`);
}
