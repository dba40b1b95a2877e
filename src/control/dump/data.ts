// keepalived.data: the settings and the state of instances, scripts and interfaces, as text.
//
// Lines of keepalived that speak of what baton does not have (its processes, its descriptors, LVS) are left out.
import type { InstanceConfig, NotifyConfig, ScriptConfig } from "../../config/model.ts";
import type { LinkInfo } from "../../../native/netlink/link.ts";
import { effectivePriority, faults, pending, type Tracker } from "../../vrrp/priority.ts";
import { masterDownIntervalUs } from "../../vrrp/timers.ts";
import { underlyingLines, vmacLines } from "./vmac.ts";
import { addressTexts, Commands, type DumpedInstance, type DumpFacts, SECRET, wantedState } from "./facts.ts";

/** An interface with its addresses as the kernel reports them, the virtual ones left out. */
export interface DumpedInterface {
  link: LinkInfo;
  ipv4: readonly string[];
  ipv6: readonly string[];
}

const SECOND_US = 1e6;

/** The settings that belong to no instance. */
export function globalDump({ config }: DumpFacts): string {
  const { global } = config;
  const user = new Commands(config).identity({ words: ["/"], identity: null });
  return section("Global definitions", [
    " Network namespace = (default)",
    ` Router ID = ${global.routerId}`,
    ` Max auto priority = ${global.maxAutoPriority ?? 0}`,
    ` VRRP realtime priority = ${global.realtimePriority ?? 0}`,
    ` Script security ${global.enableScriptSecurity ? "enabled" : "disabled"}`,
    ` Default script uid:gid ${user}`,
  ]);
}

/** The whole file. */
export function dataDump(facts: DumpFacts, interfaces: readonly DumpedInterface[]): string {
  const commands = new Commands(facts.config);
  return [
    globalDump(facts),
    section("VRRP Topology", facts.instances.flatMap((one) => instanceLines(one, interfaces, commands))),
    facts.config.scripts.length === 0 ? "" : section(
      "VRRP Scripts",
      facts.config.scripts.flatMap((script) => scriptLines(facts, script, commands)),
    ),
    section("Interfaces", interfaces.flatMap((one) => interfaceLines(facts, one, interfaces))),
  ].join("");
}

function section(title: string, lines: readonly string[]): string {
  return `------< ${title} >------\n` + lines.map((line) => `${line}\n`).join("");
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
    ...(config.family === "ipv6" ? ["   Using Native IPv6"] : []),
    `   State = ${facts.state}`,
    ...(unicast
      ? ["   Flags:", "     Using unicast"]
      : [`   Flags:${config.preempt && config.vmac === null ? " none" : ""}`]),
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
    `   Send advert after receive lower priority advert = ${!config.strict}`,
    "   Send advert after receive higher priority advert = false",
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
    ...(unicast
      ? [
        `   Check unicast src : ${config.checkUnicastSource ? "yes" : "no"}`,
        ...list("Unicast Peer", config.unicastPeers.map((peer) => `${peer} min_ttl 0 max_ttl 255`)),
        "   Unicast checksum compatibility = no",
      ]
      : []),
    ...list("Tracked interfaces", config.trackInterfaces.map((t) => weightText(t.interface, t))),
    ...list("Tracked scripts", config.trackScripts.map((t) => weightText(t.script, t))),
    `   Using smtp notification = ${config.notify.mail ? "yes" : "no"}`,
    `   Notify deleted = ${config.notify.reportsDeleted ? "Deleted" : "Fault"}`,
    ...notifyLines(config.notify, commands),
    `   Notify priority changes = ${config.notify.priorityChanges}`,
  ];
}

function trackersOf(config: InstanceConfig, results: readonly (boolean | null)[]): Tracker[] {
  return [...config.trackInterfaces, ...config.trackScripts].map(({ weight, reverse }, i) => ({
    weight,
    reverse,
    ok: results[i] ?? null,
  }));
}

function notifyLines(notify: NotifyConfig, commands: Commands): string[] {
  const kinds = { Backup: notify.backup, Master: notify.master, Fault: notify.fault, Stop: notify.stop };
  const all = { ...kinds, Generic: notify.any };
  return Object.entries(all).flatMap(([kind, command]) =>
    command === null ? [] : [
      `   ${kind} state transition script = ${commands.words(command)}, uid:gid ${
        commands.identity(command)
      }`,
    ]
  );
}

/** A heading and an indented line for each entry; nothing for an empty list. */
function list(title: string, entries: readonly string[], end = " :"): string[] {
  if (entries.length === 0) return [];
  return [`   ${title}${end}`, ...entries.map((entry) => `     ${entry}`)];
}

function weightText(name: string, { weight, reverse }: { weight: number; reverse: boolean }): string {
  return `${name} weight ${weight}${reverse ? " reverse" : ""}`;
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

/** linux/if.h and linux/if_arp.h. */
const [IFF_UP, IFF_LOOPBACK, IFF_RUNNING, IFF_MULTICAST] = [0x1, 0x8, 0x40, 0x1000];
const [ARPHRD_ETHER, ARPHRD_LOOPBACK] = [1, 772];

function stateText({ flags }: LinkInfo): string {
  return [
    flags & IFF_UP ? "UP" : "DOWN",
    flags & IFF_RUNNING ? "RUNNING" : "not RUNNING",
    ...(flags & IFF_LOOPBACK ? ["no broadcast", "loopback"] : []),
    ...(flags & IFF_MULTICAST ? [] : ["no multicast"]),
  ].join(", ");
}

function interfaceLines(
  facts: DumpFacts,
  { link, ipv4, ipv6 }: DumpedInterface,
  all: readonly DumpedInterface[],
): string[] {
  const linkLocal = ipv6.filter((a) => a.startsWith("fe80:"));
  const types: Record<number, string> = { [ARPHRD_ETHER]: "ETHERNET", [ARPHRD_LOOPBACK]: "LOOPBACK" };
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
    ...(link.mac.length === 6 && link.arpType === ARPHRD_ETHER
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

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Local time as ctime(3) writes it, with microseconds after the seconds. */
function timeText(fractionUs: number): string {
  const us = Math.round(fractionUs);
  const time = new Date(us / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const micros = String(us % SECOND_US).padStart(6, "0");
  const day = String(time.getDate()).padStart(2);
  return `${DAYS[time.getDay()]} ${MONTHS[time.getMonth()]} ${day} ${clock}.${micros} ${time.getFullYear()}`;
}
