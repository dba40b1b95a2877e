// Entries of routes and rules: what they become, what is refused and why, and that nothing makes the reader fail.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { keywordNames } from "../../../src/config/keywords.ts";
import type { RouteConfig, RuleConfig } from "../../../src/config/routing.ts";
import { plainLink } from "../../../native/netlink/link.ts";
import { Links } from "../../../src/engine/links.ts";
import { routeRequest, RouteSet } from "../../../src/engine/routeset.ts";
import { instance, load, messages } from "./support.ts";

function inBlock(name: string, ...entries: string[]): string {
  return instance(`${name} {\n${entries.join("\n")}\n}`);
}

function route(entry: string): RouteConfig | undefined {
  return load(inBlock("virtual_routes", entry)).config?.instances[0]?.routes[0];
}

function rule(entry: string): RuleConfig | undefined {
  return load(inBlock("virtual_rules", entry)).config?.instances[0]?.rules[0];
}

/** The one message about the entry of line 8, without its place. */
function complaint(block: string, entry: string): string {
  const found = messages(load(inBlock(block, entry)));
  expect(found.length, found.join("\n")).toBe(1);
  return found[0]!.replace(/^8:\d+ /, "");
}

describe("routes", () => {
  test("defaults are those of ip route, the protocol is baton's", () => {
    expect(route("192.0.2.0/24 dev eth1")).toEqual({
      text: "192.0.2.0/24 dev eth1",
      family: "ipv4",
      type: 1,
      destination: { address: "192.0.2.0", prefixLength: 24 },
      from: null,
      table: 254,
      vrf: null,
      protocol: 112,
      scope: 253,
      tos: 0,
      metric: 0,
      source: null,
      hops: [{ gateway: null, interface: "eth1", weight: 1, onlink: false, realms: 0, encap: null }],
      metrics: [],
      congestionControl: null,
      expiresS: 0,
      preference: null,
      mode: "replace",
      tracked: true,
      trackGroup: null,
    });
    expect(route("192.0.2.0/24 via 10.0.0.9")?.scope).toBe(0);
    expect(route("local 192.0.2.1 dev lo")).toMatchObject({ type: 2, scope: 254, table: 255 });
    expect(route("2001:db8::/32 dev eth1")).toMatchObject({ family: "ipv6", scope: 0 });
    expect(route("default via 2001:db8::1")).toMatchObject({ family: "ipv6", destination: null });
  });

  test("tracked ones have baton's protocol, others the given one", () => {
    expect(route("192.0.2.0/24 dev eth1 protocol 18")?.protocol).toBe(112);
    expect(route("192.0.2.0/24 dev eth1 protocol static no_track")?.protocol).toBe(4);
    expect(complaint("virtual_routes", "192.0.2.0/24 dev eth1 protocol static")).toStartWith(
      "warning: a route that is tracked has protocol 112",
    );
  });

  test("what is given twice counts once, the last time", () => {
    expect(route("192.0.2.0/24 dev eth1 mtu 1000 mtu lock 1400")?.metrics).toEqual([[1, 4], [2, 1400]]);
  });

  test("times with and without unit, in the kernel's parts", () => {
    expect(route("192.0.2.0/24 dev eth1 rtt 100ms rttvar 1s rto_min 7")?.metrics).toEqual([
      [4, 800],
      [5, 4000],
      [13, 7],
    ]);
  });

  const refused: [entry: string, why: string][] = [
    ["192.0.2.0/24 via 10.0.0.9 table nosuch", 'table "nosuch" is unknown'],
    ["192.0.2.0/24 foo", '"foo" is not an option of a route'],
    ["192.0.2.0/24 via 10.0.0.9 metirc 5", "did you mean metric?"],
    ["192.0.2.0/24 via", "via lacks its value"],
    ["192.0.2.0/24 via 10.0.0.9 metric x", 'metric "x" is not a number'],
    ["192.0.2.0/24 via 2001:db8::1", "mixes IPv4 and IPv6"],
    ["nat 192.0.2.1 via 10.0.0.9", "nat routes were taken out"],
    ["192.0.2.0/24 nexthop via 10.0.0.9 weight 300", 'weight "300" is not a number from 1 to 256'],
    ["192.0.2.0/24 nexthop", "nexthop names neither"],
    ["192.0.2.0/24 via 10.0.0.9 scope foo", 'scope "foo" is unknown'],
    ["192.0.2.0/24 via 10.0.0.9 tos 300", 'type of service "300" is unknown'],
    ["192.0.2.0/24 via 10.0.0.9 quickack 4", 'quickack "4" is not a number from 0 to 1'],
    ["192.0.2.0/24 via 10.0.0.9 pref low", "pref is for IPv6 routes only"],
    ["192.0.2.0/24 via 10.0.0.9 expires 5", "expires is for IPv6 routes only"],
    ["2001:db8::/32 dev eth1 pref lowest", 'pref "lowest" is unknown'],
    ["192.0.2.0/24 from 192.0.2.0/24 dev eth1", "only IPv6 routes have a source prefix"],
    ["192.0.2.0/24 inet6 dev eth1", "mixes IPv4 and IPv6"],
    ["192.0.2.0/24 dev an-interface-too-long", "cannot be the name of an interface"],
    ["192.0.2.0/24 dev eth1 congctl a-name-that-is-too-long", "is longer than 15 characters"],
    ["192.0.2.0/24 dev eth1 rtt soon", 'rtt "soon" is not a time'],
    ["192.0.2.0/24 dev eth1 realms no/such", 'realms "no/such" are unknown'],
    ["192.0.2.0/24 dev eth1 encap seg6 5", 'baton knows no encapsulation "seg6"'],
    ["192.0.2.0/24 dev eth1 encap ila 1:2:3:4", "mixes IPv4 and IPv6"],
    ["2001:db8::/32 dev eth1 encap ila 2001:db8:1", '"2001:db8:1" is no locator'],
    ["2001:db8::/32 dev eth1 encap ila 1:2:3:10000", "is no locator"],
    ["192.0.2.0/24 dev eth1 encap ip dst 2001:db8::1", "encap ip needs an ipv4 address"],
    ["192.0.2.0/24 dev eth1 encap mpls 5/1048576", "is no stack of labels"],
    ["via 10.0.0.9", "lacks its destination"],
  ];
  for (const [entry, why] of refused) {
    test(`refused: ${entry}`, () => {
      expect(complaint("virtual_routes", entry)).toContain(why);
      expect(complaint("virtual_routes", entry)).toMatch(
        /so the route is skipped|error: via lacks its value/,
      );
      expect(route(entry)).toBeUndefined();
    });
  }

  test("a bad prefix length counts as the whole address, as for keepalived", () => {
    expect(complaint("virtual_routes", "192.0.2.1/33 dev eth1")).toContain("/32 is used");
    expect(route("192.0.2.1/33 dev eth1")?.destination?.prefixLength).toBe(32);
  });

  test("routes that keepalived does not put back are told of", () => {
    const text = `static_routes {\n192.0.2.0/24 via 10.0.0.9\n198.51.100.0/24 dev eth0\n}\n${instance()}`;
    expect(messages(load(text))).toEqual([
      "2:1 warning: keepalived does not put back a route without dev, baton does; add dev or no_track, so that both do the same",
    ]);
    expect(load(text).config?.statics.routes.length).toBe(2);
  });

  test("YAML: the same words", () => {
    const text =
      "vrrp_instance: { V: { interface: eth0, virtual_router_id: 1, virtual_ipaddress: [192.0.2.9], " +
      'virtual_routes: ["192.0.2.0/24 via 10.0.0.9", { 198.51.100.0/24: { dev: eth1, metric: 5, onlink: true } }], ' +
      "virtual_rules: [from 10.0.0.0/8 table 7 preference 9] } }";
    const { config } = load(text, {}, { path: "/etc/baton/x.yaml" });
    expect(config?.instances[0]?.routes.map((r) => r.text)).toEqual([
      "192.0.2.0/24 via 10.0.0.9",
      "198.51.100.0/24 dev eth1 metric 5 onlink",
    ]);
    expect(config?.instances[0]?.rules.map((r) => r.priority)).toEqual([9]);
    const wrong = load(text.replace("metric", "metrik"), {}, { path: "/etc/baton/x.yaml" });
    expect(wrong.config).toBeNull();
  });
});

