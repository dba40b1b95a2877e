// A reload is a plan: asked for, shown without being applied, applied in one step, and felt by nobody else.
import { expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { GLOBAL, instance, VIP } from "../support/conf.ts";
import { BATON, Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { AddressMonitor } from "../support/monitor.ts";
import { run } from "../support/program.ts";
import { SHORTEST_TURN_NS, turnNs, TURNS_SHOW } from "../support/turns.ts";
import { until } from "../support/until.ts";
import { adverts, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1 } as const;

/** A command of baton beside the running daemon. */
async function command(...words: string[]): Promise<{ code: number; out: string; error: string }> {
  const child = Bun.spawn([BATON, ...words], { stdout: "pipe", stderr: "pipe" });
  const [out, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, error };
}

const second = (addresses: string[], priority = 100) =>
  instance({ ...V3, name: "VI_2", vrid: 52, priority, addresses });

test.concurrent("baton reload waits for the verdict and shows the plan", async () => {
  await using lab = await Lab.create({ a: {} });
  const a = new Baton(lab.node("a"), GLOBAL + instance({ ...V3, priority: 150 })).start();
  await a.becomes("MASTER");
  const reload = (...words: string[]) => command("reload", "--socket", a.socket, ...words);

  expect(await reload()).toEqual({ code: 0, out: "applied\nnothing to change\n", error: "" });
  a.write(GLOBAL + instance({ ...V3, priority: 120 }) + second(["10.0.0.120/24"]));
  const applied = await reload();
  expect(applied.code).toBe(0);
  expect(applied.out).toBe(
    "applied\n" +
      "added: VI_2\n    virtual_router_id 52 on eth0, priority 100\n" +
      "changed in place: VI_1\n    priority 150 -> 120\n",
  );
  // It has waited: the status is the new one.
  expect((await a.status()).instances.map((i) => [i.name, i.priority.base])).toEqual([["VI_1", 120], [
    "VI_2",
    100,
  ]]);
  expect(a.log).toContain("reload: added: VI_2");

  a.write(GLOBAL + instance({ ...V3, priority: 10 }) + second([]));
  const refused = await reload();
  expect(refused.code).toBe(2);
  expect(refused.out).toContain("refused: the file has errors");
  expect(refused.out).toContain("error: ");
  expect((await a.status()).instances.map((i) => i.priority.base)).toEqual([120, 100]);
  const json = JSON.parse((await reload("--json")).out) as { verdict: string; findings: unknown[] };
  expect(json.verdict).toBe("refused");
  expect(json.findings.length).toBeGreaterThan(0);

  const nobody = await command("reload", "--socket", `${a.socket}.none`);
  expect(nobody.code).toBe(1);
  expect(nobody.error).toContain("no daemon answers on");
});

test.concurrent("a SIGHUP that comes during the start is not lost", async () => {
  await using lab = await Lab.create({ a: {} });
  const a = new Baton(lab.node("a"), GLOBAL + instance({ ...V3, priority: 150 })).start();
  await a.waitFor(/baton \S+ starts with/);
  await a.reload(GLOBAL + instance({ ...V3, priority: 120 }));
  await a.shows((i) => i.priority.base === 120);
});

test.concurrent("check --against-running shows the plan and changes nothing", async () => {
  await using lab = await Lab.create({ a: {} });
  const auth = (password: string) => ["authentication {", "auth_type PASS", `auth_pass ${password}`, "}"];
  const text = (password: string, interval: number) =>
    GLOBAL + instance({ priority: 150, interval, lines: auth(password) });
  const a = new Baton(lab.node("a"), text("swordfsh", 1)).start();
  await a.becomes("MASTER");
  const file = lab.path("next.conf");
  const check = () => command("check", "--against-running", "--socket", a.socket, file);

  writeFileSync(file, text("swordfsh", 1));
  expect((await check()).out).toContain("a reload would do this:\nnothing to change\n");
  writeFileSync(file, text("hunter22", 2));
  const { code, out } = await check();
  expect(code).toBeLessThan(2);
  expect(out).toContain("changed in place: VI_1\n    advert_int 1 s -> 2 s\n    authentication changed\n");
  expect(out).not.toContain("hunter22");
  expect(out).not.toContain("swordfsh");
  expect((await a.instance()).priority.base).toBe(150);
  expect(await command("reload", "--socket", a.socket)).toMatchObject({
    out: "applied\nnothing to change\n",
  });

  writeFileSync(file, "vrrp_script {\n}\n");
  const wrong = await check();
  expect(wrong.code).toBe(2);
  expect(wrong.out).not.toContain("a reload would");
});

test.concurrent("an address that changes hands never leaves the kernel", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const first = (addresses: string[]) => instance({ ...V3, priority: 150, addresses });
  const a = new Baton(
    node,
    GLOBAL + first([`${VIP}/24`, "10.0.0.120/24"]) + second(["10.0.0.121/24"]),
  ).start();
  await a.becomes("MASTER");
  await a.becomes("MASTER", "VI_2");
  await node.gains("10.0.0.121");
  const monitor = await AddressMonitor.on(node);

  // From the first to the second, back in the other order of the file, then to the one that stays.
  await a.reload(GLOBAL + first([`${VIP}/24`]) + second(["10.0.0.121/24", "10.0.0.120/24"]));
  await a.shows((i) => i.addresses.length === 2 && i.addresses.every((e) => e.held), "VI_2");
  await a.reload(GLOBAL + second(["10.0.0.121/24"]) + first([`${VIP}/24`, "10.0.0.120/24"]));
  await a.shows((i) => i.addresses.length === 2 && i.addresses.every((e) => e.held));
  await a.reload(GLOBAL + second(["10.0.0.121/24", "10.0.0.120/24", `${VIP}/24`]));
  await a.shows((i) => i.addresses.length === 3 && i.addresses.every((e) => e.held), "VI_2");
  // An address that really goes: what the monitor saw so far was everything.
  await a.reload(GLOBAL + second(["10.0.0.120/24", `${VIP}/24`]));
  await monitor.first("10.0.0.121", true);
  expect([...monitor.events(VIP), ...monitor.events("10.0.0.120")].filter((e) => e.gone)).toEqual([]);
  expect(await node.has(VIP)).toBe(true);
  expect(a.log).toContain("moved in one step: 10.0.0.120/24 dev eth0 (from VI_1 to VI_2)");
  expect(a.states("VI_2")).toEqual(["BACKUP", "MASTER"]);
  expect(await a.end("SIGTERM")).toBe(0);
  expect((await node.addresses()).filter((text) => text.startsWith("10.0.0."))).toEqual(["10.0.0.1/24"]);
});

test.concurrent("a new lifetime reaches the addresses that stay before the old one has passed", async () => {
  await using lab = await Lab.create({ a: {} });
  const node = lab.node("a");
  const text = (interval: number) => GLOBAL + instance({ ...V3, priority: 150, interval });
  const a = new Baton(node, text(0.1)).start();
  await a.becomes("MASTER");
  await node.gains(VIP);
  const monitor = await AddressMonitor.on(node);
  // From 2 s to tens of seconds: the next renewal by the new interval would come too late.
  await a.reload(text(10));
  await until(
    async () => / valid_lft \d\dsec/.test(await node.ip("address", "show", "to", VIP)),
    () => `${VIP} never had the new lifetime`,
  );
  expect(monitor.events(VIP).filter((e) => e.gone)).toEqual([]);
  expect(a.states()).toEqual(["BACKUP", "MASTER"]);
});

// shows: global_defs vrrp_rt_priority, max_auto_priority
test.concurrent("the real-time priority of the engine follows the file", async () => {
  await using lab = await Lab.create({ a: {} });
  const text = (line: string) =>
    `global_defs {\nrouter_id lab\n${line}\n}\n` + instance({ ...V3, priority: 150 });
  const a = new Baton(lab.node("a"), text("vrrp_rt_priority 20")).start();
  await a.becomes("MASTER");
  const has = async (priority: number) => {
    const threads = await run(["ps", "-L", "-o", "rtprio=", "-p", String(a.program.pid)]);
    return threads.split("\n").some((line) => line.trim() === String(priority));
  };
  expect(await has(20)).toBe(true);
  await a.reload(text("vrrp_rt_priority 30"));
  await until(() => has(30), () => `no thread has real-time priority 30:\n${a.log}`);
  expect(await has(20)).toBe(false);
  // A ceiling for what it takes by itself.
  await a.reload(text("max_auto_priority 7"));
  await until(() => has(7), () => `no thread has real-time priority 7:\n${a.log}`);
  // Without real time it has short turns.
  await a.reload(text("max_auto_priority 0"));
  await until(async () => !await has(7), () => `a thread still has real-time priority 7:\n${a.log}`);
  const tasks = `/proc/${a.program.pid}/task`;
  const turns = TURNS_SHOW ? readdirSync(tasks).map((tid) => turnNs(`${tasks}/${tid}`)) : [SHORTEST_TURN_NS];
  expect(turns.filter((ns) => ns === SHORTEST_TURN_NS)).toHaveLength(1);
  expect(a.states()).toEqual(["BACKUP", "MASTER"]);
});

test.concurrent("from multicast to unicast and back in place", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const wire = await Wire.onSwitch(lab);
  const text = (lines: string[]) => GLOBAL + instance({ ...V3, priority: 150, lines });
  const a = new Baton(lab.node("a"), text([])).start();
  await a.becomes("MASTER");
  const from = wire.mark();
  await a.reload(text(["unicast_src_ip 10.0.0.1", "unicast_peer {", "10.0.0.2", "}"]));
  await wire.nth(2, adverts({ to: "10.0.0.2" }), from);
  const back = wire.mark();
  await a.reload(text([]));
  await wire.nth(2, adverts({ to: "224.0.0.18" }), back);
  expect(wire.since(adverts({ priority: 0 }), from)).toEqual([]);
  expect(a.states()).toEqual(["BACKUP", "MASTER"]);
});

