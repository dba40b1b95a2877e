// Rows: how many instances one process holds, as master that sends its adverts and as backup that stays one.
import { BACKUP_PRIORITY, OWNER_PRIORITY } from "../configuration.ts";
import type { DaemonKind } from "../daemons.ts";
import { fleetLab, lostRoles, sentBy, startFleet } from "../fleet.ts";
import type { Figures, Form, Row } from "../row.ts";

/** The numbers of instances that are tried, upwards. */
const LADDER: Record<Form, readonly number[]> = {
  quick: [10, 50, 100, 250],
  full: [50, 100, 250, 500, 1000, 2000, 4000],
};
const SECONDS = { quick: 3, full: 10 } as const;
/** A level counts as held when one of so many tries held: what else the machine does must not end the search. */
const TRIES = 2;
/** Starts and second announcements are over by then. */
const SETTLE_MS = 3000;

/** Whether so many instances keep their roles for so long. */
async function holds(
  kind: DaemonKind,
  instances: number,
  intervalUs: number,
  seconds: number,
): Promise<boolean> {
  const { lab, ends } = await fleetLab(instances);
  using _lab = lab;
  const [a, b] = ends[0]!;
  const fleet = { instances, intervalUs };
  await using master = await startFleet(kind, a, { ...fleet, priority: OWNER_PRIORITY }, "MASTER");
  await using backup = await startFleet(kind, b, { ...fleet, priority: BACKUP_PRIORITY }, "BACKUP");
  await Bun.sleep(SETTLE_MS);
  const before = sentBy(master, backup);
  await Bun.sleep(seconds * 1000);
  return lostRoles(before, sentBy(master, backup), fleet) === null;
}

async function measure(kind: DaemonKind, intervalUs: number, form: Form): Promise<Figures> {
  let held = 0;
  for (const instances of LADDER[form]) {
    let tries = 0;
    while (tries < TRIES && !await holds(kind, instances, intervalUs, SECONDS[form])) tries++;
    if (tries === TRIES) break;
    held = instances;
  }
  return { held };
}

function capacityRow(name: string, title: string, intervalUs: number, rounds: Record<Form, number>): Row {
  return {
    name,
    title: `instances of one process, ${title}, as a pair that keeps its roles (at most ${
      LADDER.full.at(-1)
    })`,
    figures: [{ key: "held", label: "held: adverts sent, no false failover", unit: "count" }],
    rounds,
    measure: (kind, form) => measure(kind, intervalUs, form),
  };
}

export const CAPACITY_ROWS: readonly Row[] = [
  capacityRow("capacity-1s", "1 s", 1_000_000, { quick: 0, full: 1 }),
  capacityRow("capacity-100ms", "100 ms", 100_000, { quick: 0, full: 1 }),
  capacityRow("capacity-10ms", "10 ms", 10_000, { quick: 1, full: 1 }),
];
