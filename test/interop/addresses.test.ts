// Every option of an address entry: what the kernel has of it, beside what keepalived makes of the same line.
import { expect, test } from "bun:test";
import { instance } from "../support/conf.ts";
import { Baton, type Daemon, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { needs } from "../support/peer.ts";
import { until } from "../support/until.ts";

const HAVE = needs("keepalived", "keepalived");
const FOREVER = 2 ** 32 - 1;
const GLOBAL = "global_defs {\n  default_interface eth1\n}\n";
/** A second interface, so that dev says something. */
const ETH1 = [
  "link add link eth0 name eth1 type macvlan mode bridge",
  "link set eth1 up",
];

const VIPS = [
  "10.0.0.100/24",
  "10.0.0.101",
  "10.0.0.102 peer 10.0.6.1",
  "10.0.0.103/24 noprefixroute",
  "10.8.0.104/24 noprefixroute",
  "10.0.0.105/24 brd +",
  "10.2.0.106/24 broadcast -",
  "10.0.0.107/24 brd 10.0.0.99",
  "10.6.0.108/24 scope link",
  "10.0.0.109 scope 100",
  "10.0.0.110/24 label eth0:x",
  "10.0.0.111/24 no_track",
  "10.7.0.1/24 dev eth1",
  "239.1.1.1 autojoin",
];
const EXCLUDED = [
  "10.0.0.200/24",
  "2001:db8:1::100/64",
  "2001:db8:1::101",
  "2001:db8:1::102 peer 2001:db8:5::1",
  "2001:db8:1::103/64 home",
  "2001:db8:1::104/64 -nodad",
  "2001:db8:2::105/64 mngtmpaddr",
  "2001:db8:3::106/64 noprefixroute",
  "2001:db8:1::107/64 preferred_lft 1000",
  "2001:db8:1::108 preferred_lft forever",
  "2001:db8:1::109/64 preferred_lft 0",
  "2001:db8:1::10a/64 no_track",
  "2001:db8:4::10b/64 dev eth1",
  "ff05::1:5 autojoin",
];
const STATIC = [
  "10.3.0.1/24 dev eth0 brd + label eth0:s",
  "10.3.0.2 dev eth0 peer 10.3.7.7",
  "10.3.0.3/24",
  "10.9.0.4/24 dev eth0 noprefixroute",
  "10.4.0.5/24 dev eth0 scope link",
  "2001:db8:9::1/64 dev eth0",
  "2001:db8:9::2 dev eth0 peer 2001:db8:9:9::1",
  "2001:db8:9::3/64 dev eth0 home",
  "2001:db8:9::4/64 -nodad",
  "2001:db8:8::5/64 dev eth0 mngtmpaddr",
  "2001:db8:9::6/64 dev eth0 preferred_lft 1000",
  "ff05::1:6 dev eth0 autojoin",
];

interface Entry {
  family: string;
  local: string;
  address?: string;
  prefixlen: number;
  preferred_life_time: number;
  [flag: string]: unknown;
}

/** What `ip address` shows of each address, as a line; what a lifetime alone changes is left out. */
async function shown(node: Node): Promise<string[]> {
  const links = JSON.parse(await node.ip("-json", "address", "show")) as {
    ifname: string;
    addr_info: Entry[];
  }[];
  return links.flatMap(({ ifname, addr_info }) =>
    addr_info.filter(({ local }) => local !== node.address && local !== node.global).map((entry) => {
      const { local, address, prefixlen, preferred_life_time, valid_life_time: _, dynamic: _d, ...rest } =
        entry;
      delete rest["protocol"];
      // baton wants no route to a host prefix: with a lifetime it would outlast the address.
      if (entry.family === "inet6" && prefixlen === 128 && address === undefined) {
        delete rest["noprefixroute"];
      }
      const life = preferred_life_time === 0 ? "deprecated" : "preferred";
      return `${local}/${prefixlen} peer ${address ?? "-"} ${life} on ${ifname} ${
        JSON.stringify(rest, Object.keys(rest).sort())
      }`;
    })
  ).filter((line) => !/^(127\.|::1|fe80)/.test(line)).sort();
}

/** The groups that the addresses of `node` have joined. */
async function groups(node: Node): Promise<string[]> {
  const text = await node.ip("maddress", "show", "dev", "eth0");
  return [...text.matchAll(/239\.1\.1\.1|ff05::1:[56]/g)].map(([group]) => group).sort();
}

function configuration(lines: string[]): string {
  const statics = `static_ipaddress {\n${STATIC.join("\n")}\n}\n`;
  return GLOBAL + statics +
    instance({ version: 3, interval: 0.1, priority: 150, addresses: VIPS, excluded: EXCLUDED, lines });
}

async function collected(daemon: Daemon): Promise<{ addresses: string[]; groups: string[] }> {
  await daemon.start().becomes("MASTER");
  const { node } = daemon;
  const count = VIPS.length + EXCLUDED.length + STATIC.length;
  // Duplicate address detection takes a second.
  let lines: string[] = [];
  const addresses = await until(
    async () => {
      lines = await shown(node);
      return lines.length === count && !lines.some((line) => line.includes("tentative")) ? lines : null;
    },
    () =>
      `there are ${lines.length} of ${count} addresses:\n${lines.join("\n")}\n${
        daemon.log.match(/.*(rror|cannot).*/g)
      }`,
  );
  return { addresses, groups: await groups(node) };
}

// shows: vrrp_instance virtual_ipaddress, virtual_ipaddress_excluded
// shows: root static_ipaddress
// shows: global_defs default_interface
// shows: address-entry IP[/MASK], dev, scope, broadcast, brd, label, peer, home, -nodad, mngtmpaddr, noprefixroute, autojoin, preferred_lft
test.concurrent.skipIf(!HAVE)("the kernel has of every entry what it has of keepalived's", async () => {
  await using lab = await Lab.create({ a: { commands: ETH1 } });
  await using other = await Lab.create({ a: { commands: ETH1 } });
  const baton = new Baton(lab.node("a"), configuration([]));
  const before = await lab.node("a").inventory();
  const [ours, theirs] = await Promise.all([
    collected(baton),
    collected(new Keepalived(other.node("a"), configuration([]))),
  ]);
  expect(ours!.addresses).toEqual(theirs!.addresses);
  expect(ours!.groups).toEqual(["239.1.1.1", "ff05::1:5", "ff05::1:6"]);
  expect(theirs!.groups).toEqual(ours!.groups);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await lab.node("a").inventory()).toBe(before);
  expect(await groups(lab.node("a"))).toEqual([]);
  // Whoever is killed leaves nothing that the next stop does not take away.
  await baton.start().becomes("MASTER");
  await lab.node("a").gains("ff05::1:5");
  await baton.program.kill();
  await baton.start().becomes("MASTER");
  await lab.node("a").gains("ff05::1:5");
  expect(baton.log).not.toMatch(/cannot be added/);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await lab.node("a").inventory()).toBe(before);
  expect(await groups(lab.node("a"))).toEqual([]);
});

