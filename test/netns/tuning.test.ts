// How the daemon runs: when it starts, on which processor and how urgently, with which buffers, and what it logs.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { instance } from "../support/conf.ts";
import { advert4, Injector } from "../support/craft.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { run } from "../support/program.ts";
import { until } from "../support/until.ts";

function conf(globals: string[], text: Parameters<typeof instance>[0] = {}): string {
  const quick = instance({ version: 3, interval: 0.1, ...text });
  return ["global_defs {", ...globals.map((line) => `  ${line}`), "}", quick].join("\n");
}

interface Thread {
  nice: number;
  /** SCHED_FIFO priority, 0 = none (field 40 of proc_pid_stat(5)). */
  realtime: number;
  processors: string;
}

/** The threads of a daemon. */
function threads(baton: Baton): Thread[] {
  const tasks = `/proc/${pidOf(baton)}/task`;
  return readdirSync(tasks).map((task) => {
    const fields = readFileSync(`${tasks}/${task}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
    const processors = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync(`${tasks}/${task}/status`, "utf8"))!;
    return { nice: Number(fields[16]), realtime: Number(fields[37]), processors: processors[1]! };
  });
}

function pidOf(baton: Baton): string {
  return readFileSync(baton.pidFile, "utf8").trim();
}

/** Soft limit of the time that a real-time thread may run, as the kernel shows it. */
function realtimeLimit(baton: Baton): string {
  const limits = readFileSync(`/proc/${pidOf(baton)}/limits`, "utf8");
  return /Max realtime timeout\s+(\S+)/.exec(limits)![1]!;
}

/** Receive buffers of the netlink sockets of a namespace, as the kernel counts them: twice what was asked for. */
async function buffers(namespace: string): Promise<number[]> {
  const text = await run(["ip", "netns", "exec", namespace, "ss", "-f", "netlink", "-m", "-n"]);
  return [...text.matchAll(/,rb(\d+),/g)].map((found) => Number(found[1]) / 2);
}

// shows: global_defs vrrp_priority, vrrp_cpu_affinity, vrrp_rlimit_rttime, vrrp_rlimit_rtime
// shows: global_defs vrrp_netlink_cmd_rcv_bufs, vrrp_netlink_cmd_rcv_bufs_force
// shows: global_defs vrrp_netlink_monitor_rcv_bufs, vrrp_netlink_monitor_rcv_bufs_force
test.concurrent("nice value, processors, limits and buffers, also after a reload", async () => {
  await using lab = await Lab.create({ a: {} });
  const most = Number(readFileSync("/proc/sys/net/core/rmem_max", "utf8"));
  const much = most + 1_000_000;
  const a = new Baton(
    lab.node("a"),
    conf([
      "vrrp_priority -7",
      "vrrp_cpu_affinity 0",
      "vrrp_rlimit_rttime 50000",
      "vrrp_netlink_cmd_rcv_bufs 50000",
      `vrrp_netlink_monitor_rcv_bufs ${much}`,
      "vrrp_netlink_monitor_rcv_bufs_force yes",
    ]),
  ).start();
  await a.becomes("MASTER");
  const engine = () => threads(a).find(({ nice }) => nice === -7);
  expect(engine()?.processors).toBe("0");
  expect(realtimeLimit(a)).toBe("50000");
  expect(await buffers(lab.node("a").namespace)).toEqual(expect.arrayContaining([50_000, much]));
  process.kill(Number(pidOf(a)), "SIGXCPU");
  await a.waitFor(/ran for more than 50000 us/);
  await a.reload(conf([
    "vrrp_rlimit_rtime 70000",
    `vrrp_netlink_cmd_rcv_bufs ${much}`,
    "vrrp_netlink_cmd_rcv_bufs_force yes",
    `vrrp_netlink_monitor_rcv_bufs ${much}`,
  ]));
  await until(() => engine() === undefined, () => "the nice value stays after the reload");
  const free = readFileSync("/proc/self/status", "utf8").match(/Cpus_allowed_list:\s*(\S+)/)![1]!;
  await until(
    () => threads(a).every(({ processors }) => processors === free),
    () => JSON.stringify(threads(a)),
  );
  expect(realtimeLimit(a)).toBe("70000");
  // Without force the system's limit holds.
  expect(await buffers(lab.node("a").namespace)).toEqual(expect.arrayContaining([most, much]));
  expect(a.states()).toEqual(["BACKUP", "MASTER"]);
});

// shows: global_defs min_auto_priority_delay
test.concurrent("real time only once a deadline was missed", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const late = ["max_auto_priority 3", "min_auto_priority_delay 100000"];
  const a = new Baton(lab.node("a"), conf(late, { priority: 150 })).start();
  await a.becomes("MASTER");
  const b = new Baton(lab.node("b"), conf([])).start();
  await b.shows((i) => i.state === "BACKUP" && i.master?.priority === 150);
  const realtime = () => threads(a).filter((thread) => thread.realtime === 3).length;
  expect(realtime()).toBe(0);
  a.signal("SIGSTOP");
  await b.becomes("MASTER");
  a.signal("SIGCONT");
  await a.waitFor(/Set realtime priority 3: the engine woke .* late/);
  expect(realtime()).toBe(1);
});

// shows: global_defs vrrp_startup_delay, vrrp_delay_after_boot
test.concurrent("the start is delayed", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const a = new Baton(lab.node("a"), conf(["vrrp_startup_delay 0.7"], { priority: 255 })).start();
  const up = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  const b = new Baton(
    lab.node("b"),
    conf([`vrrp_delay_after_boot ${(up + 3).toFixed(2)}`], { priority: 255, vrid: 52 }),
  ).start();
  await a.waitFor(/Delaying startup for 0\.7 seconds/);
  await b.waitFor(/Delaying startup for [0-3]\.\d+ seconds/);
  for (const each of [a, b]) {
    await each.waitFor(/still INIT: the start is delayed by/);
    await each.becomes("MASTER");
    // An owner that is not held back is master at once.
    const at = (text: string) => each.program.lines.findIndex((line) => line.includes(text));
    expect(at("INIT: the start is delayed")).toBeLessThan(at("Entering MASTER"));
  }
});

// shows: global_defs log_unknown_vrids
test.concurrent("adverts of unknown virtual routers are counted, and logged if asked", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const a = new Baton(lab.node("a"), conf([])).start();
  await a.becomes("MASTER");
  const injector = await Injector.on(lab.node("x"));
  const heard = async () => (await a.status()).daemon.refusals.vrid;
  injector.send(advert4({ version: 3, vrid: 98 }));
  await until(async () => await heard() === 1, () => "the advert is not counted");
  // What the engine tells comes in order: with this the log has had the chance to speak of the first one.
  injector.send(advert4({ version: 3, vrid: 51, hopLimit: 64 }));
  await a.waitFor(/ignored an advert from 10\.0\.0\.77 on eth0: .*TTL/);
  await a.reload(conf(["log_unknown_vrids"]));
  expect(a.log).not.toContain("Unknown VRID");
  injector.send(advert4({ version: 3, vrid: 99 }));
  await a.waitFor(/ignored an advert from 10\.0\.0\.77 on eth0: Unknown VRID 99/);
});

// shows: global_defs process_monitor_rcv_bufs, process_monitor_rcv_bufs_force
test.concurrent("the buffer of the kernel's news of processes", async () => {
  await using lab = await Lab.create({ a: {} });
  const most = Number(readFileSync("/proc/sys/net/core/rmem_max", "utf8"));
  // The process connector is in the first network namespace only; there is no such interface there.
  const text = (globals: string[]) =>
    [
      "vrrp_track_process P {\n  process baton-test-none\n}",
      conf(globals, { interface: "batonnone0", lines: ["track_process {", "  P", "}"] }),
    ].join("\n");
  const paths = ["--socket", lab.path("first.sock"), "--pid", lab.path("first.pid")];
  const file = lab.path("first.conf");
  writeFileSync(file, text(["process_monitor_rcv_bufs 30000"]));
  const daemon = lab.spawn("baton", [BATON, "run", "-f", file, ...paths]);
  await daemon.waitFor(/Entering FAULT STATE/);
  const pid = readFileSync(lab.path("first.pid"), "utf8").trim();
  // NETLINK_CONNECTOR is protocol 11 (linux/netlink.h).
  const size = async () => {
    const lines = (await run(["ss", "-f", "netlink", "-m", "-n"])).split("\n");
    const own = lines.find((line) => new RegExp(`\\s11:${pid}\\s`).test(line)) ?? "";
    return Number(/,rb(\d+),/.exec(own)?.[1]) / 2;
  };
  expect(await size()).toBe(30_000);
  writeFileSync(
    file,
    text([`process_monitor_rcv_bufs ${most + 4096}`, "process_monitor_rcv_bufs_force yes"]),
  );
  const from = daemon.mark();
  daemon.signal("SIGHUP");
  await daemon.waitFor(/reload: /, from);
  expect(await size()).toBe(most + 4096);
});
