// track_group: an instance is at fault while a static address, route or rule of its group is missing and cannot be
// put back; with no_track nothing is put back and nobody reacts.
import { expect, test } from "bun:test";
import { instance } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;
const MAKE = ["link add link eth0 name mv0 type macvlan mode bridge", "link set mv0 up"];
const GROUP = "track_group G {\n  group {\n    VI_1\n  }\n}\n";
const FREE = instance({ ...V3, name: "FREE", vrid: 52, addresses: ["10.0.0.101/24"] });

// shows: root track_group
// shows: track_group group
// shows: address-entry track_group
test.concurrent("an address whose interface goes is a fault of the group's instances, and of no other", async () => {
  await using lab = await Lab.create({ a: { commands: MAKE } });
  const node = lab.node("a");
  const text = `${GROUP}static_ipaddress {\n  10.5.0.1/24 dev mv0 track_group G\n}\n${instance(V3)}${FREE}`;
  const baton = new Baton(node, text).start();
  await baton.becomes("MASTER");
  await baton.becomes("MASTER", "FREE");
  // Put back at once: that is no fault.
  await node.ip("address", "delete", "10.5.0.1/24", "dev", "mv0");
  await baton.waitFor(/static address 10\.5\.0\.1\/24 on mv0 is gone/);
  await node.gains("10.5.0.1");
  await node.ip("link", "delete", "mv0");
  await baton.waitFor(
    /VI_1\) Entering FAULT STATE: the static address 10\.5\.0\.1\/24 of track_group G is missing/,
  );
  await node.loses("10.0.0.100");
  for (const command of MAKE) await node.ip(...command.split(" "));
  await baton.becomes("MASTER");
  await node.gains("10.5.0.1");
  expect(baton.states()).toEqual(["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER"]);
  expect(baton.states("FREE")).toEqual(["BACKUP", "MASTER"]);
  // Out of the group nothing keeps it.
  await node.ip("link", "delete", "mv0");
  await baton.becomes("FAULT");
  await baton.reload(text.replace(" track_group G", ""));
  await baton.becomes("MASTER");
  expect(await baton.end("SIGTERM")).toBe(0);
});

// shows: route-entry track_group
test.concurrent("so is a route, when its interface is down, gone, or absent from the start", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = `${GROUP}static_routes {\n  10.50.0.0/24 dev mv0 track_group G\n}\n${instance(V3)}`;
  const baton = new Baton(node, text).start();
  await baton.waitFor(
    /VI_1\) Entering FAULT STATE \(init\): the static route "10\.50\.0\.0\/24 dev mv0 .*of track_group G/,
  );
  for (const command of MAKE) await node.ip(...command.split(" "));
  await baton.becomes("MASTER");
  await node.ip("link", "set", "mv0", "down");
  await baton.becomes("FAULT");
  await node.ip("link", "set", "mv0", "up");
  await baton.becomes("MASTER");
  // Another program removes it: put back, no fault.
  const from = baton.mark();
  await node.ip("route", "delete", "10.50.0.0/24", "dev", "mv0");
  await baton.waitFor(/is gone: another program removed it; it is put back/, from);
  await until(async () => (await node.ip("route", "show", "10.50.0.0/24")) !== "", () => "never put back");
  expect(baton.states("VI_1", from)).toEqual([]);
  await node.ip("link", "delete", "mv0");
  await baton.becomes("FAULT");
  expect(await baton.end("SIGTERM")).toBe(0);
});

// shows: rule-entry track_group
test.concurrent("so is a rule that the kernel refuses", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  // The two low bits are no type of service.
  const rule = (tos: string) =>
    `static_rules {\n  iif eth0 priority 200 tos ${tos} table 100 track_group G\n}\n`;
  const baton = new Baton(node, GROUP + rule("0x3") + instance(V3)).start();
  await baton.waitFor(
    /VI_1\) Entering FAULT STATE \(init\): the static rule "iif eth0 priority 200 tos 0x3 .*of track_group G/,
  );
  await baton.reload(GROUP + rule("0x10") + instance(V3));
  await baton.becomes("MASTER");
  expect(await node.ip("rule", "show")).toMatch(/200:.*iif eth0 .*lookup 100/);
  expect(await baton.end("SIGTERM")).toBe(0);
});

