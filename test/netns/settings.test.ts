// Settings of instances and their defaults in global_defs, as they are seen on the wire, in the kernel and in the log.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { GLOBAL, instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { advert4, Injector } from "../support/craft.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { AdvertFrame } from "../support/packet.ts";
import { adverts, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;

function globals(...lines: string[]): string {
  return ["global_defs {", "  router_id lab", ...lines.map((line) => `  ${line}`), "}", ""].join("\n");
}

/** Whether the checksum is right over the message alone (RFC 9568 section 5.2.8). */
function sumsWithoutPseudoHeader({ bytes }: AdvertFrame): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let sum = 0;
  // The Ethernet and the IPv4 header are 34 bytes.
  for (let at = 34; at < 14 + view.getUint16(16); at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum === 0xffff;
}

// shows: global_defs vrrp_version, vrrp_mcast_group4, vrrp_mcast_group6, v3_checksum_as_v2
// shows: vrrp_instance mcast_dst_ip, mcast_src_ip, unicast_src_ip, native_ipv6, no_virtual_ipaddress
test.concurrent("version, form, source and destination of adverts", async () => {
  await using lab = await Lab.create({ a: { ipv4: ["10.0.0.1/24", "10.0.0.41/24"] }, b: {} });
  const wire = await Wire.onSwitch(lab);
  const head = globals(
    "vrrp_version 3",
    "vrrp_mcast_group4 224.0.0.77",
    "vrrp_mcast_group6 ff02::77",
    "v3_checksum_as_v2",
  );
  const numbered = (number: number, lines: string[], addresses = [`10.0.0.10${number}/24`]) =>
    instance({ ...V3, name: `VI_${number}`, vrid: 50 + number, lines, addresses });
  const peers = ["unicast_peer {", `  ${lab.node("b").address}`, "}"];
  const text = numbered(1, []).replace("  version 3\n", "") +
    numbered(2, ["mcast_dst_ip 224.0.0.78", "mcast_src_ip 10.0.0.41"]) +
    numbered(3, ["unicast_src_ip 10.0.0.41", ...peers]) +
    numbered(4, [], [`${VIP6_LINK}/64`, `${VIP6}/64`]) +
    numbered(5, ["native_ipv6", "no_virtual_ipaddress"], []);
  new Baton(lab.node("a"), head + text).start();
  const first = await wire.next(adverts({ vrid: 51, from: "10.0.0.1", to: "224.0.0.77" }));
  expect(first).toMatchObject({ version: 3, intervalMs: 100 });
  expect(sumsWithoutPseudoHeader(first)).toBe(true);
  await wire.next(adverts({ vrid: 52, from: "10.0.0.41", to: "224.0.0.78" }));
  await wire.next(adverts({ vrid: 53, from: "10.0.0.41", to: lab.node("b").address }));
  await wire.next(adverts({ vrid: 54, to: "ff02::77" }));
  await wire.next(adverts({ vrid: 55, family: "ipv6", addresses: [] }));
});

// shows: vrrp_instance interface, virtual_ipaddress_excluded
// shows: address-entry dev, scope, broadcast, brd, label
test.concurrent("addresses: where they are added, and with which options", async () => {
  const commands = ["link add eth1 type veth peer name eth1p", "link set eth1 up", "link set eth1p up"];
  await using lab = await Lab.create({ a: { commands } });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const addresses = [
    "10.0.0.100/24 dev eth1",
    "10.1.0.101/24 scope link",
    "10.0.0.102/24 broadcast 10.0.0.200",
    "10.0.0.103/24 brd +",
    "10.0.0.104/24 label eth0:vip",
  ];
  const a = new Baton(node, GLOBAL + instance({ ...V3, addresses, excluded: ["10.0.0.105/24"] })).start();
  const { addresses: announced } = await wire.next(adverts());
  expect(announced).toEqual(addresses.map((each) => each.split("/")[0]!));
  await node.gains("10.0.0.105");
  await a.shows((i) => i.addresses.every(({ held }) => held));
  const shown = async (name: string) =>
    (await node.ip("-4", "-o", "address", "show", "dev", name)).split("\n").map((line) =>
      line.replace(/.*inet /, "").replace(/\\.*/, "").trim()
    );
  expect((await shown("eth1")).join("\n")).toContain("10.0.0.100/24");
  const own = (await shown("eth0")).join("\n");
  expect(own).toMatch(/10\.1\.0\.101\/24 scope link/);
  expect(own).toMatch(/10\.0\.0\.102\/24 brd 10\.0\.0\.200 /);
  expect(own).toMatch(/10\.0\.0\.103\/24 brd 10\.0\.0\.255 /);
  expect(own).toMatch(/10\.0\.0\.104\/24 .*eth0:vip/);
  expect(own).toMatch(/10\.0\.0\.105\/24/);
});

// shows: vrrp_instance preempt, nopreempt, preempt_delay
test.concurrent("who leaves a lower master alone, and for how long", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const cases = [["nopreempt"], ["nopreempt", "preempt"], ["preempt_delay 1000"]];
  const three = (priority: number, lines: string[][]) =>
    GLOBAL + lines.map((each, index) =>
      instance({
        ...V3,
        priority,
        name: `VI_${index + 1}`,
        vrid: 51 + index,
        addresses: [`10.0.0.10${index}/24`],
        lines: each,
      })
    ).join("");
  const low = new Baton(lab.node("b"), three(100, cases.map(() => []))).start();
  for (const name of ["VI_1", "VI_2", "VI_3"]) await low.becomes("MASTER", name);
  const wire = await Wire.onSwitch(lab);
  const high = new Baton(lab.node("a"), three(150, cases)).start();
  await high.becomes("MASTER", "VI_2");
  const from = wire.mark();
  // Three adverts that go unheard would be enough to take over.
  for (const vrid of [51, 53]) await wire.nth(10, adverts({ vrid, priority: 100 }), from);
  for (const name of ["VI_1", "VI_3"]) expect(high.states(name)).toEqual(["BACKUP"]);
  await low.becomes("BACKUP", "VI_2");
});

