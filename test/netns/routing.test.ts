// Routes and rules in the kernel: each option's effect, failover, meddling, reload, what a crash leaves.
import { expect, test } from "bun:test";
import { GLOBAL, instance } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;

/** Lines of a block of the instance or of the top level. */
function block(name: string, entries: string[]): string {
  return `${name} {\n${entries.map((entry) => `  ${entry}\n`).join("")}}\n`;
}

function withRouting(
  routes: string[],
  rules: string[] = [],
  more: Parameters<typeof instance>[0] = {},
): string {
  const lines = [block("virtual_routes", routes), block("virtual_rules", rules)];
  return GLOBAL + instance({ ...V3, ...more, lines: [...(more.lines ?? []), ...lines] });
}

async function routes(node: Node): Promise<string> {
  const shown = [
    await node.ip("route", "show", "table", "all"),
    await node.ip("-6", "route", "show", "table", "all"),
  ];
  return tidy(shown.join("\n"));
}

async function rules(node: Node): Promise<string> {
  return tidy(await node.ip("rule", "show") + await node.ip("-6", "rule", "show"));
}

/** One blank between words, none at the end: ip's own are many. */
function tidy(text: string): string {
  return text.split("\n").map((line) => line.trim().replace(/\s+/g, " ")).join("\n");
}

/** Awaits that a listing contains a text (or no longer does). */
async function shows(
  list: (node: Node) => Promise<string>,
  node: Node,
  text: string,
  there = true,
): Promise<void> {
  let last = "";
  await until(
    async () => (last = await list(node)).split("\n").some((line) => line.includes(text)) === there,
    () => `"${text}" ${there ? "never came" : "stayed"}:\n${last}`,
  );
}

