// What is wanted often is done once, after the messages that are waiting.
import { expect, test } from "bun:test";
import { Soon } from "../../../src/control/soon.ts";

/** One turn of the event loop. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("once for all who want it, and again for those who want it later", async () => {
  let count = 0;
  const soon = new Soon(() => void count++);
  for (let i = 0; i < 3; i++) soon.want();
  expect(count).toBe(0);
  await turn();
  expect(count).toBe(1);
  soon.want();
  await turn();
  expect(count).toBe(2);
});

test("at once when it must be, and not again; not at all where nobody wants it any more", async () => {
  let count = 0;
  const soon = new Soon(() => void count++);
  soon.flush();
  expect(count).toBe(0);
  soon.want();
  soon.flush();
  await turn();
  expect(count).toBe(1);
  soon.want();
  soon.cancel();
  await turn();
  soon.flush();
  expect(count).toBe(1);
});
