// Somebody else meddles: an address is deleted behind the master's back, a rival advertises.
import { expect, test } from "bun:test";
import { GLOBAL, instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { advert4, Injector } from "../support/craft.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { AddressMonitor } from "../support/monitor.ts";
import { adverts, garps, nas, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;

test.concurrent("a deleted address is put back, announced, counted and logged", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const baton = new Baton(node, GLOBAL + instance(V3)).start();
  await baton.becomes("MASTER");
  await node.gains(VIP);
  await wire.nth(5, garps({ address: VIP }));
  const monitor = await AddressMonitor.on(node);
  const from = wire.mark();
  await node.ip("address", "del", `${VIP}/24`, "dev", "eth0");
  await monitor.first(VIP, true);
  await monitor.first(VIP, false);
  await wire.nth(5, garps({ address: VIP }), from);
  await baton.waitFor(/10\.0\.0\.100\/24 is gone: .*put back/);
  const status = await baton.shows((i) => i.addresses[0]?.held === true);
  expect(status.state).toBe("MASTER");
  expect(status.counters.address_losses).toBe(1);
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
});

test.concurrent("the fight with a program that deletes again and again is limited", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const baton = new Baton(node, GLOBAL + instance({ ...V3, lines: ["garp_master_delay 0"] })).start();
  await baton.becomes("MASTER");
  await node.gains(VIP);
  const bursts = [await wire.nth(5, garps({ address: VIP }))];
  for (let i = 0; i < 3; i++) {
    await node.ip("address", "del", `${VIP}/24`, "dev", "eth0");
    await node.gains(VIP);
    bursts.push(await wire.nth(5 * bursts.length + 5, garps({ address: VIP })));
  }
  // A second lies between two restorations: ten adverts of 100 ms, fewer when some are late.
  const [, first, second, third] = bursts.map((frame) => wire.frames.indexOf(frame));
  const between = (from: number, to: number) =>
    wire.since(adverts(), from).length - wire.since(adverts(), to).length;
  expect(between(first!, second!)).toBeGreaterThan(5);
  expect(between(second!, third!)).toBeGreaterThan(5);
  expect((await baton.instance()).counters.address_losses).toBe(3);
  expect((await baton.instance()).state).toBe("MASTER");
});

test.concurrent("IPv6: a deleted address is put back and announced", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const node = lab.node("a");
  const wire = await Wire.onSwitch(lab);
  const baton = new Baton(node, GLOBAL + instance({ ...V3, addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`] }))
    .start();
  await node.gains(VIP6);
  await wire.nth(5, nas({ address: VIP6 }));
  const from = wire.mark();
  await node.ip("address", "del", `${VIP6}/64`, "dev", "eth0");
  await wire.nth(5, nas({ address: VIP6 }), from);
  await node.gains(VIP6);
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
});

test.concurrent("a rival's lower advert is answered by an advert and announcements", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const wire = await Wire.onSwitch(lab);
  const config = { version: 3, interval: 4, priority: 150, state: "MASTER" } as const;
  const baton = new Baton(lab.node("a"), GLOBAL + instance({ ...config, lines: ["garp_master_delay 0"] }))
    .start();
  await baton.becomes("MASTER");
  await wire.nth(5, garps({ address: VIP }));
  const rival = await Injector.on(lab.node("b"));
  const from = wire.mark();
  rival.send(advert4({ version: 3, interval: 400, priority: 99, addresses: [VIP] }));
  // Its next advert of its own is 4 s away: this one is the answer.
  const heard = await wire.next(adverts({ priority: 99 }), from);
  const answer = await wire.next(adverts({ priority: 150 }), from);
  await wire.nth(5, garps({ address: VIP, hardware: lab.node("a").mac }), from);
  expect(wire.frames.indexOf(answer)).toBeGreaterThan(wire.frames.indexOf(heard));
  expect(baton.states().at(-1)).toBe("MASTER");
});

test.concurrent("an advert of priority 0 in Master is answered at once", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const wire = await Wire.onSwitch(lab);
  const config = { version: 3, interval: 4, priority: 150, state: "MASTER" } as const;
  const baton = new Baton(lab.node("a"), GLOBAL + instance(config)).start();
  await baton.becomes("MASTER");
  await wire.next(adverts({ priority: 150 }));
  const from = wire.mark();
  (await Injector.on(lab.node("b"))).send(
    advert4({ version: 3, interval: 400, priority: 0, addresses: [VIP] }),
  );
  await wire.next(adverts({ priority: 150 }), from);
  const status = await baton.instance();
  expect(status.state).toBe("MASTER");
  expect(status.counters.priority_zero_pkts_rcvd).toBe(1);
});
