// The bench's own test: daemons that are wrong on purpose, each beside one that is right. The figures must name them.
import { join } from "node:path";
import type { DaemonKind } from "./daemons.ts";
import { BURN_US, DRIFT_US, FAT_MIB, type Fault, FEW, LATE_US, LINGER_MS, SLOW_MS } from "./fake.ts";
import type { Figures, Row } from "./row.ts";
import { type Load, measureLoad } from "./rows/load.ts";

/** What a fault must do to a figure; the right daemon must not show it. */
interface Case {
  fault: Fault;
  row: string;
  /** The figure, or a part of the sentence with which the round must fail. */
  shows: { figure: string; atLeast: number } | { figure: string; atMost: number } | { sentence: string };
}

/** A deletion of hundreds of interfaces takes at least as long. */
const HELD_US = 30_000;

const CASES: readonly Case[] = [
  { fault: "late", row: "kill-100ms", shows: { figure: "takeover", atLeast: 0.8 * LATE_US } },
  { fault: "late", row: "term-100ms", shows: { figure: "resign", atLeast: 0.8 * LATE_US } },
  { fault: "late", row: "term-100ms", shows: { figure: "takeover", atLeast: 0.8 * LATE_US } },
  { fault: "deaf", row: "kill-100ms", shows: { sentence: "took over before the master had gone" } },
  { fault: "late", row: "cut-100ms", shows: { figure: "takeover", atLeast: 0.8 * LATE_US } },
  { fault: "mute", row: "term-100ms", shows: { sentence: "without an advert of priority 0" } },
  { fault: "drop", row: "pings-100ms", shows: { figure: "lost", atLeast: 3 } },
  { fault: "linger", row: "stop-successor", shows: { figure: "past", atLeast: 0.8 * LINGER_MS } },
  { fault: "leave", row: "stop-alone", shows: { sentence: "left the virtual address behind" } },
  { fault: "stall", row: "thousand-100ms", shows: { figure: "kernel", atLeast: 900 } },
  { fault: "stall", row: "thousand-100ms", shows: { figure: "silence", atLeast: 300 } },
  { fault: "stall", row: "thousand-100ms", shows: { figure: "again", atLeast: 1 } },
  { fault: "drift", row: "idle-10ms", shows: { figure: "meanOff", atLeast: 0.8 * DRIFT_US } },
  { fault: "skip", row: "idle-10ms", shows: { figure: "adverts", atMost: 96 } },
  { fault: "skip", row: "pair", shows: { figure: "failovers", atLeast: 1 } },
  { fault: "choke", row: "flood-10ms", shows: { figure: "adverts", atMost: 50 } },
  { fault: "wait", row: "churn-10ms", shows: { figure: "longest", atLeast: HELD_US } },
  { fault: "slow", row: "start", shows: { figure: "start", atLeast: SLOW_MS } },
  { fault: "slow", row: "start-1000", shows: { figure: "first", atLeast: SLOW_MS } },
  { fault: "slow", row: "check-1000", shows: { figure: "check", atLeast: SLOW_MS } },
  { fault: "sociable", row: "http", shows: { figure: "asked", atLeast: 40_000 } },
  { fault: "ordinary", row: "load-realtime", shows: { sentence: "does not run in real time" } },
  { fault: "burn", row: "cpu-100-100ms", shows: { figure: "master", atLeast: 0.8 * BURN_US } },
  { fault: "few", row: "capacity-10ms", shows: { figure: "held", atMost: FEW } },
  // Its backup hears enough of it to stay quiet.
  { fault: "half", row: "capacity-10ms", shows: { figure: "held", atMost: FEW } },
  // A right fake polls: four times the instances share the cost of that, and an advert is cheaper.
  { fault: "square", row: "growth", shows: { figure: "advertGrowth", atLeast: 1.5 } },
  { fault: "fat", row: "memory", shows: { figure: "rss", atLeast: FAT_MIB } },
];

/** Two routers without any load and with a slower pace: a fake has no engine that could stand more. */
const PAIR: Load = { scheduling: "default", instances: 3, intervalUs: 100_000, seconds: 5, hogs: 0 };

type Outcome = Figures | { failed: string };

/**
 * Runs the cases of all rows, or of those whose name contains one of the `words`, and prints a line for each.
 * Resolves with the exit code: 1 when a fault went unnamed.
 */
export async function selfTest(
  rows: readonly Row[],
  words: readonly string[],
  progress: (text: string) => void,
): Promise<number> {
  const right = new Map<string, Outcome>();
  const seen = new Map<string, Outcome>();
  const cases = CASES.filter(({ row }) => words.length === 0 || words.some((word) => row.includes(word)));
  let wrong = 0;
  for (const { fault, row: name, shows } of cases) {
    progress(`self-test: ${name}, fault ${fault}`);
    if (!right.has(name)) right.set(name, await outcome(rows, name, "none"));
    const key = `${fault} ${name}`;
    if (!seen.has(key)) seen.set(key, await outcome(rows, name, fault));
    const faulty = seen.get(key)!;
    const named = isShown(shows, faulty) && !isShown(shows, right.get(name)!) &&
      !("failed" in right.get(name)!);
    if (!named) wrong++;
    progress("");
    process.stdout.write(
      `${named ? "named  " : "MISSED "} ${fault.padEnd(8)} ${name}: ${text(shows, faulty)}; ` +
        `a right one: ${text(shows, right.get(name)!)}\n`,
    );
  }
  process.stdout.write(`${cases.length - wrong} of ${cases.length} faults named\n`);
  return wrong === 0 ? 0 : 1;
}

function fake(fault: Fault): DaemonKind {
  const words = [process.execPath, join(import.meta.dir, "fake.ts")];
  return {
    name: `fake (${fault})`,
    absent: null,
    command: (_directory, file) => [...words, "run", file, fault],
    check: (file) => [...words, "check", file, fault],
    status: (socket) => [socket],
  };
}

async function outcome(rows: readonly Row[], name: string, fault: Fault): Promise<Outcome> {
  try {
    if (name === "pair") return await measureLoad(fake(fault), PAIR);
    return await rows.find((row) => row.name === name)!.measure(fake(fault), "quick");
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

function isShown(shows: Case["shows"], seen: Outcome): boolean {
  if ("sentence" in shows) return "failed" in seen && String(seen.failed).includes(shows.sentence);
  if ("failed" in seen) return false;
  const value = seen[shows.figure] ?? NaN;
  return "atLeast" in shows ? value >= shows.atLeast : value <= shows.atMost;
}

function text(shows: Case["shows"], seen: Outcome): string {
  if ("failed" in seen) return `"${seen.failed}"`;
  if ("sentence" in shows) return "no complaint";
  return `${shows.figure} ${(seen[shows.figure] ?? NaN).toFixed(1)}`;
}
