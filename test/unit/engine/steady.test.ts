// Nothing is allocated in steady state: a loop over the hot path causes no garbage collection.
import { describe, expect, test } from "bun:test";

/**
 * The compilers both hide and make garbage: code that is hot enough loses objects that it allocates until then, and
 * what they allocate themselves is counted too. So the interpreter runs it, and the collector comes for each 20 kB.
 */
const EXACT = { BUN_JSC_useBaselineJIT: "0", BUN_JSC_gcMaxHeapSize: "20000" };

/** Collections between the marks of a program, from the collector's own log. */
async function collections(program: string, ...words: string[]): Promise<number> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/${program}`, ...words], {
    env: { ...process.env, ...EXACT, BUN_JSC_logGC: "1" },
    stdout: "ignore",
    stderr: "pipe",
  });
  const text = await new Response(child.stderr).text();
  const said = text.split("\n").filter((line) => !line.includes("GC")).join("\n");
  expect(await child.exited, said).toBe(0);
  // The collector has a thread of its own: what it writes may stand in the same line as a mark.
  expect(text).toMatch(/STEADY[^]*OVER/);
  // The last count is the whole one: a disturbance begins it anew.
  const steady = text.split("STEADY").at(-1)!.split("OVER")[0]!;
  return steady.match(/Collection/g)?.length ?? 0;
}

describe("the hot path collects no garbage", () => {
  for (const kind of ["none", "PASS", "AH"]) {
    test(`authentication ${kind}`, async () => {
      expect(await collections("steady_loop.ts", kind)).toBe(0);
    }, 60_000);
  }

  test("and the count would show it if it did", async () => {
    expect(await collections("steady_loop.ts", "garbage")).toBeGreaterThan(0);
  }, 60_000);
});

describe("the whole engine, with every way in and out that packets have, makes no garbage", () => {
  test("in steady state", async () => {
    expect(await collections("steady_engine.ts", "here")).toBe(0);
  }, 120_000);

  test("and the count would show one small object for each packet of a single session", async () => {
    expect(await collections("steady_engine.ts", "garbage")).toBeGreaterThan(0);
  }, 120_000);
});
