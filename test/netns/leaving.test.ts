// A Master that resigns: it answers until its successor is heard, and announces nothing any more.
import { expect, test } from "bun:test";
import { GLOBAL, instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { until } from "../support/until.ts";
import { adverts, garps, mldReports, Wire } from "../support/wire.ts";

const SECOND_VIP = "10.0.0.101";

/** The kernel takes its time to close a packet socket: that is over before the process ends. */
async function losesPacketSockets(node: Node): Promise<void> {
  const sockets = async () => (await node.exec("cat", "/proc/net/packet")).trim().split("\n").length - 1;
  await until(async () => await sockets() === 0, () => "a packet socket is still open");
}

test("what has resigned is not announced, by reload and by SIGTERM", async () => {
  await using lab = await Lab.create({ a: {} });
  const wire = await Wire.onSwitch(lab);
  // Nobody takes over: it waits for Skew_Time and an interval, 2 s, in which a refresh each second would come.
  const lines = ["garp_master_delay 0", "garp_master_refresh 1"];
  const slow = { version: 3, interval: 1, priority: 1, lines } as const;
  const first = instance({ ...slow, name: "first" });
  const second = instance({ ...slow, name: "second", vrid: 52, addresses: [`${SECOND_VIP}/24`] });
  const a = new Baton(lab.node("a"), GLOBAL + first + second).start();
  await wire.next(garps({ address: VIP }));
  await wire.next(garps({ address: SECOND_VIP }));
  let from = wire.mark();
  await a.reload(GLOBAL + first);
  await wire.next(adverts({ vrid: 52, priority: 0 }), from);
  from = wire.mark();
  await lab.node("a").loses(SECOND_VIP);
  expect(wire.since(garps({ address: SECOND_VIP }), from)).toEqual([]);
  expect(wire.since(garps({ address: VIP }), from)).not.toEqual([]);
  from = wire.mark();
  a.signal("SIGTERM");
  await wire.next(adverts({ vrid: 51, priority: 0 }), from);
  from = wire.mark();
  await losesPacketSockets(lab.node("a"));
  expect(await lab.node("a").has(VIP)).toBe(true);
  await lab.node("a").loses(VIP);
  expect(wire.since(garps(), from)).toEqual([]);
});

test("IPv6: who has resigned sends nothing in the name of the virtual MAC address any more", async () => {
  await using lab = await Lab.create({ a: {} });
  const wire = await Wire.onSwitch(lab);
  const a = new Baton(
    lab.node("a"),
    GLOBAL + instance({ version: 3, addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`], lines: ["use_vmac"] }),
  ).start();
  const reports = mldReports("00:00:5e:00:02:33");
  await a.becomes("MASTER");
  await a.shows((i) => i.addresses.every((each) => each.held));
  // What the addresses themselves cause, and two renewals.
  await wire.nth(8, reports);
  a.signal("SIGTERM");
  const resigned = await wire.next(adverts({ vrid: 51, priority: 0 }));
  await lab.node("a").loses(VIP6);
  // Nobody takes over: there was time for a renewal. One before has its reports within a few ticks.
  const late = wire.since(reports).filter(({ timeUs }) => timeUs > resigned.timeUs + 200_000);
  expect(late).toEqual([]);
});

test("what sends the adverts of a virtual MAC address is closed while it still answers", async () => {
  await using lab = await Lab.create({ a: {} });
  const wire = await Wire.onSwitch(lab);
  const lines = ["use_vmac"];
  const a = new Baton(lab.node("a"), GLOBAL + instance({ version: 3, interval: 1, priority: 1, lines }))
    .start();
  await wire.next(garps({ address: VIP }));
  const from = wire.mark();
  a.signal("SIGTERM");
  await wire.next(adverts({ vrid: 51, priority: 0 }), from);
  await losesPacketSockets(lab.node("a"));
  expect(await lab.node("a").has(VIP)).toBe(true);
  await lab.node("a").loses(VIP);
});
