// Failover that tracking drives, with keepalived as the peer, in both directions: a file's number decides.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { GLOBAL, instance, VIP } from "../support/conf.ts";
import { Baton, type Daemon, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { needs } from "../support/peer.ts";
import { adverts, Wire } from "../support/wire.ts";

const HAVE = needs("keepalived", "keepalived");
const V3 = { version: 3, interval: 0.2 } as const;

/** The same text for both programs: the file adds its number, -254 means FAULT. */
function text(path: string, priority: number): string {
  return GLOBAL + `track_file f {\n  file ${path}\n  weight 2\n}\n` +
    instance({ ...V3, priority, lines: ["track_file {", "  f", "}"] });
}

describe.each([[true], [false]])("baton tracks: %p", (batonTracks) => {
  test.concurrent.skipIf(!HAVE)("lower, back, FAULT, back", async () => {
    await using lab = await Lab.create({ a: {}, b: {} });
    const [na, nb] = [lab.node("a"), lab.node("b")];
    const path = lab.path("number");
    writeFileSync(path, "0");
    const wire = await Wire.onSwitch(lab);
    const plain = GLOBAL + instance({ ...V3, priority: 100 });
    const make = (baton: boolean, node: typeof na, conf: string): Daemon =>
      baton ? new Baton(node, conf).start() : new Keepalived(node, conf).start();
    const tracking = make(batonTracks, na, text(path, 150));
    await tracking.becomes("MASTER");
    const other = make(!batonTracks, nb, plain);
    await other.becomes("BACKUP");
    for (const [number, priority] of [["-30", 90], ["0x10", 182]] as const) {
      const from = wire.mark();
      writeFileSync(path, number);
      await wire.next(adverts({ priority }), from);
      await (priority < 100 ? other : tracking).becomes("MASTER");
      await (priority < 100 ? tracking : other).becomes("BACKUP");
      await (priority < 100 ? nb : na).gains(VIP);
    }
    const from = wire.mark();
    writeFileSync(path, "-127");
    await tracking.becomes("FAULT");
    await wire.next(adverts({ priority: 0 }), from);
    await other.becomes("MASTER");
    writeFileSync(path, "");
    await tracking.becomes("MASTER");
    await other.becomes("BACKUP");
    expect(tracking.states()).toEqual(["BACKUP", "MASTER", "BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER"]);
  });
});
