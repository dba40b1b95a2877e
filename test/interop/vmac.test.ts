// use_vmac with keepalived as the peer: in both roles the address keeps its virtual MAC address.
import { expect, test } from "bun:test";
import { GLOBAL, instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { Baton, type Daemon, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { needs } from "../support/peer.ts";
import { until } from "../support/until.ts";
import { adverts, Wire } from "../support/wire.ts";

const HAVE = needs("keepalived", "keepalived");

const FAMILIES = [
  { title: "IPv4", addresses: [`${VIP}/24`], vip: VIP, mac: "00:00:5e:00:01:33" },
  { title: "IPv6", addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`], vip: VIP6, mac: "00:00:5e:00:02:33" },
];

for (const { title, addresses, vip, mac } of FAMILIES) {
  for (const batonHigher of [true, false]) {
    // shows: vrrp_instance use_vmac
    test.concurrent.skipIf(!HAVE)(`${title}, ${batonHigher ? "baton" : "keepalived"} higher`, async () => {
      await using lab = await Lab.create({ a: {}, b: {}, client: {} });
      const [na, nb, client] = [lab.node("a"), lab.node("b"), lab.node("client")];
      // keepalived leaves this to its user: else it asks for the client's address in the name of the virtual one, from
      // the interface below, and the client learns that one's MAC address.
      await (batonHigher ? nb : na).exec("sysctl", "-qw", "net.ipv4.conf.eth0.arp_announce=2");
      const wire = await Wire.onSwitch(lab);
      const text = (priority: number) =>
        GLOBAL + instance({ version: 3, interval: 0.3, priority, addresses, lines: ["use_vmac"] });
      const start = (ours: boolean, node: Node, priority: number): Daemon =>
        (ours ? new Baton(node, text(priority)) : new Keepalived(node, text(priority))).start();
      const high = start(batonHigher, na, 150);
      await high.becomes("MASTER");
      const low = start(!batonHigher, nb, 100);
      await low.becomes("BACKUP");
      await na.gains(vip);
      await reaches(client, vip, mac);
      await wire.nth(4, adverts({ priority: 150, source: mac }), wire.mark());
      expect(low.states()).toEqual(["BACKUP"]);

      // A stop: it resigns, the other takes over; nobody learns another address.
      let from = wire.mark();
      expect(await high.end("SIGTERM")).toBe(0);
      await wire.next(adverts({ priority: 0, source: mac }), from);
      await low.becomes("MASTER");
      await nb.gains(vip);
      await reaches(client, vip, mac);

      // It comes back and preempts.
      from = wire.mark();
      high.start();
      await high.becomes("MASTER");
      await low.becomes("BACKUP");
      await na.gains(vip);
      await wire.nth(2, adverts({ priority: 150, source: mac }), from);
      await reaches(client, vip, mac);
      expect(await low.end("SIGTERM")).toBe(0);
      expect(await high.end("SIGTERM")).toBe(0);
      wire.stop();
      expect(wire.since(adverts({})).filter(({ source }) => source !== mac)).toEqual([]);
      expect(await wire.objections("vrrp")).toEqual([]);
    });
  }
}

/** The client reaches the address, and knows it by this MAC address. */
async function reaches(client: Node, address: string, mac: string): Promise<void> {
  await until(
    () => client.exec("ping", "-n", "-c", "1", "-W", "1", address).then(() => true, () => false),
    () => `${address} never answered`,
  );
  const [entry] = JSON.parse(await client.ip("-json", "neighbour", "show", address)) as { lladdr?: string }[];
  expect(entry?.lladdr).toBe(mac);
}