describe("rules", () => {
  test("priorities that are not given go downwards, each family by itself", () => {
    const entries = [
      "from 192.0.2.0/24 table 7",
      "from 2001:db8::/32 table 7",
      "from 198.51.100.0/24 table 7",
    ];
    const { config } = load(inBlock("virtual_rules", ...entries));
    expect(config?.instances[0]?.rules.map((r) => r.priority)).toEqual([16384, 16384, 16383]);
    expect(complaint("virtual_rules", entries[0]!)).toContain("has no preference, so 16384 is used");
  });

  const refused: [entry: string, why: string][] = [
    ["from 192.0.2.0/24", "the rule has no action"],
    ["from 192.0.2.0/24 table nosuch preference 5", 'table "nosuch" is unknown'],
    ["from 192.0.2.0/24 table 7 ip_proto tcp", "did you mean ipproto?"],
    ["from 192.0.2.0/24 table 7 blackhole", 'a rule has one action, and "table" was written already'],
    ["from 192.0.2.0/24 goto 5 preference 7", "goto 5 goes back from 7"],
    ["from 192.0.2.0/24 to 2001:db8::/64 table 7", "mixes IPv4 and IPv6"],
    ["from 192.0.2.0/24 uidrange 5-4 table 7", 'uidrange "5-4" is not a range'],
    ["from 192.0.2.0/24 dport 5-70000 table 7", "is not a range"],
    ["from 192.0.2.0/24 ipproto foo table 7", 'ipproto "foo" is unknown'],
    ["from 192.0.2.0/24 fwmark 0x1/zz table 7", "is not a mark"],
    ["from 192.0.2.0/24 tunnel-id x table 7", "is not a number"],
    ["from 192.0.2.0/24 table 7 preference 0", 'preference "0" is not a number from 1'],
  ];
  for (const [entry, why] of refused) {
    test(`refused: ${entry}`, () => {
      expect(complaint("virtual_rules", entry)).toContain(why);
      expect(rule(entry)).toBeUndefined();
    });
  }
});