test.concurrent("a peer with a prefix length of its own, a preferred lifetime that is counted down under the lease", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = instance({
    version: 3,
    interval: 0.1,
    priority: 150,
    addresses: ["10.0.0.100 peer 10.5.0.1/24"],
    excluded: [
      "2001:db8:1::1:1/64 preferred_lft 3",
      "2001:db8:1::1:4/64 preferred_lft 6",
      "2001:db8:1::1:2/64",
      "2001:db8:1::1:3/64 preferred_lft 1000",
    ],
  });
  const baton = new Baton(node, text).start();
  await baton.becomes("MASTER");
  await node.gains("2001:db8:1::1:3");
  expect(baton.log).toMatch(/keepalived 2\.2\.7 takes no prefix length here/);
  expect(await node.ip("route", "show", "dev", "eth0")).toMatch(/^10\.5\.0\.0\/24 .*src 10\.0\.0\.100/m);
  const entry = async (address: string) => {
    const [link] = JSON.parse(await node.ip("-json", "address", "show", "dev", "eth0")) as {
      addr_info: Entry[];
    }[];
    return link!.addr_info.find(({ local }) => local === address)!;
  };
  const fresh = await entry("2001:db8:1::1:1");
  expect(fresh["valid_life_time"]).not.toBe(FOREVER);
  // Once it has passed the address stays, and is renewed, but is no source any more.
  await until(
    async () => (await entry("2001:db8:1::1:1"))["deprecated"] === true,
    () => "it is never deprecated",
  );
  // Three seconds later, more than the lease is long.
  await until(
    async () => (await entry("2001:db8:1::1:4"))["deprecated"] === true,
    () => "the other never is",
  );
  expect((await entry("2001:db8:1::1:1"))["deprecated"]).toBe(true);
  expect((await entry("2001:db8:1::1:2"))["deprecated"]).toBeUndefined();
  expect((await entry("2001:db8:1::1:3"))["deprecated"]).toBeUndefined();
  // A reload that changes the instance goes on with the count; one without lease leaves it to the kernel.
  await baton.reload(text.replace("priority 150", "priority 151"));
  expect((await entry("2001:db8:1::1:1"))["deprecated"]).toBe(true);
  await baton.reload(text.replace("priority 150", "priority 150\n  vip_lease off"));
  const counted = await until(
    async () => {
      const found = await entry("2001:db8:1::1:3");
      return found["valid_life_time"] === FOREVER ? found : null;
    },
    () => "the lease does not end",
  );
  expect(counted.preferred_life_time).toBeGreaterThan(900);
  expect(counted.preferred_life_time).toBeLessThan(1000);
  expect((await entry("2001:db8:1::1:1"))["deprecated"]).toBe(true);
  expect((await entry("2001:db8:1::1:2")).preferred_life_time).toBe(FOREVER);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.ip("-6", "route", "show", "2001:db8:1::/64")).toContain("proto kernel");
});
