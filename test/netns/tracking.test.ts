// Scripts and interfaces that are tracked, and notify scripts: real programs of another user.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "bun:test";
import { GLOBAL, instance, script, VIP } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { adverts, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1 } as const;

/** A directory of the lab where every user may write, as scripts need it. */
function openDirectory(lab: Lab, name = "open"): string {
  const path = lab.path(name);
  mkdirSync(path);
  chmodSync(path, 0o777);
  return path;
}

/** Writes an executable shell script. */
function program(lab: Lab, name: string, body: string): string {
  const path = lab.path(name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

function track(...entries: string[]): string[] {
  return ["track_script {", ...entries.map((e) => `  ${e}`), "}"];
}

// shows: root vrrp_script
// shows: vrrp_script script, weight
// shows: vrrp_instance priority, track_script
test.concurrent("a failing script lowers the priority by its weight, the peer takes over, and back", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const flag = `${openDirectory(lab)}/healthy`;
  writeFileSync(flag, "");
  const wire = await Wire.onSwitch(lab);
  const check = script("chk", `/usr/bin/test -e ${flag}`, ["interval 0.2", "weight -60", "rise 2", "fall 2"]);
  const a = new Baton(
    lab.node("a"),
    GLOBAL + check + instance({ ...V3, priority: 150, lines: track("chk") }),
  ).start();
  const b = new Baton(lab.node("b"), GLOBAL + instance({ ...V3, priority: 100 })).start();
  await a.becomes("MASTER");
  await b.becomes("BACKUP");
  await a.shows((i) => i.trackers[0]?.ok === true && i.priority.effective === 150);
  const from = wire.mark();
  rmSync(flag);
  await wire.next(adverts({ priority: 90 }), from);
  await b.becomes("MASTER");
  await a.becomes("BACKUP");
  const failed = await a.shows((i) => i.trackers[0]?.ok === false);
  expect(failed.priority).toEqual({ base: 150, effective: 90 });
  expect(failed.trackers).toEqual([{ kind: "script", name: "chk", ok: false, weight: -60 }]);
  expect(a.log).toMatch(/VRRP_Script\(chk\) failed \(exited with status 1\)/);
  expect(a.log).toContain("Changing effective priority from 150 to 90");
  expect(wire.since(adverts({ priority: 0 }), from)).toEqual([]);
  writeFileSync(flag, "");
  await a.becomes("MASTER");
  await b.becomes("BACKUP");
  expect(a.log).toContain("VRRP_Script(chk) succeeded");
  expect(a.log).toContain("Changing effective priority from 90 to 150");
});

test.concurrent("a failing script with weight 0 means FAULT: resigned and let go at once", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const flag = `${openDirectory(lab)}/healthy`;
  writeFileSync(flag, "");
  const wire = await Wire.onSwitch(lab);
  const check = script("chk", `/usr/bin/test -e ${flag}`, ["interval 0.2"]);
  const a = new Baton(
    lab.node("a"),
    GLOBAL + check + instance({ ...V3, priority: 150, lines: track("chk") }),
  ).start();
  const b = new Baton(lab.node("b"), GLOBAL + instance({ ...V3, priority: 100 })).start();
  await a.becomes("MASTER");
  await lab.node("a").gains(VIP);
  await b.shows((i) => i.master?.priority === 150);
  const from = wire.mark();
  rmSync(flag);
  await a.becomes("FAULT");
  await wire.next(adverts({ priority: 0 }), from);
  await b.becomes("MASTER");
  await lab.node("a").loses(VIP);
  const status = await a.shows((i) => i.state === "FAULT");
  expect(status.reason).toBe("script chk failed");
  expect(b.log).toMatch(/Entering MASTER STATE: 10\.0\.0\.1 has resigned/);
  writeFileSync(flag, "");
  await a.becomes("MASTER");
  expect(a.states()).toEqual(["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER"]);
});

