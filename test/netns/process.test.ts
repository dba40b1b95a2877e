// The process itself: its namespace, name, mask and files, when it reloads, and what it leaves behind at the stop.
import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { instance, VIP } from "../support/conf.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import type { Node } from "../support/node.ts";
import type { Program } from "../support/program.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;

/** global_defs with scripts as root and these lines. */
function globals(...lines: string[]): string {
  return ["global_defs {", "  router_id lab", "  script_user root", ...lines.map((l) => `  ${l}`), "}", ""]
    .join(
      "\n",
    );
}

/** baton as keepalived in the foreground, outside of every node; resolves when it is Master. */
async function keepalived(lab: Lab, text: string, options: string[] = []): Promise<Program> {
  const file = lab.path("keepalived.conf");
  writeFileSync(file, text);
  const link = lab.path("keepalived");
  if (!existsSync(link)) symlinkSync(BATON, link);
  const daemon = lab.spawn("keepalived", [link, "-nlDG", "-f", file, ...options], { TMPDIR: lab.directory });
  await daemon.waitFor(/\(VI_1\) Entering MASTER STATE/);
  return daemon;
}

/** A script in the lab's directory that writes what `words` print into a file of its name. */
function writingScript(lab: Lab, name: string, words: string): string {
  const path = lab.path(name);
  writeFileSync(path, `#!/bin/sh\n{ ${words}; } > ${path}.new; mv ${path}.new ${path}.out\n`);
  chmodSync(path, 0o755);
  return path;
}

const written = (path: string) =>
  until(
    () => Promise.resolve(existsSync(`${path}.out`) ? readFileSync(`${path}.out`, "utf8").trim() : null),
    () => `${path} never wrote`,
  );

async function namespaceOf(node: Node): Promise<string> {
  return (await node.exec("readlink", "/proc/self/ns/net")).trim();
}

// shows: root net_namespace, instance
// shows: global_defs data_use_instance
test.concurrent("net_namespace and instance: threads, scripts, pid files and dumps", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const script = writingScript(lab, "where", "readlink /proc/self/ns/net");
  const head = `net_namespace ${node.namespace}\ninstance joe\nuse_pid_dir\n`;
  const text = head + globals("data_use_instance") +
    instance({ ...V3, lines: [`notify_master ${script}`] });
  const daemon = await keepalived(lab, text);
  const inside = await namespaceOf(node);
  const threads = readdirSync(`/proc/${daemon.pid}/task`).map((id) => {
    const task = `/proc/${daemon.pid}/task/${id}`;
    return `${readFileSync(`${task}/comm`, "utf8").trim()} ${readlinkSync(`${task}/ns/net`)}`;
  });
  // Compiler and allocator open nothing and start nobody; they are there before the first line runs.
  const busy = threads.filter((each) => !/^(?:JIT|JSC|Heap|GC|mi-)/.test(each));
  expect(busy.length).toBeGreaterThan(1);
  expect(busy.filter((each) => !each.endsWith(inside))).toEqual([]);
  expect(await written(script)).toBe(inside);
  const directory = `/run/keepalived/${node.namespace}`;
  expect(readdirSync(directory).toSorted()).toEqual(["keepalived_joe.pid", "vrrp_joe.pid"]);
  expect(readFileSync(`${directory}/vrrp_joe.pid`, "utf8").trim()).toBe(String(daemon.pid));
  await node.gains(VIP);
  process.kill(daemon.pid, "SIGUSR1");
  const dumps = ["keepalived", "keepalived_parent"].map((name) =>
    lab.path(`${name}.${node.namespace}_joe.data`)
  );
  await until(() => Promise.resolve(dumps.every((path) => existsSync(path)) || null), () => daemon.log);
  // The names do not change at a reload.
  writeFileSync(lab.path("keepalived.conf"), text.replace("instance joe", "instance jim"));
  process.kill(daemon.pid, "SIGHUP");
  await daemon.waitFor(/instance cannot change at a reload: joe stays until a restart/);
  await daemon.waitFor(/ reload: /);
  expect(await daemon.end("SIGTERM")).toBe(0);
  expect(existsSync(directory)).toBe(false);
  expect(await node.has(VIP)).toBe(false);
});