// shows: global_defs vrrp_down_timer_adverts
// shows: vrrp_instance down_timer_adverts, state
test.concurrent("how many adverts may be missed", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const other = (number: number, more: Parameters<typeof instance>[0]) =>
    instance({
      ...V3,
      name: `VI_${number}`,
      vrid: 50 + number,
      addresses: [`10.0.0.10${number}/24`],
      ...more,
    });
  const text = globals("vrrp_down_timer_adverts 5") + instance(V3) +
    other(2, { lines: ["down_timer_adverts 7"] }) +
    other(3, { state: "MASTER" });
  const a = new Baton(lab.node("a"), text).start();
  const cause = async (name: string) =>
    /\((\d+) x 0\.1 s/.exec(
      await a.waitFor(new RegExp(`\\(${name}\\) Entering MASTER STATE`)),
    )?.[1];
  expect([await cause("VI_1"), await cause("VI_2"), await cause("VI_3")]).toEqual(["5", "7", "1"]);
});

// shows: global_defs vrrp_skip_check_adv_addr
// shows: vrrp_instance skip_check_adv_addr, strict_mode
test.concurrent("an address list that is another one than ours", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  // Far from being master; the one who speaks is.
  const slow = { ...V3, interval: 40 };
  const second = { ...slow, name: "VI_2", vrid: 52, addresses: ["10.0.0.101/24"] };
  const third = { ...slow, name: "VI_3", vrid: 53, addresses: ["10.0.0.102/24"] };
  const a = new Baton(
    lab.node("a"),
    globals("vrrp_skip_check_adv_addr") + instance(slow) +
      instance({ ...second, lines: ["skip_check_adv_addr off"] }) +
      instance({ ...third, lines: ["strict_mode", "skip_check_adv_addr off"] }),
  ).start();
  await a.becomes("BACKUP", "VI_3");
  const injector = await Injector.on(lab.node("x"));
  const sent = (vrid: number, last: number) =>
    advert4({ version: 3, interval: 4000, vrid, addresses: [`10.0.0.${last}`] });
  for (const [vrid, own] of [[51, 100], [52, 101], [53, 102]] as const) {
    injector.send(sent(vrid, own), sent(vrid, 111), sent(vrid, own));
  }
  // The third is accepted by all: then the second has been looked at.
  const lists = async (name: string, accepted: number) => {
    const { counters, refusals } = await a.shows((i) => i.counters.advertisement_rcvd >= accepted, name);
    return [counters.address_list_errors, refusals.address_list];
  };
  expect(await lists("VI_1", 3)).toEqual([0, 0]);
  expect(await lists("VI_2", 3)).toEqual([1, 0]);
  expect((await lists("VI_3", 2))[1]).toBe(1);
});

// shows: global_defs vrrp_check_unicast_src
test.concurrent("an advert from somebody who is no unicast peer", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const node = lab.node("a");
  const lines = ["unicast_peer {", "  10.0.0.9", "}"];
  const a = new Baton(node, globals("vrrp_check_unicast_src") + instance({ ...V3, interval: 40, lines }))
    .start();
  await a.becomes("BACKUP");
  const stranger = { version: 3, interval: 4000, to: node.address, destinationMac: node.mac };
  (await Injector.on(lab.node("x"))).send(advert4(stranger));
  await a.shows((i) => i.refusals.peer === 1);
});

// shows: vrrp_instance debug
test.concurrent("debug shows for one instance what -D shows for all", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const file = lab.path("baton.conf");
  const quiet = instance({ ...V3, name: "VI_2", vrid: 52, addresses: ["10.0.0.101/24"] });
  writeFileSync(file, GLOBAL + quiet + instance({ ...V3, lines: ["debug 1"] }));
  const words = [BATON, "run", "-f", file, "--socket", lab.path("s"), "--pid", lab.path("p")];
  const daemon = node.spawn("baton without -D", words);
  await daemon.waitFor(/\(VI_1\) holds /);
  await daemon.waitFor(/\(VI_2\) Entering MASTER STATE/);
  await node.gains("10.0.0.101");
  expect(await daemon.end("SIGTERM")).toBe(0);
  expect(daemon.log).not.toContain("(VI_2) holds ");
  expect(await node.has(VIP)).toBe(false);
});
