// What a plan waits for before it is carried out.
import { expect, test } from "bun:test";
import type { Parts } from "../../../src/engine/parts.ts";
import { Plans } from "../../../src/engine/plans.ts";
import type { Readiness } from "../../../src/engine/readiness.ts";
import type { Statics } from "../../../src/engine/statics.ts";
import type { EngineInstance, Plan } from "../../../src/messages.ts";

/** Carries out a plan with these changes, of instances that nobody knows. Returns what it did about the holdings. */
function carryOut(change: readonly Partial<EngineInstance>[]): string[] {
  const done: string[] = [];
  const nothing = () => {};
  const parts = {
    holdings: { settle: () => done.push("settle") },
    sysctls: { wantAll: nothing },
    links: { debounce: { configure: nothing }, pace: nothing },
    roster: { get: () => undefined, all: () => [] },
    firewall: { settle: nothing },
    post: ({ type }: { type: string }) => done.push(type),
  };
  const plans = new Plans(parts as unknown as Parts, {} as Readiness, {} as Statics);
  plans.apply({ add: [], change, remove: [], interfaceDelays: [], pacing: [] } as unknown as Plan, 0);
  return done;
}

test("a plan waits for a renewal that is under way only where addresses may change hands", () => {
  expect(carryOut([])).toEqual(["applied"]);
  expect(carryOut([{ id: 1, config: { sysctls: [], vmacs: [] } as never }])).toEqual(["settle", "applied"]);
});