/** Entry, and what `ip route` says of it. */
const ROUTES: [entry: string, shown: string][] = [
  ["192.0.2.0/25 via 10.0.0.9", "192.0.2.0/25 via 10.0.0.9 dev eth0 proto 112"],
  ["to 192.0.2.128/25 gw 10.0.0.9", "192.0.2.128/25 via 10.0.0.9 dev eth0 proto 112"],
  ["198.51.100.0/24 dev eth0 src 10.0.0.100", "198.51.100.0/24 dev eth0 proto 112 scope link src 10.0.0.100"],
  ["198.51.101.7/24 oif eth0 metric 77", "198.51.101.0/24 dev eth0 proto 112 scope link metric 77"],
  ["198.51.102.0/24 dev eth0 priority 78", "198.51.102.0/24 dev eth0 proto 112 scope link metric 78"],
  ["198.51.103.0/24 dev eth0 preference 79", "198.51.103.0/24 dev eth0 proto 112 scope link metric 79"],
  ["198.51.104.0/24 dev eth0 scope host", "198.51.104.0/24 dev eth0 proto 112 scope host"],
  ["198.51.105.0/24 dev eth0 tos 0x10", "198.51.105.0/24 tos 0x10 dev eth0 proto 112"],
  ["198.51.106.0/24 dev eth0 dsfield 8", "198.51.106.0/24 tos 0x08 dev eth0 proto 112"],
  [
    "198.51.107.0/24 via 10.77.0.1 dev eth0 onlink",
    "198.51.107.0/24 via 10.77.0.1 dev eth0 proto 112 onlink",
  ],
  ["198.51.108.0/24 dev eth0 table 100", "198.51.108.0/24 dev eth0 table 100 proto 112 scope link"],
  ["198.51.109.0/24 dev eth0 table 70000", "198.51.109.0/24 dev eth0 table 70000 proto 112 scope link"],
  ["198.51.110.0/24 dev eth0 protocol static no_track", "198.51.110.0/24 dev eth0 proto static scope link"],
  ["198.51.111.0/24 dev eth0 mtu 1400", "198.51.111.0/24 dev eth0 proto 112 scope link mtu 1400"],
  ["198.51.112.0/24 dev eth0 mtu lock 1400 advmss 1300", "proto 112 scope link mtu lock 1400 advmss 1300"],
  [
    "198.51.113.0/24 dev eth0 hoplimit 33 window 5000 cwnd 9 ssthresh 8",
    "window 5000 ssthresh 8 cwnd 9 hoplimit 33",
  ],
  ["198.51.114.0/24 dev eth0 rtt 100ms rttvar 50ms rto_min 1s", "rtt 100ms rttvar 50ms rto_min 1s"],
  ["198.51.115.0/24 dev eth0 reordering 7 initcwnd 20 initrwnd 21", "reordering 7 initcwnd 20 initrwnd 21"],
  ["198.51.116.0/24 dev eth0 quickack 1 features ecn", "features ecn quickack 1"],
  ["198.51.117.0/24 dev eth0 congctl reno fastopen_no_cookie 1", "congctl reno"],
  ["198.51.117.0/24 dev eth0 table 117 fastopen_no_cookie 1", "fastopen_no_cookie 1"],
  ["198.51.118.0/24 dev eth0 realms 5/6", "198.51.118.0/24 dev eth0 proto 112 scope link realms 5/6"],
  ["198.51.119.0/24 via inet6 fe80::9 dev eth0", "198.51.119.0/24 via inet6 fe80::9 dev eth0 proto 112"],
  [
    "198.51.120.0/24 encap ip id 100 dst 10.9.9.9 ttl 7 tos 4 src 10.0.0.1 dev eth0",
    "encap ip id 100 src 10.0.0.1 dst 10.9.9.9 ttl 7 tos 4 dev eth0 proto 112",
  ],
  ["blackhole 198.51.121.0/24", "blackhole 198.51.121.0/24 proto 112"],
  ["unreachable 198.51.122.0/24", "unreachable 198.51.122.0/24 proto 112"],
  ["prohibit 198.51.123.0/24", "prohibit 198.51.123.0/24 proto 112"],
  ["throw 198.51.124.0/24 table 100", "throw 198.51.124.0/24 table 100 proto 112"],
  ["local 198.51.125.0/24 dev lo", "local 198.51.125.0/24 dev lo table local proto 112 scope host"],
  ["broadcast 198.51.126.255 dev eth0", "broadcast 198.51.126.255 dev eth0 table local proto 112 scope link"],
  ["multicast 239.1.1.0/24 dev eth0", "multicast 239.1.1.0/24 dev eth0 proto 112 scope link"],
  ["unicast default via 10.0.0.9 metric 5", "default via 10.0.0.9 dev eth0 proto 112 metric 5"],
  [
    "198.51.127.0/24 nexthop via 10.0.0.9 weight 3 nexthop via 10.0.0.8 dev eth0 weight 1 realms 9",
    "nexthop via 10.0.0.9 dev eth0 weight 3",
  ],
  ["198.51.128.0/24 via 10.0.0.9 or 10.0.0.8", "nexthop via 10.0.0.8 dev eth0 weight 1"],
  ["198.51.129.0/24 dev eth0 append", "198.51.129.0/24 dev eth0 proto 112"],
  ["198.51.130.0/24 dev eth0 prepend", "198.51.130.0/24 dev eth0 proto 112"],
  ["198.51.131.0/24 dev eth0 add", "198.51.131.0/24 dev eth0 proto 112"],
  ["2001:db8:9::/48 via 2001:db8:1::9", "2001:db8:9::/48 via 2001:db8:1::9 dev eth0 proto 112 metric 1024"],
  [
    "2001:db8:a::/48 via fe80::9 dev eth0 metric 7 pref high",
    "2001:db8:a::/48 via fe80::9 dev eth0 proto 112 metric 7 pref high",
  ],
  ["2001:db8:b::/48 dev eth0 expires 500", "2001:db8:b::/48 dev eth0 proto 112 metric 1024 expires"],
  [
    "2001:db8:c::/48 from 2001:db8:1::/64 via fe80::9 dev eth0",
    "2001:db8:c::/48 from 2001:db8:1::/64 via fe80::9 dev eth0 proto 112",
  ],
  ["inet6 default via fe80::9 dev eth0 metric 9", "default via fe80::9 dev eth0 proto 112 metric 9"],
  ["unreachable 2001:db8:d::/48", "unreachable 2001:db8:d::/48 dev lo proto 112"],
  [
    "2001:db8:e::/48 nexthop via fe80::9 dev eth0 weight 2 nexthop via fe80::8 dev eth0",
    "nexthop via fe80::9 dev eth0 weight 2",
  ],
  [
    "2001:db8:f::/48 encap ip6 id 3 dst 2001:db8::9 hoplimit 9 tc 4 dev eth0",
    "encap ip6 id 3 src :: dst 2001:db8::9 hoplimit 9 tc 4 dev eth0 proto 112",
  ],
];

