// Reloads that come at once, too early, or fail.
import { expect, test } from "bun:test";
import type { ReloadAnswer } from "../../../src/control/steps.ts";
import { Turns } from "../../../src/control/turns.ts";

const answer = (reason: string): ReloadAnswer => ({ verdict: "refused", reason, findings: [], steps: [] });

test("one after the other, none before the start is done", async () => {
  const started = Promise.withResolvers<void>();
  const first = Promise.withResolvers<ReloadAnswer>();
  const begun: number[] = [];
  const turns = new Turns(
    started.promise,
    () => begun.push(begun.length) === 1 ? first.promise : Promise.resolve(answer("second")),
    () => answer("failed"),
  );
  const answers = [turns.next(), turns.next()];
  await Bun.sleep(0);
  expect(begun).toEqual([]);
  started.resolve();
  await Bun.sleep(0);
  expect(begun).toEqual([0]);
  first.resolve(answer("first"));
  expect((await Promise.all(answers)).map(({ reason }) => reason)).toEqual(["first", "second"]);
});

test("one that throws is told of and answered, and the next one has its turn", async () => {
  let count = 0;
  const turns = new Turns(
    Promise.resolve(),
    // Not even a promise comes of the first.
    () => {
      if (count++ === 0) throw new Error("no memory");
      return Promise.resolve(answer("second"));
    },
    (error) => answer(`failed: ${(error as Error).message}`),
  );
  const [first, second] = await Promise.all([turns.next(), turns.next()]);
  expect([first.reason, second.reason]).toEqual(["failed: no memory", "second"]);
});
