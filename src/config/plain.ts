// An instance with the default of every value: what the rehearsal and tests start from.
import { PLAIN_FINE } from "./fine.ts";
import { defaultPreferredS } from "./address_options.ts";
import type { InstanceConfig, VirtualAddress } from "./model.ts";

/** keepalived's defaults for an IPv4 instance on eth0; `values` override. */
export function plainInstance(values: Partial<InstanceConfig>): InstanceConfig {
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
    hmac: null,
    checksumForm: "pseudo-header",
    sourceAddress: null,
    multicastGroup: "224.0.0.18",
    unicastPeers: [],
    addresses: [plainAddress("192.0.2.1", 24, "eth0")],
    excludedAddresses: [],
    routes: [],
    rules: [],
    vmacs: [],
    lacksIpvlanAddress: false,
    vmac: null,
    advertMac: null,
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
      extraUs: 0,
      extraAll: false,
    },
    skipCheckAdvAddr: false,
    checkUnicastSource: false,
    accept: true,
    promoteSecondaries: false,
    strict: false,
    trackInterfaces: [],
    trackScripts: [],
    trackFiles: [],
    trackProcesses: [],
    trackBfds: [],
    notify: {
      any: null,
      master: null,
      backup: null,
      fault: null,
      stop: null,
      deleted: null,
      masterRxLowerPri: null,
      reportsDeleted: false,
      priorityChanges: false,
      mail: false,
    },
    syncGroup: null,
    trackGroups: [],
    debug: 0,
    ...PLAIN_FINE,
    ...values,
  };
}

/** A virtual address without options; the family is told by its text. */
export function plainAddress(address: string, prefixLength: number, interfaceName: string): VirtualAddress {
  const family = address.includes(":") ? "ipv6" : "ipv4";
  return {
    family,
    address,
    prefixLength,
    interface: interfaceName,
    scope: 0,
    broadcast: null,
    label: null,
    peer: null,
    flags: [],
    preferredS: defaultPreferredS({ family, prefixLength }),
    tracked: true,
    trackGroup: null,
  };
}