const RULES: [entry: string, shown: string][] = [
  ["from 192.0.2.0/24 table 100 preference 1000", "1000: from 192.0.2.0/24 lookup 100 proto 112"],
  ["inet to 192.0.2.7 lookup 70000 order 1001", "1001: from all to 192.0.2.7 lookup 70000 proto 112"],
  [
    "from all fwmark 0x10/0xff table main priority 1002",
    "1002: from all fwmark 0x10/0xff lookup main proto 112",
  ],
  [
    "not from 10.9.0.0/16 iif eth0 blackhole preference 1003",
    "1003: not from 10.9.0.0/16 iif eth0 blackhole proto 112",
  ],
  [
    "from 10.9.0.0/16 dev eth0 unreachable preference 1004",
    "1004: from 10.9.0.0/16 iif eth0 unreachable proto 112",
  ],
  [
    "from 10.9.0.0/16 oif eth0 prohibit preference 1005",
    "1005: from 10.9.0.0/16 oif eth0 prohibit proto 112",
  ],
  ["from 10.9.0.0/16 tos 0x10 goto 1010 preference 1006", "1006: from 10.9.0.0/16 tos 0x10 goto 1010"],
  ["from 10.9.0.0/16 dsfield 0x08 nop preference 1007", "1007: from 10.9.0.0/16 tos 0x08 nop proto 112"],
  [
    "from 10.9.0.0/16 realms 5/6 table 100 preference 1008",
    "1008: from 10.9.0.0/16 lookup 100 realms 5/6 proto 112",
  ],
  [
    "from 10.9.0.0/16 suppress_prefixlength 0 table main preference 1009",
    "lookup main suppress_prefixlength 0 proto 112",
  ],
  [
    "from 10.9.0.0/16 sup_pl 1 suppress_ifgroup 5 table main preference 1010",
    "lookup main suppress_prefixlength 1 suppress_ifgroup 5 proto 112",
  ],
  ["from 10.9.0.0/16 sup_group 6 table main preference 1011", "lookup main suppress_ifgroup 6 proto 112"],
  [
    "from 10.9.0.0/16 tunnel-id 7 table 100 preference 1012",
    "1012: from 10.9.0.0/16 tun_id 7 lookup 100 proto 112",
  ],
  [
    "from 10.9.0.0/16 uidrange 5-9 table 100 preference 1013",
    "1013: from 10.9.0.0/16 uidrange 5-9 lookup 100 proto 112",
  ],
  ["l3mdev preference 1014", "1014: from all lookup [l3mdev-table] proto 112"],
  [
    "from 10.9.0.0/16 ipproto tcp sport 5-9 dport 80-81 table 100 preference 1015",
    "ipproto tcp sport 5-9 dport 80-81 lookup 100 proto 112",
  ],
  [
    "from 10.9.0.0/16 dport 53 ipproto 17 table 100 preference 1016",
    "ipproto udp dport 53 lookup 100 proto 112",
  ],
  [
    "from 10.9.0.0/16 protocol static no_track table 100 preference 1017",
    "1017: from 10.9.0.0/16 lookup 100 proto static",
  ],
  ["from 10.8.0.0/16 table 100", "16384: from 10.8.0.0/16 lookup 100 proto 112"],
  ["from 10.7.0.0/16 table 100", "16383: from 10.7.0.0/16 lookup 100 proto 112"],
  ["inet6 from all table 100 preference 1018", "1018: from all lookup 100 proto 112"],
  ["from 2001:db8::/32 table 100 preference 1019", "1019: from 2001:db8::/32 lookup 100 proto 112"],
];

