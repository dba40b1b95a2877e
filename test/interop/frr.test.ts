// baton and FRR's vrrpd as a pair: election, crash, failback and stop, in both roles.
import { describe, expect, test } from "bun:test";
import { Client } from "../support/client.ts";
import { GLOBAL } from "../support/conf.ts";
import { Baton, type Daemon } from "../support/daemon.ts";
import { Frr } from "../support/frr.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { needs } from "../support/peer.ts";
import { routerText, type Shape, shapes } from "../support/shapes.ts";
import { adverts, Wire } from "../support/wire.ts";

const HAVE = needs("vrrpd", "frr");

async function make(kind: "baton" | "frr", shape: Shape, node: Node, peer: Node, priority: number) {
  const daemon = kind === "frr"
    ? await Frr.on(node, shape, priority)
    : new Baton(node, GLOBAL + routerText(shape, node, peer, { priority }));
  return daemon.start();
}

async function crash(daemon: Daemon): Promise<void> {
  if (daemon instanceof Frr) await daemon.crash();
  else await daemon.program.kill();
}

for (const shape of shapes(0.5).filter((s) => !s.unicast)) {
  describe(shape.title, () => {
    for (const batonHigher of [true, false]) {
      test.concurrent.skipIf(!HAVE)(`${batonHigher ? "baton" : "FRR"} higher`, async () => {
        await using lab = await Lab.create({ a: {}, b: {}, client: {} });
        const [na, nb] = [lab.node("a"), lab.node("b")];
        const wire = await Wire.onSwitch(lab);
        const high = await make(batonHigher ? "baton" : "frr", shape, na, nb, 150);
        await high.becomes("MASTER");
        const low = await make(batonHigher ? "frr" : "baton", shape, nb, na, 100);
        await low.becomes("BACKUP");
        await wire.nth(4, adverts({ priority: 150 }), wire.mark());
        expect(low.states()).toEqual(["BACKUP"]);
        expect(wire.since(adverts({ priority: 100 }))).toEqual([]);

        let from = wire.mark();
        await crash(high);
        await low.becomes("MASTER");
        await wire.next(adverts({ priority: 100 }), from);

        from = wire.mark();
        if (high instanceof Frr) await high.restart();
        else high.start();
        await high.becomes("MASTER");
        await low.becomes("BACKUP");
        await wire.nth(3, adverts({ priority: 150 }), from);

        const client = new Client(lab.node("client"), shape.vip, 20);
        await client.answers(10);
        from = wire.mark();
        const ended = high.end("SIGTERM");
        await wire.next(adverts({ priority: 0 }), from);
        await low.becomes("MASTER");
        await ended;
        await client.answers(10);
        await client.stop();

        for (const daemon of [high, low]) if (daemon instanceof Baton) await refusedNothing(daemon);
        wire.stop();
        const own = (batonHigher ? na : nb).mac;
        expect(await wire.objections(`vrrp && eth.src == ${own}`)).toEqual([]);
      });
    }
  });
}

/** No packet of the peer was refused, if the daemon still runs. */
async function refusedNothing(baton: Baton): Promise<void> {
  if (!baton.program.running) return;
  const { daemon, instances } = await baton.status();
  const refusals = [daemon.refusals, ...instances.map((i) => i.refusals)].flatMap((r) => Object.entries(r));
  expect(refusals.filter(([, n]) => n > 0)).toEqual([]);
}
