// What is done for every instance when the kernel reports anything, and at every start, makes little garbage: with a
// thousand instances it would be megabytes each time, which the heap then keeps.
import { expect, test } from "bun:test";

/** The number that a program prints, without a collector. */
async function measure(words: string[]): Promise<number> {
  const child = Bun.spawn([process.execPath, ...words], {
    env: { ...process.env, BUN_JSC_useGC: "0" },
    stdout: "pipe",
  });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return Number(text);
}

test("an instance that is looked at again makes a handful of objects at most", async () => {
  const made = await measure([`${import.meta.dir}/garbage_loop.ts`]);
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThanOrEqual(5);
}, 60_000);

test("the tables of SHA-256 are made without BigInts", async () => {
  const program = `await import("${import.meta.dir}/../../../src/vrrp/sha256.ts");
    console.log((await import("bun:jsc")).heapStats().objectTypeCounts.BigInt ?? 0)`;
  // The runtime has a few of its own.
  expect(await measure(["-e", program])).toBeLessThan(100);
}, 60_000);
