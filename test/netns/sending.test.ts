// With what and to whom an instance speaks, and which lack of it is a fault.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { instance } from "../support/conf.ts";
import { advert4, checksum, Injector } from "../support/craft.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { run } from "../support/program.ts";
import { rawReceiveBuffers } from "../support/sockets.ts";
import { until } from "../support/until.ts";
import { adverts, garps, nas, Wire } from "../support/wire.ts";

/** One of several virtual routers on eth0, each with an address of its own. */
function router(vrid: number, lines: string[]): string {
  const addresses = [`10.0.0.${vrid}/24`];
  return instance({ name: `VI_${vrid}`, vrid, version: 3, interval: 0.1, addresses, lines });
}

// shows: vrrp_instance unicast_ttl, unicast_fault_no_peer
// shows: vrrp_instance/unicast_peer-entry min_ttl, max_ttl
test.concurrent("unicast: TTL of what is sent and heard, and no peers at all", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const wire = await Wire.onSwitch(lab);
  const unicast = (...peers: string[]) => ["unicast_src_ip 10.0.0.1", "unicast_peer {", ...peers, "}"];
  const a = new Baton(
    lab.node("a"),
    [
      router(51, ["unicast_ttl 42", ...unicast("10.0.0.2 min_ttl 250 max_ttl 253")]),
      router(52, ["unicast_fault_no_peer", ...unicast()]),
    ].join(""),
  ).start();
  expect(await a.waitFor(/\(VI_52\) Entering FAULT/)).toContain("Cannot use unicast without any peers");
  await a.becomes("MASTER", "VI_51");
  expect(await wire.next(adverts({ vrid: 51 }))).toMatchObject({ to: "10.0.0.2", hopLimit: 42 });
  const injector = await Injector.on(lab.node("x"));
  const better = (hopLimit: number) =>
    advert4({
      version: 3,
      interval: 10,
      priority: 200,
      addresses: ["10.0.0.51"],
      from: "10.0.0.2",
      to: "10.0.0.1",
      destinationMac: "02:00:00:00:00:01",
      hopLimit,
    });
  injector.send(better(249), better(254));
  await a.shows((i) => i.refusals.peer_ttl === 2, "VI_51");
  expect(a.states("VI_51")).toEqual(["BACKUP", "MASTER"]);
  injector.send(better(250));
  await a.becomes("BACKUP", "VI_51");
  await a.becomes("MASTER", "VI_51");
  injector.send(better(253));
  await a.becomes("BACKUP", "VI_51");
});

// shows: vrrp_instance track_src_ip, dont_track_primary
test.concurrent("the source that is tracked, and the interface that is not", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const a = new Baton(
    node,
    [
      router(51, ["mcast_src_ip 10.0.0.200", "track_src_ip"]),
      router(52, ["mcast_src_ip 10.0.0.200"]),
      router(53, ["dont_track_primary"]),
    ].join(""),
  ).start();
  await a.becomes("MASTER", "VI_52");
  await a.becomes("MASTER", "VI_53");
  expect(a.states("VI_51")).toEqual(["FAULT"]);
  await node.ip("address", "add", "10.0.0.200/24", "dev", "eth0");
  await a.becomes("MASTER", "VI_51");
  await node.unplug();
  await a.becomes("FAULT", "VI_51");
  await a.becomes("FAULT", "VI_52");
  expect(a.states("VI_53")).toEqual(["BACKUP", "MASTER"]);
  await until(
    async () => (await a.instance("VI_53")).state === "MASTER",
    () => "VI_53 is no master any more",
  );
});

// shows: vrrp_instance kernel_rx_buf_size
// shows: global_defs vrrp_rx_bufs_policy, vrrp_rx_bufs_multiplier
test.concurrent("the receive buffer of adverts, also after a reload", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const buffer = () => rawReceiveBuffers(Number(readFileSync(a.pidFile, "utf8")), 112)[0];
  const globals = (...lines: string[]) => ["global_defs {", ...lines, "}", ""].join("\n");
  const text = router(51, []);
  const a = new Baton(node, globals("vrrp_rx_bufs_policy MTU", "vrrp_rx_bufs_multiplier 20") + text).start();
  await a.becomes("MASTER", "VI_51");
  expect(buffer()).toBe(20 * 1500);
  await a.reload(globals("vrrp_rx_bufs_policy MTU") + text);
  await until(() => buffer() === 3 * 1500, () => "not three times the MTU");
  // An advert of one IPv4 address: headers of 20 and 8 bytes, 4 bytes of address.
  await a.reload(globals("vrrp_rx_bufs_policy ADVERT", "vrrp_rx_bufs_multiplier 1000") + text);
  await until(() => buffer() === 32_000, () => "not a thousand adverts");
  await a.reload(globals("vrrp_rx_bufs_policy 50000") + text + router(52, ["kernel_rx_buf_size 60000"]));
  await until(() => buffer() === 60_000, () => "not the largest of both");
  await a.reload(globals("vrrp_rx_bufs_policy 50000") + text);
  await until(() => buffer() === 50_000, () => "not the policy alone");
  await a.reload(text);
  await until(() => buffer() === 1 << 20, () => "not the usual buffer again");
  expect(a.states("VI_51")).toEqual(["BACKUP", "MASTER"]);
});

