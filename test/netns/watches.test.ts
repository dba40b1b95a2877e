// Tracked files and processes: what their change does to priority and state, and how it is heard of.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "bun:test";
import { GLOBAL, instance } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";

const V3 = { version: 3, interval: 0.1 } as const;

function file(name: string, path: string, lines: string[] = []): string {
  return `track_file ${name} {\n  file "${path}"\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

function running(name: string, lines: string[]): string {
  return `vrrp_track_process ${name} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

function tracking(kind: "file" | "process", entries: string[], priority = 100): string {
  const lines = [`track_${kind} {`, ...entries.map((entry) => `  ${entry}`), "}"];
  return GLOBAL + instance({ ...V3, priority, lines });
}

// shows: root track_file
// shows: track_file file, weight, init_file
// shows: track-entry weight, reverse
// shows: vrrp_instance track_file
test.concurrent("a file's number times the weight is added; -254 means FAULT; the peer takes over", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const path = lab.path("number");
  const entries = ["f weight 2", "g", "h weight 3 reverse"];
  const others = file("g", lab.path("g"), ["weight 10 reverse", "init_file 1"]) +
    file("h", lab.path("h"), ["init_file 2 overwrite"]);
  writeFileSync(lab.path("h"), "55");
  const text = file("f", path) + others + tracking("file", entries, 150);
  const a = new Baton(lab.node("a"), text).start();
  const b = new Baton(lab.node("b"), GLOBAL + instance({ ...V3, priority: 100 })).start();
  // Missing = 0; g has been made with 1, h over its old number: 150 - 10 - 6.
  await a.shows((i) => i.priority.effective === 134 && i.state === "MASTER");
  await b.becomes("BACKUP");
  expect(readFileSync(lab.path("g"), "utf8")).toBe("1\n");
  writeFileSync(path, "0x10\n");
  await a.shows((i) => i.priority.effective === 166);
  await a.waitFor(/Changing effective priority from 134 to 166/);
  writeFileSync(path, " -30 and more");
  await a.becomes("BACKUP");
  await b.becomes("MASTER");
  await a.shows((i) => i.priority.effective === 74);
  // Put in its place by a rename, and taken away.
  writeFileSync(`${path}.new`, "-127");
  renameSync(`${path}.new`, path);
  await a.becomes("FAULT");
  const fault = await a.shows((i) => i.state === "FAULT");
  expect(fault.reason).toBe("tracked file f has status -127");
  expect(fault.trackers).toEqual([
    { kind: "file", name: "f", ok: false, weight: 2 },
    { kind: "file", name: "g", ok: true, weight: 10 },
    { kind: "file", name: "h", ok: true, weight: 3 },
  ]);
  rmSync(path);
  await a.becomes("MASTER");
  await a.shows((i) => i.priority.effective === 134);
  // A reload makes no file, and reads what is there.
  writeFileSync(lab.path("h"), "0");
  rmSync(lab.path("g"));
  await a.reload(text);
  await a.shows((i) => i.priority.effective === 150);
  expect(existsSync(lab.path("g"))).toBe(false);
});

test.concurrent("without a weight another number than 0 means FAULT, reversed 0 does", async () => {
  await using lab = await Lab.create({ a: {} });
  const path = lab.path("number");
  const one = file("f", path, ["weight 0"]);
  const a = new Baton(lab.node("a"), one + tracking("file", ["f"])).start();
  await a.becomes("MASTER");
  writeFileSync(path, "1");
  await a.becomes("FAULT");
  await a.reload(one + tracking("file", ["f weight 0 reverse"]));
  await a.becomes("MASTER");
  writeFileSync(path, "");
  await a.becomes("FAULT");
});

// shows: root vrrp_track_file
// shows: track-entry noreverse
test.concurrent("a directory that comes later, goes and comes again", async () => {
  await using lab = await Lab.create({ a: {} });
  const directory = lab.path("later");
  // In the old spelling, and a direction that the entry takes back.
  const old = `vrrp_${file("f", `${directory}/f`, ["weight 1 reverse"])}`;
  const a = new Baton(lab.node("a"), old + tracking("file", ["f weight 5 noreverse"])).start();
  await a.shows((i) => i.state === "MASTER" && i.priority.effective === 100);
  for (const number of [1, 2]) {
    mkdirSync(directory);
    writeFileSync(`${directory}/f`, String(number));
    await a.shows((i) => i.priority.effective === 100 + 5 * number);
    rmSync(directory, { recursive: true });
    await a.shows((i) => i.priority.effective === 100);
  }
});

