// Nothing is allocated in steady state: a loop over the hot path causes no garbage collection.
import { describe, expect, test } from "bun:test";

/** Collections between the marks of a program, from the collector's own log. */
async function collections(kind: string, program = "steady_loop.ts", more = {}): Promise<number> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/${program}`, kind], {
    env: { ...process.env, BUN_JSC_logGC: "1", ...more },
    stdout: "ignore",
    stderr: "pipe",
  });
  const text = await new Response(child.stderr).text();
  expect(await child.exited).toBe(0);
  const steady = text.split("STEADY\n")[1];
  expect(steady).toMatch(/^END$/m);
  return steady!.split(/^END$/m)[0]!.match(/Collection/g)?.length ?? 0;
}

describe("the hot path collects no garbage", () => {
  for (const kind of ["none", "PASS", "AH"]) {
    test(`authentication ${kind}`, async () => {
      expect(await collections(kind)).toBe(0);
    }, 60_000);
  }

  test("and the count would show it if it did", async () => {
    expect(await collections("garbage")).toBeGreaterThan(0);
  }, 60_000);
});

describe("the whole engine, with frames, blocked addresses and BFD, makes no garbage", () => {
  // In the time of a test the collector would wait for more than there can be: here it comes for each 100 kB. What is
  // left are the compilers' own blocks, a few in 20,000 turns.
  const eager = { BUN_JSC_gcMaxHeapSize: "100000" };
  const COMPILERS = 8;
  test("in steady state", async () => {
    expect(await collections("here", "steady_engine.ts", eager)).toBeLessThanOrEqual(COMPILERS);
  }, 60_000);

  test("and the count would show two small objects in each turn", async () => {
    expect(await collections("garbage", "steady_engine.ts", eager)).toBeGreaterThan(2 * COMPILERS);
  }, 60_000);
});