// shows: route-entry [to] DEST, src, via, gw, from, or, tos, dsfield, table, protocol, scope, metric, priority, preference
// shows: route-entry dev, oif, onlink, encap, expires, mtu, hoplimit, advmss, rtt, rttvar, reordering, window, cwnd, ssthresh
// shows: route-entry realms, rto_min, initcwnd, initrwnd, features, quickack, congctl, pref, fastopen_no_cookie, nexthop, no_track
// shows: rule-entry not, from, to, table, lookup, preference, order, priority, tos, dsfield, fwmark, realms, suppress_prefixlength
// shows: rule-entry sup_pl, suppress_ifgroup, sup_group, dev, iif, oif, tunnel-id, uidrange, l3mdev, protocol, ipproto, sport
// shows: rule-entry dport, goto, nop, blackhole, unreachable, prohibit, no_track
test.concurrent("every option of routes and rules is in the kernel, and nothing of it after the stop", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const before = await node.inventory();
  const entries = ROUTES.map(([entry]) => entry);
  const baton = new Baton(node, withRouting(entries, RULES.map(([entry]) => entry))).start();
  await baton.becomes("MASTER");
  await shows(rules, node, RULES.at(-1)![1]);
  const there = await routes(node);
  for (const [entry, shown] of ROUTES) expect(there, `${entry}\n${baton.log}`).toContain(shown);
  const ruled = await rules(node);
  for (const [entry, shown] of RULES) expect(ruled, `${entry}\n${baton.log}`).toContain(shown);
  expect(baton.log).not.toContain("cannot be");
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
});

// shows: route-entry inet, inet6
// shows: rule-entry inet, inet6
test.concurrent("inet and inet6 say the family; what contradicts them is left out", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const ways = [
    "inet6 default dev eth0 metric 11",
    "inet 2001:db8:77::/48 dev eth0",
    "192.0.2.0/24 dev eth0",
  ];
  const ruling = [
    "inet6 from all table 100 preference 1018",
    "inet from 2001:db8:77::/48 table 100 preference 1019",
    "from 192.0.2.0/24 table 100 preference 1020",
  ];
  const baton = new Baton(node, withRouting(ways, ruling)).start();
  await baton.becomes("MASTER");
  // The last of each, so all are there.
  await shows(routes, node, "192.0.2.0/24 dev eth0");
  await shows(rules, node, "1020: from 192.0.2.0/24 lookup 100");
  const of = async (family: string, what: string) => tidy(await node.ip(family, what, "show"));
  expect(await of("-6", "route")).toContain("default dev eth0 proto 112 metric 11");
  expect(await of("-4", "route")).not.toContain("metric 11");
  expect(await of("-6", "rule")).toContain("1018: from all lookup 100");
  expect(await of("-4", "rule")).not.toContain("1018:");
  expect(await of("-6", "route")).not.toContain("2001:db8:77::");
  expect(await of("-6", "rule")).not.toContain("1019:");
  expect(baton.log.match(/of another family than inet or inet6 says/g)?.length).toBe(2);
});

// shows: vrrp_instance virtual_routes, virtual_rules
test.concurrent("a failover moves routes and rules with the addresses", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const [a, b] = [lab.node("a"), lab.node("b")];
  const entries = ["192.0.2.0/24 via 10.0.0.9 src 10.0.0.100"];
  const ruling = ["from 10.0.0.100 table 100 preference 500"];
  const batons = [a, b].map((node, i) =>
    new Baton(node, withRouting(entries, ruling, { priority: i === 0 ? 150 : 100 })).start()
  );
  await batons[0]!.becomes("MASTER");
  await batons[1]!.becomes("BACKUP");
  await shows(routes, a, "192.0.2.0/24 via 10.0.0.9 dev eth0 proto 112 src 10.0.0.100");
  expect(await routes(b)).not.toContain("192.0.2.0/24");
  expect(await rules(b)).not.toContain("lookup 100");
  await batons[0]!.end("SIGTERM");
  await batons[1]!.becomes("MASTER");
  await shows(routes, b, "192.0.2.0/24 via 10.0.0.9 dev eth0 proto 112 src 10.0.0.100");
  await shows(rules, b, "500: from 10.0.0.100 lookup 100");
  // Its better comes back: it hands everything over again.
  batons[0]!.start();
  await shows(routes, a, "192.0.2.0/24 via 10.0.0.9");
  await shows(routes, b, "192.0.2.0/24", false);
  await shows(rules, b, "lookup 100", false);
});

