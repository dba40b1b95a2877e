// The binary under keepalived's name and options, two daemons, the status over HTTP, and the pid files.
import { expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { GLOBAL, instance, VIP } from "../support/conf.ts";
import { askStatus, BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { run } from "../support/program.ts";
import { until } from "../support/until.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;

const SIGNAL_NAMES = ["STOP", "RELOAD", "DATA", "STATS", "STATS_CLEAR", "JSON", "stop"];

test.concurrent("called as keepalived, with keepalived's options", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const link = lab.path("keepalived");
  symlinkSync(BATON, link);
  const file = lab.path("keepalived.conf");
  writeFileSync(file, GLOBAL + instance(V3));
  const [pid, vrrpPid, bfdPid] = [lab.path("k.pid"), lab.path("v.pid"), lab.path("b.pid")];
  const words = [link, "-nlD", "-f", file, "-p", pid, `--vrrp_pid=${vrrpPid}`, "-b", bfdPid];
  const daemon = node.spawn("keepalived", words);
  await daemon.waitFor(/\(VI_1\) Entering MASTER STATE/);
  await node.gains(VIP);
  expect(readFileSync(pid, "utf8").trim()).toBe(String(daemon.pid));
  expect(readFileSync(vrrpPid, "utf8").trim()).toBe(String(daemon.pid));
  expect(readFileSync(bfdPid, "utf8").trim()).toBe(String(daemon.pid));
  expect(await daemon.end("SIGTERM")).toBe(0);
  expect([pid, vrrpPid, bfdPid].filter((path) => existsSync(path))).toEqual([]);
  expect(await node.has(VIP)).toBe(false);
});

test.concurrent("under its own name with -n -l -D -f -p -r", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const file = lab.path("keepalived.conf");
  writeFileSync(file, GLOBAL + instance(V3));
  const words = [BATON, "-n", "-l", "-D", "-f", file, "-p", lab.path("k.pid"), "-r", lab.path("v.pid")];
  const daemon = node.spawn("baton -n", words);
  await daemon.waitFor(/\(VI_1\) Entering MASTER STATE/);
  expect(readFileSync(lab.path("v.pid"), "utf8").trim()).toBe(String(daemon.pid));
  expect(await daemon.end("SIGINT")).toBe(0);
});

test.concurrent("-M sets the pattern of core dumps as long as it runs, and a restart puts back what a crash left", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const file = lab.path("keepalived.conf");
  writeFileSync(file, GLOBAL + instance(V3));
  // The pattern is the machine's: this daemon sees a file in its place.
  const pattern = lab.path("core_pattern");
  writeFileSync(pattern, "|/usr/bin/theirs %p\n");
  const mount = 'mount --bind "$0" /proc/sys/kernel/core_pattern && exec "$@"';
  const baton = [BATON, "-nlD", "-f", file, "-p", lab.path("k.pid"), "-r", lab.path("v.pid")];
  const start = async (...more: string[]) => {
    const words = ["unshare", "--mount", "sh", "-c", mount, pattern, ...baton, ...more];
    const daemon = node.spawn("baton -M", words);
    await daemon.waitFor(/\(VI_1\) Entering MASTER STATE/);
    return daemon;
  };
  const now = () => readFileSync(pattern, "utf8").trim();
  const first = await start("-M/tmp/core.%p");
  expect(now()).toBe("/tmp/core.%p");
  expect(readFileSync(`/proc/${first.pid}/limits`, "utf8")).toMatch(
    /^Max core file size +unlimited +unlimited/m,
  );
  await first.end("SIGKILL");
  expect(now()).toBe("/tmp/core.%p");
  const second = await start("-M");
  expect(now()).toBe("core");
  await second.end("SIGKILL");
  const third = await start();
  expect(now()).toBe("|/usr/bin/theirs %p");
  expect(await third.end("SIGTERM")).toBe(0);
  expect(now()).toBe("|/usr/bin/theirs %p");
  const fourth = await start("-M");
  expect(now()).toBe("core");
  expect(await fourth.end("SIGTERM")).toBe(0);
  expect(now()).toBe("|/usr/bin/theirs %p");
});