// shows: root garp_group
// shows: garp_group garp_interval, gna_interval, interface, interfaces
test.concurrent("interfaces of a garp_group announce one after the other", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const { namespace } = node;
  await run(["ip", "-n", namespace, "link", "add", "eth1", "type", "veth", "peer", "name", "eth1x"]);
  await run(["ip", "-n", namespace, "link", "set", "eth1x", "netns", lab.switchNamespace]);
  await run(["ip", "-n", lab.switchNamespace, "link", "set", "eth1x", "master", "br0", "up"]);
  await node.ip("address", "add", "10.0.1.1/24", "dev", "eth1");
  await node.ip("link", "set", "eth1", "up");
  // Both are to begin together.
  await until(
    async () => (await node.ip("-br", "link", "show", "eth1")).includes(" UP "),
    () => "eth1 does not come up",
  );
  const wire = await Wire.onSwitch(lab);
  const gapUs = 30_000;
  const group = [
    "garp_group {",
    "garp_interval 0.03",
    "gna_interval 0.03",
    "interface eth0",
    "interfaces {",
    "eth1",
  ];
  const owner = (vrid: number, device: string, address: string) =>
    instance({
      name: `VI_${vrid}`,
      interface: device,
      vrid,
      version: 3,
      priority: 255,
      addresses: [address],
      excluded: [`2001:db8:1::${vrid}/64`],
    });
  const texts = [
    [...group, "}", "}", ""].join("\n"),
    owner(51, "eth0", "10.0.0.51/24"),
    owner(52, "eth1", "10.0.1.52/24"),
  ];
  const a = new Baton(node, texts.join("")).start();
  await a.becomes("MASTER", "VI_51");
  await a.becomes("MASTER", "VI_52");
  await Promise.all([wire.nth(10, garps()), wire.nth(10, nas())]);
  const times = [...wire.since(garps()), ...wire.since(nas())].map(({ timeUs }) => timeUs).sort((x, y) =>
    x - y
  );
  // A machine that is busy may send one late and the next in time. Where one of the intervals counts on its own
  // interface only, or not at all, half of them follow at once.
  const hurried = times.filter((timeUs, i) => i > 0 && timeUs - times[i - 1]! < 0.7 * gapUs);
  expect(hurried.length).toBeLessThan(5);
  expect(await a.reload(texts.slice(1).join(""))).toContain("garp_group");
});

// shows: vrrp_instance old_unicast_checksum
test.concurrent("the checksum of unicast adverts of old: sent, used, or refused", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const wire = await Wire.onSwitch(lab);
  const peers = ["unicast_src_ip 10.0.0.1", "unicast_peer {", "10.0.0.2", "}"];
  const a = new Baton(
    lab.node("a"),
    [
      router(51, ["old_unicast_checksum", ...peers]),
      router(52, peers),
      router(53, ["old_unicast_checksum never", ...peers]),
    ].join(""),
  ).start();
  for (const vrid of [51, 52, 53]) await a.becomes("MASTER", `VI_${vrid}`);
  // The pseudo-header: both addresses, protocol 112 and the length of the message.
  const old = (from: string) => [...from.split(".").map(Number), 224, 0, 0, 18, 0, 112, 0, 12];
  const ethernetAndIp = 34;
  const message = (
    frame: { bytes: Uint8Array },
  ) => [...frame.bytes.subarray(ethernetAndIp, ethernetAndIp + 12)];
  const sums = async (vrid: number) =>
    checksum([...old("10.0.0.1"), ...message(await wire.next(adverts({ vrid })))]);
  expect(await sums(51)).toBe(0);
  expect(await sums(52)).not.toBe(0);
  const injector = await Injector.on(lab.node("x"));
  const better = (vrid: number) => {
    const body = [0x31, vrid, 200, 1, 0, 10, 0, 0, 10, 0, 0, vrid];
    const sum = checksum([...old("10.0.0.2"), ...body]);
    body.splice(6, 2, sum >> 8, sum & 255);
    const addressing = { from: "10.0.0.2", to: "10.0.0.1", destinationMac: "02:00:00:00:00:01" };
    return advert4({ ...addressing, message: Uint8Array.from(body) });
  };
  injector.send(better(53), better(52), better(51));
  await a.becomes("BACKUP", "VI_51");
  await a.becomes("BACKUP", "VI_52");
  expect(await a.waitFor(/\(VI_52\) .*old_unicast_checksum/)).toContain("10.0.0.2");
  expect((await a.instance("VI_53")).refusals.checksum).toBe(1);
  expect(a.states("VI_53")).toEqual(["BACKUP", "MASTER"]);
});
