// What the FIFO hears of a sync group and its members, from both daemons in the same events.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { instance } from "../support/conf.ts";
import { Baton, type Daemon, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import { needs } from "../support/peer.ts";

const HAVE = needs("keepalived", "keepalived");
const V3 = { version: 3, interval: 0.1 } as const;
const SECOND = ["link add eth1 type veth peer name eth1p", "link set eth1 up", "link set eth1p up"];

function text(fifo: string, number: string): string {
  return [
    `global_defs {\n  router_id lab\n  notify_fifo ${fifo}\n}\n`,
    `vrrp_track_file f {\n  file ${number}\n}\n`,
    "vrrp_sync_group G {\n  group {\n    VI_1\n    VI_2\n  }\n  notify_priority_changes on\n",
    "  track_file {\n    f weight 1\n  }\n}\n",
    instance({ ...V3, lines: ["track_interface {", "  eth1", "}"] }),
    instance({ ...V3, name: "VI_2", vrid: 52, addresses: ["10.0.0.101/24"] }),
  ].join("");
}

/** The lines of the FIFO from the start to the stop, for each source in their order. */
async function events(
  lab: Lab,
  node: Node,
  make: (text: string) => Daemon,
): Promise<Record<string, string[]>> {
  const fifo = lab.path(`${node.name}.fifo`);
  const reader = lab.spawn("reader", [
    "sh",
    "-c",
    `mkfifo ${fifo} && exec 3<> ${fifo} && echo open && cat <&3`,
  ]);
  await reader.waitFor(/open/);
  const number = lab.path(`${node.name}.number`);
  writeFileSync(number, "0\n");
  const daemon = make(text(fifo, number)).start();
  const both = async (state: string, times: number) => {
    for (const name of ["VI_1", "VI_2"]) {
      for (let from = 0, i = 0; i < times; i++) {
        await reader.waitFor(new RegExp(`INSTANCE "${name}" ${state}`), from);
        from = reader.lines.findIndex((line, at) => at >= from && line.includes(`"${name}" ${state}`)) + 1;
      }
    }
  };
  await both("MASTER", 1);
  await reader.waitFor(/GROUP "G" MASTER/);
  await node.ip("link", "set", "dev", "eth1p", "down");
  await both("FAULT", 1);
  await node.ip("link", "set", "dev", "eth1p", "up");
  await both("MASTER", 2);
  const from = reader.mark();
  writeFileSync(number, "20\n");
  for (const name of ["VI_1", "VI_2"]) {
    await reader.waitFor(new RegExp(`"${name}" MASTER_PRIORITY 120`), from);
  }
  expect(await daemon.end("SIGTERM")).toBe(0);
  await reader.waitFor(/GROUP "G" STOP/);
  return Object.fromEntries(
    ['GROUP "G"', 'INSTANCE "VI_1"', 'INSTANCE "VI_2"'].map((source) => [
      source,
      reader.lines.filter((line) => line.includes(source)).map((line) => line.replaceAll("\0", "")),
    ]),
  );
}

// shows: vrrp_sync_group notify_priority_changes
test.skipIf(!HAVE)("the same lines as from keepalived", async () => {
  await using lab = await Lab.create({ a: { commands: SECOND }, b: { commands: SECOND } });
  const [a, b] = [lab.node("a"), lab.node("b")];
  await a.isolate();
  const [ours, theirs] = await Promise.all([
    events(lab, a, (text) => new Baton(a, text)),
    events(lab, b, (text) => new Keepalived(b, text)),
  ]);
  expect(ours).toEqual(theirs!);
});