test.concurrent("an instance waits for the first result of an unweighted script", async () => {
  await using lab = await Lab.create({ a: {} });
  const open = openDirectory(lab);
  const go = `${open}/go`;
  const slow = program(lab, "slow", `until test -e ${go}; do sleep 0.05; done`);
  const check = script("chk", slow, ["interval 1", "timeout 20"]);
  const a = new Baton(
    lab.node("a"),
    GLOBAL + check + instance({ ...V3, priority: 150, lines: track("chk") }),
  ).start();
  await a.shows((i) => i.state === "INIT" && i.reason === "script chk has no result yet");
  expect(a.states()).toEqual([]);
  writeFileSync(go, "");
  await a.becomes("MASTER");
  expect(a.states()).toEqual(["BACKUP", "MASTER"]);
});

/** The process ids that a script and its child have written to `pids` of the directory. */
function bothPids(directory: string): Promise<number[]> {
  return until(
    () => {
      const text = existsSync(`${directory}/pids`) ? readFileSync(`${directory}/pids`, "utf8") : "";
      const all = text.split("\n").filter((line) => line !== "").map(Number);
      return all.length === 2 && all;
    },
    () => "the script has not started",
  );
}

// shows: vrrp_script timeout
test.concurrent("a hanging script is a failed one: killed with its children", async () => {
  await using lab = await Lab.create({ a: {} });
  const open = openDirectory(lab);
  const body =
    `trap '' TERM\nsh -c 'trap "" TERM; echo $$ >> ${open}/pids; while :; do sleep 100; done' &\n` +
    `echo $$ >> ${open}/pids\nwait`;
  const check = script("hang", program(lab, "hang", body), ["interval 30", "timeout 1", "weight -60"]);
  const a = new Baton(
    lab.node("a"),
    GLOBAL + check + instance({ ...V3, priority: 150, lines: track("hang") }),
  ).start();
  await a.becomes("MASTER");
  const pids = await bothPids(open);
  // Of another user, in a process group of its own.
  const owner = readFileSync(`/proc/${pids[0]}/status`, "utf8");
  expect(owner).toMatch(/^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
  expect(owner).toMatch(/^Groups:\s*(65534\s*)?$/m);
  expect(readFileSync(`/proc/${pids[0]}/sched`, "utf8")).toMatch(/^policy\s*:\s*0$/m);
  await a.waitFor(/VRRP_Script\(hang\) timed_out/);
  await a.shows((i) => i.priority.effective === 90);
  await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), () => `${pids} still run`);
  expect((await a.instance()).state).toBe("MASTER");
});

test.concurrent("a script that runs at a stop does not outlive the daemon", async () => {
  await using lab = await Lab.create({ a: {} });
  const open = openDirectory(lab);
  const body = `sh -c 'echo $$ >> ${open}/pids; exec sleep 1000' &\necho $$ >> ${open}/pids\nwait`;
  const check = script("hang", program(lab, "hang", body), ["interval 30", "timeout 30", "weight -60"]);
  const a = new Baton(
    lab.node("a"),
    GLOBAL + check + instance({ ...V3, priority: 150, lines: track("hang") }),
  ).start();
  await a.becomes("MASTER");
  const pids = await bothPids(open);
  expect(await a.end("SIGTERM")).toBe(0);
  await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), () => `${pids} still run`);
});

const SECOND = ["link add eth1 type veth peer name eth1p", "link set eth1 up", "link set eth1p up"];