test.concurrent("-C alone starts nothing and says why; with -P it changes nothing", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const file = lab.path("keepalived.conf");
  writeFileSync(file, GLOBAL + instance(V3));
  const words = [BATON, "-nl", "-f", file, "-p", lab.path("k.pid"), "-r", lab.path("v.pid")];
  const alone = node.spawn("baton -C", [...words, "-C"]);
  expect(await alone.exited).toBe(1);
  await alone.waitFor(
    /-C asks for the health checkers alone, which baton does not have: leave -C out to run VRRP/,
  );
  const both = node.spawn("baton -C -P", [...words, "-CP"]);
  await both.waitFor(/\(VI_1\) Entering MASTER STATE/);
  await both.waitFor(/--check has no effect in baton: it has no health checkers/);
  expect(await both.end("SIGTERM")).toBe(0);
});

test.concurrent("-t tests the configuration", async () => {
  await using lab = await Lab.create({});
  const test = async (text: string) => {
    const file = lab.path("test.conf");
    writeFileSync(file, text);
    const child = Bun.spawn([BATON, "-t", "-f", file], { stdout: "pipe", stderr: "pipe" });
    const said = await new Response(child.stderr).text() + await new Response(child.stdout).text();
    return { code: await child.exited, said };
  };
  const good = await test(GLOBAL + instance({ ...V3, interface: "lo" }));
  expect(good.code).toBe(0);
  const loud = await test(GLOBAL + "blah 1\n" + instance({ ...V3, interface: "lo" }));
  expect(loud.code).toBe(5);
  const lines = ["notify /bin/true"];
  const insecure = await test(GLOBAL + "blah 1\n" + instance({ ...V3, interface: "lo", lines }));
  expect(insecure.code).toBe(6);
  expect(insecure.said).toContain("SECURITY VIOLATION - scripts are being executed");
  const quiet = instance({ ...V3, interface: "lo" });
  const fifo = "vrrp_notify_fifo /run/x\nvrrp_notify_fifo_script /bin/true";
  for (const words of ["startup_script /bin/true", "shutdown_script /bin/true", fifo]) {
    const global = await test(GLOBAL.replace("}", `${words}\n}`) + quiet);
    expect([words, global.code]).toEqual([words, 6]);
    const whose = words === fifo ? "" : "start/shutdown ";
    expect(global.said).toContain(`SECURITY VIOLATION - ${whose}scripts are being executed`);
  }
  const group = "vrrp_sync_group G {\n  group {\n VI_1\n }\n  notify_master /bin/true\n}\n";
  expect((await test(GLOBAL + group + quiet)).code).toBe(6);
  const secure = GLOBAL.replace("}", "  enable_script_security\n}") +
    instance({ ...V3, interface: "lo", lines });
  expect((await test(secure)).code).toBe(0);
  const bad = await test("vrrp_instance X {\n  virtual_router_id\n}\n");
  expect(bad.code).not.toBe(0);
  expect(bad.said).toMatch(/test\.conf:2:/);
});

test.concurrent("--signum prints what keepalived prints", async () => {
  const signum = async (command: string, name: string) => {
    const child = Bun.spawn([command, `--signum=${name}`], { stdout: "pipe", stderr: "pipe" });
    const out = (await new Response(child.stdout).text()).trim();
    return { out, code: await child.exited };
  };
  const ours = await Promise.all(SIGNAL_NAMES.map((name) => signum(BATON, name)));
  expect(ours.map(({ out }) => out)).toEqual(["15", "1", "10", "12", "63", "36", ""]);
  expect(ours.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0, 1]);
  if (Bun.which("keepalived") === null) return;
  expect(await Promise.all(SIGNAL_NAMES.map((name) => signum("keepalived", name)))).toEqual(ours);
});

test.concurrent("-s enters a namespace, with keepalived's pid files for it; a second start is no failure", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const file = lab.path("keepalived.conf");
  writeFileSync(file, GLOBAL + instance(V3));
  const words = [BATON, "-n", "-l", "-G", "-u", "077", "-s", node.namespace, "-f", file];
  const daemon = lab.spawn("baton -s", words);
  await daemon.waitFor(/\(VI_1\) Entering MASTER STATE/);
  await node.gains(VIP);
  const files = ["keepalived", "vrrp"].map((name) => `/run/keepalived/${node.namespace}/${name}.pid`);
  for (const path of files) expect(readFileSync(path, "utf8").trim()).toBe(String(daemon.pid));
  expect(statSync(files[0]!).mode & 0o777).toBe(0o600);
  const second = lab.spawn("second", words);
  expect(await second.exited).toBe(0);
  expect(second.log).toContain("daemon is already running");
  expect(await daemon.end("SIGTERM")).toBe(0);
  expect(files.filter((path) => existsSync(path))).toEqual([]);
});

