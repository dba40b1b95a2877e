// The words for causes, refusals and remarks.
import { expect, test } from "bun:test";
import { type Cause, describeCause, newMasterReason } from "../../../src/vrrp/reason.ts";
import {
  describeRefusal,
  NO_REFUSAL,
  REFUSAL_CODES,
  REFUSAL_COUNTERS,
  refusalName,
  REFUSALS,
} from "../../../src/vrrp/refusal.ts";
import * as remark from "../../../src/vrrp/remark.ts";

const second = 1_000_000;

test("describeCause and newMasterReason", () => {
  const cases: [Cause, string, string][] = [
    [{ kind: "startup" }, "started", "not-master"],
    [{ kind: "owner" }, "this router owns the addresses (priority 255)", "priority"],
    [
      {
        kind: "timeout",
        from: "10.0.0.2",
        silentUs: 3_609_375,
        adverts: 3,
        intervalUs: second,
        skewUs: 609_375,
      },
      "no advert from 10.0.0.2 for 3.609 s (3 x 1 s + 0.609 s skew)",
      "no-response",
    ],
    [
      { kind: "timeout", from: null, silentUs: 30_470, adverts: 3, intervalUs: 10_000, skewUs: 390.625 },
      "no advert heard for 0.03047 s (3 x 0.01 s + 0.000391 s skew)",
      "no-response",
    ],
    [
      {
        kind: "timeout",
        from: null,
        silentUs: 33_900_000,
        adverts: 3,
        intervalUs: 10 * second,
        skewUs: 3_900_000,
      },
      "no advert heard for 33.9 s (3 x 10 s + 3.9 s skew)",
      "no-response",
    ],
    [{ kind: "resigned", from: "10.0.0.2" }, "10.0.0.2 has resigned (priority 0)", "priority"],
    [
      { kind: "preempted", from: "fe80::1", theirs: 90, ours: 100 },
      "our priority 100 is above 90 of fe80::1",
      "preempted",
    ],
    [
      { kind: "higher_priority", from: "10.0.0.2", theirs: 150, ours: 100 },
      "10.0.0.2 has priority 150, above our 100",
      "not-master",
    ],
    [
      { kind: "higher_address", from: "10.0.0.2", priority: 100 },
      "10.0.0.2 has the same priority 100 and a higher address",
      "not-master",
    ],
    [{ kind: "interface_down", interface: "eth0" }, "interface eth0 is down", "not-master"],
    [{ kind: "interface_missing", interface: "eth0" }, "interface eth0 does not exist", "not-master"],
    [{ kind: "interface_tracked_down", interface: "eth1" }, "tracked interface eth1 is down", "not-master"],
    [
      { kind: "no_source_address", interface: "eth0", family: "ipv4" },
      "interface eth0 has no IPv4 address",
      "not-master",
    ],
    [
      { kind: "no_source_address", interface: "eth0", family: "ipv6" },
      "interface eth0 has no IPv6 link-local address",
      "not-master",
    ],
    [
      { kind: "source_missing", interface: "eth0", address: "10.0.0.9" },
      "source address 10.0.0.9 is not on interface eth0",
      "not-master",
    ],
    [
      { kind: "source_tentative", interface: "eth0", address: "fe80::1" },
      "source address fe80::1 on interface eth0 is still tentative",
      "not-master",
    ],
    [
      { kind: "socket_failed", interface: "eth0", error: "EPERM" },
      "no socket on interface eth0: EPERM",
      "not-master",
    ],
    [{ kind: "script_failed", script: "check" }, "script check failed", "not-master"],
    [{ kind: "script_pending", script: "check" }, "script check has no result yet", "not-master"],
    [{ kind: "recovered" }, "the fault is gone", "priority"],
    [{ kind: "shutdown" }, "shutdown", "not-master"],
    [{ kind: "removed" }, "removed from the configuration", "not-master"],
    [{ kind: "reload" }, "changed by a reload", "not-master"],
  ];
  for (const [cause, words, reason] of cases) {
    expect(describeCause(cause)).toBe(words);
    expect(newMasterReason(cause)).toBe(reason as ReturnType<typeof newMasterReason>);
    expect(structuredClone(cause)).toEqual(cause);
  }
});

test("refusals: codes, names, words and counters belong together", () => {
  expect(refusalName(NO_REFUSAL)).toBeNull();
  expect(refusalName(REFUSALS.length + 1)).toBeNull();
  expect(refusalName(-1)).toBeNull();
  for (const [index, name] of REFUSALS.entries()) {
    expect(REFUSAL_CODES[name]).toBe(index + 1);
    expect(refusalName(index + 1)).toBe(name);
    expect(name).toMatch(/^[a-z][a-z_]*$/);
    expect(describeRefusal(name).length).toBeGreaterThan(10);
    expect(REFUSAL_COUNTERS[name]).not.toBeUndefined();
  }
  expect(new Set(REFUSALS).size).toBe(REFUSALS.length);
  expect(new Set(REFUSALS.map(describeRefusal)).size).toBe(REFUSALS.length);
  expect(REFUSAL_COUNTERS.ttl).toEqual({ scope: "global", counter: "ip_ttl_errors" });
  expect(REFUSAL_COUNTERS.length).toEqual({ scope: "instance", counter: "packet_length_errors" });
  expect(REFUSAL_COUNTERS.own).toBeNull();
});

test("remarks: each has its bit and its words", () => {
  expect(remark.REMARKS.map((name) => remark.remarkNames(1 << remark.REMARKS.indexOf(name)))).toEqual(
    remark.REMARKS.map((name) => [name]),
  );
  expect(remark.remarkNames(0)).toEqual([]);
  expect(remark.remarkNames(remark.REMARK_ADDRESS_LIST | remark.REMARK_OWNER)).toEqual([
    "address_list",
    "owner",
  ]);
  expect(remark.remarkNames(remark.REMARK_FIRST_ADDRESS)).toEqual(["first_address"]);
  expect(remark.remarkNames(remark.REMARK_INTERVAL)).toEqual(["interval"]);
  expect(remark.remarkNames(remark.REMARK_CHECKSUM_FORM)).toEqual(["checksum_form"]);
  for (const name of remark.REMARKS) expect(remark.describeRemark(name).length).toBeGreaterThan(10);
});
