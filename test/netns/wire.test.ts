// What baton puts on the wire, against packets that others have sent or accepted, and against tshark.
import { createHmac } from "node:crypto";
import { expect, test } from "bun:test";
import { GLOBAL, instance } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { NodeSpec } from "../support/node.ts";
import { adverts, garps, nas, Wire } from "../support/wire.ts";

/** The machine of the worked examples; its MAC is the virtual one, which the examples are sent from. */
function machine(family: "ipv4" | "ipv6"): NodeSpec {
  return {
    mac: `00:00:5e:00:0${family === "ipv4" ? 1 : 2}:33`,
    ipv4: ["192.0.2.2/24"],
    ipv6: ["fe80::2/64"],
  };
}

function hex(bytes: Uint8Array): string {
  return bytes.toHex();
}

function frame(text: string): string {
  return text.replace(/\s+/g, "");
}

/** Without the identification and checksum of the IPv4 header, which the kernel fills in. */
function ipv4Masked(text: string): string {
  return text.slice(0, 36) + "...." + text.slice(40, 48) + "...." + text.slice(52);
}

/** Without the flow label of the IPv6 header (RFC 6437 section 3: the kernel's choice). */
function ipv6Masked(text: string): string {
  return text.slice(0, 31) + "....." + text.slice(36);
}

const IPV4 = "01005e000012 00005e000133 0800 45c000";
const ENDS = "c0000202 e0000012";
const A = `${IPV4}28 00000000 ff701891 ${ENDS} 21 33 64 01 00 01 b8c8 c0000201 0000000000000000`;
const B = `${IPV4}28 00000000 ff701891 ${ENDS} 21 33 64 01 01 01 7b7c c0000201 7365637265740000`;
const C = `${IPV4}24 00000000 ff701895 ${ENDS} 31 33 64 02 0064 43c5 c0000201 c0000209`;
const D = `${IPV4}24 00000000 ff701895 ${ENDS} 31 33 64 02 0064 e65a c0000201 c0000209`;
const F = `${IPV4}24 00000000 ff701895 ${ENDS} 31 33 00 02 0064 a7c5 c0000201 c0000209`;
const E = `333300000012 00005e000233 86dd 6c000000 0028 70 ff
  fe800000000000000000000000000002 ff020000000000000000000000000012
  31 33 64 02 0064 3ffa fe800000000000000000000000000001 20010db8000000000000000000000001`;
const G = `ffffffffffff 00005e000133 0806 0001 0800 06 04 0001
  00005e000133 c0000201 ffffffffffff c0000201`;
const I = `333300000001 00005e000233 86dd 60000000 0020 3a ff
  20010db8000000000000000000000001 ff020000000000000000000000000001
  88 00 1af8 a0000000 20010db8000000000000000000000001 02 01 00005e000233`;

interface Case {
  title: string;
  text: string;
  expected: string;
}

const PASS = ["authentication {", "  auth_type PASS", "  auth_pass secret", "}"];
const V3 = ["192.0.2.1/24", "192.0.2.9/24"];
const CASES: Case[] = [
  { title: "A: v2", text: instance({ addresses: ["192.0.2.1/24"] }), expected: A },
  {
    title: "B: v2 with a password",
    text: instance({ addresses: ["192.0.2.1/24"], lines: PASS }),
    expected: B,
  },
  { title: "C: v3 IPv4", text: instance({ version: 3, addresses: V3 }), expected: C },
  {
    title: "D: v3 IPv4, checksum of RFC 9568",
    text: instance({ version: 3, addresses: V3, lines: ["v3_checksum_as_v2"] }),
    expected: D,
  },
];

for (const { title, text, expected } of CASES) {
  // shows: vrrp_instance interface, virtual_router_id, version, virtual_ipaddress, v3_checksum_as_v2
  // shows: vrrp_instance authentication
  // shows: vrrp_instance/authentication auth_type, auth_pass
  // shows: address-entry IP[/MASK]
  test.concurrent(`vector ${title}, and G: gratuitous ARP`, async () => {
    await using lab = await Lab.create({ a: machine("ipv4") });
    const wire = await Wire.onSwitch(lab);
    // With `state MASTER` the first advert comes after one interval and the skew.
    const baton = new Baton(lab.node("a"), GLOBAL + text.replace("state BACKUP", "state MASTER")).start();
    const advert = await wire.next(adverts());
    expect(ipv4Masked(hex(advert.bytes))).toBe(ipv4Masked(frame(expected)));
    const announced = await wire.nth(5, garps({ address: "192.0.2.1" }));
    expect(hex(announced.bytes)).toBe(frame(G));
    expect(await baton.end("SIGTERM")).toBe(0);
    const resigned = await wire.next(adverts({ priority: 0 }));
    if (title.startsWith("C")) expect(ipv4Masked(hex(resigned.bytes))).toBe(ipv4Masked(frame(F)));
    wire.stop();
    // The form of RFC 9568 is good in tshark's other setting only.
    const objections = await wire.objections("vrrp || arp");
    expect(objections.length > 0).toBe(title.startsWith("D"));
  });
}

