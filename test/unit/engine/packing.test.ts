// A plan reaches the engine as it was made, whatever its instances have alike.
import { expect, test } from "bun:test";
import { plainAddress, plainInstance } from "../../../src/config/plain.ts";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { Plan, ToEngine } from "../../../src/messages.ts";
import { pack, unpack } from "../../../src/engine/packing.ts";

function planOf(configs: readonly InstanceConfig[]): Plan {
  const add = configs.map((config, i) => ({
    id: i + 1,
    config,
    counters: new Float64Array(new SharedArrayBuffer(8)),
    scripts: i === 1 ? { probe: true } : {},
    tracked: {},
  }));
  return { add, change: [], remove: [7], interfaceDelays: [], pacing: [] };
}

/** Through the clone that a message is. */
function carried(plan: Plan): ToEngine {
  return unpack(structuredClone(pack({ type: "apply", plan })));
}

const addresses = [plainAddress("192.0.2.1", 24, "eth0")];
const alike = plainInstance({ name: "a", vrid: 1, addresses });
const CONFIGS = [
  alike,
  { ...alike, name: "b", vrid: 2, addresses: [plainAddress("192.0.2.2", 24, "eth0")] },
  // Values that one before it had, or that say nothing.
  { ...alike, name: "c", preempt: false, vmac: "vrrp.1", sourceAddress: "192.0.2.9" },
  { ...alike, name: "d" },
  plainInstance({ name: "e", family: "ipv6", priority: 7 }),
  alike,
];

test("each instance is what it was", () => {
  const plan = planOf(CONFIGS);
  expect(carried(plan)).toEqual({ type: "apply", plan });
});

test("what neighbours share they share there, too, and an equal part is not sent again", () => {
  const packed = pack({ type: "apply", plan: planOf(CONFIGS) });
  if (packed.type !== "apply") throw new Error("no plan");
  expect(Object.keys(packed.plan.add[1]!.own)).toEqual(["name", "vrid", "addresses"]);
  const { plan } = carried(planOf(CONFIGS)) as { plan: Plan };
  expect(plan.add[0]!.config.notify).toBe(plan.add[1]!.config.notify);
});

test("no instances, and other messages, stay as they are", () => {
  const plan = planOf([]);
  expect(carried(plan)).toEqual({ type: "apply", plan });
  expect(unpack(pack({ type: "stop" }))).toEqual({ type: "stop" });
});