test.concurrent("daemons in two namespaces with the default paths do not meet", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const daemons = [150, 100].map((priority, index) => {
    const node = lab.node(["a", "b"][index]!);
    const file = lab.path(`${node.name}.conf`);
    writeFileSync(file, GLOBAL + instance({ ...V3, priority }));
    return node.spawn(`baton on ${node.name}`, [BATON, "run", "-f", file]);
  });
  const [a, b] = daemons;
  await a!.waitFor(/Entering MASTER STATE/);
  await b!.waitFor(/Entering BACKUP STATE/);
  const directory = lab.node("a").runtimeDirectory;
  expect(readFileSync(`${directory}/baton.pid`, "utf8").trim()).toBe(String(a!.pid));
  expect(lab.node("b").runtimeDirectory).not.toBe(directory);
  // `baton status` inside a namespace finds the daemon of that namespace.
  const status = JSON.parse(await lab.node("b").exec(BATON, "status", "--json")) as {
    daemon: { pid: number };
  };
  expect(status.daemon.pid).toBe(b!.pid);
  // Whoever watches may have seen enough.
  expect(await lab.node("b").exec("sh", "-c", `${BATON} status --watch | head -n 1`)).toStartWith("baton ");
  const table = await lab.node("a").exec(BATON, "status");
  expect(table).toContain("MASTER");
  expect(table).toContain(VIP);
  for (const daemon of daemons) expect(await daemon.end("SIGTERM")).toBe(0);
  expect(existsSync(`${directory}/baton.pid`)).toBe(false);
  expect(existsSync(`${directory}/baton.sock`)).toBe(false);
});

test.concurrent("cleanup spares what a daemon that runs has taken over from one that was killed", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const start = async (name: string, addresses: string[]) => {
    const file = lab.path(`${name}.conf`);
    writeFileSync(
      file,
      `instance ${name}\n${GLOBAL}${instance({ ...V3, addresses, lines: ["vip_lease off"] })}`,
    );
    const daemon = node.spawn(name, [BATON, "run", "-f", file]);
    await daemon.waitFor(/Entering MASTER STATE/);
    return daemon;
  };
  const killed = await start("joe", [`${VIP}/24`, "10.0.0.101/24"]);
  await node.gains("10.0.0.101");
  await killed.end("SIGKILL");
  const successor = await start("jim", [`${VIP}/24`]);
  const directory = node.runtimeDirectory;
  await until(
    async () => (await askStatus(`${directory}-jim/baton.sock`)).instances[0]?.addresses[0]?.held || null,
    () => successor.log,
  );
  expect(await node.exec(BATON, "cleanup")).toBe("removed 10.0.0.101/24 on eth0\n");
  expect(await node.has(VIP)).toBe(true);
  expect(existsSync(`${directory}-joe`)).toBe(false);
  expect(await successor.end("SIGTERM")).toBe(0);
});

test.concurrent("a second daemon in the same namespace is refused in a sentence", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const file = lab.path("a.conf");
  writeFileSync(file, GLOBAL + instance(V3));
  const first = node.spawn("first", [BATON, "run", "-f", file]);
  await first.waitFor(/Entering MASTER STATE/);
  const second = node.spawn("second", [BATON, "run", "-f", file]);
  expect(await second.exited).not.toBe(0);
  expect(second.lines.at(-1)).toMatch(/^baton: another daemon runs: .*; stop it/);
  // The first is not disturbed: its files are still there and answer.
  const directory = node.runtimeDirectory;
  expect((await askStatus(`${directory}/baton.sock`)).daemon.pid).toBe(first.pid);
  expect(await first.end("SIGTERM")).toBe(0);
});

