// auth_hmac between real daemons: who is believed, a takeover, new keys without a transition, no key in sight.
import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { GLOBAL, instance, type InstanceText, VIP6, VIP6_LINK } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Injector } from "../support/craft.ts";
import { Lab } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { adverts, Wire } from "../support/wire.ts";

const KEYS = { 1: "first-key-of-the-laboratory-0123456789", 2: "5a".repeat(32) } as const;

interface Cell {
  title: string;
  text: InstanceText;
}

const CELLS: Cell[] = [
  { title: "version 2", text: { version: 2, interval: 1 } },
  { title: "version 3", text: { version: 3, interval: 0.2 } },
  {
    title: "IPv6",
    text: { version: 3, interval: 0.2, addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`] },
  },
];

function block(active: 1 | 2, mode = "enforce"): string[] {
  return [
    "auth_hmac {",
    `  key 1 ${KEYS[1]}`,
    `  key 2 hex:${KEYS[2]}`,
    `  active_key ${active}`,
    `  mode ${mode}`,
    "}",
  ];
}

// shows: vrrp_instance auth_hmac
// shows: vrrp_instance/auth_hmac key, active_key
test.concurrent.each(CELLS)("$title: signed adverts elect, unsigned ones do not", async ({ text }) => {
  await using lab = await Lab.create({ a: {}, b: {}, c: {} });
  const config = (priority: number, lines: string[]) => GLOBAL + instance({ ...text, priority, lines });
  const high = new Baton(lab.node("a"), config(150, block(1))).start();
  await high.becomes("MASTER");
  const low = new Baton(lab.node("b"), config(100, block(1))).start();
  const { master } = await low.shows((i) => i.state === "BACKUP" && i.master !== null);
  expect(master!.priority).toBe(150);
  // Somebody without the key and with a higher priority.
  const stranger = new Baton(lab.node("c"), config(200, [])).start();
  await stranger.becomes("MASTER");
  for (const daemon of [high, low]) {
    await daemon.waitFor(/ignored an advert from .*: it is not signed, and auth_hmac demands that/);
    const { refusals } = await daemon.shows((i) => i.refusals.hmac_missing > 2);
    expect([refusals.hmac_tag, refusals.hmac_replay, refusals.hmac_stale]).toEqual([0, 0, 0]);
  }
  expect((await low.instance()).master).toEqual(master);
  expect(await stranger.waitFor(/ignored an advert from/)).toContain("no auth_hmac is configured here");
  // The next key signs: the one that verifies it already notices nothing.
  const received = (await low.instance()).counters.advertisement_rcvd;
  expect(await high.reload(config(150, block(2)))).toContain("changed in place: VI_1");
  await low.shows((i) => i.counters.advertisement_rcvd > received + 3);
  expect(low.states()).toEqual(["BACKUP"]);
  expect(high.states()).toEqual(["BACKUP", "MASTER"]);
  // Priority 0 is believed too.
  expect(await high.end("SIGTERM")).toBe(0);
  expect(await low.waitFor(/Entering MASTER STATE/)).toContain("resigned");
  const said = high.log + low.log + JSON.stringify(await low.status());
  for (const key of [KEYS[1], KEYS[2], Buffer.from(KEYS[1]).toString("hex")]) expect(said).not.toContain(key);
});

// shows: vrrp_instance/auth_hmac mode
test.concurrent("from none to enforce without a second master: receive-only, permissive, enforce", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const text = { version: 3, interval: 0.2 } as const;
  const config = (priority: number, lines: string[]) => GLOBAL + instance({ ...text, priority, lines });
  const high = new Baton(lab.node("a"), config(150, [])).start();
  await high.becomes("MASTER");
  const low = new Baton(lab.node("b"), config(100, [])).start();
  await low.shows((i) => i.state === "BACKUP" && i.master !== null);
  for (const mode of ["receive-only", "permissive", "enforce"]) {
    for (const [daemon, priority] of [[low, 100], [high, 150]] as const) {
      await daemon.reload(config(priority, block(1, mode)));
      const { counters } = await low.instance();
      await low.shows((i) => i.counters.advertisement_rcvd > counters.advertisement_rcvd + 2);
    }
  }
  expect([high.states(), low.states()]).toEqual([["BACKUP", "MASTER"], ["BACKUP"]]);
  const { refusals } = await low.instance();
  expect(Object.values(refusals).reduce((a, b) => a + b)).toBe(0);
});

/** The trailer of an IPv4 advert in an Ethernet frame made anew for another time, by the description alone. */
function restamped(frame: Uint8Array, seconds: number): Buffer {
  const bytes = Buffer.from(frame);
  const end = 14 + bytes.readUInt16BE(16), trailer = end - 28;
  bytes.writeUInt32BE(seconds, trailer + 4);
  const covered = Buffer.from(bytes.subarray(34, end));
  covered.writeUInt16BE(0, 6);
  covered.fill(0, covered.length - 16);
  const pseudo = Buffer.alloc(20);
  pseudo.set([4, 3, 51, 0]);
  pseudo.set(bytes.subarray(26, 30), 4);
  createHmac("sha256", KEYS[1]).update(pseudo).update(covered).digest().copy(bytes, end - 16, 0, 16);
  return bytes;
}

test.concurrent("the stamp is the time of day; old packets are refused, sent again or signed late", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, x: {} });
  const wire = await Wire.onSwitch(lab);
  const config = (priority: number) =>
    GLOBAL + instance({ version: 3, interval: 0.2, priority, lines: block(1) });
  const high = new Baton(lab.node("a"), config(150)).start();
  const earliest = Math.floor(Date.now() / 1000);
  // Together, the lower one could be master for a moment.
  await high.becomes("MASTER");
  const low = new Baton(lab.node("b"), config(100)).start();
  const { bytes } = await wire.nth(3, adverts({ from: lab.node("a").address }));
  const latest = Math.floor(Date.now() / 1000);
  const seconds = Buffer.from(bytes).readUInt32BE(14 + Buffer.from(bytes).readUInt16BE(16) - 24);
  expect(seconds).toBeGreaterThanOrEqual(earliest);
  expect(seconds).toBeLessThanOrEqual(latest);
  // Made anew for its own time it is the same: tag and layout are as described.
  const end = 14 + Buffer.from(bytes).readUInt16BE(16);
  expect(restamped(bytes, seconds).subarray(0, end)).toEqual(Buffer.from(bytes.subarray(0, end)));
  await low.shows((i) => i.counters.advertisement_rcvd > 3);
  const injector = await Injector.on(lab.node("x"));
  injector.send(bytes);
  await low.shows((i) => i.refusals.hmac_replay === 1);
  injector.send(restamped(bytes, seconds - 3600), restamped(bytes, seconds + 3600));
  await low.shows((i) => i.refusals.hmac_stale === 2);
  expect([high.states().at(-1), low.states()]).toEqual(["MASTER", ["BACKUP"]]);
});

// shows: vrrp_instance/auth_hmac time_window, anti_replay
test.concurrent("how old a stamp may be, and whether that is asked at all", async () => {
  await using lab = await Lab.create({ a: {}, b: {}, c: {}, x: {} });
  const wire = await Wire.onSwitch(lab);
  const config = (lines: string[], priority = 100, interval = 40) =>
    GLOBAL + instance({ version: 3, interval, priority, lines: [...block(1).slice(0, -1), ...lines, "}"] });
  const high = new Baton(lab.node("a"), config([], 150, 0.2)).start();
  const { bytes } = await wire.next(adverts({ from: lab.node("a").address }));
  await high.program.kill();
  const wide = new Baton(lab.node("b"), config(["time_window 300"])).start();
  const any = new Baton(lab.node("c"), config(["anti_replay monotonic"])).start();
  for (const daemon of [wide, any]) await daemon.becomes("BACKUP");
  const injector = await Injector.on(lab.node("x"));
  const now = Math.floor(Date.now() / 1000);
  // An hour is too much for every window; 200 s are too much for the usual one, of three intervals.
  injector.send(restamped(bytes, now + 3600));
  await any.shows((i) => i.master?.address === lab.node("a").address);
  await wide.shows((i) => i.refusals.hmac_stale === 1);
  injector.send(restamped(bytes, now + 200));
  await wide.shows((i) => i.master?.address === lab.node("a").address);
  await any.shows((i) => i.refusals.hmac_replay === 1);
});

// shows: global_defs stats_dump_file
test.concurrent("the dumps count what auth_hmac refused, and hold no key", async () => {
  await using lab = await Lab.create({ a: {}, b: {} });
  const folder = lab.path("dumps");
  mkdirSync(folder);
  const paths = ["state", "stats", "json"].map((name) => `  ${name}_dump_file ${folder}/\n`).join("");
  const text = { version: 3, interval: 0.2 } as const;
  const one = new Baton(
    lab.node("a"),
    GLOBAL.replace("}", `${paths}}`) + instance({ ...text, lines: block(1) }),
  );
  await one.start().becomes("MASTER");
  new Baton(lab.node("b"), GLOBAL + instance({ ...text, priority: 200 })).start();
  await one.shows((i) => i.refusals.hmac_missing > 0);
  const read = (file: string) =>
    until(() => {
      try {
        return readFileSync(`${folder}/${file}`, "utf8");
      } catch {
        return null;
      }
    }, () => `no ${file}\n${one.log}`);
  for (const signal of [10, 12, 36]) Bun.spawnSync(["/bin/sh", "-c", `kill -${signal} ${one.program.pid}`]);
  const json = await read("keepalived.json");
  expect(JSON.parse(json)[0].stats.auth_ext_missing).toBeGreaterThan(0);
  const statistics = await read("keepalived.stats");
  expect(statistics).toMatch(
    / {2}Authentication Extension Errors:\n {4}Missing: [1-9]\d*\n {4}Malformed: 0\n/,
  );
  const all = json + statistics + await read("keepalived.data");
  for (const key of [KEYS[1], KEYS[2], Buffer.from(KEYS[1]).toString("hex")]) expect(all).not.toContain(key);
});
