// Kernel parameters that the configuration asks for are set, and what was there before is put back: at a stop, by a
// reload, after a crash, by the clean-up, and for an interface that comes and goes.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { instance } from "../support/conf.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;
const IGMP = "net/ipv4/igmp_link_local_mcast_reports";
const PROMOTE = "net/ipv4/conf/eth0/promote_secondaries";
const GLOBAL = "global_defs {\n  disable_local_igmp\n}\n";
const BOTH = GLOBAL + instance({ ...V3, lines: ["promote_secondaries"] });

async function sysctl(node: Node, path: string): Promise<string> {
  return (await node.exec("cat", `/proc/sys/${path}`)).trim();
}

async function becomes(node: Node, path: string, value: string): Promise<void> {
  await until(async () => await sysctl(node, path) === value, () => `${path} never became ${value}`);
}

async function prepared(): Promise<Lab> {
  const lab = await Lab.create({ a: {} });
  await lab.node("a").exec(
    "sysctl",
    "-qw",
    "net/ipv4/conf/default/promote_secondaries=0",
    `${PROMOTE}=0`,
    `${IGMP}=1`,
  );
  return lab;
}

// shows: global_defs disable_local_igmp
// shows: vrrp_instance promote_secondaries
test.concurrent("are as asked while the daemon runs, and as before after stop, SIGKILL with restart, and cleanup", async () => {
  await using lab = await prepared();
  const node = lab.node("a");
  const before = await node.inventory();
  const baton = new Baton(node, BOTH).start();
  await baton.becomes("MASTER");
  expect([await sysctl(node, IGMP), await sysctl(node, PROMOTE)]).toEqual(["0", "1"]);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
  expect(existsSync(`${baton.socket}.sysctls.json`)).toBe(false);

  baton.start();
  await baton.becomes("MASTER");
  await baton.program.kill();
  expect([await sysctl(node, IGMP), await sysctl(node, PROMOTE)]).toEqual(["0", "1"]);
  // The configuration of the next run asks for nothing: what the crash has left is put back all the same.
  baton.write(instance(V3));
  baton.start();
  await baton.waitFor(/eth0\/promote_secondaries = 0 is put back: left behind/);
  await baton.becomes("MASTER");
  expect([await sysctl(node, IGMP), await sysctl(node, PROMOTE)]).toEqual(["1", "0"]);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);

  baton.write(BOTH);
  baton.start();
  await baton.becomes("MASTER");
  await baton.program.kill();
  await node.loses("10.0.0.100");
  await node.exec(BATON, "cleanup", "--socket", baton.socket, "--pid", baton.pidFile);
  expect(await node.inventory()).toBe(before);
  expect(existsSync(`${baton.socket}.sysctls.json`)).toBe(false);
});

test.concurrent("a reload sets and restores them; what somebody else has set since stays", async () => {
  await using lab = await prepared();
  const node = lab.node("a");
  const other = instance({
    ...V3,
    name: "TWO",
    vrid: 52,
    addresses: ["10.0.0.101/24"],
    lines: ["promote_secondaries"],
  });
  const baton = new Baton(node, instance(V3)).start();
  await baton.becomes("MASTER");
  expect([await sysctl(node, IGMP), await sysctl(node, PROMOTE)]).toEqual(["1", "0"]);
  baton.write(BOTH + other);
  baton.signal("SIGHUP");
  await becomes(node, PROMOTE, "1");
  expect(await sysctl(node, IGMP)).toBe("0");
  await baton.becomes("MASTER", "TWO");
  // One of two that want it goes: it stays.
  baton.write(BOTH);
  baton.signal("SIGHUP");
  await node.loses("10.0.0.101");
  expect(await sysctl(node, PROMOTE)).toBe("1");
  baton.write(instance(V3));
  baton.signal("SIGHUP");
  await becomes(node, PROMOTE, "0");
  expect(await sysctl(node, IGMP)).toBe("1");
  baton.write(BOTH);
  baton.signal("SIGHUP");
  await becomes(node, PROMOTE, "1");
  // Another hand takes it over: baton's value is not what it finds at the end.
  await node.exec("sysctl", "-qw", `${IGMP}=1`);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect([await sysctl(node, IGMP), await sysctl(node, PROMOTE)]).toEqual(["1", "0"]);
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
});

test.concurrent("an interface that comes anew has its value anew", async () => {
  await using lab = await prepared();
  const node = lab.node("a");
  const make = async () => {
    await node.ip("link", "add", "mv0", "link", "eth0", "type", "macvlan");
    await node.ip("link", "set", "mv0", "up");
    await node.ip("address", "add", "10.9.0.1/24", "dev", "mv0");
  };
  const path = "net/ipv4/conf/mv0/promote_secondaries";
  const text = instance({
    ...V3,
    interface: "mv0",
    addresses: ["10.9.0.100/24"],
    lines: ["promote_secondaries"],
  });
  const baton = new Baton(node, text).start();
  await baton.becomes("FAULT");
  await make();
  await baton.becomes("MASTER");
  expect(await sysctl(node, path)).toBe("1");
  await node.ip("link", "delete", "mv0");
  await baton.becomes("FAULT");
  await make();
  await becomes(node, path, "1");
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await sysctl(node, path)).toBe("0");
});

test.concurrent("an interface that is renamed has its own value again, and what gets the name has the wanted one", async () => {
  await using lab = await Lab.create({
    a: {
      commands: [
        "link add p0 type veth peer name p1",
        "link set p1 up",
        "link set p0 up",
        "address add 10.9.0.1/24 dev p0",
      ],
    },
  });
  const node = lab.node("a");
  const before = await node.inventory();
  const of = (name: string, parameter: string) => `net/ipv4/conf/${name}/${parameter}`;
  const text = instance({ ...V3, interface: "p0", addresses: ["10.9.0.100/24"], lines: ["use_vmac"] });
  const baton = new Baton(node, text).start();
  await baton.becomes("MASTER");
  expect([await sysctl(node, of("p0", "arp_ignore")), await sysctl(node, of("p0", "arp_announce"))])
    .toEqual(["1", "2"]);
  await node.ip("link", "set", "p0", "name", "q0");
  await baton.becomes("FAULT");
  await becomes(node, of("q0", "arp_ignore"), "0");
  await becomes(node, of("q0", "arp_announce"), "0");
  await node.ip("link", "set", "q0", "name", "p0");
  await baton.becomes("MASTER");
  await becomes(node, of("p0", "arp_ignore"), "1");
  await becomes(node, of("p0", "arp_announce"), "2");
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await node.inventory()).toBe(before);
});
