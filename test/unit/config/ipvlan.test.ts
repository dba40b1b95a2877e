// use_ipvlan: its words in both syntaxes, where the instance speaks then, and what is refused with which words.
import { describe, expect, test } from "bun:test";
import { convert } from "../../../src/config/convert.ts";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { instance, load, memoryFiles, messages } from "./support.ts";

const V6 = "fe80::1/64";

function only(text: string, path?: string): InstanceConfig {
  const result = load(text, {}, path === undefined ? {} : { path });
  expect(messages(result)).toEqual([]);
  return result.config!.instances[0]!;
}

/** `name parent flag address group` of each ipvlan. */
function ipvlans({ vmacs }: InstanceConfig): string[] {
  return vmacs.map(({ name, parent, ipvlan, group }) => {
    const own = ipvlan?.address === null ? "-" : `${ipvlan?.address}/${ipvlan?.prefixLength}`;
    return `${name} ${parent} ${ipvlan?.flag} ${own} ${group ?? "-"}`;
  });
}

function said(text: string): string[] {
  return load(text).diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
}

describe("the words", () => {
  const cases: [words: string, ipvlan: string][] = [
    ["192.0.2.5", "vrrp.51 eth0 bridge 192.0.2.5/32 -"],
    ["ipv.1 192.0.2.5/24 private", "ipv.1 eth0 private 192.0.2.5/24 -"],
    ["vepa 192.0.2.5 ipv.1", "ipv.1 eth0 vepa 192.0.2.5/32 -"],
    ["ipv.1 eth7 192.0.2.5 bridge group 4", "ipv.1 eth7 bridge 192.0.2.5/32 4"],
  ];
  for (const [words, ipvlan] of cases) {
    test(words, () => {
      const found = only(instance(`use_ipvlan ${words}`));
      const [name] = ipvlan.split(" ");
      expect(ipvlans(found)).toEqual([ipvlan]);
      expect(found.interface).toBe(name!);
      expect(found.addresses.map((a) => a.interface)).toEqual([name!]);
      expect(found.sourceAddress).toBe("192.0.2.5");
      // Nothing of it is a virtual MAC address.
      expect([found.vmac, found.advertMac, found.lacksIpvlanAddress]).toEqual([null, null, false]);
    });
  }

  test("IPv6 needs no address; one that is link-local is the source, another is not", () => {
    const read = (words: string) => only(instance(`use_ipvlan ${words}`, "A", 51, V6));
    expect(ipvlans(read(""))).toEqual(["vrrp.51 eth0 bridge - -"]);
    expect(read("").sourceAddress).toBeNull();
    expect(read("fe80::9").sourceAddress).toBe("fe80::9");
    expect(ipvlans(read("2001:db8::9/64"))).toEqual(["vrrp.51 eth0 bridge 2001:db8::9/64 -"]);
    expect(read("2001:db8::9/64").sourceAddress).toBeNull();
  });

  test("mcast_src_ip goes before the address", () => {
    expect(only(instance("use_ipvlan 192.0.2.5\nmcast_src_ip 192.0.2.6")).sourceAddress).toBe("192.0.2.6");
  });

  test("YAML: with words, without, and off; convert keeps them", () => {
    const text = (value: string) =>
      `vrrp_instance: { A: { interface: eth0, virtual_router_id: 7, use_ipvlan: ${value}, virtual_ipaddress: ["${V6}"] } }\n`;
    const read = (value: string) => ipvlans(only(text(value), "/etc/baton/x.yaml"));
    expect(read("true")).toEqual(["vrrp.7 eth0 bridge - -"]);
    expect(read("ip9 fe80::9 vepa")).toEqual(["ip9 eth0 vepa fe80::9/128 -"]);
    expect(read("false")).toEqual([]);
    const path = "/k.conf";
    const files = memoryFiles({ [path]: instance("use_ipvlan ip9 192.0.2.5 vepa") });
    const yaml = convert(path, { hostName: "alpha", environment: {}, files }, "yaml").text!;
    expect(ipvlans(only(yaml, "/x.yaml"))).toEqual(["ip9 eth0 vepa 192.0.2.5/32 -"]);
  });
});

