// Sync groups: instances of one machine that are master together or not at all, and what they tell.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { GLOBAL, instance, script } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Received } from "../support/mail_server.ts";
import { adverts, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1 } as const;
const VIPS = ["10.0.0.100", "10.0.0.101"] as const;
const SECOND = ["link add eth1 type veth peer name eth1p", "link set eth1 up", "link set eth1p up"];

/** Two instances, VI_1 and VI_2 with VRID 51 and 52, in a group; `second`: further lines of VI_2. */
function pair(priority: number, group: string[] = [], second: string[] = []): string {
  return GLOBAL + [
    "vrrp_sync_group G {",
    "  group {",
    "    VI_1 VI_2",
    "  }",
    ...group.map((line) => `  ${line}`),
    "}",
    "",
    instance({ ...V3, priority, addresses: [`${VIPS[0]}/24`] }),
    instance({ ...V3, name: "VI_2", vrid: 52, priority, addresses: [`${VIPS[1]}/24`], lines: second }),
  ].join("\n");
}

function alone(priority: number, vrid: number): string {
  return GLOBAL + instance({ ...V3, priority, vrid, addresses: [`${VIPS[vrid - 51]}/24`] });
}

async function both(baton: Baton, state: "MASTER" | "BACKUP" | "FAULT"): Promise<void> {
  await baton.becomes(state, "VI_1");
  await baton.becomes(state, "VI_2");
}

// shows: root vrrp_sync_group, vrrp_instance
// shows: vrrp_sync_group group
test.concurrent("one member at fault takes the other along: both resign, both come back", async () => {
  await using lab = await Lab.create({ a: { commands: SECOND }, b: {} });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const wire = await Wire.onSwitch(lab);
  const tracked = ["track_interface {", "  eth1", "}"];
  const a = new Baton(na, pair(150, [], tracked)).start();
  await both(a, "MASTER");
  const b = new Baton(nb, pair(100)).start();
  await both(b, "BACKUP");
  const from = wire.mark();
  await na.ip("link", "set", "dev", "eth1p", "down");
  await both(a, "FAULT");
  await both(b, "MASTER");
  for (const vip of VIPS) {
    await na.loses(vip);
    await nb.gains(vip);
  }
  for (const vrid of [51, 52]) await wire.next(adverts({ priority: 0, vrid }), from);
  expect((await a.instance("VI_2")).reason).toBe("tracked interface eth1 is down");
  expect((await a.instance("VI_1")).reason).toBe("VI_2 of sync group G cannot take part");
  expect(a.log).toContain("VRRP_Group(G) Syncing instances to FAULT state");
  await na.ip("link", "set", "dev", "eth1p", "up");
  await both(a, "MASTER");
  await both(b, "BACKUP");
  for (const vip of VIPS) await na.gains(vip);
  for (const name of ["VI_1", "VI_2"]) {
    expect(a.states(name)).toEqual(["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER"]);
    expect(b.states(name)).toEqual(["BACKUP", "MASTER", "BACKUP"]);
  }
});

test.concurrent("a member that yields takes the other along; alone it does not become master again", async () => {
  await using lab = await Lab.create({ a: {}, c: {} });
  const [na, nc] = [lab.node("a"), lab.node("c")];
  const a = new Baton(na, pair(150)).start();
  await both(a, "MASTER");
  const wire = await Wire.onSwitch(lab);
  const from = wire.mark();
  const c = new Baton(nc, alone(200, 52)).start();
  await c.becomes("MASTER");
  await both(a, "BACKUP");
  for (const vip of VIPS) await na.loses(vip);
  expect((await a.instance("VI_1")).reason).toBe("VI_2 of sync group G is not master");
  expect(a.log).toContain("VRRP_Group(G) Syncing instances to BACKUP state");
  await wire.next(adverts({ priority: 0, vrid: 51 }), from);
  // Ten intervals are three times what VI_1 alone would wait for.
  await wire.nth(10, adverts({ priority: 200, vrid: 52 }), wire.mark());
  expect(a.states("VI_1")).toEqual(["BACKUP", "MASTER", "BACKUP"]);
  expect(await c.end("SIGTERM")).toBe(0);
  await both(a, "MASTER");
  expect(a.log).toContain("VRRP_Group(G) Syncing instances to MASTER state");
});