test("a family that is written is the family, whatever else would decide it", () => {
  for (const block of ["virtual_routes", "virtual_rules"]) {
    const more = block === "virtual_rules" ? "table 7 preference 9" : "dev eth1";
    const to = block === "virtual_rules" ? "from " : "";
    expect(complaint(block, `inet ${to}2001:db8::/32 ${more}`)).toContain("than inet or inet6 says");
    expect(complaint(block, `inet6 ${to}192.0.2.0/24 ${more}`)).toContain("than inet or inet6 says");
  }
  expect(route("inet6 default dev eth1")?.family).toBe("ipv6");
  expect(rule("inet6 from all table 7 preference 9")?.family).toBe("ipv6");
});

test("encap ila: the locator is the first half of an address", () => {
  const config = route("2001:db8:9::/64 encap ila 1:2:3:fffF via fe80::1 dev eth1")!;
  expect(config.hops[0]!.encap).toEqual({ kind: "ila", locator: "1:2:3:fffF" });
  const { encapsulation } = routeRequest(config, new Links());
  expect(encapsulation).toEqual({ kind: "ila", locator: Uint8Array.of(0, 1, 0, 2, 0, 3, 0xff, 0xff) });
});

// shows: route-entry vrf
test("a route of a VRF goes into its table, and waits for it, also where another interface has that name", () => {
  const links = new Links();
  const config = route("192.0.2.0/24 dev eth1 vrf red")!;
  const set = new RouteSet(1, [config], [], null);
  set.build(links);
  expect(set.reachable(0, links)).toBe(false);
  links.update(plainLink(5, "eth1"));
  links.update(plainLink(6, "red"));
  // Without a table of its own it would land in main.
  expect(set.reachable(0, links)).toBe(false);
  links.remove(6);
  links.update({ ...plainLink(7, "red"), kind: "vrf", vrfTable: 10 });
  expect(set.reachable(0, links)).toBe(true);
  expect(routeRequest(config, links).table).toBe(10);
});

test("any words: the readers report, and what they accept fits into its messages", () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...keywordNames("route-entry"),
      ...keywordNames("rule-entry"),
      "lock",
      "ip",
      "ip6",
      "mpls",
      "ila",
      "1:2:3:4",
      "id",
    ),
    fc.constantFrom(
      "default",
      "192.0.2.0/24",
      "10.0.0.9",
      "2001:db8::/32",
      "fe80::1",
      "eth0",
      "5",
      "0x10",
      "1-5",
    ),
    fc.string({ minLength: 1, maxLength: 8 }).map((text) => text.replace(/[\s"'!#{}~@$\\]/g, "x")),
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 14 }), (words) => {
      const entry = words.join(" ");
      const { config } = load(
        inBlock("virtual_routes", entry) + inBlock("virtual_rules", entry).replace("VI_1", "B"),
      );
      for (const { routes, rules } of config?.instances ?? []) {
        const set = new RouteSet(1, routes, rules, null);
        set.build(new Links());
        for (let i = 0; i < set.length; i++) {
          for (const command of ["add", "remove"] as const) {
            const [start, end] = set.bounds(i, command);
            expect(end).toBeGreaterThan(start);
          }
        }
      }
    }),
    { numRuns: 2000 },
  );
});
