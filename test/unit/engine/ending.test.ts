// The end of a daemon: who is Master says so before anything else is done.
import { expect, test } from "bun:test";
import { Ending, type EndingMeans } from "../../../src/engine/ending.ts";
import type { Instance } from "../../../src/engine/instance.ts";
import type { Parts } from "../../../src/engine/parts.ts";

/** An ending of these instances, by state; null: a hole. Writes down what is done to whom. */
function ending(states: readonly (string | null)[]): { ending: Ending; done: string[] } {
  const done: string[] = [];
  const places = states.map((state) => state === null ? null : { router: { state } });
  const parts = {
    roster: { places, size: places.length },
    transport: { flush: () => done.push("flush") },
  };
  const plans = {
    resign: ({ router }: Instance) => done.push(`resign ${router.state}`),
    shutdown: ({ router }: Instance) => done.push(`shutdown ${router.state}`),
  };
  const means = { readiness: { stopping: false }, plans, keep: false };
  return { ending: new Ending(parts as unknown as Parts, means as unknown as EndingMeans), done };
}

test("the last adverts of all masters leave before a backup is taken out of the kernel", () => {
  const { ending: end, done } = ending(["BACKUP", null, "MASTER", "FAULT", "MASTER"]);
  end.stop(0);
  expect(done).toEqual([
    "resign MASTER",
    "resign MASTER",
    "flush",
    "shutdown BACKUP",
    "shutdown MASTER",
    "shutdown FAULT",
    "shutdown MASTER",
  ]);
  end.stop(0);
  expect(done.length).toBe(7);
});
