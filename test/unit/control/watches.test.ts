// What is followed without running a program, across reloads.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { Config, ProcessConfig } from "../../../src/config/model.ts";
import type { Log } from "../../../src/control/log.ts";
import { Watches } from "../../../src/control/watches.ts";
import { trackedKey } from "../../../src/messages.ts";

/** A configuration that only tracks one process, with a result at once and with one after a minute. */
function tracking(words: string[], quorum = 1): Config {
  const pattern = (name: string, terminateDelayUs: number) => ({
    name,
    words,
    parameters: "exact",
    fullCommand: false,
    quorum,
    quorumMax: null,
    terminateDelayUs,
    forkDelayUs: 0,
  });
  const processes = [pattern("fast", 0), pattern("slow", 60_000_000)] as ProcessConfig[];
  return { files: [], processes, global: { processBuffer: null } } as unknown as Config;
}

/** Waits until the process can be seen with that word: exec(2) lets its parent go on a little before. */
async function isRunning(pid: number, word: string): Promise<void> {
  while (!readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(word)) await setImmediate();
}

test("a reload leaves a delay that has begun alone; a changed process is judged anew", async () => {
  const words = ["sleep", `87003.${process.pid}`];
  await using child = Bun.spawn(["/bin/sleep", words[1]!]);
  await isRunning(child.pid, words[1]!);
  const log = { write: () => {} } as unknown as Log;
  const gone = Promise.withResolvers<void>();
  const told: [string, boolean | number][] = [];
  const watches = new Watches(tracking(words), log, (_, name, value) => {
    told.push([name, value]);
    if (name === "fast" && value === false) gone.resolve();
  });
  const results = () => ["fast", "slow"].map((name) => watches.results()[trackedKey("process", name)]);
  expect(results()).toEqual([true, true]);
  child.kill("SIGKILL");
  await gone.promise;
  watches.reload(tracking(words));
  expect(results()).toEqual([false, true]);
  expect(told).toEqual([["fast", false]]);
  watches.reload(tracking(words, 2));
  expect(results()).toEqual([false, false]);
  expect(told).toEqual([["fast", false], ["slow", false]]);
  watches.stop();
});
