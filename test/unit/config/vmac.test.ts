// use_vmac and its kin: names, MAC addresses, which address stands where, and what is refused with which words.
import { describe, expect, test } from "bun:test";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { instance, load, messages } from "./support.ts";

function only(text: string, path?: string): InstanceConfig {
  const result = load(text, {}, path === undefined ? {} : { path });
  expect(messages(result)).toEqual([]);
  return result.config!.instances[0]!;
}

/** `name parent mac group` of each VMAC. */
function vmacs({ vmacs }: InstanceConfig): string[] {
  return vmacs.map(({ name, parent, mac, group }) => `${name} ${parent} ${mac} ${group ?? "-"}`);
}

function devices({ addresses, excludedAddresses }: InstanceConfig): string[] {
  return [...addresses, ...excludedAddresses].map((a) => `${a.address} ${a.interface}`);
}

describe("use_vmac", () => {
  const cases: [words: string, vmac: string][] = [
    ["", "vrrp.51 eth0 00:00:5e:00:01:33 -"],
    ["v9", "v9 eth0 00:00:5e:00:01:33 -"],
    ["v9 eth0", "v9 eth0 00:00:5e:00:01:33 -"],
    ["02:0:0:aa:BB", "vrrp.51 eth0 02:00:00:aa:bb:33 -"],
    ["02:00:00:aa:bb:cc v9", "v9 eth0 02:00:00:aa:bb:cc -"],
    ["group 12", "vrrp.51 eth0 00:00:5e:00:01:33 12"],
    ["netlink_notify_msg group 0 v9", "v9 eth0 00:00:5e:00:01:33 0"],
  ];
  for (const [words, vmac] of cases) {
    test(`"${words}"`, () => {
      const found = only(instance(`use_vmac ${words}`));
      expect(vmacs(found)).toEqual([vmac]);
      expect(devices(found)).toEqual([`192.0.2.10 ${vmac.split(" ")[0]}`]);
      expect(found.vmac).toBe(vmac.split(" ")[0]!);
      expect(found.advertMac).toBe(vmac.split(" ")[2]!);
      expect(found.interface).toBe("eth0");
    });
  }

  test("PHYS-IF takes the place of the interface", () => {
    const found = only(instance("use_vmac v9 eth7"));
    expect(vmacs(found)).toEqual(["v9 eth7 00:00:5e:00:01:33 -"]);
    expect(found.interface).toBe("eth7");
  });

  test("YAML: with words, without, and off", () => {
    const text = (value: string) =>
      `vrrp_instance: { A: { interface: eth0, virtual_router_id: 7, use_vmac: ${value}, virtual_ipaddress: [192.0.2.1/24] } }\n`;
    const read = (value: string) => only(text(value), "/etc/baton/x.yaml");
    expect(vmacs(read("true"))).toEqual(["vrrp.7 eth0 00:00:5e:00:01:07 -"]);
    expect(vmacs(read("v9 group 3"))).toEqual(["v9 eth0 00:00:5e:00:01:07 3"]);
    expect(vmacs(read("false"))).toEqual([]);
  });

  test("names are chosen around those that are written, IPv6 with a 6 first", () => {
    const v6 = instance("use_vmac", "C", 51, "fe80::1/64");
    const text = instance("use_vmac", "A", 52).replace("eth0", "eth1") +
      instance("use_vmac vrrp.51", "B", 51) +
      v6 + instance("use_vmac", "D", 52, "192.0.2.11") + v6.replace("C", "E").replace("eth0", "eth2");
    const names = load(text).config!.instances.map(({ vmac }) => vmac);
    expect(names).toEqual(["vrrp.52", "vrrp.51", "vrrp6.51", "vrrp1.52", "vrrp1.51"]);
  });

  test("two that would have one MAC address on one interface are warned of", () => {
    const own = "use_vmac 02:00:00:00:01";
    const v6 = instance(own, "B", 51, "fe80::1/64");
    expect(messages(load(instance(own, "A", 51) + v6))).toEqual([
      "15:3 warning: vrrp6.51 would have the MAC address 02:00:00:00:01:33 of vrrp.51 on eth0: the kernel takes one of them up at a " +
      "time, so vrrp_instance B may stay in FAULT; give each its own",
    ]);
    expect(messages(load(instance(own, "A", 51) + v6.replace("eth0", "eth1")))).toEqual([]);
  });

  type Mistake = [words: string, message: string, vmac: string];
  const bad: Mistake[] = [
    [
      "02:00:00:aa:bb:cc:dd",
      'use_vmac "02:00:00:aa:bb:cc:dd" is not the MAC address of one interface, so that of the RFC is used; ' +
      "write 5 or 6 octets such as 02:00:5e:00:01, the first of them even",
      "vrrp.51 eth0 00:00:5e:00:01:33 -",
    ],
    [
      "03:00:00:aa:bb:cc",
      'use_vmac "03:00:00:aa:bb:cc" is not the MAC address of one interface, so that of the RFC is used; ' +
      "write 5 or 6 octets such as 02:00:5e:00:01, the first of them even",
      "vrrp.51 eth0 00:00:5e:00:01:33 -",
    ],
    [
      "group many",
      'group "many" of use_vmac is not a number, so it is ignored; write the number of an interface group',
      "vrrp.51 eth0 00:00:5e:00:01:33 -",
    ],
    [
      "a-name-that-is-too-long",
      'use_vmac "a-name-that-is-too-long" cannot be the name of an interface, so it is ignored; ' +
      "write at most 15 characters",
      "vrrp.51 eth0 00:00:5e:00:01:33 -",
    ],
    ...["all", "default"].map((name): Mistake => [
      name,
      `use_vmac "${name}" cannot be the name of an interface, so it is ignored; write at most 15 characters`,
      "vrrp.51 eth0 00:00:5e:00:01:33 -",
    ]),
    [
      "a eth0 c",
      'use_vmac does not take "c", so it is ignored; delete it',
      "a eth0 00:00:5e:00:01:33 -",
    ],
    [
      "eth0",
      'use_vmac "eth0" of vrrp_instance VI_1 is the name of another interface, so another name is used; ' +
      "give each its own name",
      "vrrp.51 eth0 00:00:5e:00:01:33 -",
    ],
  ];
  for (const [words, message, vmac] of bad) {
    test(`"${words}" is reported`, () => {
      const result = load(instance(`use_vmac ${words}`));
      expect(result.diagnostics.map((d) => d.message)).toEqual([message]);
      expect(vmacs(result.config!.instances[0]!)).toEqual([vmac]);
    });
  }

  test("unicast adverts leave from the interface, and that is said unless vmac_xmit_base stands there", () => {
    const peers = "unicast_peer { 192.0.2.3\n}\n";
    const warned = load(instance(`use_vmac\n${peers}`));
    expect(warned.diagnostics.map((d) => d.message)).toEqual([
      "unicast adverts of vrrp_instance VI_1 leave from its interface, not from the VMAC; add vmac_xmit_base",
    ]);
    expect(warned.config!.instances[0]!.advertMac).toBeNull();
    expect(only(instance(`use_vmac\nvmac_xmit_base\n${peers}`)).advertMac).toBeNull();
  });

  test("strict mode knows neither another MAC address nor vmac_xmit_base", () => {
    const result = load(instance("version 3\nstrict_mode\nuse_vmac 02:00:00:00:01\nvmac_xmit_base"));
    expect(result.diagnostics.map((d) => d.message)).toEqual([
      "strict mode: the RFCs know one virtual MAC address only, so that of VI_1 is ignored; delete it or strict_mode",
      "strict mode: vmac_xmit_base of vrrp_instance VI_1 is ignored; delete it or strict_mode",
    ]);
    expect(result.config!.instances[0]!.advertMac).toBe("00:00:5e:00:01:33");
  });
});

