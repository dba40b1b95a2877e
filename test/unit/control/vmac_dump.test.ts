// What the data file says of an instance's interfaces: a VMAC, an ipvlan, neither.
import { describe, expect, test } from "bun:test";
import type { IpvlanConfig, VmacConfig } from "../../../src/config/model.ts";
import { plainInstance } from "../../../src/config/plain.ts";
import { underlyingLines, vmacLines } from "../../../src/control/dump/vmac.ts";

const MADE: VmacConfig = {
  name: "vrrp.51",
  parent: "eth0",
  mac: "00:00:5e:00:01:33",
  ipvlan: null,
  group: null,
  ofAddresses: false,
  ipv4: true,
  ipv6: false,
};

function ipvlan(own: IpvlanConfig): VmacConfig {
  return { ...MADE, mac: "", ipvlan: own };
}

describe("vmacLines and underlyingLines", () => {
  test("neither", () => {
    const config = plainInstance({});
    expect(vmacLines(config, [])).toEqual(["   Interface = eth0"]);
    expect(underlyingLines([config], "eth0", () => "UP")).toEqual([]);
  });

  test("a VMAC", () => {
    const config = plainInstance({ vmacs: [MADE], vmac: "vrrp.51", advertMac: MADE.mac });
    expect(vmacLines(config, [])).toEqual([
      "   Use VMAC, i/f name vrrp.51, is_up = false, xmit_base = false",
      "   Interface = vrrp.51, vmac on eth0",
    ]);
    expect(underlyingLines([config], "vrrp.51", () => "UP")[0]).toBe(
      "   VMAC type bridge, underlying interface = eth0, state = UP",
    );
  });

  test("an ipvlan with an address, and one without", () => {
    const own: IpvlanConfig = { flag: "vepa", address: "10.0.0.9", prefixLength: 32 };
    const config = plainInstance({ interface: "vrrp.51", vmacs: [ipvlan(own)] });
    expect(vmacLines(config, [])).toEqual([
      "   Use IPVLAN, i/f vrrp.51, is_up = false, i/f address = 10.0.0.9/32, type vepa",
      "   Interface = vrrp.51, ipvlan on eth0",
    ]);
    expect(underlyingLines([config], "vrrp.51", () => "UP")[0]).toBe(
      "   IPVLAN type vepa, underlying interface = eth0, state = UP",
    );
    const bare = { ...config, vmacs: [ipvlan({ flag: "bridge", address: null, prefixLength: 0 })] };
    expect(vmacLines(bare, [])[0]).toBe("   Use IPVLAN, i/f vrrp.51, is_up = false, type bridge");
  });
});
