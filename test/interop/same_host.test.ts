// keepalived on the same host: baton names it at the start when both serve one virtual router, and only then.
import { expect, test } from "bun:test";
import { GLOBAL, instance } from "../support/conf.ts";
import { Baton, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { needs } from "../support/peer.ts";

const HAVE = needs("keepalived", "keepalived");
const V3 = { version: 3, interval: 0.1, priority: 100 } as const;

test.skipIf(!HAVE)("a keepalived on the same VRID of this host is named", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const other = new Keepalived(node, GLOBAL + instance(V3)).start();
  await other.becomes("MASTER");
  const baton = new Baton(node, GLOBAL + instance(V3)).start();
  const line = await baton.waitFor(/keepalived .* also serves VRID 51 on eth0/);
  expect(line).toContain(`pid ${await other.vrrpPid()}, ${other.file}`);
  await baton.end("SIGTERM");
  await other.end("SIGTERM");
});

test.skipIf(!HAVE)("one that serves another VRID is no obstacle and is not named", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const other = new Keepalived(node, GLOBAL + instance({ ...V3, vrid: 7, addresses: ["10.0.0.140"] }))
    .start();
  await other.becomes("MASTER");
  const baton = new Baton(node, GLOBAL + instance(V3)).start();
  await baton.becomes("MASTER");
  expect(baton.log).not.toContain("keepalived");
  await baton.end("SIGTERM");
  await other.end("SIGTERM");
});
