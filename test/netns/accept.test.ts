// no_accept, accept and strict mode: who answers for a held address, and what stands in nftables for it.
import { expect, test } from "bun:test";
import { Client } from "../support/client.ts";
import { GLOBAL, instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { AddressMonitor } from "../support/monitor.ts";
import type { Node } from "../support/node.ts";
import { until } from "../support/until.ts";
import { adverts, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;
const LINK_ZONE = `${VIP6_LINK}%eth0`;

/** global_defs with further lines. */
function globals(...lines: string[]): string {
  return `global_defs {\n  router_id lab\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

/** Whether one of two pings is answered. */
async function answers(client: Node, address: string): Promise<boolean> {
  const text = await client.exec("sh", "-c", `ping -n -c 2 -i 0.2 -W 1 ${address} || true`);
  return /icmp_seq=\d+.*time=/.test(text);
}

/** The hardware address that the client has learnt for an address; "" = none. */
async function learnt(client: Node, address: string): Promise<string> {
  return /lladdr (\S+)/.exec(await client.ip("neigh", "show", address))?.[1] ?? "";
}

function ruleset(node: Node): Promise<string> {
  return node.exec("nft", "list", "ruleset");
}

/** Awaits a configuration's instances as Master with every address. */
async function holds(baton: Baton, ...names: string[]): Promise<void> {
  for (const name of names) {
    await baton.becomes("MASTER", name);
    await baton.shows((i) => i.addresses.every((a) => a.held), name);
  }
}

// shows: vrrp_instance no_accept
test.concurrent("no_accept: the addresses are found by ARP and neighbour discovery, and do not answer", async () => {
  await using lab = await Lab.create({ a: {}, client: {} });
  const [node, client] = [lab.node("a"), lab.node("client")];
  const before = await node.inventory();
  const wire = await Wire.onSwitch(lab);
  const text = globals("nftables_counters") +
    // An advert may have a dropped address as its source.
    instance({ ...V3, excluded: ["10.0.0.110/24"], lines: ["no_accept", `mcast_src_ip ${VIP}`] }) +
    instance({
      ...V3,
      name: "VI_6",
      vrid: 52,
      addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`],
      lines: ["no_accept"],
    });
  const baton = new Baton(node, text).start();
  await holds(baton, "VI_1", "VI_6");
  await baton.waitFor(/\(VI_1\) setting firewall drop rule/);
  const addresses = [VIP, "10.0.0.110", VIP6, LINK_ZONE];
  const answered = await Promise.all(addresses.map((address) => answers(client, address)));
  expect(answered).toEqual([false, false, false, false]);
  for (const address of [VIP, "10.0.0.110", VIP6, VIP6_LINK]) {
    expect(await learnt(client, address), address).toBe(node.mac);
  }
  expect(await answers(client, node.address)).toBe(true);
  expect(await answers(client, node.global)).toBe(true);
  await wire.nth(3, adverts({ priority: 150, from: VIP }));
  const rules = await ruleset(node);
  expect(rules).toContain("table inet baton");
  expect(rules).toMatch(/ip daddr @vips counter packets [1-9]\d* bytes \d+ drop/);
  expect(rules).toMatch(/ip6 daddr @vips6 counter packets [1-9]\d* bytes \d+ drop/);
  expect(rules).toMatch(/iifname \. ip6 daddr @link_vips6 counter packets [1-9]\d* bytes \d+ drop/);
  // What leaves from such an address is dropped as well.
  await node.exec("sh", "-c", `ping -n -c 1 -W 1 -I ${VIP} ${client.address} || true`);
  expect(await ruleset(node)).toMatch(/ip saddr @vips counter packets [1-9]\d* bytes \d+ drop/);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
  baton.start();
  await holds(baton, "VI_1", "VI_6");
  expect(await ruleset(node)).toContain(VIP);
  await baton.program.kill();
  // The table goes with its owner.
  await until(async () => await ruleset(node) === "", () => "the table outlives its owner");
  baton.start();
  await holds(baton, "VI_1", "VI_6");
  expect(await answers(client, VIP)).toBe(false);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
});

