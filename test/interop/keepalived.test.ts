// baton and Debian's keepalived as a pair: election, failover by crash and by stop, failback, in both roles.
import { describe, expect, test } from "bun:test";
import { GLOBAL } from "../support/conf.ts";
import { Baton, type Daemon, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { needs } from "../support/peer.ts";
import { routerText, type Shape, shapes } from "../support/shapes.ts";
import { adverts, Wire } from "../support/wire.ts";

const HAVE = needs("keepalived", "keepalived");

interface Cell {
  title: string;
  shape: Shape;
  preempt: boolean;
  batonHigher: boolean;
  lines: string[];
}

function authentication(type: "PASS" | "AH"): string[] {
  return ["authentication {", `  auth_type ${type}`, "  auth_pass secret12", "}"];
}

function cells(): Cell[] {
  const plain = shapes(0.3).map((shape) => ({ title: shape.title, shape, lines: [] as string[] }));
  const v2 = shapes(0.3).filter((s) => s.version === 2);
  const secured = v2.flatMap((shape) =>
    (["PASS", "AH"] as const).map((type) => ({
      title: `${shape.title} ${type}`,
      shape,
      lines: authentication(type),
    }))
  );
  return [...plain, ...secured].flatMap((cell) =>
    [true, false].flatMap((preempt) =>
      [true, false].map((batonHigher) => ({ ...cell, preempt, batonHigher }))
    )
  );
}

function crash(daemon: Daemon): Promise<unknown> {
  return daemon instanceof Keepalived ? daemon.crash() : daemon.program.kill();
}

function make(kind: "baton" | "keepalived", node: Node, text: string): Daemon {
  return kind === "baton" ? new Baton(node, text).start() : new Keepalived(node, text).start();
}

for (const { title, shape, preempt, batonHigher, lines } of cells()) {
  const roles = `${batonHigher ? "baton" : "keepalived"} higher, ${preempt ? "preempt" : "nopreempt"}`;
  describe(title, () => {
    test.concurrent.skipIf(!HAVE)(roles, async () => {
      await using lab = await Lab.create({ a: {}, b: {} });
      const [na, nb] = [lab.node("a"), lab.node("b")];
      const wire = await Wire.onSwitch(lab);
      const all = preempt ? lines : [...lines, "nopreempt"];
      const high = make(
        batonHigher ? "baton" : "keepalived",
        na,
        GLOBAL + routerText(shape, na, nb, { priority: 150, lines: all }),
      );
      // The higher one is first, so that it is MASTER with nopreempt too.
      await high.becomes("MASTER");
      const low = make(
        batonHigher ? "keepalived" : "baton",
        nb,
        GLOBAL + routerText(shape, nb, na, { priority: 100, lines: all }),
      );
      await low.becomes("BACKUP");
      await na.gains(shape.vip);
      await wire.nth(4, adverts({ priority: 150 }), wire.mark());
      expect(low.states()).toEqual(["BACKUP"]);
      expect(await nb.has(shape.vip)).toBe(false);

      // A crash: nothing is said, the backup finds out.
      let from = wire.mark();
      await crash(high);
      await low.becomes("MASTER");
      await wire.next(adverts({ priority: 100 }), from);
      await nb.gains(shape.vip);
      if (high instanceof Keepalived) await na.ip("address", "flush", "to", shape.vip);
      else await na.loses(shape.vip);
      expect(wire.since(adverts({ priority: 0 }), from)).toEqual([]);

      // It comes back: as master with preempt, else as backup of the lower one.
      from = wire.mark();
      high.start();
      if (preempt) {
        await high.becomes("MASTER");
        await low.becomes("BACKUP");
        await na.gains(shape.vip);
        await nb.loses(shape.vip);
      } else {
        await high.becomes("BACKUP");
        await wire.nth(6, adverts({ priority: 100 }), wire.mark());
        expect(high.states()).toEqual(["BACKUP"]);
        expect(low.states().at(-1)).toBe("MASTER");
        expect(wire.since(adverts({ priority: 150 }), from)).toEqual([]);
      }

      // A stop of whoever is master: it resigns, the other takes over.
      const [master, backup] = preempt ? [high, low] : [low, high];
      const other = preempt ? nb : na;
      await wire.nth(2, adverts({ priority: preempt ? 150 : 100 }), wire.mark());
      from = wire.mark();
      const stopping = master.end("SIGTERM");
      await wire.next(adverts({ priority: 0 }), from);
      await backup.becomes("MASTER");
      await other.gains(shape.vip);
      expect(await stopping).toBe(0);
      expect(await master.node.has(shape.vip)).toBe(false);

      for (const daemon of [high, low]) if (daemon instanceof Baton) await refusedNothing(daemon);
      wire.stop();
      expect(await wire.objections("(vrrp || ah) && !icmp")).toEqual([]);
    });
  });
}

/** No packet of the peer was refused, if the daemon still runs. */
async function refusedNothing(baton: Baton): Promise<void> {
  if (!baton.program.running) return;
  const { daemon, instances } = await baton.status();
  const refusals = [daemon.refusals, ...instances.map((i) => i.refusals)].flatMap((r) => Object.entries(r));
  expect(refusals.filter(([, n]) => n > 0)).toEqual([]);
}