test.concurrent("vector E: v3 IPv6, and I: unsolicited neighbour advertisement of a router", async () => {
  await using lab = await Lab.create({ a: machine("ipv6") });
  const node = lab.node("a");
  await node.exec("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.eth0.forwarding=1");
  const wire = await Wire.onSwitch(lab);
  const text = instance({ version: 3, state: "MASTER", addresses: ["fe80::1/64", "2001:db8::1/64"] });
  const baton = new Baton(node, GLOBAL + text).start();
  const advert = await wire.next(adverts());
  expect(ipv6Masked(hex(advert.bytes))).toBe(ipv6Masked(frame(E)));
  const announced = await wire.nth(5, nas({ address: "2001:db8::1" }));
  expect(hex(announced.bytes)).toBe(frame(I));
  expect(await baton.end("SIGTERM")).toBe(0);
  await wire.next(adverts({ priority: 0 }));
  wire.stop();
  expect(await wire.objections("vrrp || icmpv6.type == 136")).toEqual([]);
});

test.concurrent("a host that does not forward says so in its neighbour advertisements", async () => {
  await using lab = await Lab.create({ a: machine("ipv6") });
  const wire = await Wire.onSwitch(lab);
  const text = instance({ version: 3, interval: 0.1, addresses: ["fe80::1/64", "2001:db8::1/64"] });
  new Baton(lab.node("a"), GLOBAL + text).start();
  const announced = await wire.next(nas({ address: "2001:db8::1", to: "ff02::1" }));
  // Override without Router.
  expect(announced.flags).toBe(1);
});

test.concurrent("AH: the integrity value is the one of RFC 2338 as keepalived computes it", async () => {
  await using lab = await Lab.create({ a: machine("ipv4") });
  const wire = await Wire.onSwitch(lab);
  const lines = ["authentication {", "  auth_type AH", "  auth_pass secret12", "}"];
  const baton = new Baton(
    lab.node("a"),
    GLOBAL + instance({ state: "MASTER", lines, addresses: ["192.0.2.1/24"] }),
  ).start();
  const first = await wire.next(adverts());
  const second = await wire.nth(2, adverts());
  expect(await baton.end("SIGTERM")).toBe(0);
  for (const { bytes, authenticated, authType } of [first, second]) {
    expect(authenticated).toBe(true);
    expect(authType).toBe(2);
    const packet = bytes.slice(14, 14 + 20 + 24 + 20);
    const icv = packet.slice(32, 44);
    // What a router may change counts as zero; so does the value itself.
    for (const at of [1, 6, 7, 10, 11]) packet[at] = 0;
    packet.fill(0, 32, 44);
    expect(hex(icv)).toBe(createHmac("md5", "secret12").update(packet).digest("hex").slice(0, 24));
    expect(hex(packet.slice(24, 28))).toBe("c0000202");
  }
  const sequence = (f: typeof first) => new DataView(f.bytes.buffer).getUint32(14 + 20 + 8);
  expect(sequence(second)).toBe(sequence(first) + 1);
  wire.stop();
  expect(await wire.objections("ah || arp")).toEqual([]);
});

// shows: vrrp_instance unicast_peer
// shows: vrrp_instance/unicast_peer-entry IP
test.concurrent("unicast: one packet for each peer, from the source that is configured", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, c: {} });
  const wire = await Wire.onSwitch(lab);
  const [a, b, c] = ["a", "b", "c"].map((name) => lab.node(name));
  const lines = [`unicast_src_ip ${a!.address}`, "unicast_peer {", `  ${b!.address}`, `  ${c!.address}`, "}"];
  const baton = new Baton(a!, GLOBAL + instance({ version: 3, interval: 0.1, lines })).start();
  await wire.next(adverts({ from: a!.address, to: b!.address, destination: b!.mac, hopLimit: 255 }));
  await wire.next(adverts({ from: a!.address, to: c!.address, destination: c!.mac, hopLimit: 255 }));
  expect(await baton.end("SIGTERM")).toBe(0);
  await wire.next(adverts({ to: b!.address, priority: 0 }));
  await wire.next(adverts({ to: c!.address, priority: 0 }));
  wire.stop();
  expect(wire.since(adverts({ to: "224.0.0.18" }))).toEqual([]);
  expect(await wire.objections("vrrp || arp")).toEqual([]);
});

test.concurrent("five announcements at once for each address in turn, five more after garp_master_delay", async () => {
  await using lab = await Lab.create({ a: {} });
  const wire = await Wire.onSwitch(lab);
  const text = instance({
    version: 3,
    interval: 0.1,
    addresses: ["10.0.0.100/24", "10.0.0.101/24"],
    lines: ["garp_master_delay 1"],
  });
  const baton = new Baton(lab.node("a"), GLOBAL + text).start();
  await wire.nth(10, garps({ address: "10.0.0.101" }));
  expect(await baton.end("SIGTERM")).toBe(0);
  wire.stop();
  const order = wire.since(garps()).map((f) => f.address);
  const round = ["10.0.0.100", "10.0.0.101"];
  expect(order).toEqual(Array.from({ length: 10 }, () => round).flat());
  expect(await wire.objections("arp")).toEqual([]);
});
