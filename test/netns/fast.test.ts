// Ten millisecond adverts between two binaries, also while others are elected and killed.
import { expect, test } from "bun:test";
import { GLOBAL, instance, VIP } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { adverts, Wire } from "../support/wire.ts";

test("10 ms adverts: election, a hundred adverts, failover, failback", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const wire = await Wire.onSwitch(lab);
  const text = (priority: number) => GLOBAL + instance({ version: 3, interval: 0.01, priority });
  const a = new Baton(lab.node("a"), text(150)).start();
  const b = new Baton(lab.node("b"), text(100)).start();
  await a.becomes("MASTER");
  await b.shows((i) => i.state === "BACKUP" && i.master?.priority === 150);
  expect((await wire.next(adverts({ priority: 150 }))).intervalMs).toBe(10);
  await wire.nth(100, adverts({ priority: 150 }), wire.mark());
  await a.program.kill();
  await b.becomes("MASTER");
  await lab.node("b").gains(VIP);
  a.start();
  await a.becomes("MASTER");
  await b.becomes("BACKUP");
  await lab.node("b").loses(VIP);
  const from = wire.mark();
  expect(await a.end("SIGTERM")).toBe(0);
  await wire.next(adverts({ priority: 0 }), from);
  await b.becomes("MASTER");
  wire.stop();
  expect(await wire.objections("vrrp || arp")).toEqual([]);
});
