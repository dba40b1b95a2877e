// SIGHUP: what is unchanged goes on undisturbed, what changed changes in place, a broken file is refused whole.
import { expect, test } from "bun:test";
import { GLOBAL, instance, VIP } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { AddressMonitor } from "../support/monitor.ts";
import { adverts, garps, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1 } as const;

interface Pair {
  lab: Lab;
  wire: Wire;
  a: Baton;
  b: Baton;
}

async function pair(text: string): Promise<Pair> {
  const lab = await Lab.create({ a: {}, b: {} });
  const wire = await Wire.onSwitch(lab);
  const a = new Baton(lab.node("a"), GLOBAL + text).start();
  // The backup comes second: it would be master for a moment if it were much quicker.
  await a.becomes("MASTER");
  const b = new Baton(lab.node("b"), GLOBAL + instance({ ...V3, priority: 100 })).start();
  await lab.node("a").gains(VIP);
  await b.shows((i) => i.state === "BACKUP" && i.master?.priority === 150);
  return { lab, wire, a, b };
}

const HIGH = instance({ ...V3, priority: 150 });

test.concurrent("an unchanged file: no transition, no priority 0, no missed advert", async () => {
  // No second burst, which a slow machine would see among the reloads.
  const quiet = instance({ ...V3, priority: 150, lines: ["garp_master_delay 0"] });
  const { lab, wire, a, b } = await pair(quiet);
  await using _ = lab;
  const monitor = await AddressMonitor.on(lab.node("a"));
  const from = wire.mark();
  for (let i = 0; i < 3; i++) {
    await a.reload();
    await wire.nth(3, adverts({ priority: 150 }), wire.mark());
  }
  expect(wire.since(adverts({ priority: 0 }), from)).toEqual([]);
  expect(wire.since(adverts(), from).map((f) => f.priority).filter((p) => p !== 150)).toEqual([]);
  expect(wire.since(garps(), from)).toEqual([]);
  expect(a.states()).toEqual(["BACKUP", "MASTER"]);
  expect(b.states()).toEqual(["BACKUP"]);
  expect(monitor.events(VIP).filter((e) => e.gone)).toEqual([]);
});

test.concurrent("a lower priority: advertised in place, the other takes over by preemption", async () => {
  const { lab, wire, a, b } = await pair(HIGH);
  await using _ = lab;
  const from = wire.mark();
  await a.reload(GLOBAL + instance({ ...V3, priority: 50 }));
  await wire.next(adverts({ priority: 50 }), from);
  await b.becomes("MASTER");
  await a.becomes("BACKUP");
  await lab.node("a").loses(VIP);
  expect(wire.since(adverts({ priority: 0 }), from)).toEqual([]);
  expect(b.log).toMatch(/Entering MASTER STATE: our priority 100 is above 50/);
});

// shows: vrrp_instance advert_int
test.concurrent("another advert interval: in place, without a transition", async () => {
  const { lab, wire, a, b } = await pair(HIGH);
  await using _ = lab;
  const from = wire.mark();
  await a.reload(GLOBAL + instance({ ...V3, priority: 150, interval: 0.5 }));
  const told = await wire.next(adverts({ intervalMs: 500 }), from);
  // Said at once: those who wait by the old interval must hear of it in time.
  const before = wire.since(adverts({ intervalMs: 100 })).at(-1)!;
  expect(wire.frames.indexOf(told)).toBeGreaterThan(wire.frames.indexOf(before));
  await wire.nth(2, adverts({ priority: 150, intervalMs: 500 }), from);
  await a.reload(GLOBAL + instance({ ...V3, priority: 150, interval: 0.05 }));
  await wire.nth(10, adverts({ priority: 150, intervalMs: 50 }), from);
  expect(wire.since(adverts({ priority: 0 }), from)).toEqual([]);
  expect(a.states()).toEqual(["BACKUP", "MASTER"]);
  expect(b.states()).toEqual(["BACKUP"]);
});

