// Facts of a daemon with three instances, as the control thread would hold them.
import type { Config, InstanceConfig } from "../../../src/config/model.ts";
import { plainAddress, plainInstance } from "../../../src/config/plain.ts";
import { readConfig } from "../../../src/config/read.ts";
import { BFD_REFUSALS } from "../../../src/bfd/packet.ts";
import {
  BFD_COUNTERS,
  COUNTER_SLOTS,
  COUNTERS,
  GLOBAL_COUNTER_SLOTS,
  GLOBAL_COUNTERS,
} from "../../../src/messages.ts";
import type { BfdFacts } from "../../../src/status/bfd.ts";
import {
  buildStatus,
  type DaemonFacts,
  type InstanceFacts,
  type Status,
} from "../../../src/status/snapshot.ts";
import type { WholeFacts } from "../../../src/status/kept.ts";
import { REFUSALS } from "../../../src/vrrp/refusal.ts";
import { plainBfd } from "../../support/plain_bfd.ts";

/** 2026-08-01T12:00:00.250Z in microseconds. */
export const SINCE_US = Date.UTC(2026, 7, 1, 12, 0, 0, 250) * 1000;

export function instanceConfig(values: Partial<InstanceConfig> = {}): InstanceConfig {
  return plainInstance({
    initialState: "MASTER",
    authentication: { type: "PASS", password: "s3cret42" },
    addresses: [plainAddress("10.0.0.100", 24, "eth0"), plainAddress("10.0.0.101", 24, "eth1")],
    excludedAddresses: [plainAddress("2001:db8::1", 128, "eth0")],
    trackInterfaces: [{ interface: "eth1", weight: 0, reverse: false }],
    trackScripts: [
      { script: "haproxy", weight: 20, reverse: false },
      { script: "gateway", weight: -30, reverse: false },
    ],
    ...values,
  });
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
    masterIntervalUs: 1_000_000,
    releases: 0,
    held: [true, true, false],
    routes: [],
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

const ENTRIES = loadEntries();

/** Routes, rules and static entries as the reader of configurations makes them. */
function loadEntries(): Config {
  const text = `static_ipaddress {
  10.7.0.1/24 dev eth0
}
static_routes {
  10.8.0.0/16 dev eth0
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  virtual_routes {
    default via 10.0.0.9
  }
  virtual_rules {
    from 10.9.0.0/16 table 9 priority 5
  }
  virtual_ipaddress {
    10.0.0.100/24
  }
}
`;
  const bytes = new TextEncoder().encode(text);
  const files = {
    read: (path: string) => ({ ok: true as const, realPath: path, bytes }),
    names: () => [],
  };
  return readConfig("/x.conf", { hostName: "h", files }, null).config!;
}

/** An instance with a route, a rule and a group. */
export const ROUTED: Partial<InstanceConfig> = {
  routes: ENTRIES.instances[0]!.routes,
  rules: ENTRIES.instances[0]!.rules,
  syncGroup: "SG",
};

/** A group, a static address that is there and a static route that is not. */
export const WHOLE: WholeFacts = {
  groups: [{
    config: { name: "SG", members: ["VI_1"], notify: plainInstance({}).notify },
    state: "MASTER",
  }],
  statics: ENTRIES.statics,
  staticAddresses: [true],
  staticRoutes: [false],
  sessions: [],
};

/** A BFD session that is up. */
export function bfdFacts(values: Partial<BfdFacts> = {}): BfdFacts {
  return {
    config: plainBfd("gateway", "192.0.2.9", { minRxUs: 50_000, minTxUs: 50_000, multiplier: 3 }),
    state: 3,
    diagnostic: 0,
    remoteDiagnostic: 1,
    sinceUs: SINCE_US,
    slots: Float64Array.from([...BFD_COUNTED, ...BFD_GAUGED, ...BFD_REFUSED]),
    ...values,
  };
}

/** What such a session has counted. */
export const BFD_COUNTED = BFD_COUNTERS.map((_, i) => 10 + i);
const BFD_GAUGED = [77, 88, 3, 50_000, 150_000, 40_000, 30_000, 3, SINCE_US, 0];
export const BFD_REFUSED = BFD_REFUSALS.map((_, i) => 20 + i);

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
