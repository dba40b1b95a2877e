// What a crash leaves behind is found and removed; what was there before stays; a stop leaves all as it was.
import { expect, test } from "bun:test";
import { GLOBAL, instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { existsSync, writeFileSync } from "node:fs";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { adverts, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;
const PERMANENT = { ...V3, lines: ["vip_lease off"] };

test.concurrent("the start after SIGKILL removes what the configuration no longer has", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const addresses = ["10.0.0.100/24", "10.0.0.101/24"];
  const baton = new Baton(node, GLOBAL + instance({ ...PERMANENT, addresses })).start();
  await baton.becomes("MASTER");
  await node.gains("10.0.0.101");
  await baton.shows((i) => i.addresses.every((a) => a.held));
  await baton.program.kill();
  // Permanent addresses do not expire: this is the crash that keepalived leaves for ever.
  expect(await node.has("10.0.0.100")).toBe(true);
  expect(await node.has("10.0.0.101")).toBe(true);
  baton.write(GLOBAL + instance({ ...PERMANENT, addresses: ["10.0.0.102/24"] }));
  baton.start();
  await baton.waitFor(/removed 10\.0\.0\.100\/24 on eth0: left behind/);
  await baton.waitFor(/removed 10\.0\.0\.101\/24 on eth0: left behind/);
  await baton.becomes("MASTER");
  await node.gains("10.0.0.102");
  expect(await node.has("10.0.0.100")).toBe(false);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.addresses()).not.toContain("10.0.0.102/24");
});

test.concurrent("the start after SIGKILL begins as BACKUP without the addresses", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const baton = new Baton(node, GLOBAL + instance(PERMANENT)).start();
  await baton.becomes("MASTER");
  await node.gains(VIP);
  await baton.shows((i) => i.addresses.every((a) => a.held));
  await baton.program.kill();
  baton.write(GLOBAL + instance({ ...PERMANENT, interval: 40 }));
  baton.start();
  await baton.becomes("BACKUP");
  expect(await node.has(VIP)).toBe(false);
});

test.concurrent("an address that was there before is never removed", async () => {
  await using lab = await Lab.create({ a: { commands: [`address add ${VIP}/24 dev eth0`] } });
  const node = lab.node("a");
  const baton = new Baton(node, GLOBAL + instance(V3)).start();
  await baton.becomes("MASTER");
  await baton.shows((i) => i.addresses[0]?.held === true);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.has(VIP)).toBe(true);
  baton.start();
  await baton.becomes("MASTER");
  await baton.shows((i) => i.addresses[0]?.held === true);
  await baton.program.kill();
  baton.start();
  await baton.becomes("MASTER");
  expect(await node.has(VIP)).toBe(true);
  expect(await baton.end("SIGTERM")).toBe(0);
  const [own] = JSON.parse(await node.ip("-json", "address", "show", "to", VIP)) as {
    addr_info: { local?: string; valid_life_time?: number }[];
  }[];
  // No lifetime was put on it: it stays.
  expect(own!.addr_info.find((a) => a.local === VIP)?.valid_life_time).toBe(2 ** 32 - 1);
});

test.concurrent("the state file with an address that was there before does not condemn it", async () => {
  await using lab = await Lab.create({ a: { commands: [`address add ${VIP}/24 dev eth0`] } });
  const node = lab.node("a");
  const addresses = [`${VIP}/24`, "10.0.0.101/24"];
  const baton = new Baton(node, GLOBAL + instance({ ...V3, addresses })).start();
  await baton.becomes("MASTER");
  await baton.shows((i) => i.addresses.every((a) => a.held));
  await baton.program.kill();
  baton.write(GLOBAL + instance({ ...V3, addresses: ["10.0.0.105/24"] }));
  baton.start();
  await baton.becomes("MASTER");
  expect(await node.has(VIP)).toBe(true);
  await node.loses("10.0.0.101");
});

for (
  const [title, text, vip] of [
    ["v2", { ...V3, version: 2, interval: 1 }, VIP],
    ["v3 IPv4", V3, VIP],
    ["v3 IPv6", { ...V3, addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`] }, VIP6],
    ["excluded addresses", { ...V3, excluded: ["10.0.0.110/24", `${VIP6}/128`] }, VIP6],
  ] as const
) {
  test.concurrent(`${title}: links, addresses, routes, rules, sysctls and nftables are as before after every stop`, async () => {
    await using lab = await Lab.create({ a: {} });
    const node = lab.node("a");
    const before = await node.inventory();
    const config = { ...text, ...("addresses" in text ? { addresses: [...text.addresses] } : {}) };
    const options = {
      ...config,
      ...("excluded" in text ? { excluded: [...text.excluded] } : {}),
    } as Parameters<typeof instance>[0];
    const baton = new Baton(node, GLOBAL + instance(options)).start();
    await baton.waitFor(/Entering BACKUP STATE/);
    expect(await baton.end("SIGTERM")).toBe(0);
    expect(await node.inventory()).toBe(before);
    baton.start();
    await baton.becomes("MASTER");
    await node.gains(vip);
    expect(await baton.end("SIGINT")).toBe(0);
    expect(await node.inventory()).toBe(before);
    baton.start();
    await baton.becomes("MASTER");
    await node.gains(vip);
    await baton.program.kill();
    baton.start();
    await baton.waitFor(/Entering BACKUP STATE/);
    expect(await baton.end("SIGTERM")).toBe(0);
    expect(await node.inventory()).toBe(before);
  });
}

test.concurrent("SIGKILL of a crashed master's machine: the wire falls silent", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const wire = await Wire.onSwitch(lab);
  const baton = new Baton(lab.node("a"), GLOBAL + instance(V3)).start();
  await wire.nth(3, adverts({ priority: 150 }));
  await baton.program.kill();
  await lab.node("a").loses(VIP);
  wire.stop();
  expect(wire.since(adverts({ priority: 0 }))).toEqual([]);
  expect(await wire.objections("vrrp || arp")).toEqual([]);
});

test.concurrent("an nftables table in the state file is removed by a start and by cleanup; another's is not", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const baton = new Baton(node, GLOBAL + instance(V3));
  const [, , state] = baton.runtimeFiles;
  for (const how of ["start", "cleanup"] as const) {
    await node.exec("nft", "add table inet baton; add table inet other");
    writeFileSync(state!, JSON.stringify({ addresses: [], routes: [], table: "baton" }));
    if (how === "start") {
      baton.start();
      await baton.waitFor(/removed the nftables table inet baton: left behind by an earlier run/);
      expect(await baton.end("SIGTERM")).toBe(0);
    } else {
      const words = [BATON, "cleanup", "--socket", baton.socket, "--pid", baton.pidFile];
      expect(await node.exec(...words)).toBe("removed the nftables table inet baton\n");
    }
    expect(await node.exec("nft", "list", "tables")).toBe("table inet other\n");
    expect(existsSync(state!)).toBe(false);
  }
});
