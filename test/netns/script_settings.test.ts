// Settings of what is run and counted: check scripts, their users, processes, the scripts around the daemon.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "bun:test";
import { GLOBAL, instance } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1 } as const;
/** Longer than any test. */
const NEVER_S = 1000;

function globals(...lines: string[]): string {
  return ["global_defs {", "  router_id lab", ...lines.map((line) => `  ${line}`), "}", ""].join("\n");
}

function check(name: string, command: string, lines: string[]): string {
  return `vrrp_script ${name} {\n  script "${command}"\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

function tracking(kind: "script" | "process", ...entries: string[]): string {
  return instance({ ...V3, lines: [`track_${kind} {`, ...entries.map((each) => `  ${each}`), "}"] });
}

/** A directory of the lab where every user may write, as scripts need it. */
function openDirectory(lab: Lab): string {
  const path = lab.path("open");
  mkdirSync(path);
  chmodSync(path, 0o777);
  return path;
}

function program(path: string, body: string, mode = 0o755): string {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, mode);
  return path;
}

/** Lines of a file that scripts write; none while it does not exist. */
function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter((line) => line !== "") : [];
}

// shows: vrrp_script interval, rise, fall
test.concurrent("a check runs at its interval, and its result counts after rise or fall runs", async () => {
  await using lab = await Lab.create({ a: {} });
  const directory = openDirectory(lab);
  const [often, seldom] = [`${directory}/often`, `${directory}/seldom`];
  // Two failures are too few, and so is one success; later runs are good.
  const results = [0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0];
  const body = [
    `echo run >> ${often}`,
    `run=$(wc -l < ${often})`,
    `test $run -gt ${results.length} && exit 0`,
    `set -- ${results.join(" ")}`,
    "shift $((run - 1))",
    "exit $1",
  ].join("\n");
  const text = globals("script_user nobody") +
    check("often", program(lab.path("often.sh"), body), ["interval 0.1", "rise 2", "fall 3", "weight 10"]) +
    check("seldom", program(lab.path("seldom.sh"), `echo run >> ${seldom}`), [
      `interval ${NEVER_S}`,
      "weight 1",
    ]) +
    tracking("script", "often", "seldom");
  const a = new Baton(lab.node("a"), text).start();
  await until(() => linesOf(often).length >= 40, () => `too few runs:\n${a.log}`);
  expect(linesOf(seldom)).toEqual(["run"]);
  expect(a.log.match(/VRRP_Script\(often\) (succeeded|failed)/g)).toEqual([
    "VRRP_Script(often) succeeded",
    "VRRP_Script(often) failed",
    "VRRP_Script(often) succeeded",
  ]);
});

// shows: vrrp_script user, init_fail
// shows: global_defs script_user
test.concurrent("who runs a script, and what counts before its first result", async () => {
  await using lab = await Lab.create({ a: {} });
  const directory = openDirectory(lab);
  const who = (name: string) => program(lab.path(name), `id -un >> ${directory}/${name}; sleep ${NEVER_S}`);
  const slow = [`interval ${NEVER_S}`];
  const text = globals("script_user daemon") + check("own", who("own"), [...slow, "user bin", "weight 1"]) +
    check("global", who("global"), [...slow, "init_fail"]) + tracking("script", "own", "global");
  const a = new Baton(lab.node("a"), text).start();
  await a.becomes("FAULT");
  expect((await a.instance()).reason).toBe("script global failed");
  await until(() => linesOf(`${directory}/own`).length > 0, () => `own never ran:\n${a.log}`);
  await until(() => linesOf(`${directory}/global`).length > 0, () => `global never ran:\n${a.log}`);
  expect(linesOf(`${directory}/own`)).toEqual(["bin"]);
  expect(linesOf(`${directory}/global`)).toEqual(["daemon"]);
});

/** With other groups than the machine's. */
class GroupedBaton extends Baton {
  groupFile = "";

  protected override words(): string[] {
    const mount = 'mount --bind "$0" /etc/group && exec "$@"';
    return ["unshare", "--mount", "sh", "-c", mount, this.groupFile, ...super.words()];
  }
}

// shows: global_defs set_supplementary_groups
test.concurrent("a script has all groups of its user where that is wanted, and the daemon keeps its own", async () => {
  await using lab = await Lab.create({ a: {} });
  const directory = openDirectory(lab);
  const out = `${directory}/out`;
  const groupFile = lab.path("group");
  writeFileSync(groupFile, "root:x:0:\nssl:x:4242:www,nobody\nother:x:4243:somebody\n");
  const report = program(lab.path("who.sh"), `grep -E '^(Uid|Gid|Groups)' /proc/self/status >> ${out}`);
  const text = (...lines: string[]) =>
    globals("script_user nobody", ...lines) + check("who", report, ["interval 1000", "weight 1"]) +
    tracking("script", "who");
  const a = new GroupedBaton(lab.node("a"), text("set_supplementary_groups"));
  a.groupFile = groupFile;
  a.start();
  await a.shows((i) => i.priority.effective === 101);
  const everywhere = (id: number | string) => Array(4).fill(id).join("\t");
  expect(linesOf(out).map((line) => line.trim())).toEqual([
    `Uid:\t${everywhere(65534)}`,
    `Gid:\t${everywhere(65534)}`,
    "Groups:\t4242 65534",
  ]);
  const task = `/proc/${a.program.pid}/task`;
  for (const thread of readdirSync(task)) {
    const status = readFileSync(`${task}/${thread}/status`, "utf8");
    expect(status).toContain(`\nUid:\t${everywhere(0)}\nGid:\t${everywhere(0)}\n`);
    expect(status).not.toMatch(/^Groups:.*4242/m);
  }
});

// shows: global_defs enable_script_security
test.concurrent("a script of root that others may change is refused where that is wanted", async () => {
  await using lab = await Lab.create({ a: {} });
  const script = program(lab.path("open.sh"), "exit 0", 0o777);
  const text = globals("enable_script_security", "script_user root") +
    check("chk", script, []) + tracking("script", "chk");
  const a = new Baton(lab.node("a"), text).start();
  await a.waitFor(/Unsafe permissions found for script .* - disabling/);
  await a.becomes("FAULT");
});

// shows: global_defs startup_script_timeout, shutdown_script_timeout
test.concurrent("the scripts around the daemon are ended at their limits", async () => {
  await using lab = await Lab.create({ a: {} });
  const hangs = program(lab.path("hangs.sh"), `exec sleep ${NEVER_S}`);
  const text = globals(
    `startup_script "${hangs}"`,
    "startup_script_timeout 1",
    `shutdown_script "${hangs}"`,
    "shutdown_script_timeout 2",
  ) + instance(V3);
  const a = new Baton(lab.node("a"), text).start();
  await a.becomes("MASTER");
  expect(await a.end("SIGTERM")).toBe(0);
  expect(a.log).toMatch(/startup_script .* was killed after .* s: its time limit is 1 s/);
  expect(a.log).toMatch(/shutdown_script .* was killed after .* s: its time limit is 2 s/);
});

// shows: vrrp_track_process delay, terminate_delay, fork_delay, full_command
// shows: vrrp_sync_group track_process
test.concurrent("processes: what has to last, and which name is compared", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  // Nobody else runs a sleep with this argument, or under this name.
  const time = `86100.${process.pid}`;
  const name = `an-assumed-name-${process.pid}`;
  const block = (title: string, words: string, lines: string[]) =>
    `vrrp_track_process ${title} {\n  process ${words}\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
  const blocks = [
    block("plain", `sleep ${time}`, ["weight 1"]),
    block("forked", `sleep ${time}`, ["weight 2", `fork_delay ${NEVER_S}`]),
    block("ended", `sleep ${time}`, ["weight 4", `terminate_delay ${NEVER_S}`]),
    block("both", `sleep ${time}`, ["weight 8", `delay ${NEVER_S}`]),
    block("named", name, ["weight 16", "full_command"]),
    block("grouped", name, ["weight 32", "full_command"]),
  ];
  const group = "vrrp_sync_group G {\n  group {\n    VI_1\n  }\n  sync_group_tracking_weight\n" +
    "  track_process {\n    grouped\n  }\n}\n";
  const text = GLOBAL + blocks.join("") + group +
    tracking("process", "plain", "forked", "ended", "both", "named");
  const a = new Baton(node, text).start();
  await a.shows((i) => i.state === "MASTER" && i.priority.effective === 100);
  const first = lab.spawn("sleep", ["/bin/sleep", time]);
  await a.shows((i) => i.priority.effective === 105);
  await first.kill();
  await a.shows((i) => i.priority.effective === 104);
  const second = lab.spawn("sleep", ["/bin/sleep", time]);
  await a.shows((i) => i.priority.effective === 105);
  await second.kill();
  await a.shows((i) => i.priority.effective === 104);
  lab.spawn("under another name", ["/bin/bash", "-c", `exec -a ${name} sleep ${NEVER_S}`]);
  await a.shows((i) => i.priority.effective === 152);
  // Nothing else was believed in between: the delays have not ended.
  const believed = [...a.log.matchAll(/Changing effective priority from \d+ to (\d+)/g)].map((m) =>
    Number(m[1])
  );
  const possible = [100, 101, 104, 105, 120, 136, 152];
  expect(believed.filter((each) => !possible.includes(each))).toEqual([]);
  expect(believed.lastIndexOf(100)).toBeLessThan(believed.indexOf(105));
});
