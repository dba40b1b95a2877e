// keepalived.json: one object per instance, in keepalived's order of keys and json-c's way of writing.
import type { NotifyConfig } from "../../config/model.ts";
import {
  addressTexts,
  Commands,
  type DumpedInstance,
  type DumpFacts,
  SECRET,
  STATE_NUMBER,
  wantedState,
} from "./facts.ts";
import { routeText, ruleText } from "./routing.ts";

/** A number that is written with its zeros. */
class Decimal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | boolean | Decimal | readonly Value[] | { readonly [key: string]: Value };

/** Version 1: an array of instances. Version 2: an object, whose `vrrp` is that array. Ends with a newline. */
export function jsonDump(facts: DumpFacts, version: 1 | 2): string {
  const commands = new Commands(facts.config);
  const instances = facts.instances.map((one) => ({
    data: data(facts, one, commands),
    stats: statistics(one),
  }));
  return write(version === 1 ? instances : { vrrp: instances, track_process: [] }) + "\n";
}

/** keepalived 2.2.7 has no auth_hmac: without it the keys are those of that version. */
function statistics({ facts, statistics }: DumpedInstance): Record<string, Value> {
  if (facts.config.hmac !== null) return statistics;
  return Object.fromEntries(Object.entries(statistics).filter(([name]) => !name.startsWith("auth_ext_")));
}

function data(all: DumpFacts, { facts }: DumpedInstance, commands: Commands): Record<string, Value> {
  const { config } = facts;
  const { announce, authentication } = config;
  const { vips, excluded } = addressTexts(facts);
  const masterIntervalUs = facts.state === "MASTER" ? config.advertIntervalUs : facts.masterIntervalUs;
  const scripts = config.trackScripts.flatMap(({ script }) =>
    all.config.scripts.filter((s) => s.name === script).map((s) => commands.words(s.command))
  );
  return {
    iname: config.name,
    dont_track_primary: 0,
    skip_check_adv_addr: Number(config.skipCheckAdvAddr),
    strict_mode: Number(config.strict),
    vmac_ifname: config.vmac ?? "",
    ifp_ifname: config.vmac ?? config.interface,
    // 0 while it is master itself.
    master_priority: facts.state === "MASTER" ? 0 : facts.master?.priority ?? 0,
    last_transition: new Decimal((facts.sinceUs / 1e6).toFixed(6)),
    garp_delay: announce.masterDelayUs / 1e6,
    garp_refresh: announce.refreshUs / 1e6,
    garp_rep: announce.masterRepeat,
    garp_refresh_rep: announce.refreshRepeat,
    garp_lower_prio_delay: announce.lowerPriorityDelayUs / 1e6,
    garp_lower_prio_rep: announce.lowerPriorityRepeat,
    lower_prio_no_advert: Number(config.strict),
    higher_prio_send_advert: 0,
    vrid: config.vrid,
    base_priority: config.priority,
    effective_priority: facts.effectivePriority,
    // That it has set them, not that the kernel has taken each.
    vipset: facts.state === "MASTER" || facts.held.includes(true),
    promote_secondaries: facts.config.promoteSecondaries,
    adver_int: config.advertIntervalUs / 1e6,
    master_adver_int: masterIntervalUs / 1e6,
    accept: Number(config.accept),
    nopreempt: !config.preempt,
    preempt_delay: Math.trunc(config.preemptDelayUs / 1e6),
    state: STATE_NUMBER[facts.state],
    wantstate: STATE_NUMBER[wantedState(facts)],
    version: config.version,
    smtp_alert: config.notify.mail,
    notify_deleted: config.notify.reportsDeleted,
    ...notifications(config.notify, commands),
    ...list("vips", vips),
    ...list("evips", excluded),
    ...list("vroutes", config.routes.map(routeText)),
    ...list("vrules", config.rules.map(ruleText)),
    ...list("track_ifp", config.trackInterfaces.map((t) => t.interface)),
    ...list("track_script", scripts),
    auth_type: authentication === null ? 0 : authentication.type === "PASS" ? 1 : 2,
    ...(authentication === null ? {} : { auth_data: SECRET }),
  };
}

function notifications(notify: NotifyConfig, commands: Commands): Record<string, Value> {
  const { backup, master, fault, stop, deleted, any, masterRxLowerPri } = notify;
  const all = {
    script_backup: backup,
    script_master: master,
    script_fault: fault,
    script_stop: stop,
    script_deleted: deleted,
    script: any,
    script_master_rx_lower_pri: masterRxLowerPri,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, command]) => command === null ? [] : [[key, commands.words(command)]]),
  );
}

/** Empty lists are left out. */
function list(key: string, values: readonly string[]): Record<string, Value> {
  return values.length === 0 ? {} : { [key]: values };
}

/** No white space, and a backslash before each slash. */
function write(value: Value): string {
  if (value instanceof Decimal) return value.text;
  if (typeof value !== "object") return JSON.stringify(value).replaceAll("/", "\\/");
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  return `{${Object.entries(value).map(([key, v]) => `${write(key)}:${write(v)}`).join(",")}}`;
}
