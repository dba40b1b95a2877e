// Many seeded runs of real routers over a bad wire. SIM_RUNS sets how many, SEED replays one of them in detail.
import { describe, expect, test } from "bun:test";
import type { Sabotage } from "./host.ts";
import { type Outcome, World } from "./world.ts";

const RUNS = Number(process.env["SIM_RUNS"] ?? 300);
const SEED = process.env["SEED"];

if (SEED !== undefined) {
  test(`seed ${SEED}`, () => {
    console.log(new World(Number(SEED), { verbose: true }).run());
  });
} else {
  test(`${RUNS} seeds keep every invariant`, () => {
    const total: Outcome = { transitions: 0, refused: 0, settledChecks: 0 };
    for (let seed = 1; seed <= RUNS; seed++) {
      const outcome = new World(seed).run();
      total.transitions += outcome.transitions;
      total.refused += outcome.refused;
      total.settledChecks += outcome.settledChecks;
    }
    // Runs in which nothing happens would prove nothing.
    expect(total.transitions).toBeGreaterThan(10 * RUNS);
    expect(total.settledChecks).toBeGreaterThan(100 * RUNS);
    expect(total.refused).toBeGreaterThan(RUNS);
  }, Math.max(60_000, 100 * RUNS));

  test("a seed replays exactly", () => {
    for (const seed of [3, 33, 333]) expect(new World(seed).run()).toEqual(new World(seed).run());
  });

  describe("a host that is wrong on purpose is found", () => {
    const sabotages: Sabotage[] = ["deaf", "mute", "keeps addresses", "hasty", "stubborn"];
    for (const sabotage of sabotages) {
      test(sabotage, () => {
        const found: string[] = [];
        for (let seed = 1; seed <= 40; seed++) {
          try {
            new World(seed, { sabotage }).run();
          } catch (error) {
            found.push(String(error).split("\n")[0]!);
          }
        }
        expect(found.length).toBeGreaterThan(0);
      });
    }
  });
}
