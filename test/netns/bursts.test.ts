// When and how often addresses are announced: each setting, in global_defs and in an instance that says otherwise.
import { expect, test } from "bun:test";
import { instance, VIP, VIP6, VIP6_LINK } from "../support/conf.ts";
import { advert4, Injector } from "../support/craft.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { adverts, garps, nas, Wire } from "../support/wire.ts";

const V3 = { version: 3, interval: 0.1, priority: 150 } as const;
const OTHER = "10.0.0.101";

/** VI_1 (VRID 51, VIP), which says nothing, and VI_2 (VRID 52, OTHER) with lines of its own. */
function two(globals: string[], lines: string[]): string {
  const second = instance({ ...V3, name: "VI_2", vrid: 52, addresses: [`${OTHER}/24`], lines });
  return ["global_defs {", ...globals, "}", instance(V3), second].join("\n");
}

/** Gratuitous ARPs without an advert between them, and how many adverts went before them. */
interface Burst {
  count: number;
  after: number;
}

function bursts(wire: Wire, address: string, vrid: number, from = 0): Burst[] {
  const found: Burst[] = [];
  let after = 0;
  for (const frame of wire.frames.slice(from)) {
    if (frame.kind === "advert" && frame.vrid === vrid && frame.priority === 150) after++;
    if (frame.kind !== "garp" || frame.address !== address) continue;
    if (found.length === 0 || after > 0) found.push({ count: 0, after });
    found.at(-1)!.count++;
    after = 0;
  }
  return found;
}

/** Awaits bursts of these sizes; resolves with the adverts before each but the first. At 100 ms a second has ten. */
async function awaitBursts(wire: Wire, vrid: 51 | 52, sizes: number[], from = 0): Promise<number[]> {
  const address = vrid === 51 ? VIP : OTHER;
  await wire.nth(sizes.reduce((sum, size) => sum + size), garps({ address }), from);
  const found = bursts(wire, address, vrid, from);
  expect(found.map(({ count }) => count), wire.summary(from)).toEqual(sizes);
  return found.slice(1).map(({ after }) => after);
}

/** One second, which is less than any default, and two: adverts that a busy machine delays are late for both. */
function oneAndTwoSeconds(one: number[], two: number[]): void {
  expect(Math.max(...one)).toBeLessThan(30);
  expect(Math.min(...two)).toBeGreaterThan(1.4 * Math.max(...one));
}

// shows: global_defs vrrp_garp_master_delay, vrrp_garp_master_repeat
// shows: vrrp_instance garp_master_delay, garp_master_repeat
test.concurrent("on becoming master, and once more after a delay", async () => {
  await using lab = await Lab.create({ a: {} });
  const wire = await Wire.onSwitch(lab);
  const globals = ["vrrp_garp_master_delay 1", "vrrp_garp_master_repeat 2"];
  new Baton(lab.node("a"), two(globals, ["garp_master_delay 2", "garp_master_repeat 3"])).start();
  oneAndTwoSeconds(
    await awaitBursts(wire, 51, [2, 2]),
    await awaitBursts(wire, 52, [3, 3]),
  );
});

// shows: global_defs vrrp_garp_master_refresh, vrrp_garp_master_refresh_repeat
// shows: vrrp_instance garp_master_refresh, garp_master_refresh_repeat
test.concurrent("while master, again and again", async () => {
  await using lab = await Lab.create({ a: {} });
  const wire = await Wire.onSwitch(lab);
  const globals = [
    "vrrp_garp_master_delay 0",
    "vrrp_garp_master_repeat 1",
    "vrrp_garp_master_refresh 1",
    "vrrp_garp_master_refresh_repeat 2",
  ];
  const lines = ["garp_master_refresh 2", "garp_master_refresh_repeat 3"];
  new Baton(lab.node("a"), two(globals, lines)).start();
  oneAndTwoSeconds(
    await awaitBursts(wire, 51, [1, 2, 2]),
    await awaitBursts(wire, 52, [1, 3, 3]),
  );
});

// shows: global_defs vrrp_garp_lower_prio_delay, vrrp_garp_lower_prio_repeat
// shows: vrrp_instance garp_lower_prio_delay, garp_lower_prio_repeat
test.concurrent("after an advert of lower priority, and once more after a delay", async () => {
  await using lab = await Lab.create({ a: {}, x: {} });
  const wire = await Wire.onSwitch(lab);
  const globals = [
    "vrrp_garp_master_delay 0",
    "vrrp_garp_master_repeat 1",
    "vrrp_garp_lower_prio_delay 1",
    "vrrp_garp_lower_prio_repeat 2",
  ];
  const lines = ["garp_lower_prio_delay 2", "garp_lower_prio_repeat 3"];
  new Baton(lab.node("a"), two(globals, lines)).start();
  for (const address of [VIP, OTHER]) await wire.next(garps({ address }));
  const rival = await Injector.on(lab.node("x"));
  const from = wire.mark();
  rival.send(
    advert4({ version: 3, interval: 10, priority: 99, addresses: [VIP] }),
    advert4({ version: 3, interval: 10, priority: 99, vrid: 52, addresses: [OTHER] }),
  );
  oneAndTwoSeconds(
    await awaitBursts(wire, 51, [2, 2], from),
    await awaitBursts(wire, 52, [3, 3], from),
  );
});

// shows: global_defs vrrp_garp_interval, vrrp_gna_interval
test.concurrent("with a gap between any two on one interface", async () => {
  await using lab = await Lab.create({ a: {} });
  const wire = await Wire.onSwitch(lab);
  const globals = ["vrrp_garp_master_delay 0", "vrrp_garp_interval 0.25", "vrrp_gna_interval 0.25"];
  const ipv6 = instance({ ...V3, name: "VI_6", vrid: 56, addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`] });
  new Baton(lab.node("a"), two(globals, []) + ipv6).start();
  for (const filter of [garps({ address: OTHER }), nas({ address: VIP6 })]) {
    await wire.nth(3, filter as ReturnType<typeof garps>);
  }
  // Two adverts in each gap, though the addresses of two instances take turns.
  for (const [kind, vrid] of [["garp", 51], ["na", 56]] as const) {
    const kinds = wire.frames.filter((f) => f.kind === kind || f.kind === "advert" && f.vrid === vrid)
      .map((f) => f.kind);
    const neighbours = kinds.filter((each, index) => each === kind && kinds[index - 1] === kind);
    expect(neighbours, wire.summary()).toEqual([]);
  }
  expect(wire.since(adverts({ vrid: 52 })).length).toBeGreaterThan(5);
});