describe("use_vmac of an address, and use_vmac_addr", () => {
  const listed = (body: string, lines: string, excluded = "") =>
    `vrrp_instance A {\ninterface eth0\nvirtual_router_id 51\n${body}\nvirtual_ipaddress {\n${lines}\n}\n` +
    `virtual_ipaddress_excluded {\n${excluded}\n}\n}\n`;

  test("one for each interface and family", () => {
    const found = only(listed(
      "",
      "192.0.2.1/24\n192.0.2.2/24 use_vmac\n192.0.2.3/24 dev eth0 use_vmac\n198.51.100.1/24 dev eth1 use_vmac",
      "2001:db8::1 dev eth1 use_vmac",
    ));
    expect(devices(found)).toEqual([
      "192.0.2.1 eth0",
      "192.0.2.2 vrrp.51",
      "192.0.2.3 vrrp.51",
      "198.51.100.1 vrrp1.51",
      "2001:db8::1 vrrp6.51",
    ]);
    expect(vmacs(found)).toEqual([
      "vrrp.51 eth0 00:00:5e:00:01:33 -",
      "vrrp1.51 eth1 00:00:5e:00:01:33 -",
      "vrrp6.51 eth1 00:00:5e:00:02:33 -",
    ]);
    // The instance itself runs on its interface.
    expect([found.vmac, found.advertMac]).toEqual([null, null]);
  });

  test("use_vmac_addr is for addresses elsewhere or of the other family; without it the latter join the instance's", () => {
    const all = ["192.0.2.1/24\n198.51.100.1/24 dev eth1", "2001:db8::1"] as const;
    const with_ = only(listed("use_vmac own\nuse_vmac_addr", ...all));
    expect(devices(with_)).toEqual(["192.0.2.1 own", "198.51.100.1 vrrp.51", "2001:db8::1 vrrp6.51"]);
    const without = only(listed("use_vmac own", ...all));
    expect(devices(without)).toEqual(["192.0.2.1 own", "198.51.100.1 eth1", "2001:db8::1 own"]);
    expect(without.vmacs[0]).toMatchObject({ ipv4: true, ipv6: true });
    expect(devices(only(listed("use_vmac_addr", ...all)))).toEqual([
      "192.0.2.1 eth0",
      "198.51.100.1 vrrp.51",
      "2001:db8::1 vrrp6.51",
    ]);
  });

  test("the prefixes", () => {
    const globals = "global_defs {\nvmac_prefix own\nvmac_addr_prefix addr\n}\n";
    const text = globals + listed("use_vmac", "192.0.2.1/24\n198.51.100.1/24 dev eth1 use_vmac");
    expect(devices(only(text))).toEqual(["192.0.2.1 own.51", "198.51.100.1 addr.51"]);
    const inherited = only(text.replace("vmac_addr_prefix addr\n", ""));
    expect(devices(inherited)).toEqual(["192.0.2.1 own.51", "198.51.100.1 own1.51"]);
    const long = load(text.replace("vmac_prefix own", "vmac_prefix much-too-long"));
    expect(long.diagnostics.map((d) => d.message)).toEqual([
      'vmac_prefix "much-too-long" cannot begin the name of an interface, so vrrp is used; ' +
      "write at most 9 characters without blanks, / or :",
    ]);
  });

  test("what says nothing new, and a static address", () => {
    const result = load(
      listed("use_vmac\nuse_vmac_addr", "192.0.2.1/24 use_vmac\n198.51.100.1/24 dev eth1 use_vmac") +
        "static_ipaddress {\n192.0.2.9/24 dev eth0 use_vmac\n}\n",
    );
    expect(result.diagnostics.map((d) => d.message).sort()).toEqual([
      "a static address has no VMAC, so use_vmac is ignored; delete it",
      "use_vmac of this address adds nothing, for use_vmac of vrrp_instance A says so already; delete it",
      "use_vmac of this address adds nothing, for use_vmac_addr of A says so already; delete it",
    ]);
  });
});

