// The JSON of the status, version 1.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { buildStatus } from "../../../src/status/snapshot.ts";
import {
  COUNTERS,
  daemonFacts,
  exampleStatus,
  GLOBAL_COUNTERS,
  instanceConfig,
  instanceFacts,
  REFUSALS,
  ROUTED,
  WHOLE,
} from "./fixture.ts";

test("the shape, exactly", () => {
  const facts = instanceFacts({ config: instanceConfig(ROUTED), routes: [true, false] });
  const status = buildStatus(daemonFacts(), [facts], WHOLE);
  const [instance] = status.instances;
  expect(JSON.parse(JSON.stringify(status))).toEqual({
    version: 1,
    daemon: {
      version: "0.1.0",
      pid: 4242,
      uptime_s: 3723,
      config: "/etc/keepalived/keepalived.conf",
      counters: Object.fromEntries(GLOBAL_COUNTERS.map((name, slot) => [name, 100 + slot])),
      refusals: Object.fromEntries(REFUSALS.map((name, slot) => [name, 100 + GLOBAL_COUNTERS.length + slot])),
    },
    instances: [{
      name: "VI_1",
      state: "MASTER",
      reason: "no advert from 10.0.0.2 for 3.609 s (3 x 1 s + 0.609 s skew)",
      since: "2026-08-01T12:00:00.250Z",
      interface: "eth0",
      vmac: null,
      vrid: 51,
      vrrp_version: 2,
      family: "ipv4",
      priority: { base: 100, effective: 120 },
      master: { address: "10.0.0.1", priority: 120 },
      addresses: [
        { address: "10.0.0.100", prefix_length: 24, interface: "eth0", held: true },
        { address: "10.0.0.101", prefix_length: 24, interface: "eth1", held: true },
        { address: "2001:db8::1", prefix_length: 128, interface: "eth0", held: false },
      ],
      routes: [
        { kind: "route", text: "default via 10.0.0.9", held: true },
        { kind: "rule", text: "from 10.9.0.0/16 table 9 priority 5", held: false },
      ],
      sync_group: "SG",
      trackers: [
        { kind: "interface", name: "eth1", ok: true, weight: 0 },
        { kind: "script", name: "haproxy", ok: true, weight: 20 },
        { kind: "script", name: "gateway", ok: false, weight: -30 },
      ],
      counters: Object.fromEntries(COUNTERS.map((name, slot) => [name, slot + 1])),
      refusals: Object.fromEntries(REFUSALS.map((name, slot) => [name, COUNTERS.length + slot + 1])),
    }],
    groups: [{ name: "SG", state: "MASTER", members: ["VI_1"] }],
    statics: {
      addresses: [{ address: "10.7.0.1", prefix_length: 24, interface: "eth0", held: true }],
      routes: [{ kind: "route", text: "10.8.0.0/16 dev eth0", held: false }],
    },
    bfd: [],
  });
  expect(instance?.counters).toHaveProperty("priority_zero_pkts_rcvd");
});

test("passwords and scripts' commands never appear", () => {
  expect(JSON.stringify(exampleStatus())).not.toContain("s3cret42");
  fc.assert(fc.property(fc.stringMatching(/^[A-Z]{8}$/), (password) => {
    const command = { words: [`/x/${password}`], identity: null };
    const config = instanceConfig({
      authentication: { type: "AH", password },
      notify: {
        any: command,
        master: command,
        backup: command,
        fault: command,
        stop: command,
        deleted: command,
        masterRxLowerPri: command,
        reportsDeleted: true,
        priorityChanges: true,
        mail: true,
      },
    });
    expect(JSON.stringify(buildStatus(daemonFacts(), [instanceFacts({ config })]))).not.toContain(password);
  }));
});

test("facts that are not known yet: not held, no result, no master, counters 0", () => {
  const facts = instanceFacts({ held: [], trackers: [], master: null, counters: new Float64Array(0) });
  const [instance] = buildStatus(daemonFacts(), [facts]).instances;
  expect(instance?.addresses.map((entry) => entry.held)).toEqual([false, false, false]);
  expect(instance?.trackers.map((entry) => entry.ok)).toEqual([null, null, null]);
  expect(instance?.master).toBeNull();
  expect(instance?.counters.advertisement_sent).toBe(0);
});

test("counters are read at the moment of the call, from shared memory", () => {
  const facts = instanceFacts({ counters: new Float64Array(new SharedArrayBuffer(8 * 64)) });
  facts.counters[COUNTERS.indexOf("advertisement_sent")] = 7;
  expect(buildStatus(daemonFacts(), [facts]).instances[0]?.counters.advertisement_sent).toBe(7);
  facts.counters[COUNTERS.indexOf("advertisement_sent")] = 8;
  facts.counters[COUNTERS.length + REFUSALS.indexOf("checksum")] = 5;
  const [instance] = buildStatus(daemonFacts(), [facts]).instances;
  expect([instance?.counters.advertisement_sent, instance?.refusals.checksum]).toEqual([8, 5]);
});

test("no time makes it throw", () => {
  fc.assert(fc.property(fc.double(), (sinceUs) => {
    const [instance] = buildStatus(daemonFacts(), [instanceFacts({ sinceUs })]).instances;
    expect(instance?.since).toMatch(/^[+-]?\d+-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }));
});
