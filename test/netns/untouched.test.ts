// Everything at once, and nothing of it stays: a stop by either signal, a crash with a restart, a crash with a clean-up,
// a crash with a restart that wants none of it.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;
const STATIC = "10.0.0.77";

const EVERYTHING = `global_defs {
  disable_local_igmp
  nftables_ifindex
}
bfd_instance gateway {
  neighbor_ip 10.0.0.2
  weight -10
}
static_ipaddress {
  ${STATIC}/24 dev eth0
  2001:db8:7::1/64 dev eth0
}
static_routes {
  203.0.113.0/24 via 10.0.0.2
  2001:db8:8::/48 via 2001:db8:1::2
}
static_rules {
  from 203.0.113.0/24 table 77 preference 600
}
vrrp_sync_group ALL {
  group {
    FOUR
    SIX
    PLAIN
  }
}
` + instance({
  ...V3,
  name: "FOUR",
  excluded: ["2001:db8:1::101/64"],
  lines: [
    "use_vmac",
    "no_accept",
    "promote_secondaries",
    "track_bfd {",
    "gateway",
    "}",
    "virtual_routes {",
    `192.0.2.0/24 dev vrrp.51 src ${VIP}`,
    "blackhole 198.51.100.0/24 table 78",
    "}",
    "virtual_rules {",
    `from ${VIP}/32 table 78 preference 700`,
    "}",
  ],
}) + instance({
  ...V3,
  name: "SIX",
  addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`],
  lines: ["use_vmac", "no_accept", "virtual_routes {", "2001:db8:9::/48 dev vrrp6.51", "}"],
}) + instance({
  ...V3,
  name: "PLAIN",
  vrid: 52,
  addresses: ["10.0.0.110/24", "10.0.0.111/24 use_vmac", "10.0.0.112/32 label eth0:x"],
  lines: ["strict_mode off", "no_accept"],
});

test("links, addresses, routes, rules, sysctls and nftables are as before, however it ended", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const node = lab.node("a");
  // So that each has something to put back.
  await node.exec(
    "sysctl",
    "-qw",
    "net.ipv4.conf.eth0.promote_secondaries=0",
    "net.ipv4.igmp_link_local_mcast_reports=1",
    "net.ipv4.conf.eth0.arp_announce=1",
  );
  const before = await node.inventory();
  const baton = new Baton(node, EVERYTHING);
  let lacking = "";
  const runs = async () => {
    baton.start();
    for (const name of ["FOUR", "SIX", "PLAIN"]) {
      await baton.becomes("MASTER", name);
      await baton.shows((i) => i.addresses.every((each) => each.held), name);
    }
    // All of it is there: else nothing is proved.
    await until(async () => {
      const now = await node.inventory();
      const missing = PRESENT.filter((each) => !each.test(now));
      return missing.length === 0 || (lacking = `${missing.join(", ")}\n${now}`, false);
    }, () => `not there: ${lacking}\n${baton.log}`);
  };
  const file = `${baton.socket}.state.json`;
  const crashes = async () => {
    const recorded = () => existsSync(file) ? readFileSync(file, "utf8") : "";
    await until(
      () => Promise.resolve(RECORDED.every((each) => recorded().includes(each))),
      () => `never recorded: ${recorded()}`,
    );
    await baton.program.kill();
    expect(await node.inventory()).not.toBe(before);
  };
  const clean = async (what: string) => {
    const after = await node.inventory();
    expect(after.split("\n").filter((line) => !before.includes(line)), what).toEqual([]);
    expect(after, what).toBe(before);
  };

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await runs();
    expect(await baton.end(signal)).toBe(0);
    await clean(signal);
  }
  await runs();
  await crashes();
  await runs();
  expect(await baton.end("SIGTERM")).toBe(0);
  await clean("SIGKILL, start, SIGTERM");
  await runs();
  await crashes();
  await node.exec(BATON, "cleanup", "--socket", baton.socket, "--pid", baton.pidFile);
  await clean("SIGKILL, cleanup");
  await runs();
  await crashes();
  baton.write(instance({ ...V3, name: "OTHER", vrid: 99, addresses: ["10.0.0.199/24"] }));
  baton.start();
  await baton.becomes("MASTER", "OTHER");
  expect(await baton.end("SIGTERM")).toBe(0);
  await clean("SIGKILL, start of something else, SIGTERM");
  // A reload takes it all away, too.
  baton.write(EVERYTHING);
  await runs();
  await baton.reload(instance({ ...V3, name: "OTHER", vrid: 99, addresses: ["10.0.0.199/24"] }));
  await baton.becomes("MASTER", "OTHER");
  await node.gains("10.0.0.199");
  await until(
    async () =>
      !/lookup 7[78]/.test(await node.ip("rule", "show")) &&
      (await node.ip("-br", "link", "show", "type", "macvlan")).trim() === "",
    () => `the reload has left something:\n${baton.log}`,
  );
  expect(await baton.end("SIGTERM")).toBe(0);
  await clean("reload, SIGTERM");
});

const PRESENT = [
  /vrrp\.51@eth0/,
  /vrrp6\.51@eth0/,
  /vrrp\.52@eth0/,
  /10\.0\.0\.77\/24/,
  /2001:db8:7::1\/64/,
  /2001:db8:1::101\/64/,
  /203\.0\.113\.0\/24 via 10\.0\.0\.2/,
  /2001:db8:8::\/48 via/,
  /from 203\.0\.113\.0\/24 lookup 77/,
  /192\.0\.2\.0\/24 dev vrrp\.51/,
  /blackhole 198\.51\.100\.0\/24/,
  /from 10\.0\.0\.100 lookup 78/,
  /2001:db8:9::\/48 dev vrrp6\.51/,
  /eth0:x/,
  /table inet baton/,
  /net\.ipv4\.conf\.eth0\.promote_secondaries = 1/,
  /net\.ipv4\.igmp_link_local_mcast_reports = 0/,
  /net\.ipv4\.conf\.eth0\.arp_ignore = 1/,
  /net\.ipv4\.conf\.eth0\.arp_announce = 2/,
];
/** What the state file must know before a crash can be cleaned up without the configuration. */
const RECORDED = [
  "vrrp.51",
  "vrrp6.51",
  "vrrp.52",
  STATIC,
  VIP6,
  "198.51.100.0",
  "203.0.113.0",
  "2001:db8:9::",
];