describe("what is reported", () => {
  const FAULT =
    "warning: use_ipvlan of vrrp_instance VI_1 has no IPv4 address, so the instance stays in FAULT; " +
    "write use_ipvlan ADDRESS, one that no other machine has";
  const cases: [words: string, said: string[]][] = [
    ["", [FAULT]],
    ["192.0.2.5/33", [
      FAULT,
      'warning: use_ipvlan "192.0.2.5/33" is not the address of an interface, so it is ignored; write ADDRESS or ADDRESS/LENGTH',
    ]],
    ["224.0.0.1 192.0.2.5", [
      'warning: use_ipvlan "224.0.0.1" is not the address of an interface, so it is ignored; write ADDRESS or ADDRESS/LENGTH',
    ]],
    ["2001:db8::1", [
      FAULT,
      "warning: the address 2001:db8::1 of use_ipvlan is not of the family of vrrp_instance VI_1, so it is ignored; write an IPv4 address",
    ]],
    ["192.0.2.10", [
      "warning: the address 192.0.2.10 of use_ipvlan is a virtual address of vrrp_instance VI_1, so it stays here " +
      "whoever is master; write one that no other machine has",
    ]],
    ["192.0.2.5 192.0.2.6", [
      "warning: the address 192.0.2.6 of use_ipvlan comes after 192.0.2.5, so it is ignored; keep one of them",
    ]],
    ["vepa 192.0.2.5 private", [
      'warning: "private" of use_ipvlan comes after vepa, so it is ignored; keep one of bridge, private and vepa',
    ]],
    ["averyverylongname9 192.0.2.5", [
      'warning: use_ipvlan "averyverylongname9" cannot be the name of an interface, so it is ignored; write at most 15 characters',
    ]],
    ["eth0 192.0.2.5", [
      'warning: use_ipvlan "eth0" of vrrp_instance VI_1 is the name of another interface, so another name is used; give each its own name',
    ]],
    ["192.0.2.5 group x", [
      'warning: group "x" of use_ipvlan is not a number, so it is ignored; write the number of an interface group',
    ]],
    ["192.0.2.5\nvmac_xmit_base", [
      "warning: vmac_xmit_base of vrrp_instance VI_1 means nothing without use_vmac; add that or delete it",
    ]],
    ["192.0.2.5\nuse_vmac", [
      "warning: use_ipvlan stands beside use_vmac, so it is ignored; delete one of them",
    ]],
  ];
  for (const [words, expected] of cases) {
    test(words, () => expect(said(instance(`use_ipvlan ${words}`))).toEqual(expected));
  }

  test("without an address the instance stays where it is, and at fault", () => {
    const [found] = load(instance("use_ipvlan ip9")).config!.instances;
    expect([found!.lacksIpvlanAddress, found!.interface, ipvlans(found!)]).toEqual([true, "eth0", []]);
  });

  test("a VMAC beside an ipvlan on one interface, and ipvlans of two flags", () => {
    const first = instance("use_ipvlan 192.0.2.5", "A", 51);
    expect(said(first + instance("use_vmac", "B", 52, "192.0.2.11/24"))).toEqual([
      "warning: the kernel takes no VMAC beside an ipvlan on eth0, so one of vrrp_instance A and B stays in FAULT; " +
      "write use_vmac or use_ipvlan in both",
    ]);
    expect(said(first + instance("use_ipvlan 192.0.2.6 vepa", "B", 52, "192.0.2.11/24"))).toEqual([
      "warning: all ipvlans on eth0 are vepa or bridge, whichever is made last; write the same in vrrp_instance A and B",
    ]);
    expect(said(first + instance("use_ipvlan 192.0.2.6", "B", 52, "192.0.2.11/24"))).toEqual([]);
  });

  test("one VRID twice on the interface below", () => {
    const text = instance("use_ipvlan 192.0.2.5", "A", 51) +
      instance("use_ipvlan 192.0.2.6", "B", 51, "192.0.2.11/24");
    expect(said(text)).toEqual([
      "error: A and B both use VRID 51 with IPv4 on eth0; give one of them another virtual_router_id",
    ]);
  });
});
