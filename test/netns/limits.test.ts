// The answers of config/README.md to "What happens when": more addresses than fit, an MTU that is too small, a
// bridge, an address that was there before, a network manager that clears an interface.
import { expect, test } from "bun:test";
import { instance, VIP, VIP6 } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { adverts, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;
const many = (count: number) => Array.from({ length: count }, (_, i) => `10.1.${i >> 8}.${i & 255}/16`);

test.concurrent("300 addresses: 255 are announced, all are held, and all go", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const node = lab.node("a");
  const before = await node.inventory();
  const wire = await Wire.onSwitch(lab);
  const baton = new Baton(node, instance({ ...V3, addresses: many(300) })).start();
  await baton.waitFor(/an advert holds 255 addresses at most, so the last 45 of vrrp_instance VI_1 count as/);
  await baton.becomes("MASTER");
  const status = await baton.shows((i) => i.addresses.length === 300 && i.addresses.every((a) => a.held));
  expect(status.counters.send_errors).toBe(0);
  expect((await wire.next(adverts())).addresses).toEqual(many(255).map((a) => a.split("/")[0]!));
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
});

test.concurrent("an advert that is longer than the MTU is a fault until the MTU has grown", async () => {
  await using lab = await Lab.create({ a: { commands: ["link set eth0 mtu 600"] }, b: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const text = instance({ ...V3, addresses: many(200) });
  const baton = new Baton(node, text).start();
  await baton.waitFor(/Entering FAULT STATE \(init\): an advert has 828 bytes and the MTU of eth0 is 600/);
  expect(wire.since(adverts())).toEqual([]);
  await node.ip("link", "set", "eth0", "mtu", "828");
  await baton.becomes("MASTER");
  expect((await wire.next(adverts())).addresses).toHaveLength(200);
  // Or fewer of them are announced.
  await node.ip("link", "set", "eth0", "mtu", "700");
  await baton.becomes("FAULT");
  await baton.reload(instance({ ...V3, addresses: many(160), excluded: many(200).slice(160) }));
  await baton.becomes("MASTER");
  expect(await baton.end("SIGTERM")).toBe(0);
});

test.concurrent("an instance on a bridge: its carrier is that of its ports, and it may come and go", async () => {
  const make = [
    "link add br0 type bridge stp_state 0 forward_delay 0",
    "address flush dev eth0",
    "link set eth0 master br0",
    "link set br0 up",
    "address add 10.0.0.1/24 dev br0",
  ];
  await using lab = await Lab.create({ a: { commands: make }, b: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const baton = new Baton(node, instance({ ...V3, interface: "br0" })).start();
  await baton.becomes("MASTER");
  await wire.next(adverts({ priority: 150 }));
  await node.gains(VIP);
  await node.unplug();
  await baton.waitFor(/Entering FAULT STATE: interface br0 is down/);
  await node.plug();
  await baton.becomes("MASTER");
  await node.ip("link", "delete", "br0");
  await baton.shows((i) => i.state === "FAULT" && i.reason === "interface br0 does not exist");
  for (const command of make) await node.ip(...command.split(" "));
  await baton.becomes("MASTER");
  await node.gains(VIP);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.has(VIP)).toBe(false);
});

test.concurrent("a network manager that clears the interface: the virtual addresses come back in one step", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const node = lab.node("a");
  const baton = new Baton(
    node,
    instance({ ...V3, addresses: [`${VIP}/24`, "10.0.0.101/24"], excluded: [`${VIP6}/64`] }),
  )
    .start();
  await baton.becomes("MASTER");
  await baton.shows((i) => i.addresses.every((a) => a.held));
  // What systemd-networkd does at a restart without KeepConfiguration and ManageForeignRoutes, as one batch.
  for (const address of [`${VIP}/24`, "10.0.0.101/24", `${VIP6}/64`]) {
    await node.ip("address", "delete", address, "dev", "eth0");
  }
  await baton.waitFor(/2001:db8:1::100\/64 is gone: .*put back/);
  const status = await baton.shows((i) =>
    i.addresses.every((a) => a.held) && i.counters.address_losses === 3
  );
  expect(status.state).toBe("MASTER");
  for (const address of [VIP, "10.0.0.101", VIP6]) await node.gains(address);
  // One that takes the source of the adverts as well: a fault until there is one again.
  await node.ip("address", "flush", "dev", "eth0", "scope", "global");
  await baton.waitFor(/Entering FAULT STATE: interface eth0 has no IPv4 address/);
  await node.ip("address", "add", "10.0.0.1/24", "dev", "eth0");
  await baton.becomes("MASTER");
  await node.gains(VIP);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.has(VIP)).toBe(false);
});

test.concurrent("an address that was configured before: held as it is, left as it was, taken over once it goes", async () => {
  await using lab = await Lab.create({ a: { commands: [`address add ${VIP}/24 dev eth0`] }, b: {} });
  const node = lab.node("a");
  const entry = async () => (await node.ip("address", "show", "to", VIP)).replace(/^\d+:.*\n/, "");
  const before = await entry();
  const baton = new Baton(node, instance(V3)).start();
  await baton.becomes("MASTER");
  await baton.shows((i) => i.addresses[0]?.held === true);
  expect(await entry()).toBe(before);
  // Whoever had configured it takes it away: now it is baton's, with a lifetime.
  await node.ip("address", "delete", `${VIP}/24`, "dev", "eth0");
  await baton.waitFor(/10\.0\.0\.100\/24 is gone: .*put back/);
  await node.gains(VIP);
  await until(async () => /valid_lft \d+sec/.test(await entry()), () => "it has no lifetime");
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.has(VIP)).toBe(false);
});
