// Prometheus metrics, made from a status at each scrape.
import { Counter as PromCounter, Gauge, Registry } from "prom-client";
import { type Counter, type GlobalCounter, type State } from "../messages.ts";
import { addBfdMetrics } from "./bfd_metrics.ts";
import type { InstanceStatus, Status } from "./snapshot.ts";

const STATES: readonly State[] = ["INIT", "BACKUP", "MASTER", "FAULT"];
const INSTANCE_LABELS = ["instance", "interface", "vrid", "family"];

const COUNTER_HELP: Record<Counter, string> = {
  master_transitions: "Transitions to Master",
  advertisement_rcvd: "Advertisements received and accepted",
  advertisement_sent: "Advertisements sent",
  interval_errors: "Advertisements received with another interval than ours",
  priority_zero_pkts_rcvd: "Advertisements with priority 0 received: a Master resigned",
  priority_zero_pkts_sent: "Advertisements with priority 0 sent",
  invalid_type_pkts_rcvd: "Packets received with another type than advertisement",
  address_list_errors: "Advertisements received with another address list than ours",
  packet_length_errors: "Packets received with a wrong length",
  backup_transitions: "Transitions to Backup",
  send_errors: "Advertisements that the kernel refused to send",
  address_losses: "Held virtual addresses that somebody else removed",
  announcements_sent: "Gratuitous ARPs and unsolicited neighbour advertisements sent",
};

const GLOBAL_HELP: Record<GlobalCounter, string> = {
  checksum_errors: "Packets received with a wrong checksum",
  version_errors: "Packets received with an unknown or another version",
  vrid_errors: "Packets received for a virtual router that is not configured on the interface",
  ip_ttl_errors: "Packets received with a TTL or hop limit other than 255",
  netlink_overruns: "Times that kernel events were lost and everything was read again",
  wakeups: "Times that the engine thread woke up",
  bfd_unmatched: "BFD packets that belong to no session",
  late_wakeups: "Times that the engine thread woke up late",
};

/** The whole exposition in the Prometheus text format. A registry of its own: nothing but what is built here. */
export async function renderMetrics(status: Status): Promise<string> {
  return await buildRegistry(status).metrics();
}

/** The content type that belongs to renderMetrics. */
export const METRICS_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** A registry that holds the values of one status. */
export function buildRegistry(status: Status): Registry {
  const registry = new Registry();
  addDaemon(registry, status);
  addGauges(registry, status.instances);
  addCounters(registry, status.instances);
  addBfdMetrics(registry, status.bfd);
  return registry;
}

function addDaemon(registry: Registry, { daemon }: Status): void {
  const make = maker(registry);
  make.gauge("baton_info", "Version of the running daemon", ["version"]).set({ version: daemon.version }, 1);
  make.gauge("baton_uptime_seconds", "Seconds since the start of the daemon", []).set(daemon.uptime_s);
  for (const [name, help] of Object.entries(GLOBAL_HELP)) {
    make.counter(`baton_${name}_total`, help, []).inc(daemon.counters[name as GlobalCounter]);
  }
  const refusals = make.counter(
    "baton_unmatched_refusals_total",
    "Packets refused before an instance was found",
    [
      "refusal",
    ],
  );
  for (const [refusal, count] of Object.entries(daemon.refusals)) refusals.inc({ refusal }, count);
}

function addGauges(registry: Registry, instances: readonly InstanceStatus[]): void {
  const make = maker(registry);
  const state = make.gauge("baton_instance_state", "1 for the state that the instance is in, else 0", [
    ...INSTANCE_LABELS,
    "state",
  ]);
  const since = make.gauge(
    "baton_instance_state_since_seconds",
    "Unix time of the last transition",
    INSTANCE_LABELS,
  );
  const priority = make.gauge(
    "baton_instance_priority",
    "Priority: base as configured, effective with the weights",
    [
      ...INSTANCE_LABELS,
      "kind",
    ],
  );
  const master = make.gauge(
    "baton_instance_master_priority",
    "Priority of the master that the instance follows (its own when Master)",
    [...INSTANCE_LABELS, "address"],
  );
  const held = make.gauge(
    "baton_address_held",
    "1 while the virtual address is on its interface by us, else 0",
    [
      ...INSTANCE_LABELS,
      "address",
      "device",
    ],
  );
  const ok = make.gauge(
    "baton_tracker_ok",
    "1 while the tracker is good, 0 while it fails; absent before a result",
    [
      ...INSTANCE_LABELS,
      "kind",
      "name",
    ],
  );
  for (const instance of instances) {
    const labels = labelsOf(instance);
    for (const name of STATES) state.set({ ...labels, state: name }, name === instance.state ? 1 : 0);
    since.set(labels, Date.parse(instance.since) / 1000);
    priority.set({ ...labels, kind: "base" }, instance.priority.base);
    priority.set({ ...labels, kind: "effective" }, instance.priority.effective);
    if (instance.master !== null) {
      master.set({ ...labels, address: instance.master.address }, instance.master.priority);
    }
    for (const entry of instance.addresses) {
      held.set({ ...labels, address: entry.address, device: entry.interface }, entry.held ? 1 : 0);
    }
    for (const { kind, name, ok: good } of instance.trackers) {
      if (good !== null) ok.set({ ...labels, kind, name }, good ? 1 : 0);
    }
  }
}

function addCounters(registry: Registry, instances: readonly InstanceStatus[]): void {
  const make = maker(registry);
  for (const [name, help] of Object.entries(COUNTER_HELP)) {
    const counter = make.counter(`baton_${name}_total`, help, INSTANCE_LABELS);
    for (const instance of instances) counter.inc(labelsOf(instance), instance.counters[name as Counter]);
  }
  const refusals = make.counter(
    "baton_refusals_total",
    "Packets for the instance that were refused, by reason",
    [
      ...INSTANCE_LABELS,
      "refusal",
    ],
  );
  for (const instance of instances) {
    for (const [refusal, count] of Object.entries(instance.refusals)) {
      refusals.inc({ ...labelsOf(instance), refusal }, count);
    }
  }
}

function labelsOf(instance: InstanceStatus): Record<string, string> {
  return {
    instance: instance.name,
    interface: instance.interface,
    vrid: String(instance.vrid),
    family: instance.family,
  };
}

function maker(registry: Registry) {
  const registers = [registry];
  return {
    gauge: (name: string, help: string, labelNames: string[]) =>
      new Gauge({ name, help, labelNames, registers }),
    counter: (name: string, help: string, labelNames: string[]) =>
      new PromCounter({ name, help, labelNames, registers }),
  };
}
