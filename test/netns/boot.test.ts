// An ordinary boot: what is not there yet is waited for, the status says what, and it starts by itself.
import { expect, test } from "bun:test";
import { GLOBAL, instance, NAME, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { garps, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;

async function fault(baton: Baton, reason: string | RegExp): Promise<void> {
  const test = (text: string) => typeof reason === "string" ? text === reason : reason.test(text);
  const status = await baton.shows((i) => i.state === "FAULT" && test(i.reason));
  expect(status.addresses.every((a) => !a.held)).toBe(true);
}

const HEADS = [["with", GLOBAL.replace("}", "  dynamic_interfaces allow_if_changes\n}")], [
  "without",
  GLOBAL,
]] as const;

// shows: global_defs dynamic_interfaces
test.concurrent.each(HEADS)(
  "an interface that is absent, then down, then without address, %s the keyword",
  async (_, head) => {
    await using lab = await Lab.create({ a: {} });
    const node = lab.node("a");
    const text = instance({ ...V3, interface: "eth1", addresses: ["10.0.1.100/24"] });
    const baton = new Baton(node, head + text).start();
    await fault(baton, "interface eth1 does not exist");
    await node.ip("link", "add", "eth1", "type", "veth", "peer", "name", "eth1p");
    await node.ip("link", "set", "eth1p", "up");
    await fault(baton, "interface eth1 is down");
    await node.ip("link", "set", "eth1", "up");
    await fault(baton, "interface eth1 has no IPv4 address");
    await node.ip("address", "add", "10.0.1.1/24", "dev", "eth1");
    await baton.becomes("MASTER");
    await node.gains("10.0.1.100");
    // Deleted and made again: another index, the same name.
    await node.ip("link", "del", "eth1");
    await fault(baton, "interface eth1 does not exist");
    await node.ip("link", "add", "eth1", "type", "veth", "peer", "name", "eth1p");
    await node.ip("link", "set", "eth1p", "up");
    await node.ip("link", "set", "eth1", "up");
    await node.ip("address", "add", "10.0.1.1/24", "dev", "eth1");
    await baton.becomes("MASTER");
    await node.gains("10.0.1.100");
    expect(await baton.end("SIGTERM")).toBe(0);
    expect(await node.has("10.0.1.100")).toBe(false);
    // This is baton's way with or without the keyword: nothing is to be said about it.
    expect(baton.log).not.toContain("dynamic_interfaces");
  },
);

test.concurrent("an interface that is renamed to the right name", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const baton = new Baton(node, GLOBAL + instance({ ...V3, interface: "lan0", addresses: [`${VIP}/24`] }))
    .start();
  await fault(baton, "interface lan0 does not exist");
  await node.ip("link", "set", "eth0", "down");
  await node.ip("link", "set", "eth0", "name", "lan0");
  await node.ip("link", "set", "lan0", "up");
  await baton.becomes("MASTER");
  await node.gains(VIP);
});

test.concurrent("a link-local address that is tentative, IPv6", async () => {
  await using lab = await Lab.create({ a: { ipv6: [] } });
  const node = lab.node("a");
  const text = instance({ ...V3, addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`] });
  const baton = new Baton(node, GLOBAL + text).start();
  await fault(baton, "interface eth0 has no IPv6 link-local address");
  await node.exec("sysctl", "-qw", "net.ipv6.conf.eth0.dad_transmits=3");
  await node.ip("address", "add", "fe80::1/64", "dev", "eth0");
  await fault(baton, /fe80::1 on interface eth0 is still tentative/);
  await baton.becomes("MASTER");
  await node.gains(VIP6);
  // A virtual address never goes through DAD: it would be silent for a second.
  expect(await node.ip("address", "show", "tentative")).toBe("");
});

test.concurrent("the primary address changes while MASTER: the adverts come from the new one", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const baton = new Baton(node, GLOBAL + instance(V3)).start();
  await baton.becomes("MASTER");
  await node.ip("address", "add", "10.0.0.50/16", "dev", "eth0");
  await node.ip("address", "del", "10.0.0.1/24", "dev", "eth0");
  await wire.next({
    title: "advert from 10.0.0.50",
    matches: (f): f is never => f.kind === "advert" && f.from === "10.0.0.50",
  });
  await wire.next(garps({ address: VIP }));
});

test.concurrent("one instance that cannot start holds up no other", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = instance({ ...V3, name: "VI_X", vrid: 60, interface: "nowhere", addresses: ["10.9.0.1/24"] }) +
    instance(V3);
  const baton = new Baton(node, GLOBAL + text, ["--status", `unix:${lab.path("http.sock")}`]).start();
  await baton.becomes("MASTER");
  expect((await baton.instance("VI_X")).state).toBe("FAULT");
  const get = async (path: string) => await fetch(`http://x${path}`, { unix: lab.path("http.sock") });
  expect((await get("/healthz")).status).toBe(200);
  const ready = await get("/readyz");
  expect(ready.status).toBe(503);
  expect(await ready.text()).toContain("VI_X is FAULT: interface nowhere does not exist");
  expect(NAME).toBe("VI_1");
});
