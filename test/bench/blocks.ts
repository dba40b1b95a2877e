// What keeps the engine's thread from an advert: how late the adverts of a busy machine are, beside a C program.
//
//   bun test/bench/blocks.ts [SECONDS] [--baton PATH]        needs root and a C compiler
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { lateness } from "./analyse.ts";
import { Child, killAll } from "./children.ts";
import { OWNER_PRIORITY } from "./configuration.ts";
import { baton, Router } from "./daemons.ts";
import { fleetConfiguration } from "./fleet.ts";
import { Lab, type Node } from "./lab.ts";
import { DiskWriter, Hogs } from "./load.ts";
import { machine, processorTime } from "./machine.ts";
import { Recorder } from "./recorder.ts";
import { removeScratch, scratchDirectory } from "./scratch.ts";

const INTERVAL_US = 10_000;
const HOGS = 4;
const REALTIME_PRIORITY = 50;
const START_LIMIT_MS = 10_000;
/** The compiler of the engine's code is still at work in the first seconds: they are part of the picture. */
const DEFAULT_S = 60;
/** Upper ends of the histogram's steps, microseconds. */
const STEPS_US = [50, 100, 200, 500, 1000, 2000, 4000, 8000, Infinity];
/** Blocks that are told one by one. */
const TOLD_US = 1000;

/** One thing that was to happen at a time, CLOCK_REALTIME, and came so much later; microseconds. */
interface Late {
  dueUs: number;
  lateUs: number;
}

/** Compiles beside.c. Throws an Error of one sentence. */
function compile(): string {
  const program = join(scratchDirectory(), "beside");
  const { exitCode, stderr } = Bun.spawnSync(["cc", "-O2", "-o", program, join(import.meta.dir, "beside.c")]);
  if (exitCode !== 0) {
    throw new Error(`beside.c does not compile (apt-get install gcc): ${stderr.toString()}`);
  }
  return program;
}

async function measure(binary: string, seconds: number): Promise<{ ours: Late[]; beside: Late[] }> {
  const program = compile();
  using lab = await Lab.take(2);
  const [a] = lab.nodes as [Node, Node];
  using recorder = new Recorder(a, "outgoing");
  const fleet = {
    instances: 1,
    intervalUs: INTERVAL_US,
    realtimePriority: REALTIME_PRIORITY,
    priority: OWNER_PRIORITY,
  };
  await using master = new Router(baton(binary), a, fleetConfiguration(fleet));
  await master.says("Entering MASTER STATE", START_LIMIT_MS);
  await recorder.more("own", 10, START_LIMIT_MS);
  const from = recorder.adverts.length;
  await using _hogs = new Hogs(HOGS, seconds + 10);
  await using _writer = new DiskWriter(seconds + 10);
  const count = Math.round(seconds * 1_000_000 / INTERVAL_US);
  const child = new Child([program, String(INTERVAL_US), String(count)], null, { pipe: true });
  const text = await child.output();
  if (text === "") {
    throw new Error("the C program ended without a word: it needs the right to run in real time");
  }
  recorder.drain();
  recorder.assertComplete();
  const beside = text.trim().split("\n").map((line) => line.split(" ").map(Number) as [number, number]);
  return {
    ours: lateness(recorder.adverts.slice(from).map(({ timeUs }) => timeUs), INTERVAL_US),
    beside: beside.map(([dueUs, lateUs]) => ({ dueUs, lateUs })),
  };
}

/** How many of them are within each step. */
function histogram(late: readonly Late[]): number[] {
  const counts = STEPS_US.map(() => 0);
  for (const { lateUs } of late) counts[STEPS_US.findIndex((step) => lateUs < step)]!++;
  return counts;
}

function stepName(i: number): string {
  const text = (us: number) => us < 1000 ? `${us} us` : `${us / 1000} ms`;
  return STEPS_US[i] === Infinity ? `${text(STEPS_US[i - 1]!)} and more` : `below ${text(STEPS_US[i]!)}`;
}

/** The latest that the other one was while `one` was awaited. */
function meanwhile(one: Late, others: readonly Late[]): number {
  const endUs = one.dueUs + one.lateUs;
  const near = others.filter(({ dueUs, lateUs }) => dueUs < endUs && dueUs + lateUs > one.dueUs);
  return Math.max(0, ...near.map(({ lateUs }) => lateUs));
}

function report({ ours, beside }: { ours: Late[]; beside: Late[] }, stolenMs: number): string {
  const [left, right] = [histogram(ours), histogram(beside)];
  const row = (name: string, a: string, b: string) => `${name.padEnd(16)}${a.padStart(10)}${b.padStart(14)}`;
  const blocks = ours.filter(({ lateUs }) => lateUs >= TOLD_US);
  const startUs = ours[0]?.dueUs ?? 0;
  return [
    row("late by", "adverts", "C wake-ups"),
    ...STEPS_US.map((_, i) => row(stepName(i), String(left[i]), String(right[i]))),
    "",
    `stolen by the host: ${stolenMs} ms of all processors`,
    ...blocks.map((one) =>
      `${((one.dueUs - startUs) / 1_000_000).toFixed(2).padStart(6)} s: ` +
      `${(one.lateUs / 1000).toFixed(2)} ms late; the C program meanwhile ` +
      `${(meanwhile(one, beside) / 1000).toFixed(2)} ms`
    ),
    "",
  ].join("\n");
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { baton: { type: "string", default: "dist/baton" } },
});
process.on("exit", () => {
  killAll();
  removeScratch();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
const seconds = Number(positionals[0] ?? DEFAULT_S);
if (!(seconds > 0)) throw new Error(`${positionals[0]} is no time in seconds`);
const copy = join(scratchDirectory(), "baton");
copyFileSync(resolve(values.baton), copy);
const before = processorTime();
const result = await measure(copy, seconds);
const stolenMs = processorTime().stolenMs - before.stolenMs;
process.stdout.write(
  `${machine()}; ${seconds} s of ${INTERVAL_US / 1000} ms adverts, ${HOGS} busy loops, a disk writer\n\n` +
    report(result, stolenMs),
);
