// The promise that the engine's loop rests on: what it calls in steady state allocates nothing.
//
// heapStats cannot prove it; the collector's own log can. Each loop runs in a process of its own and, between
// a collection at its start and its end, must cause none. A loop that allocates is there to show that the
// test can fail.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { EXACT } from "../../support/collections.ts";

function collections(loop: string): number {
  const run = Bun.spawnSync([process.execPath, join(import.meta.dir, "steady.child.ts"), loop], {
    env: { ...process.env, ...EXACT },
    stdout: "pipe",
    stderr: "pipe",
  });
  const log = run.stdout.toString() + run.stderr.toString();
  const parts = log.split(/^MARK (?:begin|end)$/m);
  if (run.exitCode !== 0 || parts.length !== 3) throw new Error(`the child failed: ${log.slice(-2000)}`);
  return (parts[1] ?? "").match(/Collection/g)?.length ?? 0;
}

describe("no collection", () => {
  for (const loop of ["wait", "send-receive", "frames", "renew"]) {
    test(loop, () => expect(collections(loop)).toBe(0), 30_000);
  }
  test("but a loop that keeps one small object per turn is found out", () => {
    expect(collections("allocates")).toBeGreaterThan(0);
  }, 30_000);
});