// shows: address-entry no_track
// shows: route-entry no_track
// shows: rule-entry no_track
test.concurrent("no_track: what somebody removes stays away, although all beside it is put back", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const addresses = ["10.0.0.100/24", "10.0.0.101/24 no_track"];
  const statics = "static_ipaddress {\n  10.5.0.1/24 dev eth0\n  10.6.0.2/24 dev eth0 no_track\n}\n" +
    "static_routes {\n  10.50.0.0/24 dev eth0\n  10.51.0.0/24 dev eth0 no_track\n}\n" +
    "static_rules {\n  iif eth0 table 9 priority 201\n  iif eth0 table 9 priority 202 no_track\n}\n";
  const baton = new Baton(node, statics + instance({ ...V3, addresses })).start();
  await baton.becomes("MASTER");
  await baton.shows((i) => i.addresses.every((a) => a.held));
  const before = await everything();
  const all = {
    "address delete 10.0.0.101/24 dev eth0": false,
    "address delete 10.6.0.2/24 dev eth0": false,
    "route delete 10.51.0.0/24 dev eth0": false,
    "rule delete priority 202": false,
    // What is put back comes last, and would bring the others along.
    "address delete 10.0.0.100/24 dev eth0": true,
    "address delete 10.5.0.1/24 dev eth0": true,
    "route delete 10.50.0.0/24 dev eth0": true,
    "rule delete priority 201": true,
  };
  for (const [command, back] of Object.entries(all)) {
    const from = baton.mark();
    await node.ip(...command.split(" "));
    if (back) await baton.waitFor(/ is gone: .*it is put back/, from);
  }
  async function everything(): Promise<string[]> {
    const rules = (await node.ip("rule", "show")).match(/^20\d:/gm) ?? [];
    const routes = (await node.ip("route", "show")).match(/^10\.5\d\.0\.0\/24/gm) ?? [];
    return [...(await node.addresses()).filter((a) => /^10\.[056]\./.test(a)), ...routes, ...rules].sort();
  }
  const gone = new Set(["10.0.0.101/24", "10.6.0.2/24", "10.51.0.0/24", "202:"]);
  const left = before.filter((entry) => !gone.has(entry));
  expect(left).toHaveLength(before.length - 4);
  await until(
    async () => (await everything()).length >= left.length,
    () => "what is tracked is not put back",
  );
  // A change of an interface looks at everything again.
  for (const command of MAKE) await node.ip(...command.split(" "));
  const held = (list: { held: boolean }[]) => list.map((each) => each.held);
  await baton.shows((i) => held(i.addresses).join() === "true,false");
  const { statics: status } = await baton.status();
  expect(held(status.addresses)).toEqual([true, false]);
  expect(held(status.routes)).toEqual([true, false, true, false]);
  expect(await everything()).toEqual(left);
  expect(baton.states()).toEqual(["BACKUP", "MASTER"]);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect((await everything()).filter((entry) => entry !== "10.0.0.1/24")).toEqual([]);
});

test.concurrent("the status tells of routes, rules, the group and what is static, and whether each is there", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const lines = [
    "virtual_routes {\n10.60.0.0/24 dev eth0\n10.61.0.0/24 dev mv0 no_track\n}",
    "virtual_rules {\nfrom 10.60.0.0/24 table 100 priority 200\n}",
  ];
  const statics = "static_ipaddress {\n10.5.0.1/24 dev eth0\n10.5.1.1/24 dev mv0\n}\n" +
    "static_routes {\n10.62.0.0/24 dev eth0\n}\nstatic_rules {\nfrom 10.62.0.0/24 table 9 priority 201\n}\n";
  const group = "vrrp_sync_group SG {\ngroup {\nVI_1\nFREE\n}\n}\n";
  const baton = new Baton(node, statics + group + instance({ ...V3, lines }) + FREE).start();
  const held = (list: { held: boolean }[]) => list.map((each) => each.held);
  const one = await baton.shows((i) => i.state === "MASTER" && held(i.routes).join() === "true,false,true");
  expect(one.sync_group).toBe("SG");
  expect(one.routes.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "route 10.60.0.0/24 dev eth0",
    "route 10.61.0.0/24 dev mv0 no_track",
    "rule from 10.60.0.0/24 table 100 priority 200",
  ]);
  const status = await baton.status();
  expect(status.groups).toEqual([{ name: "SG", state: "MASTER", members: ["VI_1", "FREE"] }]);
  expect(held(status.statics.addresses)).toEqual([true, false]);
  expect(held(status.statics.routes)).toEqual([true, true]);
  for (const command of MAKE) await node.ip(...command.split(" "));
  await baton.shows((i) => held(i.routes).join() === "true,true,true");
  await until(
    async () => held((await baton.status()).statics.addresses).join() === "true,true",
    () => "not there",
  );
  await node.unplug();
  await baton.shows((i) => i.state === "FAULT" && held(i.routes).join() === "false,false,false");
  expect((await baton.status()).groups[0]!.state).toBe("FAULT");
  expect(await baton.end("SIGTERM")).toBe(0);
});