// shows: vrrp_instance accept, strict_mode, no_accept
// shows: global_defs vrrp_strict
test.concurrent("strict mode drops unless accept says otherwise; an owner answers whatever is said", async () => {
  await using lab = await Lab.create({ a: {}, client: {} });
  const [node, client] = [lab.node("a"), lab.node("client")];
  const cases: [name: string, priority: number, lines: string[], answers: boolean][] = [
    ["strict", 100, [], false],
    ["strict_accept", 100, ["accept"], true],
    ["owner", 255, ["no_accept"], true],
    ["lax_owner", 255, ["strict_mode off", "no_accept"], true],
    ["lax", 100, ["strict_mode off"], true],
    ["lax_no_accept", 100, ["strict_mode off", "no_accept"], false],
    ["lax_both", 100, ["strict_mode off", "no_accept", "accept"], true],
  ];
  const text = globals("vrrp_strict") + cases.map(([name, priority, lines], i) =>
    instance({
      ...V3,
      name,
      priority,
      vrid: 10 + i,
      lines,
      state: priority === 255 ? "MASTER" : "BACKUP",
      addresses: [`10.0.0.${110 + i}/24`],
    })
  ).join("");
  const baton = new Baton(node, text).start();
  await holds(baton, ...cases.map(([name]) => name));
  const found = await Promise.all(cases.map((_, i) => answers(client, `10.0.0.${110 + i}`)));
  expect(Object.fromEntries(cases.map(([name], i) => [name, found[i]]))).toEqual(
    Object.fromEntries(cases.map(([name, , , wanted]) => [name, wanted])),
  );
  expect(/elements = \{([^}]*)\}/.exec(await ruleset(node))?.[1]?.match(/10\.0\.0\.\d+/g)).toEqual([
    "10.0.0.110",
    "10.0.0.115",
  ]);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await ruleset(node)).toBe("");
});

test.concurrent("a reload turns no_accept on and off in place, and the address never goes", async () => {
  await using lab = await Lab.create({ a: {}, client: {} });
  const [node, client] = [lab.node("a"), lab.node("client")];
  const config = (...lines: string[]) => GLOBAL + instance({ ...V3, lines });
  const baton = new Baton(node, config()).start();
  await holds(baton, "VI_1");
  expect(await answers(client, VIP)).toBe(true);
  expect(await ruleset(node)).toBe("");
  const monitor = await AddressMonitor.on(node);
  expect(await baton.reload(config("no_accept"))).toMatch(/VI_1 \(accept true -> false\)/);
  await until(async () => (await ruleset(node)).includes(VIP), () => "nothing is dropped after the reload");
  expect(await answers(client, VIP)).toBe(false);
  await baton.reload(config());
  await until(async () => await ruleset(node) === "", () => "the table stays after the reload");
  expect(await answers(client, VIP)).toBe(true);
  expect(monitor.events(VIP).filter((e) => e.gone)).toEqual([]);
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
});

test.concurrent("a fault lets the address go, mastership blocks it again, and an instance takes its table with it", async () => {
  await using lab = await Lab.create({ a: {}, client: {} });
  const [node, client] = [lab.node("a"), lab.node("client")];
  const lax = instance({ ...V3, name: "LAX", vrid: 52, addresses: ["10.0.0.120/24"] });
  const baton = new Baton(node, GLOBAL + instance({ ...V3, lines: ["no_accept"] }) + lax).start();
  await holds(baton, "VI_1", "LAX");
  expect(await ruleset(node)).toContain(VIP);
  await node.unplug();
  await baton.becomes("FAULT");
  await until(async () => !(await ruleset(node)).includes(VIP), () => "the address is blocked in FAULT");
  expect(await ruleset(node)).toContain("table inet baton");
  await node.plug();
  await holds(baton, "VI_1", "LAX");
  expect(await ruleset(node)).toContain(VIP);
  expect(await answers(client, VIP)).toBe(false);
  await baton.reload(GLOBAL + lax);
  await until(async () => await ruleset(node) === "", () => "the table stays without its instance");
  expect(await answers(client, "10.0.0.120")).toBe(true);
});