// shows: vrrp_sync_group track_file
test.concurrent("a group's file moves every member", async () => {
  await using lab = await Lab.create({ a: {} });
  const path = lab.path("number");
  const group = "vrrp_sync_group G {\n  group {\n    VI_1\n    VI_2\n  }\n  track_file {\n    f\n  }\n}\n";
  const second = instance({ ...V3, name: "VI_2", vrid: 52, addresses: ["10.0.0.101/24"] });
  const a = new Baton(
    lab.node("a"),
    file("f", path, ["weight 0"]) + group + GLOBAL + instance({ ...V3 }) + second,
  ).start();
  for (const name of ["VI_1", "VI_2"]) await a.becomes("MASTER", name);
  writeFileSync(path, "7");
  for (const name of ["VI_1", "VI_2"]) {
    await a.becomes("FAULT", name);
    expect((await a.instance(name)).reason).toBe("tracked file f has status 7");
  }
});

// shows: root vrrp_track_process
// shows: vrrp_track_process process, param_match, weight, quorum, quorum_max
// shows: vrrp_instance track_process
test.concurrent("processes: a quorum that is lost lowers the priority, one that is exceeded means FAULT", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  // Nobody else runs a sleep with these arguments.
  const [first, second, third] = [1, 2, 3].map((n) => `${86_000 + n}.${process.pid}`) as [
    string,
    string,
    string,
  ];
  const few = running("few", [`process /bin/sleep ${first}`, "weight -30", "quorum 2"]);
  const none = running("none", [`process "sleep ${second}"`, "quorum_max 0", "delay 0.01"]);
  const some = running("some", [`process sleep ${third.slice(0, -1)}`, "param_match partial", "weight 7"]);
  const sleep = (time: string) => lab.spawn("sleep", ["/bin/sleep", time]);
  const one = sleep(first);
  sleep(first);
  const a = new Baton(node, few + none + some + tracking("process", ["few", "none", "some"])).start();
  await a.shows((i) => i.state === "MASTER" && i.priority.effective === 100);
  await one.kill();
  await a.shows((i) => i.priority.effective === 70);
  sleep(first);
  sleep(third);
  await a.shows((i) => i.priority.effective === 107);
  const unwanted = sleep(second);
  await a.becomes("FAULT");
  expect((await a.shows((i) => i.state === "FAULT")).reason).toBe("tracked process none has no quorum");
  await unwanted.kill();
  await a.becomes("MASTER");
});

// shows: root interface_up_down_delays
// shows: interface_up_down_delays IFNAME
test.concurrent("an interface's change counts once it has lasted; a flap is not noticed", async () => {
  await using lab = await Lab.create({
    a: {
      commands: ["eth1", "eth2"].flatMap((name) => [
        `link add ${name} type veth peer name ${name}p`,
        `link set ${name} up`,
        `link set ${name}p up`,
      ]),
    },
  });
  const node = lab.node("a");
  const set = (name: string, state: "up" | "down") => node.ip("link", "set", "dev", `${name}p`, state);
  // Both weigh, so that what is believed of each is seen.
  const body = instance({ ...V3, lines: ["track_interface {", "  eth1 weight 10", "  eth2 weight 20", "}"] });
  const delays = (text: string) => `interface_up_down_delays {\n  ${text}\n}\n${GLOBAL}${body}`;
  const a = new Baton(node, delays("eth1 250 250")).start();
  await a.shows((i) => i.state === "MASTER" && i.priority.effective === 130);
  // eth1 flaps under a delay that never ends here; what happens to eth2 afterwards is seen, eth1's change is not.
  await set("eth1", "down");
  await set("eth2", "down");
  await a.shows((i) => i.priority.effective === 110);
  await set("eth1", "up");
  await set("eth2", "up");
  await a.shows((i) => i.priority.effective === 130);
  const changes = (): string[] => a.log.match(/Changing effective priority from \d+ to \d+/g) ?? [];
  const expected = [[100, 130], [130, 110], [110, 130]].map(([from, to]) =>
    `Changing effective priority from ${from} to ${to}`
  );
  expect(changes()).toEqual(expected);
  // A short delay comes to its end: down late, up at once.
  await a.reload(delays("eth1 0.3"));
  await set("eth1", "down");
  await set("eth2", "down");
  await a.shows((i) => i.priority.effective === 100);
  await set("eth1", "up");
  await a.shows((i) => i.priority.effective === 110);
  const steps = [[130, 110], [110, 100], [100, 110]].map(([from, to]) =>
    `Changing effective priority from ${from} to ${to}`
  );
  expect(changes()).toEqual([...expected, ...steps]);
});
