// Virtual MAC addresses: the interface, its address on the wire, a client that notices nothing, and what is left.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { GLOBAL, instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { until } from "../support/until.ts";
import { adverts, garps, nas, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;
const MAC = "00:00:5e:00:01:33";
const MAC6 = "00:00:5e:00:02:33";
const V6 = { ...V3, addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`] };

interface LinkJson {
  ifname: string;
  link?: string;
  address: string;
  flags: string[];
  group: string;
  linkinfo?: { info_kind: string; info_data: { mode: string } };
  addr_info: { local: string }[];
}

async function link(node: Node, name: string): Promise<LinkJson | undefined> {
  const all = JSON.parse(await node.ip("-json", "-details", "address", "show")) as LinkJson[];
  return all.find((each) => each.ifname === name);
}

async function sysctl(node: Node, path: string): Promise<string> {
  return (await node.exec("cat", `/proc/sys/net/${path}`)).trim();
}

/** What the client's neighbour table says of an address. */
async function neighbour(node: Node, address: string): Promise<string | undefined> {
  const table = JSON.parse(await node.ip("-json", "neighbour", "show", address)) as { lladdr?: string }[];
  return table[0]?.lladdr;
}

// shows: vrrp_instance use_vmac
test.concurrent("the address stands on a macvlan with the virtual MAC address, up only while Master", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const baton = new Baton(node, GLOBAL + instance({ ...V3, lines: ["use_vmac"] })).start();
  await baton.becomes("BACKUP");
  const backup = (await link(node, "vrrp.51"))!;
  expect(backup.flags).not.toContain("UP");
  // No IPv6 on it: membership reports would leave it.
  expect(await sysctl(node, "ipv6/conf/vrrp.51/disable_ipv6")).toBe("1");
  expect(backup).toMatchObject({ link: "eth0", address: MAC, linkinfo: { info_data: { mode: "bridge" } } });
  await baton.becomes("MASTER");
  await baton.shows((i) => i.addresses[0]?.held === true && i.addresses[0].interface === "vrrp.51");
  const master = (await link(node, "vrrp.51"))!;
  expect(master.flags).toContain("UP");
  expect(master.addr_info.map((a) => a.local)).toEqual([VIP]);
  const first = await wire.next(adverts({ priority: 150 }));
  expect(first).toMatchObject({ source: MAC, from: "10.0.0.1" });
  expect(await wire.next(garps({ address: VIP }))).toMatchObject({ source: MAC, hardware: MAC });
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await wire.next(adverts({ priority: 0 }))).toMatchObject({ source: MAC });
  wire.stop();
  expect(wire.since(adverts({})).every(({ source }) => source === MAC)).toBe(true);
  expect(await wire.objections("vrrp || arp")).toEqual([]);
});

for (
  const [family, text, vip, mac] of [
    ["IPv4", V3, VIP, MAC],
    ["IPv6", V6, VIP6, MAC6],
  ] as const
) {
  const routers = (priority: number) =>
    GLOBAL + instance({ ...text, priority, lines: ["use_vmac"], ...copied(text as Partial<typeof V6>) });

  // shows: vrrp_instance use_vmac
  test.concurrent(`${family}: a client keeps the MAC address of the virtual address at a failover and back`, async () => {
    await using lab = await Lab.create({ a: {}, b: {}, client: {} });
    const [a, b, client] = [lab.node("a"), lab.node("b"), lab.node("client")];
    const wire = await Wire.onSwitch(lab);
    const first = new Baton(a, routers(150)).start();
    const second = new Baton(b, routers(100)).start();
    await first.becomes("MASTER");
    await second.becomes("BACKUP");
    await first.shows((i) => i.addresses.every((each) => each.held));
    // The router has to ask for the client, and must not do that in the name of the address with another MAC address.
    await a.ip("neighbour", "flush", "dev", "eth0");
    await answers(client, vip);
    expect(await neighbour(client, vip)).toBe(mac);
    // Whatever changes it from now on is seen.
    const monitor = client.spawn("neighbour monitor", ["ip", "monitor", "neigh"]);
    await first.program.kill();
    await second.becomes("MASTER");
    await second.shows((i) => i.addresses.every((each) => each.held));
    await answers(client, vip);
    expect(await neighbour(client, vip)).toBe(mac);
    first.start();
    await first.becomes("MASTER");
    await second.becomes("BACKUP");
    await first.shows((i) => i.addresses.every((each) => each.held));
    await until(
      async () => !(await link(b, "vrrp.51"))!.flags.includes("UP"),
      () => `the VMAC of a Backup stays up:\n${second.log}`,
    );
    await answers(client, vip);
    expect(await neighbour(client, vip)).toBe(mac);
    expect(monitor.lines.filter((line) => line.includes(`${vip} `) && !line.includes(mac))).toEqual([]);
    // The real addresses keep theirs.
    const real = family === "IPv4" ? b.address : b.global;
    await answers(client, real);
    expect(await neighbour(client, real)).toBe(b.mac);
    wire.stop();
    expect(wire.since(adverts({})).every(({ source }) => source === mac)).toBe(true);
    const named = wire.frames.filter(({ bytes }) => isArpFrom(bytes, vip));
    expect(named.filter(({ bytes }) => bytes.subarray(22, 28).toHex() !== mac.replaceAll(":", ""))).toEqual(
      [],
    );
    // A Backup's membership reports would take the switch's entry for the address.
    const igmp = wire.frames.filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 2);
    if (family === "IPv4") expect(igmp.length).toBeGreaterThan(0);
    expect(igmp.filter(({ source }) => source === mac)).toEqual([]);
    const announced = family === "IPv4"
      ? wire.since(garps({ address: vip }))
      : wire.since(nas({ address: vip }));
    expect(announced.length).toBeGreaterThan(0);
    expect(announced.every(({ source, hardware }) => source === mac && hardware === mac)).toBe(true);
    expect(await wire.objections("vrrp || arp || icmpv6.type == 136")).toEqual([]);
  });

  // shows: vrrp_instance use_vmac
  test.concurrent(`${family}: links, addresses and sysctls are as before after every stop, crash and clean-up`, async () => {
    await using lab = await Lab.create({ a: {} });
    const node = lab.node("a");
    const before = await node.inventory();
    const baton = new Baton(node, routers(150)).start();
    const runs = async () => {
      await baton.becomes("MASTER");
      await baton.shows((i) => i.addresses.every((each) => each.held));
      if (family === "IPv4") expect(await sysctl(node, "ipv4/conf/eth0/arp_ignore")).toBe("1");
    };
    await baton.becomes("BACKUP");
    expect(await baton.end("SIGTERM")).toBe(0);
    expect(await node.inventory()).toBe(before);
    baton.start();
    await runs();
    expect(await baton.end("SIGINT")).toBe(0);
    expect(await node.inventory()).toBe(before);
    // Left behind, found again, used, removed.
    baton.start();
    await runs();
    await recorded(baton, "vrrp.51");
    await baton.program.kill();
    expect(await link(node, "vrrp.51")).toMatchObject({ address: mac });
    baton.start();
    await runs();
    expect(await baton.end("SIGTERM")).toBe(0);
    expect(await node.inventory()).toBe(before);
    // Left behind, and the next configuration wants none.
    baton.start();
    await runs();
    await recorded(baton, "vrrp.51");
    await baton.program.kill();
    baton.write(GLOBAL + instance({ ...V3, vrid: 52, interval: 40 }));
    baton.start();
    await baton.waitFor(/removed the interface vrrp\.51: left behind/);
    await baton.becomes("BACKUP");
    expect(await baton.end("SIGTERM")).toBe(0);
    expect(await node.inventory()).toBe(before);
    // Left behind, and no next start.
    baton.write(routers(150));
    baton.start();
    await runs();
    await recorded(baton, "vrrp.51");
    await baton.program.kill();
    await node.exec(BATON, "cleanup", "--socket", baton.socket, "--pid", baton.pidFile);
    expect(await node.inventory()).toBe(before);
  });
}

// shows: vrrp_instance vmac_xmit_base
test.concurrent("vmac_xmit_base: adverts leave with the MAC address of the interface, announcements with the virtual one", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const baton = new Baton(node, GLOBAL + instance({ ...V3, lines: ["use_vmac", "vmac_xmit_base"] })).start();
  await baton.becomes("MASTER");
  expect(await wire.next(adverts({ priority: 150 }))).toMatchObject({ source: node.mac });
  expect(await wire.next(garps({ address: VIP }))).toMatchObject({ source: MAC, hardware: MAC });
  expect(await baton.end("SIGTERM")).toBe(0);
  wire.stop();
  expect(wire.since(adverts({})).every(({ source }) => source === node.mac)).toBe(true);
});

// shows: vrrp_instance use_vmac
// shows: global_defs vmac_prefix
test.concurrent("use_vmac takes a name, an interface, a MAC address and a group; the names of the others are chosen", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = "global_defs {\n  vmac_prefix vm\n}\n" +
    instance({ ...V3, name: "A", vrid: 51, lines: ["use_vmac own eth0 02:11:22:33:44 group 7"] }) +
    instance({
      ...V3,
      name: "B",
      vrid: 52,
      lines: ["use_vmac 02:11:22:33:44:99"],
      addresses: ["10.0.0.101/24"],
    }) +
    instance({ ...V3, name: "C", vrid: 52, lines: ["use_vmac"], addresses: [`${VIP6_LINK}/64`] });
  const baton = new Baton(node, text).start();
  for (const name of ["A", "B", "C"]) {
    await baton.becomes("MASTER", name);
    await baton.shows((i) => i.addresses.every((each) => each.held), name);
  }
  expect(await link(node, "own")).toMatchObject({ address: "02:11:22:33:44:33", group: "7", link: "eth0" });
  expect(await link(node, "vm.52")).toMatchObject({ address: "02:11:22:33:44:99", group: "default" });
  expect(await link(node, "vm6.52")).toMatchObject({ address: "00:00:5e:00:02:34" });
  expect((await link(node, "vm6.52"))!.addr_info.map((a) => a.local)).toEqual([VIP6_LINK]);
  expect(await baton.end("SIGTERM")).toBe(0);
});

test.concurrent("all.rp_filter 1 does not silence the address; a route and track_interface may name the VMAC", async () => {
  await using lab = await Lab.create({ a: {}, client: {} });
  const [node, client] = [lab.node("a"), lab.node("client")];
  await node.exec("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1");
  const lines = [
    "use_vmac",
    "virtual_routes {",
    "192.168.9.0/24 dev vrrp.51",
    "}",
    "track_interface {",
    "vrrp.51",
    "}",
  ];
  const baton = new Baton(node, GLOBAL + instance({ ...V3, lines })).start();
  await baton.becomes("MASTER");
  await answers(client, VIP);
  expect(await neighbour(client, VIP)).toBe(MAC);
  await until(
    async () => /dev vrrp\.51/.test(await node.ip("route", "show", "192.168.9.0/24")),
    () => `no route:\n${baton.log}`,
  );
  expect(await sysctl(node, "ipv4/conf/all/rp_filter")).toBe("1");
  await node.ip("link", "delete", "vrrp.51");
  await until(
    async () => /dev vrrp\.51/.test(await node.ip("route", "show", "192.168.9.0/24")),
    () => `no route again:\n${baton.log}`,
  );
  await answers(client, VIP);
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
  expect(await baton.end("SIGTERM")).toBe(0);
});

const SECOND_LINK = { commands: ["link add q0 type veth peer name q1", "link set q0 up", "link set q1 up"] };

// shows: address-entry use_vmac
// shows: global_defs vmac_addr_prefix
// shows: vrrp_instance use_vmac_addr
test.concurrent("use_vmac of an address and use_vmac_addr: VMACs on the interfaces of the addresses", async () => {
  await using lab = await Lab.create({ a: SECOND_LINK });
  const node = lab.node("a");
  const text = "global_defs {\n  vmac_addr_prefix va\n}\n" + instance({
    ...V3,
    name: "A",
    addresses: [`${VIP}/24`, "10.0.0.101/24 use_vmac", "10.0.1.1/24 dev q0 use_vmac", "10.0.1.2/24 dev q0"],
  }) + instance({
    ...V3,
    name: "B",
    vrid: 52,
    lines: ["use_vmac", "use_vmac_addr"],
    addresses: ["10.0.0.110/24", "10.0.1.10/24 dev q0"],
    excluded: [`${VIP6}/128`],
  });
  const baton = new Baton(node, text).start();
  for (const name of ["A", "B"]) {
    await baton.becomes("MASTER", name);
    await baton.shows((i) => i.addresses.every((each) => each.held), name);
  }
  const holds = async (name: string) => (await link(node, name))?.addr_info.map((a) => a.local);
  expect(await holds("va.51")).toEqual(["10.0.0.101"]);
  expect(await holds("va1.51")).toEqual(["10.0.1.1"]);
  expect((await link(node, "va1.51"))!.link).toBe("q0");
  expect(await holds("q0")).toContain("10.0.1.2");
  expect(await holds("eth0")).toContain(VIP);
  expect(await holds("vrrp.52")).toEqual(["10.0.0.110"]);
  expect(await link(node, "va.52")).toMatchObject({ link: "q0", address: "00:00:5e:00:01:34" });
  expect(await holds("va.52")).toEqual(["10.0.1.10"]);
  // An excluded address of the other family has the MAC address of its family.
  expect(await link(node, "va6.52")).toMatchObject({ link: "eth0", address: "00:00:5e:00:02:34" });
  expect(await holds("va6.52")).toEqual([VIP6]);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect((await node.ip("-br", "link", "show", "type", "macvlan")).trim()).toBe("");
});

// shows: vrrp_instance garp_extra_if, vmac_garp_intvl
// shows: global_defs vrrp_garp_extra_if, vrrp_vmac_garp_intvl
test.concurrent("garp_extra_if: one address of each VMAC that adverts do not leave from is announced again", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const quiet = ["garp_master_repeat 1", "garp_master_delay 0"];
  const text = (keyword: string, line: string) =>
    `global_defs {\n  ${keyword}\n}\n` +
    instance({
      ...V3,
      name: "A",
      lines: [...quiet, "use_vmac", line],
      addresses: ["10.0.0.100/24", "10.0.0.101/24"],
    }) + instance({
      ...V3,
      name: "B",
      vrid: 52,
      lines: quiet,
      addresses: ["10.0.0.110/24 use_vmac", "10.0.0.111/24 use_vmac", "10.0.0.112/24"],
    });
  const baton = new Baton(node, text("vrrp_garp_extra_if 1", "garp_extra_if 0")).start();
  await baton.becomes("MASTER", "A");
  await baton.becomes("MASTER", "B");
  for (
    const keywords of [["vrrp_garp_extra_if 1", "garp_extra_if 0"], [
      "vrrp_vmac_garp_intvl 1",
      "vmac_garp_intvl 0",
    ]]
  ) {
    baton.write(text(keywords[0]!, keywords[1]!));
    await baton.reload();
    await baton.becomes("MASTER", "A");
    await baton.becomes("MASTER", "B");
    const from = wire.mark();
    await wire.nth(2, garps({ address: "10.0.0.110", source: "00:00:5e:00:01:34" }), from);
    expect(wire.since(garps({ address: "10.0.0.111" }), from).length).toBeLessThan(2);
  }
  // The adverts tell switches of A's address already, unless they leave from the interface.
  expect(wire.since(garps({ address: "10.0.0.100" })).length).toBe(1);
  await baton.reload(text("vrrp_garp_extra_if 0", "garp_extra_if 1\n  vmac_xmit_base"));
  const from = wire.mark();
  await wire.nth(2, garps({ address: "10.0.0.100", source: MAC }), from);
  expect(await baton.end("SIGTERM")).toBe(0);
});

// shows: vrrp_instance garp_extra_if
test.concurrent("garp_extra_if all: on every other interface", async () => {
  await using lab = await Lab.create({
    a: { commands: ["link add link eth0 name second type macvlan mode bridge", "link set second up"] },
  });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const text = (line: string) =>
    GLOBAL + instance({
      ...V3,
      lines: ["garp_master_repeat 1", "garp_master_delay 0", line],
      addresses: [`${VIP}/24`, "10.0.0.101/24 dev second", "10.0.0.102/24 use_vmac"],
    });
  const baton = new Baton(node, text("garp_extra_if 1")).start();
  await wire.nth(3, garps({ address: "10.0.0.102" }));
  expect(wire.since(garps({ address: "10.0.0.101" })).length).toBe(1);
  await baton.reload(text("garp_extra_if all 1"));
  await wire.nth(3, garps({ address: "10.0.0.101" }));
  expect(wire.since(garps({ address: VIP })).length).toBe(1);
  expect(await baton.end("SIGTERM")).toBe(0);
});

test.concurrent("a VMAC that is deleted, taken down, or lost with its interface comes back with its address", async () => {
  await using lab = await Lab.create({
    a: {
      commands: [
        "link add below type veth peer name there",
        "link set there up",
        "link set below up",
        "address add 10.0.2.1/24 dev below",
      ],
    },
  });
  const node = lab.node("a");
  const baton = new Baton(
    node,
    GLOBAL + instance({ ...V3, lines: ["use_vmac"] }) +
      instance({
        ...V3,
        name: "B",
        vrid: 52,
        interface: "below",
        lines: ["use_vmac"],
        addresses: ["10.0.2.100/24"],
      }),
  ).start();
  const back = async (name: string, before: number) => {
    await until(async () => {
      const found = await link(node, name);
      const index = Number(
        (await node.exec("cat", `/sys/class/net/${name}/ifindex`).catch(() => "0")).trim(),
      );
      return found !== undefined && index !== before && found.flags.includes("UP") &&
        found.addr_info.length === 1;
    }, () => `${name} never came back:\n${baton.log}`);
  };
  await baton.becomes("MASTER");
  await baton.becomes("MASTER", "B");
  await baton.shows((i) => i.addresses.every((each) => each.held));
  await node.ip("link", "set", "vrrp.51", "down");
  await back("vrrp.51", 0);
  const index = Number((await node.exec("cat", "/sys/class/net/vrrp.51/ifindex")).trim());
  await node.ip("link", "delete", "vrrp.51");
  await back("vrrp.51", index);
  await node.ip("link", "delete", "below");
  await baton.becomes("FAULT", "B");
  await node.ip("link", "add", "below", "type", "veth", "peer", "name", "there");
  await node.ip("link", "set", "there", "up");
  await node.ip("link", "set", "below", "up");
  await node.ip("address", "add", "10.0.2.1/24", "dev", "below");
  await baton.becomes("MASTER", "B");
  await back("vrrp.52", 0);
  expect(await sysctl(node, "ipv4/conf/below/arp_ignore")).toBe("1");
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect((await node.ip("-br", "link", "show", "type", "macvlan")).trim()).toBe("");
  expect(await sysctl(node, "ipv4/conf/below/arp_ignore")).toBe("0");
});

test.concurrent("another interface of that name is left alone; a macvlan that another program left is made anew", async () => {
  await using lab = await Lab.create({
    a: {
      commands: [
        "link add vrrp.51 type veth peer name other",
        `link add link eth0 name vrrp.52 address 00:00:5e:00:01:34 type macvlan mode private`,
      ],
    },
  });
  const node = lab.node("a");
  const text = GLOBAL + instance({ ...V3, lines: ["use_vmac"] }) +
    instance({ ...V3, name: "B", vrid: 52, lines: ["use_vmac"], addresses: ["10.0.0.101/24"] });
  const baton = new Baton(node, text).start();
  await baton.becomes("FAULT");
  await baton.waitFor(
    /no VMAC interface vrrp\.51: another interface has that name; delete it, or give use_vmac another name/,
  );
  await baton.waitFor(/vrrp\.52 was made by another program; it is made anew/);
  await baton.becomes("MASTER", "B");
  expect(await link(node, "vrrp.52")).toMatchObject({ linkinfo: { info_data: { mode: "bridge" } } });
  await node.ip("link", "delete", "vrrp.51");
  await baton.becomes("MASTER");
  expect(await link(node, "vrrp.51")).toMatchObject({ address: MAC });
  expect(await baton.end("SIGTERM")).toBe(0);
});

// shows: vrrp_instance use_vmac
test.concurrent("a reload that turns use_vmac on and off restarts that instance and leaves others alone", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const before = await node.inventory();
  const text = (...lines: string[]) =>
    GLOBAL + instance({ ...V3, lines }) +
    instance({ ...V3, name: "B", vrid: 52, addresses: ["10.0.0.101/24"], lines: ["use_vmac"] });
  const baton = new Baton(node, text()).start();
  await baton.becomes("MASTER");
  await baton.becomes("MASTER", "B");
  for (
    const [lines, device, source] of [[["use_vmac"], "vrrp.51", MAC], [
      ["use_vmac 02:00:00:00:00:77"],
      "vrrp.51",
      "02:00:00:00:00:77",
    ], [[], "eth0", node.mac]] as const
  ) {
    const log = baton.mark(), from = wire.mark();
    await baton.reload(text(...lines));
    await wire.next(adverts({ vrid: 51, priority: 150, source }), from);
    await baton.shows((i) => i.addresses[0]!.held && i.addresses[0]!.interface === device);
    // The wire is ahead of the log.
    await until(
      () => Promise.resolve(baton.states("VI_1", log).at(-1) === "MASTER"),
      () => `not MASTER again:\n${baton.log}`,
    );
    expect(baton.states("B", log)).toEqual([]);
    await until(
      async () => (await node.addresses()).filter((a) => a === `${VIP}/24`).length === 1,
      () => baton.log,
    );
  }
  await until(async () => await link(node, "vrrp.51") === undefined, () => `not so:\n${baton.log}`);
  const intervals = wire.since(adverts({ vrid: 52 })).map(({ timeUs }) => timeUs);
  expect(intervals.every((at, i) => i === 0 || at - intervals[i - 1]! < 350_000)).toBe(true);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
});

test.concurrent("a stop, or a crash and a clean-up, right after a reload that took VMACs away leaves nothing behind", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const before = await node.inventory();
  const alone = GLOBAL + instance({ ...V3, interval: 40 });
  const vmacs = ["B", "C", "D"].map((name, i) =>
    instance({
      ...V3,
      name,
      vrid: 61 + i,
      // One of them is Master: it leaves later than the others.
      interval: name === "B" ? 0.1 : 40,
      addresses: [`10.0.0.${111 + i}/24`],
      lines: ["use_vmac"],
    })
  ).join("");
  const baton = new Baton(node, alone + vmacs);
  for (const end of ["stop", "crash", "later"]) {
    baton.write(alone + vmacs);
    baton.start();
    await baton.becomes("MASTER", "B");
    for (const name of ["C", "D"]) await baton.becomes("BACKUP", name);
    await baton.shows((i) => i.addresses.every((each) => each.held), "B");
    for (const name of ["vrrp.61", "vrrp.62", "vrrp.63"]) await recorded(baton, name);
    await baton.reload(alone);
    if (end === "later") {
      // Deleted by the running daemon, which knows that they are gone.
      await until(
        async () => (await node.ip("-br", "link", "show", "type", "macvlan")).trim() === "",
        () => `VMACs stay:\n${baton.log}`,
      );
      expect(baton.log).not.toContain("cannot be deleted");
    }
    if (end === "crash") {
      await baton.program.kill();
      await node.exec(BATON, "cleanup", "--socket", baton.socket, "--pid", baton.pidFile);
    } else expect(await baton.end("SIGTERM")).toBe(0);
    expect(await node.inventory()).toBe(before);
  }
});

// shows: vrrp_instance use_vmac
test.concurrent("IPv6: who gives the addresses up leaves no group in the name of the virtual MAC address", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, client: {} });
  const [a, b, client] = [lab.node("a"), lab.node("b"), lab.node("client")];
  const wire = await Wire.onSwitch(lab);
  // Deadlines every 10 ms: taking the VMAC down, which would silence it as well, is put off.
  const busy = (vrid: number) =>
    instance({ version: 3, name: "BUSY", vrid, interval: "0.01", addresses: [`10.0.0.${vrid}/24`] });
  const routers = (priority: number) =>
    GLOBAL + instance({ ...V6, priority, lines: ["use_vmac"] }) + busy(priority);
  const first = new Baton(a, routers(150)).start();
  const second = new Baton(b, routers(100)).start();
  await first.becomes("MASTER");
  await second.becomes("BACKUP");
  const serves = async (baton: Baton) => {
    await baton.shows((i) => i.addresses.every((each) => each.held));
    await answers(client, VIP6);
    // Reports are put off for a second at most.
    await wire.nth(15, adverts({ source: MAC6 }), wire.mark());
  };
  await serves(first);
  const from = wire.mark();
  expect(await first.end("SIGTERM")).toBe(0);
  await second.becomes("MASTER");
  await serves(second);
  first.start();
  await first.becomes("MASTER");
  await second.becomes("BACKUP");
  await serves(first);
  const leaves = (at: number) =>
    wire.frames.slice(at).filter(({ source, bytes }) => source === MAC6 && leavesGroup(bytes));
  expect(leaves(from)).toEqual([]);
  expect(wire.frames.slice(from).some(({ source, bytes }) => source === MAC6 && isMldReport(bytes))).toBe(
    true,
  );
  // After a crash it is the kernel that leaves the groups: soon, and not when the next Master has long been there.
  // The kernel counts in ticks of up to 10 ms; it would put the second report off for up to 1000.
  expect(Number(await sysctl(b, "ipv6/conf/vrrp.51/mldv2_unsolicited_report_interval"))).toBeLessThan(21);
  // Neither a router of this prefix nor the virtual MAC address makes an address or a route on it.
  expect(await sysctl(a, "ipv6/conf/vrrp.51/accept_ra")).toBe("0");
  expect(await sysctl(a, "ipv6/conf/vrrp.51/autoconf")).toBe("0");
  expect(await second.end("SIGTERM")).toBe(0);
  expect(await first.end("SIGTERM")).toBe(0);
});

test.concurrent("a VMAC that is renamed is made anew under its name; nothing is left behind", async () => {
  await using lab = await Lab.create({ a: {}, client: {} });
  const [node, client] = [lab.node("a"), lab.node("client")];
  const before = await node.inventory();
  const baton = new Baton(node, GLOBAL + instance({ ...V3, lines: ["use_vmac"] })).start();
  await baton.becomes("MASTER");
  await answers(client, VIP);
  await node.ip("link", "set", "vrrp.51", "name", "stray");
  await baton.waitFor(/vrrp\.51 was renamed to stray; it is made anew/);
  await until(
    async () => (await link(node, "vrrp.51"))?.addr_info.length === 1,
    () => `the address never came back:\n${baton.log}`,
  );
  await answers(client, VIP);
  expect(await neighbour(client, VIP)).toBe(MAC);
  expect(await link(node, "stray")).toBeUndefined();
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
});

// shows: vrrp_instance use_vmac
test.concurrent("whose VMAC cannot be taken up is at fault, and takes part again once it can", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const [node, other] = [lab.node("a"), lab.node("b")];
  await node.ip(
    ...`link add link eth0 name thief address ${MAC} type macvlan mode bridge`.split(" "),
  );
  await node.ip("link", "set", "thief", "up");
  const text = (priority: number) => GLOBAL + instance({ ...V3, priority, lines: ["use_vmac"] });
  const baton = new Baton(node, text(150)).start();
  await baton.becomes("FAULT");
  await baton.waitFor(
    /take vrrp\.51 up.*EADDRINUSE.*another macvlan on the same interface has its MAC address/,
  );
  const second = new Baton(other, text(100)).start();
  await second.becomes("MASTER");
  await second.shows((i) => i.addresses.every((each) => each.held));
  await node.ip("link", "delete", "thief");
  await baton.becomes("MASTER");
  await second.becomes("BACKUP");
  await baton.shows((i) => i.addresses.every((each) => each.held));
  expect((await link(node, "vrrp.51"))!.addr_info.map((a) => a.local)).toEqual([VIP]);
  expect(await baton.end("SIGTERM")).toBe(0);
});

test.concurrent("a VMAC has the MTU of the interface below, also when that grows again", async () => {
  await using lab = await Lab.create({ a: {}, client: {} });
  const [node, client] = [lab.node("a"), lab.node("client")];
  const baton = new Baton(node, GLOBAL + instance({ ...V3, lines: ["use_vmac"] })).start();
  await baton.becomes("MASTER");
  await answers(client, VIP);
  const mtu = async (name: string) => (await node.exec("cat", `/sys/class/net/${name}/mtu`)).trim();
  for (const each of ["1400", "1500", "1200", "1500"]) {
    await node.ip("link", "set", "eth0", "mtu", each);
    await until(
      async () => await mtu("vrrp.51").catch(() => "") === each,
      () => `the MTU of vrrp.51 is not ${each}:\n${baton.log}`,
    );
  }
  await answers(client, VIP);
  // With 1200 the kernel has taken IPv6 away, and with 1500 it has brought it back as it is by default.
  expect(await sysctl(node, "ipv6/conf/vrrp.51/disable_ipv6")).toBe("1");
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
  expect(await baton.end("SIGTERM")).toBe(0);
});

test.concurrent("a reload that brings the first IPv6 address to a VMAC, and takes the last", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = (...excluded: string[]) => GLOBAL + instance({ ...V3, lines: ["use_vmac"], excluded });
  const baton = new Baton(node, text()).start();
  await baton.becomes("MASTER");
  const index = (await node.exec("cat", "/sys/class/net/vrrp.51/ifindex")).trim();
  await baton.reload(text(`${VIP6}/64`));
  await node.gains(VIP6);
  expect((await link(node, "vrrp.51"))!.addr_info.map((a) => a.local).sort()).toEqual([VIP, VIP6]);
  await baton.reload(text());
  await node.loses(VIP6);
  await until(
    async () => await sysctl(node, "ipv6/conf/vrrp.51/disable_ipv6") === "1",
    () => "IPv6 stays on the VMAC",
  );
  expect((await node.exec("cat", "/sys/class/net/vrrp.51/ifindex")).trim()).toBe(index);
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
  expect(await baton.end("SIGTERM")).toBe(0);
});

// shows: vrrp_instance use_ipvlan
test.concurrent("use_ipvlan without an address stays in FAULT and says why; the others run", async () => {
  await using lab = await Lab.create({ a: {} });
  const text = GLOBAL + instance({ ...V3, lines: ["use_ipvlan"] }) +
    instance({ ...V3, name: "B", vrid: 52, addresses: ["10.0.0.101/24"] });
  const baton = new Baton(lab.node("a"), text).start();
  await baton.waitFor(
    /\(VI_1\) Entering FAULT STATE \(init\): the ipvlan has no IPv4 address of its own: write use_ipvlan ADDRESS/,
  );
  await baton.becomes("MASTER", "B");
  expect(baton.states()).toEqual(["FAULT"]);
  expect(await baton.end("SIGTERM")).toBe(0);
});

/** Whether it is an MLDv2 report (RFC 9777): a hop-by-hop option before it. */
function isMldReport(bytes: Uint8Array): boolean {
  return bytes[12] === 0x86 && bytes[13] === 0xdd && bytes[20] === 0 && bytes[62] === 143;
}

/** Whether it is one whose first record leaves a group (CHANGE_TO_INCLUDE_MODE). */
function leavesGroup(bytes: Uint8Array): boolean {
  return isMldReport(bytes) && bytes[70] === 3;
}

/** Whether it is ARP whose sender has this protocol address. */
function isArpFrom(bytes: Uint8Array, address: string): boolean {
  return bytes[12] === 0x08 && bytes[13] === 0x06 && bytes.subarray(28, 32).join(".") === address;
}

function copied(text: { addresses?: readonly string[] }): { addresses?: string[] } {
  return text.addresses === undefined ? {} : { addresses: [...text.addresses] };
}

async function answers(client: Node, address: string): Promise<void> {
  await until(
    () => client.exec("ping", "-n", "-c", "1", "-W", "1", address).then(() => true, () => false),
    () => `${address} never answered`,
  );
}

/** Awaits that the interface is on record: a crash after this is cleaned up without a configuration. */
async function recorded(baton: Baton, name: string): Promise<void> {
  const file = `${baton.socket}.state.json`;
  await until(
    () => Promise.resolve(existsSync(file) && readFileSync(file, "utf8").includes(`"${name}"`)),
    () => `${name} was never recorded`,
  );
}