test.concurrent("addresses come and go in place, the others stay untouched", async () => {
  const { lab, wire, a, b } = await pair(HIGH);
  await using _ = lab;
  const node = lab.node("a");
  const monitor = await AddressMonitor.on(node);
  let from = wire.mark();
  await a.reload(GLOBAL + instance({ ...V3, priority: 150, addresses: [`${VIP}/24`, "10.0.0.101/24"] }));
  await node.gains("10.0.0.101");
  await wire.next(adverts({ addresses: [VIP, "10.0.0.101"] }), from);
  await wire.next(garps({ address: "10.0.0.101" }), from);
  from = wire.mark();
  await a.reload(GLOBAL + instance({ ...V3, priority: 150, addresses: [`${VIP}/24`, "10.0.0.102/24"] }));
  await node.gains("10.0.0.102");
  await node.loses("10.0.0.101");
  await wire.next(adverts({ addresses: [VIP, "10.0.0.102"] }), from);
  expect(monitor.events(VIP).filter((e) => e.gone)).toEqual([]);
  expect(wire.since(adverts({ priority: 0 }))).toEqual([]);
  expect(a.states()).toEqual(["BACKUP", "MASTER"]);
  expect(b.states()).toEqual(["BACKUP"]);
  expect((await a.instance()).addresses.map((e) => [e.address, e.held])).toEqual([[VIP, true], [
    "10.0.0.102",
    true,
  ]]);
});

test.concurrent("a broken file is refused whole, the running one goes on", async () => {
  const { lab, wire, a, b } = await pair(HIGH);
  await using _ = lab;
  const before = await a.instance();
  const from = wire.mark();
  const broken = GLOBAL + instance({ ...V3, priority: 20 }) +
    instance({ ...V3, name: "VI_2", priority: 20, addresses: ["10.0.0.120/24"] });
  const said = await a.reload(broken);
  expect(said).toContain("refused");
  // It says what is wrong: the same VRID twice.
  expect(a.log).toMatch(/VI_2|virtual_router_id 51/);
  await wire.nth(5, adverts({ priority: 150 }), wire.mark());
  expect(wire.since(adverts(), from).filter((f) => f.priority !== 150)).toEqual([]);
  const after = await a.instance();
  expect({ ...after, counters: null }).toEqual({ ...before, counters: null });
  expect(b.states()).toEqual(["BACKUP"]);
  // A file that is gone is refused too; a good one is taken afterwards.
  await Bun.file(a.file).delete();
  expect(await a.reload()).toContain("refused");
  expect(await a.reload(GLOBAL + instance({ ...V3, priority: 160 }))).not.toContain("refused");
  await wire.next(adverts({ priority: 160 }), from);
});

test.concurrent("a removed instance resigns, an added one starts, the third is not disturbed", async () => {
  const { lab, wire, a, b } = await pair(
    HIGH + instance({ ...V3, name: "VI_2", vrid: 52, addresses: ["10.0.0.120/24"] }),
  );
  await using _ = lab;
  const node = lab.node("a");
  await a.becomes("MASTER", "VI_2");
  await node.gains("10.0.0.120");
  const from = wire.mark();
  await a.reload(GLOBAL + HIGH + instance({ ...V3, name: "VI_3", vrid: 53, addresses: ["10.0.0.130/24"] }));
  await wire.next(adverts({ vrid: 52, priority: 0 }), from);
  await node.loses("10.0.0.120");
  await a.becomes("MASTER", "VI_3");
  await node.gains("10.0.0.130");
  expect((await a.status()).instances.map((i) => i.name)).toEqual(["VI_1", "VI_3"]);
  expect(wire.since(adverts({ vrid: 51, priority: 0 }), from)).toEqual([]);
  expect(a.states("VI_1")).toEqual(["BACKUP", "MASTER"]);
  expect(b.states()).toEqual(["BACKUP"]);
  await wire.nth(3, adverts({ vrid: 51, priority: 150 }), wire.mark());
});

test.concurrent("an address moves from one instance to another in one reload", async () => {
  const second = (addresses: string[]) => instance({ ...V3, name: "VI_2", vrid: 52, addresses });
  const { lab, a } = await pair(
    instance({ ...V3, priority: 150, addresses: [`${VIP}/24`, "10.0.0.120/24"] }) + second(["10.0.0.121/24"]),
  );
  await using _ = lab;
  const node = lab.node("a");
  await a.becomes("MASTER", "VI_2");
  await node.gains("10.0.0.121");
  await a.reload(GLOBAL + HIGH + second(["10.0.0.120/24", "10.0.0.121/24"]));
  await a.shows((i) => i.addresses.length === 2 && i.addresses.every((e) => e.held), "VI_2");
  await node.gains("10.0.0.120");
  expect(await node.has("10.0.0.121")).toBe(true);
  expect(await a.end("SIGTERM")).toBe(0);
  expect(await node.addresses()).toEqual([
    "127.0.0.1/8",
    "::1/128",
    "10.0.0.1/24",
    "2001:db8:1::1/64",
    "fe80::1/64",
  ]);
});
