// The plan of a reload: who is added, changed in place, removed, and who hears nothing.
import { describe, expect, test } from "bun:test";
import { describePlan, identity, plan, type Running } from "../../../src/control/reload.ts";
import type { Config, InstanceConfig } from "../../../src/config/model.ts";
import { plainInstance } from "../../../src/config/plain.ts";

function config(...instances: InstanceConfig[]): Config {
  return {
    file: "test.conf",
    global: {
      routerId: "r",
      enableScriptSecurity: false,
      scriptUser: null,
      realtimePriority: null,
      maxAutoPriority: null,
    },
    instances,
    scripts: [],
  };
}

function planned(running: Running[], wanted: Config, scripts: Record<string, boolean> = {}) {
  let id = 100;
  return plan(running, wanted, scripts, () => id++);
}

describe("plan", () => {
  const first = planned(
    [],
    config(plainInstance({ name: "A", vrid: 1 }), plainInstance({ name: "B", vrid: 2 })),
  );

  test("at the start everything is new", () => {
    expect(first.plan.add.map((e) => e.config.name)).toEqual(["A", "B"]);
    expect(first.plan.change).toEqual([]);
    expect(first.plan.remove).toEqual([]);
  });

  test("the same configuration is no change at all", () => {
    const again = planned(
      first.running,
      config(plainInstance({ name: "A", vrid: 1 }), plainInstance({ name: "B", vrid: 2 })),
    );
    expect(again.plan).toEqual({ add: [], change: [], remove: [] });
    expect(again.running.map((r) => r.id)).toEqual([100, 101]);
    expect(describePlan(again, first.running)).toBe("nothing to change");
  });

  test("a new priority or a new name changes in place, with the same counters", () => {
    const next = planned(
      first.running,
      config(plainInstance({ name: "Z", vrid: 1, priority: 7 }), plainInstance({ name: "B", vrid: 2 })),
    );
    expect(next.plan.change.map((e) => e.id)).toEqual([100]);
    expect(next.plan.change[0]!.counters).toBe(first.running[0]!.counters);
    expect(next.plan.add).toEqual([]);
    expect(describePlan(next, first.running)).toBe("changed in place: Z");
  });

  test("another VRID or interface is another router", () => {
    const next = planned(
      first.running,
      config(
        plainInstance({ name: "A", vrid: 9 }),
        plainInstance({ name: "B", vrid: 2, interface: "eth9" }),
      ),
    );
    expect(next.plan.remove).toEqual([100, 101]);
    expect(next.plan.add.length).toBe(2);
    expect(describePlan(next, first.running)).toBe("added: A, B; removed: A, B");
  });

  test("unicast and multicast are apart", () => {
    expect(identity(plainInstance({ unicastPeers: ["10.0.0.9"] }))).not.toBe(identity(plainInstance({})));
  });

  test("known script results travel with the instance", () => {
    const tracked = plainInstance({
      trackScripts: [{ script: "chk", weight: 0, reverse: false }, {
        script: "new",
        weight: 0,
        reverse: false,
      }],
    });
    expect(planned([], config(tracked), { chk: false, other: true }).plan.add[0]!.scripts).toEqual({
      chk: false,
    });
  });
});