// shows: root use_pid_dir
test.concurrent("use_pid_dir alone; two daemons with names share a namespace", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const link = lab.path("keepalived");
  symlinkSync(BATON, link);
  const start = (name: string, head: string, vrid: number) => {
    const file = lab.path(`${name}.conf`);
    const address = `10.0.0.${vrid}/24`;
    writeFileSync(file, head + globals() + instance({ ...V3, vrid, addresses: [address] }));
    // A /run of its own: the names of use_pid_dir are the same for everybody.
    const words = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh"];
    return node.spawn(name, [...(name === "dir" ? words : []), link, "-nlG", "-f", file]);
  };
  const dir = start("dir", "use_pid_dir\n", 101);
  const daemons = [
    start("one", `instance a${process.pid}\n`, 102),
    start("two", `instance b${process.pid}\n`, 103),
  ];
  for (const each of [dir, ...daemons]) await each.waitFor(/Entering MASTER STATE/);
  const run = `/proc/${dir.pid}/root/run`;
  expect(readFileSync(`${run}/keepalived/keepalived.pid`, "utf8")).toBe(
    readFileSync(`${run}/keepalived/vrrp.pid`, "utf8"),
  );
  expect(existsSync(`${run}/keepalived.pid`)).toBe(false);
  for (const letter of ["a", "b"]) {
    expect(existsSync(`/run/keepalived/keepalived_${letter}${process.pid}.pid`)).toBe(true);
  }
  for (const each of [dir, ...daemons]) expect(await each.end("SIGTERM")).toBe(0);
});

// shows: global_defs umask, config_save_dir, reload_file, reload_check_config, use_symlink_paths
test.concurrent("the files around a reload, under the mask that is asked for", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  mkdirSync(lab.path("real"));
  symlinkSync(lab.path("real"), lab.path("link"));
  const zero = writingScript(lab, "real/zero", 'echo "$0 $(umask)"');
  const [saved, marker, findings] = ["saved", "reloading", "findings"].map((name) => lab.path(name)) as [
    string,
    string,
    string,
  ];
  // The configuration itself tells whether the marker is there while it is being read.
  const include = lab.path("part.conf");
  writeFileSync(include, "# nothing\n");
  const text = (symlinks: string) =>
    globals(
      "umask IRWXG|IRWXO",
      `config_save_dir ${saved}`,
      `reload_file ${marker}`,
      `reload_check_config ${findings}`,
      `use_symlink_paths ${symlinks}`,
    ) + instance({ ...V3, lines: [`notify ${lab.path("link/zero")}`] }) + `include ${include}\n`;
  const baton = new Baton(node, text("off"));
  baton.start();
  await baton.becomes("MASTER");
  expect(await until(async () => /MASTER/.test(baton.log) ? await written(zero) : null, () => baton.log))
    .toBe(`${lab.path("real/zero")} 0077`);
  // A FIFO in the place of the included file would be no file, so the moment is caught by the directory's events.
  const events: string[] = [];
  const { watch } = await import("node:fs");
  const watcher = watch(lab.directory, (_, name) => events.push(String(name)));
  await baton.reload(text("on") + "nonsense 1\n");
  await until(() => Promise.resolve(events.includes("reloading") || null), () => events.join());
  watcher.close();
  expect(existsSync(marker)).toBe(false);
  expect(readFileSync(findings, "utf8")).toMatch(/^warning: .*"nonsense" is not a keyword/m);
  expect(statSync(findings).mode & 0o777).toBe(0o600);
  const pid = readFileSync(baton.pidFile, "utf8").trim();
  const names = await until(
    () => Promise.resolve(existsSync(`${saved}/keepalived_vrrp.${pid}.1.post`) ? readdirSync(saved) : null),
    () => `${readdirSync(saved)}`,
  );
  expect(names.toSorted()).toEqual([
    `keepalived.conf.${pid}.0`,
    `keepalived.conf.${pid}.1`,
    `keepalived_vrrp.${pid}.1.post`,
    `keepalived_vrrp.${pid}.1.pre`,
  ]);
  expect(readFileSync(`${saved}/keepalived.conf.${pid}.1`, "utf8")).toContain("use_symlink_paths on");
  expect(readFileSync(`${saved}/keepalived_vrrp.${pid}.1.pre`, "utf8")).toContain("VRRP Instance = VI_1");
  expect(statSync(`${saved}/keepalived.conf.${pid}.1`).mode & 0o777).toBe(0o600);
  unlinkSync(`${zero}.out`);
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(await written(zero)).toBe(`${lab.path("link/zero")} 0077`);
});

