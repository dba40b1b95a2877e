// Many seeded runs of sync groups over bad wires. SIM_RUNS sets how many, GROUP_SEED replays one of them.
import { describe, expect, test } from "bun:test";
import { type GroupSabotage, GroupWorld } from "./group_world.ts";

const RUNS = Number(process.env["SIM_RUNS"] ?? 300);
const SEED = process.env["GROUP_SEED"];

if (SEED !== undefined) {
  test(`seed ${SEED}`, () => {
    console.log(new GroupWorld(Number(SEED)).run());
  });
} else {
  test(`${RUNS} seeds: a machine is Master on every wire or on none`, () => {
    const total = { transitions: 0, settled: 0 };
    for (let seed = 1; seed <= RUNS; seed++) {
      const outcome = new GroupWorld(seed).run();
      total.transitions += outcome.transitions;
      total.settled += outcome.settled;
    }
    expect(total.transitions).toBeGreaterThan(10 * RUNS);
    expect(total.settled).toBe(RUNS);
  }, Math.max(60_000, 100 * RUNS));

  describe("a group that is wrong on purpose is found", () => {
    for (const sabotage of ["leads alone", "never yields", "ignores faults"] satisfies GroupSabotage[]) {
      test(sabotage, () => {
        expect(() => {
          for (let seed = 1; seed <= 40; seed++) new GroupWorld(seed, sabotage).run();
        }).toThrow(/replay/);
      });
    }
  });
}