describe("garp_extra_if", () => {
  test("the period, all, the global value and the old names", () => {
    const extra = (global: string, own: string) => {
      const { announce } = load(`global_defs {\n${global}\n}\n${instance(own)}`).config!.instances[0]!;
      return [announce.extraUs, announce.extraAll];
    };
    expect(extra("", "")).toEqual([0, false]);
    expect(extra("vrrp_garp_extra_if all 5", "")).toEqual([5_000_000, true]);
    expect(extra("vrrp_vmac_garp_intvl 5", "")).toEqual([5_000_000, false]);
    expect(extra("vrrp_garp_extra_if all 5", "garp_extra_if 0")).toEqual([0, false]);
    expect(extra("", "vmac_garp_intvl all 7")).toEqual([7_000_000, true]);
    const old = load(`global_defs {\nvrrp_vmac_garp_intvl 5\n}\n${instance("vmac_garp_intvl 5")}`);
    expect(old.diagnostics.map((d) => d.message)).toEqual([
      "vrrp_vmac_garp_intvl is an old name; write vrrp_garp_extra_if",
      "vmac_garp_intvl is an old name; write garp_extra_if",
    ]);
  });

  for (const words of ["", "all", "none", "86401", "1.5"]) {
    test(`"${words}" is reported`, () => {
      const shown = words === "all" ? "" : words;
      expect(load(instance(`garp_extra_if ${words}`)).diagnostics.map((d) => d.message)).toEqual([
        `garp_extra_if "${shown}" is not a time from 0 to 86400 s, so it is ignored; write garp_extra_if [all] SECONDS`,
      ]);
    });
  }
});

test("vmac_xmit_base alone is reported", () => {
  expect(load(instance("vmac_xmit_base")).diagnostics.map((d) => d.message)).toEqual([
    "vmac_xmit_base of vrrp_instance VI_1 means nothing without use_vmac; add that or delete it",
  ]);
});