// shows: global_defs reload_time_file, reload_repeat
test.concurrent("a reload at the time that a file names, once or each day", async () => {
  await using lab = await Lab.create({ a: {} });
  const file = lab.path("when");
  const text = globals(`reload_time_file ${file}`);
  const baton = new Baton(lab.node("a"), text + instance(V3)).start() as Baton;
  await baton.becomes("MASTER");
  const soon = () => new Date(Date.now() + 1500).toISOString();
  const reloaded = async (line: string, next: string) => {
    const from = baton.mark();
    baton.write(next);
    writeFileSync(file, `${line}\n`);
    await baton.waitFor(/a reload is due at /, from);
    await baton.waitFor(/ reload: /, from);
  };
  await reloaded(
    soon().replace("T", " ").replace(/\.\d+/, ""),
    globals(`reload_time_file ${file}`, "reload_repeat") + instance(V3),
  );
  expect(existsSync(file)).toBe(false);
  await reloaded(/T(.*)\./.exec(soon())![1]! + "Z", text + instance(V3));
  // It is due again tomorrow until that reload has taken reload_repeat away; the file stays.
  expect(existsSync(file)).toBe(true);
  await until(
    () => Promise.resolve(baton.log.match(/a reload is due at/g)!.length > 2 || null),
    () => baton.log,
  );
  writeFileSync(file, "yesterday\n");
  await baton.waitFor(/"yesterday" is no time to come/);
  expect(await baton.end("SIGTERM")).toBe(0);
});

// shows: root child_wait_time
test.concurrent("child_wait_time: what a stop waits for", async () => {
  await using lab = await Lab.create({ a: {} });
  const text = "child_wait_time 1\n" + globals() +
    instance({ ...V3, lines: ['notify_stop "/bin/sleep 600"'] });
  const baton = new Baton(lab.node("a"), text).start();
  await baton.becomes("MASTER");
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(baton.log).toMatch(
    /notify_stop script \/bin\/sleep for STOP was killed .*the time for the stop \(1 s\) is over/,
  );
});

// shows: global_defs iproute_etc_dir, iproute_usr_dir
test.concurrent("names of tables and protocols come from the directories that are named", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  for (const name of ["etc", "usr"]) mkdirSync(lab.path(name));
  writeFileSync(lab.path("etc/rt_tables"), "1234 mine\n");
  writeFileSync(lab.path("usr/rt_tables"), "4321 mine\n4322 theirs\n");
  const text = globals(`iproute_etc_dir ${lab.path("etc")}`, `iproute_usr_dir ${lab.path("usr")}`) +
    instance({
      ...V3,
      lines: [
        "virtual_routes {",
        "192.0.2.0/24 dev eth0 table mine",
        "198.51.100.0/24 dev eth0 table theirs",
        "}",
      ],
    });
  const baton = new Baton(node, text).start();
  await baton.becomes("MASTER");
  const has = (table: number, route: string) =>
    until(
      async () =>
        (await node.ip("route", "show", "table", String(table)).catch(() => "")).includes(route) || null,
      () => baton.log,
    );
  await has(1234, "192.0.2.0/24");
  await has(4322, "198.51.100.0/24");
  expect(await baton.end("SIGTERM")).toBe(0);
});

test.concurrent("-V leaves everything behind and says nothing; the next start finds it", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = `net_namespace ${node.namespace}\n` + globals() +
    instance({ ...V3, lines: ["no_accept", "virtual_routes {", "192.0.2.0/24 dev eth0", "}"] });
  const dropped = () => node.exec("nft", "list", "ruleset");
  const daemon = await keepalived(lab, text, ["-V"]);
  await node.gains(VIP);
  expect(await daemon.end("SIGTERM")).toBe(0);
  expect(await dropped()).toContain(`elements = { ${VIP} }`);
  const left = JSON.parse(await node.ip("-json", "address", "show", "dev", "eth0")) as {
    addr_info: { local: string; valid_life_time: number }[];
  }[];
  const kept = left[0]!.addr_info.find(({ local }) => local === VIP);
  // For ever, as ip(8) has it: nobody renews it any more.
  expect(kept?.valid_life_time).toBe(4_294_967_295);
  expect(await node.ip("route", "show", "192.0.2.0/24")).toContain("192.0.2.0/24");
  const next = await keepalived(lab, text);
  expect(next.log).toContain("removed the nftables table inet baton: left behind by an earlier run");
  expect(await next.end("SIGTERM")).toBe(0);
  expect(await node.has(VIP)).toBe(false);
  expect(await node.ip("route", "show", "192.0.2.0/24")).toBe("");
  expect(await dropped()).toBe("");
});

