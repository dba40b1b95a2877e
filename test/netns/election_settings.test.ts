// The finer settings of the election: what a master answers, when it speaks once more, whom an owner hears.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { instance } from "../support/conf.ts";
import { advert4, Injector } from "../support/craft.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { adverts, garps, Wire } from "../support/wire.ts";

const GLOBALS = [
  "global_defs {",
  "  vrrp_lower_prio_no_advert",
  "  vrrp_higher_prio_send_advert",
  "  vrrp_owner_ignore_adverts",
  "}",
  "",
].join("\n");

/** One of several virtual routers on eth0, each with an address of its own. */
function router(vrid: number, text: Parameters<typeof instance>[0]): string {
  return instance({ name: `VI_${vrid}`, vrid, version: 3, addresses: [`10.0.0.${vrid}/24`], ...text });
}

/** An advert to VRID `vrid` that means the same interval as ours. */
function heard(vrid: number, priority: number, seconds: number): Uint8Array {
  const addresses = [`10.0.0.${vrid}`];
  return advert4({ version: 3, vrid, priority, addresses, interval: seconds * 100 });
}

// shows: global_defs vrrp_lower_prio_no_advert, vrrp_higher_prio_send_advert, vrrp_owner_ignore_adverts
// shows: vrrp_instance lower_prio_no_advert, higher_prio_send_advert, owner_ignore_adverts
test.concurrent("what a master answers, and whom an owner hears", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const wire = await Wire.onSwitch(lab);
  // Owners are masters at once. What comes between their adverts, 30 s apart, is an answer.
  const silent = { priority: 255, interval: 30 };
  const a = new Baton(
    lab.node("a"),
    [
      GLOBALS,
      router(51, { ...silent, lines: ["owner_ignore_adverts no"] }),
      router(52, { ...silent, lines: ["owner_ignore_adverts no", "lower_prio_no_advert no"] }),
      router(53, { priority: 254, state: "MASTER", interval: 2 }),
      router(54, { priority: 254, state: "MASTER", interval: 2, lines: ["higher_prio_send_advert no"] }),
      router(55, silent),
      router(56, { ...silent, lines: ["owner_ignore_adverts no"] }),
    ].join(""),
  ).start();
  for (const vrid of [51, 52, 53, 54, 55, 56]) await a.becomes("MASTER", `VI_${vrid}`);
  const injector = await Injector.on(lab.node("x"));
  const from = wire.mark();
  // In this order: when the last is answered, the others have been heard.
  injector.send(heard(54, 255, 2), heard(53, 255, 2));
  const extra = await wire.next(adverts({ vrid: 53, priority: 254 }), from);
  await a.becomes("BACKUP", "VI_53");
  await a.becomes("BACKUP", "VI_54");
  expect(wire.since(adverts({ vrid: 53, priority: 254 }), from)).toEqual([extra]);
  expect(wire.since(adverts({ vrid: 54, priority: 254 }), from)).toEqual([]);
  injector.send(heard(51, 10, 30), heard(52, 10, 30));
  await wire.next(adverts({ vrid: 52, priority: 255 }), from);
  expect(wire.since(adverts({ vrid: 51, priority: 255 }), from)).toEqual([]);
  expect(await a.waitFor(/\(VI_51\) Received advert .* lower/)).not.toContain("asserting ours");
  injector.send(heard(55, 255, 30), heard(56, 255, 30));
  await a.becomes("BACKUP", "VI_56");
  expect(a.states("VI_55")).toEqual(["MASTER"]);
  expect((await a.instance("VI_55")).refusals.owner).toBe(1);
});

// shows: vrrp_instance timer_expired_backup, thread_timer_expired
test.concurrent("a master that stood still yields to whoever has taken over", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const text = (priority: number, own: string[][]) =>
    own.map((lines, i) => router(51 + i, { priority, interval: 0.1, lines: ["nopreempt", ...lines] })).join(
      "",
    );
  const a = new Baton(
    lab.node("a"),
    text(150, [["timer_expired_backup"], ["thread_timer_expired 200"], []]),
  ).start();
  const names = ["VI_51", "VI_52", "VI_53"];
  for (const name of names) await a.becomes("MASTER", name);
  const b = new Baton(lab.node("b"), text(100, [[], [], []])).start();
  for (const name of names) await b.shows((i) => i.state === "BACKUP" && i.master?.priority === 150, name);
  a.signal("SIGSTOP");
  for (const name of names) await b.becomes("MASTER", name);
  a.signal("SIGCONT");
  // Without the keyword the higher priority asserts itself.
  await b.becomes("BACKUP", "VI_53");
  for (const name of ["VI_51", "VI_52"]) {
    await a.waitFor(
      new RegExp(`\\(${name}\\) Entering BACKUP STATE: VRRP thread timer expired \\d+\\.\\d{6} seconds ago`),
    );
    await a.shows((i) => i.state === "BACKUP" && i.master?.priority === 100, name);
    expect(b.states(name)).toEqual(["BACKUP", "MASTER"]);
  }
});

// shows: global_defs vrrp_min_garp
test.concurrent("vrrp_min_garp: one announcement, where no keyword says more", async () => {
  await using lab = await Lab.create({ a: {} });
  const dump = lab.path("dump.data");
  const wire = await Wire.onSwitch(lab);
  const a = new Baton(
    lab.node("a"),
    [
      `global_defs {\n  vrrp_min_garp\n  state_dump_file ${dump}\n}\n`,
      router(51, { priority: 255 }),
      router(52, { priority: 255, lines: ["garp_master_repeat 4"] }),
    ].join(""),
  ).start();
  for (const name of ["VI_51", "VI_52"]) await a.becomes("MASTER", name);
  // The bursts go one after the other.
  await wire.nth(4, garps({ address: "10.0.0.52" }));
  expect(wire.since(garps({ address: "10.0.0.51" }))).toHaveLength(1);
  // The dump tells of what comes later: no second burst.
  process.kill(Number(readFileSync(a.pidFile, "utf8")), "SIGUSR1");
  await until(() => existsSync(dump), () => "there is no dump");
  await until(
    () => readFileSync(dump, "utf8").includes("Gratuitous ARP delay = 0\n"),
    () => readFileSync(dump, "utf8"),
  );
});