// shows: global_defs nftables, nftables_priority, nftables_ifindex, nftables_counters
test.concurrent("the table's name, priority, keys and counters; a reload changes them", async () => {
  await using lab = await Lab.create({ a: {}, client: {} });
  const [node, client] = [lab.node("a"), lab.node("client")];
  const addresses = [`${VIP6_LINK}/64`, `${VIP6}/64`];
  const body = instance({ ...V3, addresses, lines: ["no_accept"] });
  const baton = new Baton(node, globals("nftables gate", "nftables_priority 7", "nftables_ifindex") + body)
    .start();
  await holds(baton, "VI_1");
  const rules = await ruleset(node);
  expect(rules).toContain("table inet gate {");
  expect(rules).toContain("type filter hook input priority filter + 7; policy accept;");
  expect(rules).toContain("type filter hook output priority filter + 7; policy accept;");
  expect(rules).toContain("iif . ip6 daddr @link_vips6 drop");
  expect(rules).not.toContain("counter");
  expect(await answers(client, LINK_ZONE)).toBe(false);
  await baton.reload(globals("nftables_counters") + body);
  const changed = await until(
    async () => {
      const text = await ruleset(node);
      return text.includes("table inet baton") ? text : null;
    },
    () => "the reload has changed nothing",
  );
  expect(changed).not.toContain("gate");
  expect(changed).toContain("type filter hook input priority filter - 1; policy accept;");
  expect(changed).toContain("iifname . ip6 daddr @link_vips6 counter");
  expect(changed).toContain(`"eth0" . ${VIP6_LINK}`);
  expect(await answers(client, LINK_ZONE)).toBe(false);
  expect(await answers(client, VIP6)).toBe(false);
});

test.concurrent("two daemons in one namespace have a table each, and nobody flushes them", async () => {
  await using lab = await Lab.create({ a: {}, client: {} });
  const [node, client] = [lab.node("a"), lab.node("client")];
  const config = (vrid: number, address: string) =>
    GLOBAL + instance({ ...V3, vrid, addresses: [address], lines: ["no_accept"] });
  await node.exec("nft", "add table inet mine; add chain inet mine c");
  const mine = await ruleset(node);
  const one = new Baton(node, config(51, "10.0.0.101/24")).start();
  await holds(one, "VI_1");
  const two = new Baton(node, config(52, "10.0.0.102/24")).start();
  await holds(two, "VI_1");
  await two.waitFor(/the nftables table inet baton is another's, so inet baton_2 drops/);
  // A firewall's reload begins like this.
  await node.exec("nft", "flush ruleset");
  await node.exec("nft", "add table inet mine; add chain inet mine c");
  expect(await answers(client, "10.0.0.101")).toBe(false);
  expect(await one.end("SIGTERM")).toBe(0);
  expect(await node.exec("nft", "list tables")).toBe("table inet baton_2\ntable inet mine\n");
  expect(await answers(client, "10.0.0.102")).toBe(false);
  expect(await two.end("SIGTERM")).toBe(0);
  expect(await ruleset(node)).toBe(mine);
});

test.concurrent("300 addresses: not one packet is answered while they come, are there, and go", async () => {
  await using lab = await Lab.create({
    a: {},
    client: { commands: ["address add 10.1.255.254/16 dev eth0"] },
  });
  const [node, client] = [lab.node("a"), lab.node("client")];
  const before = await node.inventory();
  const wire = await Wire.onSwitch(lab);
  const excluded = Array.from({ length: 300 }, (_, i) => `10.1.${i >> 8}.${i & 255}/16`).slice(1);
  const pings = ["10.1.0.1", "10.1.1.43"].map((address) => new Client(client, address));
  const baton = new Baton(node, GLOBAL + instance({ ...V3, excluded, lines: ["no_accept"] })).start();
  await holds(baton, "VI_1");
  await wire.nth(3, adverts({ priority: 150 }));
  expect((await ruleset(node)).match(/10\.1\.\d+\.\d+/g)?.length).toBe(299);
  // They have been asked for: the client knows where they are, and its pings arrive.
  for (const address of ["10.1.0.1", "10.1.1.43"]) {
    await until(async () => await learnt(client, address) === node.mac, () => `${address} is not found`);
  }
  expect(await baton.end("SIGTERM")).toBe(0);
  for (const ping of pings) {
    const { sent, received } = await ping.stop();
    expect(sent).toBeGreaterThan(10);
    expect(received).toBe(0);
  }
  expect(await node.inventory()).toBe(before);
});
