// accept and no_accept, strict mode's part in them, and the settings of the nftables table.
import { describe, expect, test } from "bun:test";
import { DEFAULT_FIREWALL } from "../../../src/config/firewall.ts";
import { instance, load, messages } from "./support.ts";

const YAML = { path: "/etc/baton/x.yaml" };

function firewall(...lines: string[]) {
  const result = load(`global_defs {\n${lines.join("\n")}\n}\n${instance()}`);
  return { firewall: result.config?.global.firewall, messages: messages(result) };
}

function accept(globals: string, ...lines: string[]): boolean | undefined {
  return load(`global_defs {\n${globals}\n}\n${instance(lines.join("\n"))}`).config?.instances[0]?.accept;
}

describe("accept mode", () => {
  test("is on; the later of accept and no_accept counts", () => {
    expect(accept("")).toBe(true);
    expect(accept("", "no_accept")).toBe(false);
    expect(accept("", "no_accept", "accept")).toBe(true);
    expect(accept("", "accept", "no_accept")).toBe(false);
  });

  test("in strict mode it is off, but for an owner and where version 3 asks for it", () => {
    expect(accept("vrrp_strict")).toBe(false);
    expect(accept("vrrp_strict", "accept", "version 2")).toBe(false);
    expect(accept("vrrp_strict", "accept", "version 3")).toBe(true);
    expect(accept("vrrp_strict", "strict_mode off")).toBe(true);
    expect(accept("vrrp_strict", "strict_mode off", "no_accept")).toBe(false);
    expect(accept("vrrp_strict", "accept", "no_accept", "version 3")).toBe(false);
  });

  test("an owner accepts whatever is said", () => {
    const text = instance("no_accept").replace(/priority \d+/, "").replace(
      "interface",
      "priority 255\ninterface",
    );
    expect(load(text).config?.instances[0]).toMatchObject({ priority: 255, accept: true });
  });

  test("YAML may say either of both, either way", () => {
    const yaml = (line: string) =>
      load(
        `vrrp_instance: { V: { interface: eth0, virtual_router_id: 1, ${line}, virtual_ipaddress: [192.0.2.1/24] } }\n`,
        {},
        YAML,
      ).config?.instances[0]?.accept;
    expect(yaml("accept: false")).toBe(false);
    expect(yaml("no_accept: true")).toBe(false);
    expect(yaml("no_accept: false")).toBe(true);
  });
});

describe("the nftables table", () => {
  test("has a name, a priority, keys and counters", () => {
    expect(firewall()).toEqual({ firewall: DEFAULT_FIREWALL, messages: [] });
    expect(firewall("nftables")).toEqual({ firewall: DEFAULT_FIREWALL, messages: [] });
    expect(
      firewall("nftables gate", "nftables_priority -2147483648", "nftables_ifindex", "nftables_counters"),
    )
      .toEqual({
        firewall: { table: "gate", priority: -2147483648, byIndex: true, counters: true },
        messages: [],
      });
  });

  test("a name that nft could not say, or that is too long, is refused with the cure", () => {
    for (const name of ["9lives", "a+b", "x".repeat(241)]) {
      const found = firewall(`nftables ${name}`);
      expect(found.firewall?.table).toBe("baton");
      expect(found.messages.length).toBe(1);
      expect(found.messages[0]).toContain("so baton is used; write letters");
    }
    expect(firewall(`nftables k-${"x".repeat(238)}`).messages).toEqual([]);
  });

  test("the first name counts, and a priority out of range leaves the default", () => {
    expect(firewall("nftables one", "nftables two").firewall?.table).toBe("one");
    expect(firewall("nftables_priority 2147483648").firewall?.priority).toBe(-1);
  });
});

test("nftables below vrrp_iptables is told: keepalived has a table then", () => {
  const found = (...lines: string[]) =>
    messages(load(`global_defs {\n${lines.join("\n")}\n}\n${instance()}`))
      .filter((message) => message.includes("below vrrp_iptables"));
  const said = "3:1 warning: keepalived ignores this line below vrrp_iptables, and baton uses it; " +
    "delete vrrp_iptables, so that both do the same";
  expect(found("vrrp_iptables", "nftables x")).toEqual([said]);
  expect(found("vrrp_iptables A B", "nftables")).toEqual([said]);
  expect(found("nftables x", "vrrp_iptables")).toEqual([]);
  expect(found("nftables x")).toEqual([]);
});
