// An InstanceConfig with plain defaults, for tests that care about a few fields only.
import type { InstanceConfig } from "../../src/config/model.ts";

/** VRID 51 on eth0, VRRPv2, one address; `fields` override. */
export function instanceConfig(fields: Partial<InstanceConfig>): InstanceConfig {
  return {
    name: "VI_1",
    interface: "eth0",
    vrid: 51,
    version: 2,
    family: "ipv4",
    initialState: "BACKUP",
    priority: 100,
    advertIntervalUs: 1_000_000,
    downTimerAdverts: 3,
    preempt: true,
    preemptDelayUs: 0,
    authentication: null,
    checksumForm: "pseudo-header",
    sourceAddress: null,
    multicastGroup: "224.0.0.18",
    unicastPeers: [],
    addresses: [{
      family: "ipv4",
      address: "192.0.2.1",
      prefixLength: 24,
      interface: "eth0",
      scope: 0,
      broadcast: null,
      label: null,
    }],
    excludedAddresses: [],
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
    trackInterfaces: [],
    trackScripts: [],
    notify: { any: null, master: null, backup: null, fault: null, stop: null },
    debug: 0,
    ...fields,
  };
}
