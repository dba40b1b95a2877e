// The model of interfaces and addresses: what adverts are sent from, and what a resync leaves.
import { plainLink } from "../../../native/netlink/link.ts";
import { describe, expect, test } from "bun:test";
import { IF, IF_ADDR } from "../../../native/constants.ts";
import type { AddressInfo } from "../../../native/netlink/address.ts";
import { ADDRESS_MARK, Links } from "../../../src/engine/links.ts";
import { parseAddress } from "../../../src/vrrp/address.ts";

const none = () => false;

function address(ifindex: number, text: string, prefixLength: number, flags = 0, protocol = 0): AddressInfo {
  const bytes = parseAddress(text)!;
  const family = bytes.length === 4 ? "ipv4" : "ipv6";
  return {
    family,
    ifindex,
    address: bytes,
    prefixLength,
    flags,
    scope: 0,
    protocol,
    label: null,
    preferredS: 0xffff_ffff,
    validS: 0xffff_ffff,
  };
}

describe("the source address", () => {
  const cases: {
    name: string;
    entries: AddressInfo[];
    family: "ipv4" | "ipv6";
    source: string | null;
    tentative?: true;
  }[] = [
    {
      name: "IPv4: the first primary",
      entries: [address(1, "10.0.0.1", 24), address(1, "10.1.0.1", 24)],
      family: "ipv4",
      source: "10.0.0.1",
    },
    {
      name: "IPv4: a secondary is passed over",
      entries: [address(1, "10.0.0.9", 24, IF_ADDR.IFA_F_SECONDARY), address(1, "10.0.0.1", 24)],
      family: "ipv4",
      source: "10.0.0.1",
    },
    {
      name: "IPv4: what baton added never counts",
      entries: [address(1, "10.0.0.9", 32, 0, ADDRESS_MARK)],
      family: "ipv4",
      source: null,
    },
    {
      name: "IPv6: a global address is none",
      entries: [address(1, "2001:db8::1", 64)],
      family: "ipv6",
      source: null,
    },
    {
      name: "IPv6: the link-local",
      entries: [address(1, "2001:db8::1", 64), address(1, "fe80::1", 64)],
      family: "ipv6",
      source: "fe80::1",
    },
    {
      name: "IPv6: tentative",
      entries: [address(1, "fe80::1", 64, IF_ADDR.IFA_F_TENTATIVE)],
      family: "ipv6",
      source: "fe80::1",
      tentative: true,
    },
    {
      name: "IPv6: a duplicate is none",
      entries: [address(1, "fe80::1", 64, IF_ADDR.IFA_F_DADFAILED)],
      family: "ipv6",
      source: null,
    },
  ];
  for (const { name, entries, family, source, tentative } of cases) {
    test(name, () => {
      const links = new Links();
      links.update(plainLink(1, "eth0"));
      for (const entry of entries) links.updateAddress(entry);
      expect(links.named("eth0")!.source(family, none, null)).toEqual({
        address: source === null ? null : parseAddress(source)!,
        tentative: tentative ?? false,
      });
    });
  }

  test("stays the one that peers know, whatever the order of the kernel's list", () => {
    const links = new Links();
    links.update(plainLink(1, "eth0"));
    links.updateAddress(address(1, "fe80::1", 64));
    links.updateAddress(address(1, "fe80::2", 64));
    const known = parseAddress("fe80::2")!;
    expect(links.named("eth0")!.source("ipv6", none, known).address).toEqual(known);
  });

  test("an owner's only address may be the virtual one", () => {
    const links = new Links();
    links.update(plainLink(1, "eth0"));
    links.updateAddress(address(1, "10.0.0.1", 24));
    expect(links.named("eth0")!.source("ipv4", () => true, null).address).toEqual(parseAddress("10.0.0.1")!);
  });
});

describe("Links", () => {
  test("follows a rename and a deletion", () => {
    const links = new Links();
    links.update(plainLink(1, "eth0"));
    expect(links.update(plainLink(1, "lan0"))).toBe(true);
    expect(links.named("eth0")).toBeUndefined();
    expect(links.named("lan0")!.ifindex).toBe(1);
    expect(links.remove(1)).toBe(true);
    expect(links.named("lan0")).toBeUndefined();
  });

  test("a repeated event is no change", () => {
    const links = new Links();
    links.update(plainLink(1, "eth0"));
    expect(links.update(plainLink(1, "eth0"))).toBe(false);
    expect(links.update(plainLink(1, "eth0", IF.IFF_UP))).toBe(true);
    expect(links.named("eth0")!.operational).toBe(false);
  });

  test("a resync forgets what is gone and learns what is new", () => {
    const links = new Links();
    links.update(plainLink(1, "eth0"));
    links.updateAddress(address(1, "10.0.0.1", 24));
    links.resync([plainLink(2, "eth1")], [address(2, "10.0.0.2", 24)]);
    expect(links.named("eth0")).toBeUndefined();
    expect(links.all().map((a) => a.ifindex)).toEqual([2]);
  });
});

test("an older event does not bring back what we have deleted, under a name that another interface has now", () => {
  const links = new Links();
  links.update(plainLink(7, "vrrp.51"));
  links.deleted(7);
  links.update(plainLink(8, "vrrp.51"));
  expect(links.update(plainLink(7, "vrrp.51", 0))).toBe(false);
  expect(links.named("vrrp.51")?.ifindex).toBe(8);
  expect(links.indexed(7)).toBeUndefined();
  // A dump is never old.
  links.resync([plainLink(7, "eth7")], []);
  expect(links.named("eth7")?.ifindex).toBe(7);
});
