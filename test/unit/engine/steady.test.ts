// Nothing is allocated in steady state: a loop over the hot path causes no garbage collection.
import { describe, expect, test } from "bun:test";
import { collectionsIn, EXACT } from "../../support/collections.ts";

/** Collections between the marks of a program, from the collector's own log. */
async function collections(program: string, ...words: string[]): Promise<number> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/${program}`, ...words], {
    env: { ...process.env, ...EXACT },
    stdout: "ignore",
    stderr: "pipe",
  });
  const text = await new Response(child.stderr).text();
  const said = text.split("\n").filter((line) => !line.includes("GC")).join("\n");
  expect(await child.exited, said).toBe(0);
  return collectionsIn(text);
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