test.concurrent("another speaker of the same virtual router is named at the start", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const first = new Baton(node, GLOBAL + instance({ ...V3, interval: 40 })).start();
  await first.becomes("BACKUP");
  const second = new Baton(node, GLOBAL + instance({ ...V3, interval: 40 })).start();
  const line = await second.waitFor(/VRID 51 on eth0/);
  expect(line).toContain(`pid ${first.program.pid}`);
});

test.concurrent("the status over HTTP, on a UNIX socket and on TCP", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const path = lab.path("http.sock");
  const baton = new Baton(node, GLOBAL + instance(V3), ["--status", `unix:${path}`]).start();
  await baton.becomes("MASTER");
  const get = async (at: string) => await fetch(`http://baton${at}`, { unix: path });
  await until(async () => (await get("/readyz").catch(() => null))?.ok, () => `not ready:\n${baton.log}`);
  const status = await (await get("/status")).json() as { version: number; instances: { state: string }[] };
  expect(status.version).toBe(1);
  expect(status.instances[0]!.state).toBe("MASTER");
  expect(await (await get("/")).text()).toContain("VI_1");
  expect(await (await get("/metrics")).text()).toMatch(/^baton_\w+\{.*instance="VI_1".*\} /m);
  expect((await fetch("http://baton/status", { unix: path, method: "POST" })).status).toBeGreaterThan(400);
  const page = await fetch("http://baton/", { unix: path, headers: { Accept: "text/html" } });
  expect(await page.text()).toContain("<html");
  expect(await baton.end("SIGTERM")).toBe(0);
  expect(existsSync(path)).toBe(false);

  const tcp = new Baton(node, GLOBAL + instance(V3), ["--status", "10.0.0.1:9112"]).start();
  await tcp.becomes("MASTER");
  await tcp.waitFor(/status on http:\/\/10\.0\.0\.1:9112/);
  // From inside: the test itself lives in another namespace.
  const answer = await node.exec("bash", "-c", HTTP_BY_BASH);
  expect(answer).toContain("HTTP/1.1 200");
  expect(answer).toContain('"version":1');
  expect(await tcp.end("SIGTERM")).toBe(0);
});

const HTTP_BY_BASH =
  "exec 3<>/dev/tcp/10.0.0.1/9112; printf 'GET /status HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3";

test.concurrent("a status address that is taken is refused in a sentence", async () => {
  await using lab = await Lab.create({ a: {} });
  const path = lab.path("taken.sock");
  const server = createServer().listen(path);
  // The group is told of a stop, but not of a start that never was.
  const text = GLOBAL + instance(V3) + "vrrp_sync_group G {\n  group {\n    VI_1\n  }\n}\n";
  const baton = new Baton(lab.node("a"), text, ["--status", `unix:${path}`]).start();
  const code = await baton.program.exited;
  server.close();
  expect(code).not.toBe(0);
  expect(baton.program.lines.at(-1)).toContain(path);
  expect(baton.log).not.toContain("    at ");
});

test.concurrent("without root: one sentence, no stack trace", async () => {
  await using lab = await Lab.create({ a: {} });
  const file = lab.path("a.conf");
  writeFileSync(file, GLOBAL + instance(V3));
  await run(["chmod", "-R", "a+rX", lab.directory]);
  const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all"];
  const words = [...nobody, "--bounding-set=-all", BATON, "run", "-f", file];
  const paths = ["--socket", "/tmp/x/none.sock", "--pid", "/proc/none.pid"];
  const daemon = lab.node("a").spawn("as nobody", [...words, ...paths]);
  expect(await daemon.exited).not.toBe(0);
  expect(daemon.log).toMatch(/^baton: .+/m);
  expect(daemon.log).not.toContain("    at ");
});

test.concurrent("a reader that has seen enough is no error, whatever is printed", async () => {
  await using lab = await Lab.create({});
  const file = lab.path("keepalived.conf");
  writeFileSync(file, GLOBAL + instance(V3));
  const commands = [["--help"], ["--version"], ["run", "--help"], ["install", "--help"], ["licenses"], [
    "convert",
    file,
    "--to",
    "yaml",
  ]];
  for (const words of commands) {
    const piped = Bun.spawnSync(["sh", "-c", '{ "$@"; echo "$?" >&2; } | true', "sh", BATON, ...words]);
    expect(piped.stderr.toString(), words.join(" ")).toBe("0\n");
  }
});
