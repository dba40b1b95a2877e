// Nothing is allocated in the steady state: the collector never runs in a long loop of it.
import { expect, test } from "bun:test";

/** Runs the loop in its own process: how many collections its log tells of, and what the loop printed. */
async function run(...args: string[]): Promise<{ collections: number; result: unknown }> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/steady.loop.ts`, ...args], {
    env: { ...process.env, BUN_JSC_logGC: "1" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, log] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect(await child.exited).toBe(0);
  const line = out.split("\n").find((text) => text.startsWith("{"));
  const collections = `${out}${log}`.match(/Collection/g)?.length ?? 0;
  return { collections, result: JSON.parse(line ?? "null") };
}

test("1.2 million rounds without a collection", async () => {
  const { collections, result } = await run();
  expect(result).toEqual({
    used: 1_200_000,
    refused: 1_200_000,
    sent: true,
    states: ["MASTER BACKUP"],
    kept: 0,
  });
  expect(collections).toBe(0);
}, 60_000);

test("the same loop with one object a round is noticed", async () => {
  expect((await run("allocate")).collections).toBeGreaterThan(0);
}, 60_000);