// shows: route-entry add, prepend, append
test.concurrent("where another route of the same key stands: beside it, before it, or not at all", async () => {
  const keys = ["192.0.2.0/26", "192.0.2.64/26", "192.0.2.128/26"] as const;
  const commands = keys.map((key) => `route add ${key} via 10.0.0.7`);
  await using lab = await Lab.create({ a: { commands } });
  const node = lab.node("a");
  const before = await node.inventory();
  const words = ["append", "prepend", "add"];
  const entries = keys.map((key, index) => `${key} via 10.0.0.9 ${words[index]}`);
  const baton = new Baton(node, withRouting([...entries, "198.51.100.0/24 dev eth0"])).start();
  await baton.becomes("MASTER");
  await shows(routes, node, "198.51.100.0/24 dev eth0 proto 112");
  const ways = async (key: string) =>
    (await node.ip("route", "show", key)).trim().split("\n").map((line) => /via (\S+)/.exec(line)?.[1]);
  expect(await ways(keys[0])).toEqual(["10.0.0.7", "10.0.0.9"]);
  expect(await ways(keys[1])).toEqual(["10.0.0.9", "10.0.0.7"]);
  expect(await ways(keys[2])).toEqual(["10.0.0.7"]);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
});

test.concurrent("a route and a rule that somebody removes are put back, unless no_track", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const baton = new Baton(
    node,
    withRouting(
      [
        "192.0.2.0/24 via 10.0.0.9",
        "2001:db8:9::/48 via fe80::9 dev eth0",
        "198.51.100.0/24 dev eth0 no_track",
      ],
      ["from 192.0.2.0/24 table 100 preference 500"],
    ),
  ).start();
  await baton.becomes("MASTER");
  await shows(rules, node, "500: from 192.0.2.0/24");
  await node.ip("route", "del", "198.51.100.0/24");
  await node.ip("route", "del", "192.0.2.0/24");
  await baton.waitFor(
    /route "192\.0\.2\.0\/24 via 10\.0\.0\.9" is gone: another program removed it; it is put back/,
  );
  await shows(routes, node, "192.0.2.0/24 via 10.0.0.9 dev eth0 proto 112");
  await node.ip("-6", "route", "del", "2001:db8:9::/48");
  await shows(routes, node, "2001:db8:9::/48 via fe80::9");
  await node.ip("rule", "del", "preference", "500");
  await baton.waitFor(/rule "from 192\.0\.2\.0\/24 table 100 preference 500" is gone/);
  await shows(rules, node, "500: from 192.0.2.0/24");
  expect(await routes(node)).not.toContain("198.51.100.0/24");
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
});

test.concurrent("a route in whose place ours stands comes back: after a stop, a crash, and a clean-up", async () => {
  const commands = [
    "route add default via 10.0.0.7 proto static mtu 1400",
    "route add 192.0.2.0/24 via 10.0.0.7",
  ];
  await using lab = await Lab.create({ a: { commands } });
  const node = lab.node("a");
  const before = await node.inventory();
  const text = withRouting(["default via 10.0.0.9", "192.0.2.0/24 via 10.0.0.9 src 10.0.0.100"]);
  const baton = new Baton(node, text).start();
  const replaced = async () => {
    await shows(routes, node, "default via 10.0.0.9 dev eth0 proto 112");
    await shows(routes, node, "192.0.2.0/24 via 10.0.0.9");
    expect(await routes(node)).not.toContain("10.0.0.7");
  };
  await replaced();
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
  baton.start();
  await replaced();
  await recorded(baton, "192.0.2.0/24");
  await baton.program.kill();
  baton.write(GLOBAL + instance({ ...V3, interval: 40 }));
  baton.start();
  await baton.waitFor(/removed route "default via 10\.0\.0\.9", and put back what it replaced: left behind/);
  await baton.becomes("BACKUP");
  await node.loses("10.0.0.100");
  await shows(routes, node, "192.0.2.0/24 via 10.0.0.7");
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
});

/** Awaits that the state file names a text. */
async function recorded(baton: Baton, text: string): Promise<void> {
  const file = Bun.file(`${baton.socket}.state.json`);
  await until(
    async () => (await file.text().catch(() => "")).includes(text),
    () => `${text} was never recorded`,
  );
}

