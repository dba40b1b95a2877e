// Two routers that have nothing but the static file, /proc and /dev, each in an empty root: election and failover.
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GLOBAL, instance } from "../support/conf.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import type { Program } from "../support/program.ts";
import { adverts, garps, Wire } from "../support/wire.ts";
import { bareRoot, inRoot, outcome, PROC_AND_DEV } from "./support.ts";

const VIP = "10.0.0.100";

/** Starts the file in its root and on its node. */
function start(node: Node, root: string, priority: number): Program {
  const text = GLOBAL + instance({ version: 3, interval: 0.2, priority });
  writeFileSync(join(root, "baton.conf"), text);
  mkdirSync(join(root, "run"));
  const files = ["--socket", "/run/s", "--pid", "/run/p"];
  const words = inRoot(root, PROC_AND_DEV, ["/baton", "run", "-f", "/baton.conf", ...files]);
  // exec: the signal is for baton.
  return node.spawn(`baton in ${root}`, words.map((word) => word.replace(" chroot ", " exec chroot ")));
}

test("election, takeover after SIGKILL, and an orderly end", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  using rootA = bareRoot();
  using rootB = bareRoot();
  const wire = await Wire.onSwitch(lab);
  const [a, b] = [lab.node("a"), lab.node("b")];
  const first = start(a, rootA.path, 150);
  const second = start(b, rootB.path, 100);
  await first.waitFor(/Entering MASTER STATE/);
  await second.waitFor(/Entering BACKUP STATE/);
  await wire.next(adverts({ priority: 150 }));

  let from = wire.mark();
  await first.kill();
  const advert = await wire.next(adverts({ priority: 100 }), from);
  const announced = await wire.next(garps({ address: VIP, operation: 1 }), wire.frames.indexOf(advert));
  expect(wire.frames.indexOf(announced)).toBeGreaterThan(wire.frames.indexOf(advert));
  await b.gains(VIP);
  const status = ["chroot", `/proc/${second.pid}/root`, "/baton", "status", "--json", "--socket", "/run/s"];
  const { code, out } = await outcome(status);
  expect(code).toBe(0);
  expect(JSON.parse(out).instances[0].state).toBe("MASTER");

  from = wire.mark();
  expect(await second.end("SIGTERM")).toBe(0);
  await wire.next(adverts({ priority: 0 }), from);
  expect(await b.has(VIP)).toBe(false);
});