test.concurrent("-V: what is dropped is dropped after a crash, too, and cleanup takes all of it away", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = `net_namespace ${node.namespace}\n` + globals() + instance({ ...V3, lines: ["no_accept"] });
  const daemon = await keepalived(lab, text, ["-V"]);
  await node.gains(VIP);
  await daemon.end("SIGKILL");
  expect(await node.has(VIP)).toBe(true);
  expect(await node.exec("nft", "list", "ruleset")).toContain(`elements = { ${VIP} }`);
  expect(await node.exec(BATON, "cleanup")).toBe(
    `removed ${VIP}/24 on eth0\nremoved the nftables table inet baton\n`,
  );
  expect(await node.has(VIP)).toBe(false);
  expect(await node.exec("nft", "list", "ruleset")).toBe("");
});

test.concurrent("cleanup leaves a daemon alone that has other pid files and hangs; a killed one is found by no name", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = `net_namespace ${node.namespace}\ninstance joe\n` + globals() +
    instance({ ...V3, lines: ["vip_lease off"] });
  const daemon = await keepalived(lab, text);
  await node.gains(VIP);
  daemon.signal("SIGSTOP");
  // A killed daemon of an earlier namespace with this number: nothing of it is here.
  const gone = `${node.runtimeDirectory}-gone`;
  mkdirSync(gone);
  writeFileSync(
    `${gone}/state.json`,
    '{"addresses":[{"interface":"eth0","address":"10.0.0.77","prefixLength":24}]}',
  );
  const refused = await node.exec(BATON, "cleanup").then(() => "", String);
  expect(refused).toMatch(/baton: a daemon runs \(behind \S*-joe\/baton\.sock\): stop it first/);
  expect(await node.has(VIP)).toBe(true);
  expect(existsSync(gone)).toBe(false);
  await daemon.end("SIGKILL");
  expect(await node.exec(BATON, "cleanup")).toBe(`removed ${VIP}/24 on eth0\n`);
  expect(await node.has(VIP)).toBe(false);
  expect(await node.exec(BATON, "cleanup")).toBe("");
});

test.concurrent("-X takes an address away that was there before, -a tells of every address", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = `net_namespace ${node.namespace}\n` + globals() + instance(V3);
  await node.ip("address", "add", `${VIP}/24`, "dev", "eth0");
  const without = await keepalived(lab, text);
  await node.ip("address", "add", "10.9.9.9/32", "dev", "lo");
  expect(await without.end("SIGTERM")).toBe(0);
  expect(await node.has(VIP)).toBe(true);
  expect(without.log).not.toContain("Netlink reflector reports IP 10.9.9.9");
  const daemon = await keepalived(lab, text, ["-X", "-a"]);
  await node.ip("address", "delete", "10.9.9.9/32", "dev", "lo");
  await daemon.waitFor(/Netlink reflector reports IP 10\.9\.9\.9 removed from lo/);
  expect(await daemon.end("SIGTERM")).toBe(0);
  expect(await node.has(VIP)).toBe(false);
});

test.concurrent("-m allows core dumps, -R and --all change nothing", async () => {
  await using lab = await Lab.create({ a: {} });
  const text = `net_namespace ${lab.node("a").namespace}\n` + globals() + instance(V3);
  const daemon = await keepalived(lab, text, ["-m", "-R", "--all"]);
  expect(readFileSync(`/proc/${daemon.pid}/limits`, "utf8")).toMatch(
    /^Max core file size +unlimited +unlimited/m,
  );
  expect(daemon.log).not.toContain("has no effect");
  expect(await daemon.end("SIGTERM")).toBe(0);
});

// shows: root net_namespace
test.concurrent("what a reload would do counts what the command line says", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const daemon = await keepalived(lab, globals() + instance(V3), ["-s", node.namespace, "-u", "027"]);
  const [, inode] = /\[(\d+)\]/.exec(await namespaceOf(node))!;
  const socket = `/run/baton/net-${inode}/baton.sock`;
  const words = ["check", "--against-running", "--socket", socket, lab.path("keepalived.conf")];
  const check = Bun.spawn([BATON, ...words], { stdout: "pipe", stderr: "inherit" });
  expect(await new Response(check.stdout).text()).toContain("a reload would do this:\nnothing to change\n");
  expect(await daemon.end("SIGTERM")).toBe(0);
});