test.concurrent("the start after a crash removes routes, rules and static addresses; what others made stays", async () => {
  const commands = [
    "rule add from 10.5.0.0/16 table 5 pref 700",
    "route add 198.51.100.0/24 dev eth0 proto 112",
  ];
  await using lab = await Lab.create({ a: { commands } });
  const node = lab.node("a");
  const before = await node.inventory();
  const statics = block("static_ipaddress", ["10.0.0.77/24 dev eth0"]) +
    block("static_routes", ["203.0.113.0/24 dev eth0 src 10.0.0.77"]) +
    block("static_rules", [
      "from 10.0.0.77 table 77 preference 600",
      "from 10.5.0.0/16 table 5 preference 700",
    ]);
  const text = statics + withRouting(
    [
      "192.0.2.0/24 dev eth0",
      "2001:db8:9::/48 dev eth0",
      "198.51.102.0/24 dev eth0 protocol static no_track",
    ],
    ["from 10.0.0.100 table 100 preference 500"],
    { lines: ["vip_lease off"] },
  );
  const baton = new Baton(node, text).start();
  await baton.becomes("MASTER");
  await shows(rules, node, "500: from 10.0.0.100");
  await recorded(baton, "preference 500");
  await recorded(baton, "10.0.0.77");
  await baton.program.kill();
  expect(await routes(node)).toContain("203.0.113.0/24");
  baton.write(GLOBAL + instance({ ...V3, interval: 40 }));
  baton.start();
  await baton.becomes("BACKUP");
  expect(await node.inventory()).toBe(before);
  expect(await baton.end("SIGTERM")).toBe(0);
});

// shows: root static_ipaddress, static_routes, static_rules
test.concurrent("static addresses, routes and rules: set at the start, put back, gone after the stop", async () => {
  await using lab = await Lab.create({ a: { ipv4: [] } });
  const node = lab.node("a");
  const before = await node.inventory();
  const statics =
    block("static_ipaddress", ["10.0.0.1/24 dev eth0 label eth0:st", "2001:db8:5::5/64 dev eth0"]) +
    block("static_routes", ["203.0.113.0/24 via 10.0.0.9", "192.0.2.0/24 dev later"]) +
    block("static_rules", ["from 203.0.113.0/24 table 77 preference 600"]);
  // Far from Master, and its source is the static address: a mark does not keep it from being one.
  const baton = new Baton(node, statics + GLOBAL + instance({ ...V3, interval: 40 })).start();
  await baton.becomes("BACKUP");
  await shows(rules, node, "600: from 203.0.113.0/24 lookup 77 proto 112");
  await shows(routes, node, "203.0.113.0/24 via 10.0.0.9 dev eth0 proto 112");
  expect(await node.ip("address", "show", "dev", "eth0")).toContain("scope global eth0:st");
  await node.ip("address", "del", "10.0.0.1/24", "dev", "eth0");
  await node.gains("10.0.0.1");
  await shows(routes, node, "203.0.113.0/24 via 10.0.0.9");
  await baton.waitFor(
    /static address 10\.0\.0\.1\/24 on eth0 is gone: another program removed it; it is put back/,
  );
  await node.ip("rule", "del", "preference", "600");
  await shows(rules, node, "600: from 203.0.113.0/24");
  // A route waits for its interface.
  await node.ip("link", "add", "later", "type", "veth", "peer", "name", "other");
  await node.ip("link", "set", "other", "up");
  await node.ip("link", "set", "later", "up");
  await shows(routes, node, "192.0.2.0/24 dev later proto 112");
  await node.ip("link", "set", "later", "down");
  await shows(routes, node, "192.0.2.0/24 dev later", false);
  await node.ip("link", "set", "later", "up");
  await shows(routes, node, "192.0.2.0/24 dev later proto 112");
  await node.ip("link", "del", "later");
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
});

