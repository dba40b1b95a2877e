// Facts of a daemon with three instances, as the control thread would hold them.
import type { InstanceConfig } from "../../../src/config/model.ts";
import { COUNTERS, GLOBAL_COUNTERS } from "../../../src/messages.ts";
import {
  buildStatus,
  COUNTER_SLOTS,
  type DaemonFacts,
  GLOBAL_COUNTER_SLOTS,
  type InstanceFacts,
  type Status,
} from "../../../src/status/snapshot.ts";
import { REFUSALS } from "../../../src/vrrp/refusal.ts";

/** 2026-08-01T12:00:00.250Z in microseconds. */
export const SINCE_US = Date.UTC(2026, 7, 1, 12, 0, 0, 250) * 1000;

export function instanceConfig(values: Partial<InstanceConfig> = {}): InstanceConfig {
  return {
    name: "VI_1",
    interface: "eth0",
    vrid: 51,
    version: 2,
    family: "ipv4",
    initialState: "MASTER",
    priority: 100,
    advertIntervalUs: 1_000_000,
    downTimerAdverts: 3,
    preempt: true,
    preemptDelayUs: 0,
    authentication: { type: "PASS", password: "s3cret42" },
    checksumForm: "pseudo-header",
    sourceAddress: null,
    multicastGroup: "224.0.0.18",
    unicastPeers: [],
    addresses: [address("10.0.0.100", "eth0"), address("10.0.0.101", "eth1")],
    excludedAddresses: [{ ...address("2001:db8::1", "eth0"), family: "ipv6", prefixLength: 128 }],
    lease: true,
    announce: {
      masterDelayUs: 5_000_000,
      masterRepeat: 5,
      refreshUs: 0,
      refreshRepeat: 1,
      lowerPriorityDelayUs: 5_000_000,
      lowerPriorityRepeat: 5,
      garpIntervalUs: 0,
      gnaIntervalUs: 0,
    },
    skipCheckAdvAddr: false,
    checkUnicastSource: false,
    accept: true,
    strict: false,
    trackInterfaces: [{ interface: "eth1", weight: 0, reverse: false }],
    trackScripts: [
      { script: "haproxy", weight: 20, reverse: false },
      { script: "gateway", weight: -30, reverse: false },
    ],
    notify: { any: null, master: null, backup: null, fault: null, stop: null },
    debug: 0,
    ...values,
  };
}

function address(text: string, device: string): InstanceConfig["addresses"][number] {
  return {
    family: "ipv4",
    address: text,
    prefixLength: 24,
    interface: device,
    scope: 0,
    broadcast: null,
    label: null,
  };
}

export function instanceFacts(values: Partial<InstanceFacts> = {}): InstanceFacts {
  const counters = new Float64Array(COUNTER_SLOTS);
  counters.forEach((_, slot) => counters[slot] = slot + 1);
  return {
    config: instanceConfig(),
    state: "MASTER",
    reason: "no advert from 10.0.0.2 for 3.609 s (3 x 1 s + 0.609 s skew)",
    sinceUs: SINCE_US,
    effectivePriority: 120,
    master: { address: "10.0.0.1", priority: 120 },
    held: [true, true, false],
    trackers: [true, true, false],
    counters,
    ...values,
  };
}

export function daemonFacts(values: Partial<DaemonFacts> = {}): DaemonFacts {
  const counters = new Float64Array(GLOBAL_COUNTER_SLOTS);
  counters.forEach((_, slot) => counters[slot] = 100 + slot);
  return {
    version: "0.1.0",
    pid: 4242,
    uptimeUs: 3_723_900_000,
    config: "/etc/keepalived/keepalived.conf",
    counters,
    ...values,
  };
}

/** A master, a backup and one in fault. */
export function exampleStatus(): Status {
  const none = { trackInterfaces: [], trackScripts: [], excludedAddresses: [] };
  const backup = instanceConfig({
    name: "web6",
    interface: "eth1.200",
    vrid: 7,
    version: 3,
    family: "ipv6",
    ...none,
  });
  const fault = instanceConfig({ name: "broken", interface: "bond0", vrid: 255, addresses: [], ...none });
  return buildStatus(daemonFacts(), [
    instanceFacts(),
    instanceFacts({
      config: backup,
      state: "BACKUP",
      reason: "startup",
      effectivePriority: 100,
      master: { address: "fe80::2", priority: 150 },
      held: [],
      trackers: [],
    }),
    instanceFacts({
      config: fault,
      state: "FAULT",
      reason: "interface bond0 is down",
      effectivePriority: 100,
      master: null,
      held: [],
      trackers: [],
    }),
  ]);
}

export { COUNTERS, GLOBAL_COUNTERS, REFUSALS };
