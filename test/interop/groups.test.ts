// Sync groups of baton and of keepalived against each other, in both roles: a fault of one member moves both.
import { describe, expect, test } from "bun:test";
import { GLOBAL, instance } from "../support/conf.ts";
import { Baton, type Daemon, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { needs } from "../support/peer.ts";

const HAVE = needs("keepalived", "keepalived");
const V3 = { version: 3, interval: 0.2 } as const;
const VIPS = ["10.0.0.100", "10.0.0.101"] as const;
const NAMES = ["VI_1", "VI_2"] as const;
const SECOND = ["link add eth1 type veth peer name eth1p", "link set eth1 up", "link set eth1p up"];

function text(priority: number): string {
  return [
    GLOBAL,
    "vrrp_sync_group G {\n  group {\n    VI_1\n    VI_2\n  }\n}\n",
    instance({ ...V3, priority, addresses: [`${VIPS[0]}/24`] }),
    instance({
      ...V3,
      name: "VI_2",
      vrid: 52,
      priority,
      addresses: [`${VIPS[1]}/24`],
      lines: ["track_interface {", "  eth1", "}"],
    }),
  ].join("");
}

function make(baton: boolean, node: Node, priority: number): Daemon {
  return baton ? new Baton(node, text(priority)).start() : new Keepalived(node, text(priority)).start();
}

async function both(daemon: Daemon, state: "MASTER" | "BACKUP" | "FAULT"): Promise<void> {
  for (const name of NAMES) await daemon.becomes(state, name);
}

describe.each([[true], [false]])("baton has the higher priority: %p", (batonHigher) => {
  test.concurrent.skipIf(!HAVE)("a fault of one member, and its end", async () => {
    await using lab = await Lab.create({ a: { commands: SECOND }, b: { commands: SECOND } });
    const [na, nb] = [lab.node("a"), lab.node("b")];
    const high = make(batonHigher, na, 150);
    await both(high, "MASTER");
    const low = make(!batonHigher, nb, 100);
    await both(low, "BACKUP");
    await na.ip("link", "set", "dev", "eth1p", "down");
    await both(high, "FAULT");
    await both(low, "MASTER");
    for (const vip of VIPS) {
      await na.loses(vip);
      await nb.gains(vip);
    }
    expect(high.log).toContain("VRRP_Group(G) Syncing instances to FAULT state");
    expect(low.log).toContain("VRRP_Group(G) Syncing instances to MASTER state");
    await na.ip("link", "set", "dev", "eth1p", "up");
    await both(high, "MASTER");
    await both(low, "BACKUP");
    for (const vip of VIPS) {
      await na.gains(vip);
      await nb.loses(vip);
    }
    expect(low.log).toContain("VRRP_Group(G) Syncing instances to BACKUP state");
    for (const name of NAMES) expect(low.states(name)).toEqual(["BACKUP", "MASTER", "BACKUP"]);
    // A stop: both are resigned, both are taken over.
    expect(await high.end("SIGTERM")).toBe(0);
    await both(low, "MASTER");
    for (const vip of VIPS) await nb.gains(vip);
  });
});
