// After a start the memory is tidied up and locked, and the engine rests for that: nobody notices.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { GLOBAL, instance, NAME, VIP } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { adverts, Wire } from "../support/wire.ts";

/** The memory of a daemon is locked: the last step of tidying up. */
async function settled(baton: Baton): Promise<void> {
  const locked = () =>
    Number(/VmLck:\s+(\d+)/.exec(readFileSync(`/proc/${baton.program.pid}/status`, "utf8"))![1]);
  await until(() => locked() > 0, () => `the memory of ${baton.node.name} has not been locked`);
}

// With 10 ms there is no room for a rest.
for (const interval of [1, 0.1]) {
  test.concurrent(`a pair with adverts of ${interval} s: nobody takes over meanwhile, and afterwards all goes on`, async () => {
    await using lab = await Lab.create({ a: {}, b: {} });
    const wire = await Wire.onSwitch(lab);
    const text = (priority: number) => GLOBAL + instance({ version: 3, interval, priority });
    const a = new Baton(lab.node("a"), text(150)).start();
    const b = new Baton(lab.node("b"), text(100)).start();
    await a.becomes("MASTER");
    await b.shows((i) => i.state === "BACKUP" && i.master?.priority === 150);
    // Who was first may have been Master before.
    const calm = b.mark();
    await settled(a);
    await settled(b);
    await wire.nth(2, adverts({ priority: 150 }), wire.mark());
    expect(b.states(NAME, calm)).not.toContain("MASTER");
    // The control thread is heard as before, and so is the network.
    const from = wire.mark();
    await a.reload(text(50));
    await wire.next(adverts({ priority: 100 }), from);
    await b.becomes("MASTER");
    await lab.node("b").gains(VIP);
    expect(await b.end("SIGTERM")).toBe(0);
    await a.becomes("MASTER");
    expect(await a.end("SIGTERM")).toBe(0);
    wire.stop();
    expect(await wire.objections("vrrp || arp")).toEqual([]);
  });
}
