// The log lines of transitions that people look for: baton's beside keepalived's, from the same events.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { GLOBAL, instance } from "../support/conf.ts";
import { advert4, advert6, type Crafted, Injector } from "../support/craft.ts";
import { Baton, type Daemon, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { needs } from "../support/peer.ts";

const HAVE = needs("keepalived", "keepalived");
type Instance = Parameters<typeof instance>[0];
const V3 = { version: 3, interval: 0.1 } as const;
const SECOND = ["link add eth1 type veth peer name eth1p", "link set eth1 up", "link set eth1p up"];

/** What both must have said, in this order; each line once the one before it has been seen. */
const LIFE = [
  "(VI_1) Entering BACKUP STATE (init)",
  "(VI_1) received lower priority (50) advert from ADDRESS - discarding",
  "(VI_1) Entering MASTER STATE",
  "(VI_1) setting VIPs.",
  "Netlink reports eth1 down",
  "(VI_1) Entering FAULT STATE",
  "Netlink reports eth1 up",
  "(VI_1) Entering BACKUP STATE",
  "(VI_1) Receive advertisement timeout",
  "(VI_1) Entering MASTER STATE",
  "(VI_1) Master received advert from ADDRESS with higher priority 200, ours 100",
  "(VI_1) Entering BACKUP STATE",
  "(VI_1) removing VIPs.",
  "(VI_1) Backup received priority 0 advertisement",
  "(VI_1) Entering MASTER STATE",
];

async function says(daemon: Daemon, lines: readonly string[], from: number): Promise<number> {
  let at = from;
  for (const line of lines) {
    const pattern = new RegExp(
      line.replace(/[()[\].]/g, "\\$&").replace("ADDRESS", "(10\\.0\\.0\\.\\d+|fe80::\\d+)").replace(
        "SOMETHING",
        ".*",
      ),
    );
    await daemon.waitFor(pattern, at);
    at = daemon.program.lines.findIndex((each, i) => i >= at && pattern.test(each)) + 1;
  }
  return at;
}

async function live(node: Node, rival: Node, make: (text: string) => Daemon): Promise<void> {
  const peer = (priority: number) => new Keepalived(rival, GLOBAL + instance({ ...V3, priority })).start();
  const low = peer(50);
  await low.becomes("MASTER");
  const daemon = make(GLOBAL + instance({ ...V3, lines: ["track_interface {", "  eth1", "}"] })).start();
  let at = await says(daemon, LIFE.slice(0, 4), 0);
  await low.end("SIGTERM");
  await node.ip("link", "set", "dev", "eth1p", "down");
  at = await says(daemon, LIFE.slice(4, 6), at);
  await node.ip("link", "set", "dev", "eth1p", "up");
  at = await says(daemon, LIFE.slice(6, 10), at);
  const high = peer(200);
  at = await says(daemon, LIFE.slice(10, 13), at);
  await high.becomes("MASTER");
  await high.end("SIGTERM");
  await says(daemon, LIFE.slice(13), at);
  expect(await daemon.end("SIGTERM")).toBe(0);
}

test.concurrent.skipIf(!HAVE)("a life of baton", async () => {
  await using lab = await Lab.create({ a: { commands: SECOND }, r: {} });
  const [a, r] = [lab.node("a"), lab.node("r")];
  await live(a, r, (text) => new Baton(a, text));
});

test.concurrent.skipIf(!HAVE)("the same life of keepalived", async () => {
  await using lab = await Lab.create({ a: { commands: SECOND }, r: {} });
  const [a, r] = [lab.node("a"), lab.node("r")];
  await live(a, r, (text) => new Keepalived(a, text));
});

/** Faults that are there at the start, and how both tell of them. */
const FAULTS: [name: string, lines: string[], head: string, said: string[]][] = [
  ["the interface", ["interface eth2"], "", ["(VI_1): entering FAULT state (interface eth2 down)"]],
  ["a tracked interface", ["track_interface {", "  eth2", "}"], "", [
    "(VI_1): entering FAULT state (interface eth2 down)",
  ]],
  [
    "a tracked file",
    ["track_file {", "  f weight 1", "}"],
    "vrrp_track_file f {\n  file /etc/hostname\n}\n",
    ["(VI_1): entering FAULT state (tracked file f has status -254)"],
  ],
  [
    "a tracked process",
    ["track_process {", "  p", "}"],
    "vrrp_track_process p {\n  process nothing_of_this_name\n}\n",
    ["(VI_1) entering FAULT state (tracked process p quorum not achieved)"],
  ],
];
const DOWN = ["link add eth2 type veth peer name eth2p", "address add 10.1.0.1/24 dev eth2"];

test.concurrent.skipIf(!HAVE).each(FAULTS)("%s is at fault from the start", async (_, lines, head, said) => {
  await using lab = await Lab.create({ a: { commands: DOWN }, b: { commands: DOWN } });
  const text = (name: string) =>
    GLOBAL + head.replace("/etc/hostname", lab.path(name)) + instance({ ...V3, lines });
  for (const name of ["a", "b"]) writeFileSync(lab.path(name), "-254\n");
  const daemons = [new Baton(lab.node("a"), text("a")), new Keepalived(lab.node("b"), text("b"))];
  for (const daemon of daemons) {
    daemon.start();
    await says(daemon, [...said, "(VI_1) entering FAULT state"], 0);
  }
});

/** Adverts that are used though something about them is odd, and what both say then. */
const ODD: [name: string, mine: Instance, frame: Crafted, said: string[]][] = [
  ["another address", { priority: 100 }, { addresses: ["10.0.0.7"] }, [
    "(VI_1) ip address associated with VRID 51 not present in SOMETHING: 10.0.0.100",
  ]],
  ["a Master that resigns beside a Master", { priority: 150 }, { priority: 0 }, [
    "(VI_1) Master received priority 0 message",
  ]],
  ["another owner", { priority: 255, lines: [] }, { priority: 255 }, [
    "(VI_1) CONFIGURATION ERROR: local instance and SOMETHING are both configured as address owner, please",
  ]],
  ["our own address", { version: 3, priority: 150, addresses: ["fe80::100/64", "2001:db8:1::100/64"] }, {
    priority: 150,
    from: "OWN",
  }, [
    "(VI_1) WARNING - equal priority advert received from remote host with our IP address.",
  ]],
  ["another interval", { ...V3, interval: 1, priority: 100 }, { version: 3, interval: 30 }, [
    "(VI_1) advertisement interval updated from 1000ms to 300ms by master",
    "(VI_1) changing advert interval from 300ms to locally configured 1000ms",
  ]],
];

test.concurrent.skipIf(!HAVE).each(ODD)("%s: both say so", async (_, mine, frame, said) => {
  // Each alone on its link: a Master for itself.
  const live = async (make: (node: Node, text: string) => Daemon) => {
    await using lab = await Lab.create({ a: {}, x: {} });
    const node = lab.node("a");
    const daemon = make(node, GLOBAL + instance({ version: 2, ...mine })).start();
    await daemon.becomes((mine.priority ?? 0) > 100 ? "MASTER" : "BACKUP");
    const injector = await Injector.on(lab.node("x"));
    injector.send(frame.from === "OWN" ? advert6({ ...frame, from: node.linkLocal }) : advert4(frame));
    await says(daemon, said, 0);
  };
  await Promise.all([
    live((node, text) => new Baton(node, text)),
    live((node, text) => new Keepalived(node, text)),
  ]);
});

test.concurrent.skipIf(!HAVE)("a preempt delay that begins and is given up: both say so", async () => {
  const live = async (make: (node: Node, text: string) => Daemon) => {
    await using lab = await Lab.create({ a: {}, x: {} });
    const text = GLOBAL + instance({ ...V3, interval: 1, lines: ["preempt_delay 200.5"] });
    const daemon = make(lab.node("a"), text).start();
    await daemon.becomes("BACKUP");
    const injector = await Injector.on(lab.node("x"));
    injector.send(advert4({ version: 3, interval: 100, priority: 50 }));
    const at = await says(daemon, ["(VI_1) start preempt delay (200.500000)"], 0);
    injector.send(advert4({ version: 3, interval: 100, priority: 60 }));
    injector.send(advert4({ version: 3, interval: 100, priority: 200 }));
    await says(daemon, ["(VI_1) stop preempt delay"], at);
    expect(daemon.program.lines.filter((line) => line.includes("start preempt delay")).length).toBe(1);
  };
  await Promise.all([
    live((node, text) => new Baton(node, text)),
    live((node, text) => new Keepalived(node, text)),
  ]);
});

/** 2.2.7 has the words too, but uses no such advert. */
test.concurrent("another number of addresses: baton says so as later releases do", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const baton = new Baton(lab.node("a"), GLOBAL + instance({})).start();
  await baton.becomes("BACKUP");
  const injector = await Injector.on(lab.node("x"));
  injector.send(advert4({ addresses: ["10.0.0.100", "10.0.0.101"] }));
  await says(baton, ["(VI_1) expected 1 VIPs but received 2 - an advert from ADDRESS is used, but"], 0);
});

/** Nothing leaves for the second peer. */
const SILENCE = "add table inet f; add chain inet f o { type filter hook output priority 0; }; " +
  "add rule inet f o ip daddr 10.0.0.8 drop";

test.concurrent.skipIf(!HAVE)("a peer to whom nothing can be sent: both say so", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const nodes = [lab.node("a"), lab.node("b")];
  for (const node of nodes) await node.exec("nft", SILENCE);
  const lines = ["unicast_peer {", "  10.0.0.7", "  10.0.0.8", "}"];
  const text = GLOBAL + instance({ ...V3, lines });
  for (const daemon of [new Baton(nodes[0]!, text), new Keepalived(nodes[1]!, text)]) {
    await says(daemon.start(), ["(VI_1) Cant send advert to 10.0.0.8 ("], 0);
  }
});
