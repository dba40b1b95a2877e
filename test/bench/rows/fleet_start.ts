// Rows: how long a daemon needs to start with many instances, and to judge a file.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../children.ts";
import { OWNER_PRIORITY } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { FLEET_LIMIT_MS, fleetConfiguration, fleetLab, instancesOn } from "../fleet.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, Form, Row } from "../row.ts";
import { scratchDirectory } from "../scratch.ts";

const INTERVAL_US = 1_000_000;

/** Milliseconds from exec to the first advert, and to the first advert of the last instance. */
export interface FleetStart {
  firstMs: number;
  allMs: number;
}

/** Starts a fleet of owners and waits until each has spoken. */
export async function measureFleetStart(kind: DaemonKind, instances: number): Promise<FleetStart> {
  const { lab, ends } = await fleetLab(instances);
  using _lab = lab;
  using stack = new DisposableStack();
  const recorders = ends.map(([a]) => stack.use(new Recorder(a, "outgoing")));
  const fleet = { instances, intervalUs: INTERVAL_US, priority: OWNER_PRIORITY };
  await using router = new Router(kind, ends[0]![0], fleetConfiguration(fleet), { quiet: true });
  const firstsUs: number[] = [];
  for (const [cable, recorder] of recorders.entries()) {
    const wanted = instancesOn(cable, instances);
    const spoken = () => new Set(recorder.adverts.map((advert) => advert.vrid)).size >= wanted;
    await recorder.until(`the first advert of all ${instances} instances`, FLEET_LIMIT_MS, spoken);
    recorder.assertComplete();
    const seen = new Set<number>();
    for (const { vrid, timeUs } of recorder.adverts) {
      if (!seen.has(vrid)) firstsUs.push(timeUs);
      seen.add(vrid);
    }
  }
  const ms = (timeUs: number) => (timeUs - router.startedUs) / 1000;
  return { firstMs: ms(Math.min(...firstsUs)), allMs: ms(Math.max(...firstsUs)) };
}

async function measureStart(kind: DaemonKind, instances: number): Promise<Figures> {
  const { firstMs, allMs } = await measureFleetStart(kind, instances);
  return { first: firstMs, all: allMs };
}

async function measureCheck(kind: DaemonKind, instances: number): Promise<Figures> {
  // The interfaces of the file are there: what is judged is the text.
  const { lab, ends } = await fleetLab(instances);
  using _lab = lab;
  const file = join(scratchDirectory(), "keepalived.conf");
  writeFileSync(
    file,
    fleetConfiguration({ instances, intervalUs: INTERVAL_US, priority: OWNER_PRIORITY }),
  );
  const startMs = performance.now();
  const child = new Child(kind.check!(file), ends[0]![0].namespace);
  const code = await child.exited;
  const check = performance.now() - startMs;
  // 1: baton warns that the addresses are in no subnet of the cables.
  if (code > 1) throw new Error(`it does not call the file right: it ended with ${code}`);
  return { check };
}

function startRow(instances: number, rounds: Record<Form, number>): Row {
  return {
    name: `start-${instances}`,
    title: `start, ${instances} instances that are owners, 250 on an interface`,
    figures: [
      { key: "first", label: "exec to first advert", unit: "ms" },
      { key: "all", label: "exec to each instance's first advert", unit: "ms" },
    ],
    rounds,
    measure: (kind) => measureStart(kind, instances),
  };
}

function checkRow(instances: number, rounds: Record<Form, number>): Row {
  return {
    name: `check-${instances}`,
    title: `configuration check (keepalived -t), ${instances} instance${instances === 1 ? "" : "s"}`,
    figures: [{ key: "check", label: "exec to exit", unit: "ms" }],
    rounds,
    measure: (kind) => measureCheck(kind, instances),
    applies: (kind) => kind.check !== null,
  };
}

export const FLEET_START_ROWS: readonly Row[] = [
  startRow(1000, { quick: 1, full: 10 }),
  checkRow(1, { quick: 5, full: 20 }),
  checkRow(1000, { quick: 2, full: 10 }),
];