// shows: vrrp_instance track_interface
test.concurrent("a tracked interface with a weight lowers the priority, without one it means FAULT", async () => {
  await using lab = await Lab.create({ a: { commands: SECOND }, b: {} });
  const node = lab.node("a");
  const tracked = (entry: string) => ["track_interface {", `  ${entry}`, "}"];
  const a = new Baton(
    node,
    GLOBAL + instance({ ...V3, priority: 150, lines: tracked("eth1 weight -60") }),
  ).start();
  const b = new Baton(lab.node("b"), GLOBAL + instance({ ...V3, priority: 100 })).start();
  await a.becomes("MASTER");
  await b.becomes("BACKUP");
  await node.ip("link", "set", "dev", "eth1p", "down");
  await b.becomes("MASTER");
  await a.becomes("BACKUP");
  await a.shows((i) => i.priority.effective === 90 && i.trackers[0]?.ok === false);
  await node.ip("link", "set", "dev", "eth1p", "up");
  await a.becomes("MASTER");
  await a.reload(GLOBAL + instance({ ...V3, priority: 150, lines: tracked("eth1") }));
  expect((await a.instance()).state).toBe("MASTER");
  await node.ip("link", "set", "dev", "eth1p", "down");
  await a.becomes("FAULT");
  expect((await a.shows((i) => i.state === "FAULT")).reason).toBe("tracked interface eth1 is down");
  await b.becomes("MASTER");
  await node.loses(VIP);
  await node.ip("link", "set", "dev", "eth1p", "up");
  await a.becomes("MASTER");
});

test.concurrent("the own interface without carrier means FAULT, and back", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const node = lab.node("a");
  const a = new Baton(node, GLOBAL + instance({ ...V3, priority: 150 })).start();
  const b = new Baton(lab.node("b"), GLOBAL + instance({ ...V3, priority: 100 })).start();
  await a.becomes("MASTER");
  await b.becomes("BACKUP");
  await node.unplug();
  await a.becomes("FAULT");
  await b.becomes("MASTER");
  await node.loses(VIP);
  expect((await a.shows((i) => i.state === "FAULT")).reason).toBe("interface eth0 is down");
  await node.plug();
  await a.becomes("MASTER");
  await b.becomes("BACKUP");
  await node.gains(VIP);
});

test.concurrent("a broken switch makes two masters; when it heals, one is left and announces", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const [na, nb] = [lab.node("a"), lab.node("b")];
  const a = new Baton(na, GLOBAL + instance({ ...V3, priority: 150 })).start();
  const b = new Baton(nb, GLOBAL + instance({ ...V3, priority: 100 })).start();
  await a.becomes("MASTER");
  await b.becomes("BACKUP");
  await nb.isolate();
  await b.becomes("MASTER");
  await nb.gains(VIP);
  await nb.join();
  await b.becomes("BACKUP");
  await nb.loses(VIP);
  expect(a.states()).toEqual(["BACKUP", "MASTER"]);
});

// shows: vrrp_instance notify, notify_master, notify_backup, notify_fault, notify_stop
test.concurrent("notify scripts run in order, with their arguments, as nobody", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const open = openDirectory(lab);
  // The first ones are the slowest: only a queue keeps them in order.
  const record = program(
    lab,
    "record",
    `case "$*" in *BACKUP*) sleep 0.3;; esac\necho "$* $(id -un)" >> ${open}/events`,
  );
  const lines = [
    `notify "${record} any"`,
    `notify_master "${record} master 'two words'"`,
    `notify_backup "${record} backup"`,
    `notify_fault "${record} fault"`,
    `notify_stop "${record} stop"`,
  ];
  const node = lab.node("a");
  const a = new Baton(node, GLOBAL + instance({ ...V3, priority: 150, lines })).start();
  await a.becomes("MASTER");
  await node.unplug();
  await a.becomes("FAULT");
  await node.plug();
  await a.becomes("MASTER");
  expect(await a.end("SIGTERM")).toBe(0);
  const events = readFileSync(`${open}/events`, "utf8").trim().split("\n");
  const [backup, master, fault] = [
    ["backup nobody", "any INSTANCE VI_1 BACKUP 150 nobody"],
    ["master two words nobody", "any INSTANCE VI_1 MASTER 150 nobody"],
    ["fault nobody", "any INSTANCE VI_1 FAULT 150 nobody"],
  ];
  const stop = ["stop nobody", "any INSTANCE VI_1 STOP 150 nobody"];
  expect(events).toEqual([backup, master, fault, backup, master, stop].flatMap((x) => x!));
});