test("reload under load: 50 instances at 100 ms, 20 reloads, and nobody else misses an advert", async () => {
  const COUNT = 50;
  const INTERVAL_US = 100_000;
  await using lab = await Lab.create({ a: {}, b: {} });
  const wire = await Wire.onSwitch(lab);
  const one = (vrid: number, priority: number) =>
    instance({ ...V3, name: `VI_${vrid}`, vrid, priority, addresses: [`10.0.1.${vrid}/32`] });
  const vrids = Array.from({ length: COUNT }, (_, i) => i + 1);
  const text = (priorities: Map<number, number>, other: number) =>
    GLOBAL + vrids.map((vrid) => one(vrid, priorities.get(vrid) ?? other)).join("");
  const priorities = new Map<number, number>();
  const a = new Baton(lab.node("a"), text(priorities, 150)).start();
  for (const vrid of vrids) await a.becomes("MASTER", `VI_${vrid}`);
  const b = new Baton(lab.node("b"), text(new Map(), 100)).start();
  for (const vrid of vrids) await b.shows((i) => i.state === "BACKUP" && i.master !== null, `VI_${vrid}`);

  const from = wire.mark();
  for (let i = 0; i < 20; i++) {
    // One instance of the first twenty changes; thirty are never touched.
    priorities.set(i + 1, 200);
    a.write(text(priorities, 150));
    const { code, out } = await command("reload", "--socket", a.socket);
    expect({ code, out }).toEqual({
      code: 0,
      out: `applied\nchanged in place: VI_${i + 1}\n    priority 150 -> 200\n`,
    });
    await wire.next(adverts({ vrid: i + 1, priority: 200 }), from);
  }
  // Whole rounds: from an advert of the last instance to another one of it.
  await wire.nth(3, adverts({ vrid: COUNT }), wire.mark());
  const seen = wire.since(adverts(), from);
  expect(seen.filter((f) => f.priority === 0 || f.from !== "10.0.0.1")).toEqual([]);
  // Adverts leave on a schedule that does not drift: between the first and the last one each interval has its own.
  const missed = vrids.map((vrid) => {
    const times = seen.filter((f) => f.vrid === vrid).map((f) => f.timeUs);
    return Math.round((times.at(-1)! - times[0]!) / INTERVAL_US) - (times.length - 1);
  });
  console.log(`figure: ${seen.length} adverts of ${COUNT} instances during 20 reloads`);
  // One that changes may say so at once, outside its schedule.
  expect(missed.map((count, i) => i < 20 ? Math.max(0, count) : count)).toEqual(vrids.map(() => 0));
  for (const vrid of vrids) {
    expect(a.states(`VI_${vrid}`)).toEqual(["BACKUP", "MASTER"]);
    expect(b.states(`VI_${vrid}`)).toEqual(["BACKUP"]);
  }
}, 60_000);