test.concurrent("a reload changes routes and rules and touches nothing else", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const statics = (route: string) => block("static_routes", ["203.0.113.0/24 dev eth0", route]);
  const baton = new Baton(
    node,
    statics("203.0.114.0/24 dev eth0") +
      withRouting(["192.0.2.0/24 dev eth0", "198.51.100.0/24 dev eth0"], [
        "from 10.0.0.100 table 100 preference 500",
      ]),
  ).start();
  await baton.becomes("MASTER");
  await shows(rules, node, "500: from 10.0.0.100");
  const monitor = node.spawn("ip monitor", ["ip", "monitor", "route", "rule"]);
  let metric = 0;
  await until(async () => {
    // Each is another route: one that is there already would be no event.
    await node.ip("route", "add", "203.0.115.0/24", "dev", "lo", "metric", `${++metric}`);
    return monitor.log.includes("203.0.115.0/24");
  }, () => "ip monitor does not listen");
  await baton.reload(
    statics("203.0.116.0/24 dev eth0") +
      withRouting(["192.0.2.0/24 dev eth0", "198.51.101.0/24 dev eth0"], [
        "from 10.0.0.100 table 101 preference 500",
      ]),
  );
  expect(baton.log).toContain("static route 203.0.116.0/24 dev eth0");
  await shows(rules, node, "500: from 10.0.0.100 lookup 101");
  await shows(routes, node, "198.51.101.0/24 dev eth0");
  await shows(routes, node, "203.0.116.0/24 dev eth0");
  const there = await routes(node);
  expect(there).not.toContain("198.51.100.0/24");
  expect(there).not.toContain("203.0.114.0/24");
  expect(await rules(node)).not.toContain("lookup 100");
  expect(monitor.log).not.toContain("192.0.2.0/24");
  expect(monitor.log).not.toContain("203.0.113.0/24");
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
});

test.concurrent("a tracked route's interface that goes down is a fault; with no_track it is none", async () => {
  const commands = ["link add d0 type veth peer name d1", "link set d1 up", "link set d0 up"];
  await using lab = await Lab.create({ a: { commands }, b: { commands } });
  const [a, b] = [lab.node("a"), lab.node("b")];
  const tracked = new Baton(a, withRouting(["192.0.2.0/24 dev d0"])).start();
  const free = new Baton(
    b,
    withRouting(["192.0.2.0/24 dev d0 no_track"], [], { vrid: 52, addresses: ["10.0.0.101/24"] }),
  ).start();
  await tracked.becomes("MASTER");
  await free.becomes("MASTER");
  await a.ip("link", "set", "d0", "down");
  await b.ip("link", "set", "d0", "down");
  await tracked.waitFor(/Entering FAULT STATE: interface d0 is down/);
  await a.ip("link", "set", "d0", "up");
  await shows(routes, a, "192.0.2.0/24 dev d0 proto 112");
  expect(free.states()).toEqual(["BACKUP", "MASTER"]);
});

test.concurrent("two instances with one route: it stays until the last of them goes", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const lines = [
    block("virtual_routes", ["192.0.2.0/24 dev eth0"]),
    block("virtual_rules", ["from all table 9 preference 9"]),
  ];
  const one = instance({ ...V3, lines });
  const two = instance({ ...V3, name: "VI_2", vrid: 52, addresses: ["10.0.0.101/24"], lines });
  const baton = new Baton(node, GLOBAL + one + two).start();
  await baton.shows((i) => i.state === "MASTER", "VI_1");
  await baton.shows((i) => i.state === "MASTER", "VI_2");
  await node.gains("10.0.0.101");
  await baton.reload(GLOBAL + two);
  await node.loses("10.0.0.100");
  expect(await routes(node)).toContain("192.0.2.0/24 dev eth0");
  expect(await rules(node)).toContain("lookup 9");
  await baton.reload(GLOBAL + instance({ ...V3, name: "VI_2", vrid: 52, addresses: ["10.0.0.101/24"] }));
  await shows(routes, node, "192.0.2.0/24 dev eth0", false);
  await shows(rules, node, "lookup 9", false);
});

test.concurrent("a route that the kernel refuses is told once, in a sentence; the others stand", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const baton = new Baton(node, withRouting(["192.0.2.0/24 via 172.16.0.1", "198.51.100.0/24 dev eth0"]))
    .start();
  await baton.waitFor(/route "192\.0\.2\.0\/24 via 172\.16\.0\.1" cannot be added: ENETUNREACH/);
  await shows(routes, node, "198.51.100.0/24 dev eth0");
  // The way to the gateway appears: so does the route.
  await node.ip("address", "add", "172.16.0.2/24", "dev", "eth0");
  await shows(routes, node, "192.0.2.0/24 via 172.16.0.1");
  expect(baton.log.match(/cannot be added/g)?.length).toBe(1);
});