// shows: vrrp_sync_group track_interface, notify, notify_master, notify_backup, notify_fault, notify_stop
test.concurrent("the group's scripts are told of the group, with priority 0", async () => {
  await using lab = await Lab.create({ a: { commands: SECOND } });
  const node = lab.node("a");
  const events = lab.path("events");
  writeFileSync(events, "");
  chmodSync(events, 0o666);
  const record = lab.path("record");
  writeFileSync(record, `#!/bin/sh\necho "$*" >> ${events}\n`, { mode: 0o755 });
  const group = [
    `notify "${record} any"`,
    `notify_master "${record} master"`,
    `notify_backup "${record} backup"`,
    `notify_fault "${record} fault"`,
    `notify_stop "${record} stop"`,
    "track_interface {",
    "  eth1",
    "}",
  ];
  const a = new Baton(node, pair(150, group)).start();
  await both(a, "MASTER");
  await node.ip("link", "set", "dev", "eth1p", "down");
  await both(a, "FAULT");
  expect((await a.instance("VI_1")).reason).toBe("tracked interface eth1 is down");
  await node.ip("link", "set", "dev", "eth1p", "up");
  await both(a, "MASTER");
  expect(await a.end("SIGTERM")).toBe(0);
  const told = ["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "STOP"];
  expect(readFileSync(events, "utf8").trim().split("\n")).toEqual(
    told.flatMap((state) => [state.toLowerCase(), `any GROUP G ${state} 0`]),
  );
});

// shows: vrrp_sync_group smtp_alert
test.concurrent("mail about the group, and none about members that do not ask for it", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const server = node.spawn("mail server", [
    process.execPath,
    join(import.meta.dir, "../support/mail_child.ts"),
    "25",
  ]);
  await server.waitFor(/listening/);
  const mail = "  notification_email {\n    admin@example.org\n  }\n  smtp_server 127.0.0.1\n}";
  const a = new Baton(node, pair(150, ["smtp_alert"]).replace("}", mail)).start();
  await both(a, "MASTER");
  expect(await a.end("SIGTERM")).toBe(0);
  const mails = server.lines.filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line) as Received
  );
  expect(mails.map(({ subject }) => subject)).toEqual([
    "[lab] VRRP Group G - Entering BACKUP state",
    "[lab] VRRP Group G - Entering MASTER state",
    "[lab] VRRP Group G - Stopping",
  ]);
});

// shows: vrrp_sync_group track_script, sync_group_tracking_weight, global_tracking
test.concurrent("weights: the group's count for every member, a member's own only with its consent", async () => {
  await using lab = await Lab.create({ a: {} });
  const check = script("chk", "/bin/true", ["interval 1"]);
  const own = ["track_script {", "  chk weight 20", "}"];
  const a = new Baton(lab.node("a"), check + pair(100, [], own)).start();
  await both(a, "MASTER");
  expect((await a.instance("VI_2")).trackers).toEqual([]);
  for (const keyword of ["sync_group_tracking_weight", "global_tracking"]) {
    await a.reload(check + pair(100, [keyword], own));
    await a.shows((i) => i.priority.effective === 120, "VI_2");
    await a.reload(check + pair(100, [], own));
    await a.shows((i) => i.priority.effective === 100, "VI_2");
  }
  const group = ["track_script {", "  chk weight 30", "}"];
  await a.reload(check + pair(100, group));
  for (const name of ["VI_1", "VI_2"]) await a.shows((i) => i.priority.effective === 130, name);
  for (const name of ["VI_1", "VI_2"]) expect(a.states(name)).toEqual(["BACKUP", "MASTER"]);
});

test.concurrent("a reload puts running instances into a group, adds a member, and takes the group away", async () => {
  await using lab = await Lab.create({ a: {} });
  const single = [
    instance({ ...V3, priority: 150, addresses: [`${VIPS[0]}/24`] }),
    instance({ ...V3, name: "VI_2", vrid: 52, priority: 150, addresses: [`${VIPS[1]}/24`] }),
  ];
  const a = new Baton(lab.node("a"), GLOBAL + single.join("")).start();
  await both(a, "MASTER");
  await a.reload(pair(150));
  const third = instance({ ...V3, name: "VI_3", vrid: 53, priority: 150, addresses: ["10.0.0.102/24"] });
  await a.reload(pair(150).replace("VI_1 VI_2", "VI_1 VI_2 VI_3") + third);
  await a.becomes("MASTER", "VI_3");
  await a.reload(GLOBAL + single.join(""));
  for (const name of ["VI_1", "VI_2"]) expect(a.states(name)).toEqual(["BACKUP", "MASTER"]);
});
