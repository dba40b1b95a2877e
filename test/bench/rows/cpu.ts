// Rows: what an advert costs the one that sends it and the one that hears it.
import { BACKUP_PRIORITY, OWNER_PRIORITY } from "../configuration.ts";
import type { DaemonKind } from "../daemons.ts";
import { fleetLab, lostRoles, sentBy, startFleet } from "../fleet.ts";
import { usedBetween, useOf } from "../processes.ts";
import type { Figures, FigureSpec, Form, Row } from "../row.ts";

/** Announcements are over, and what a start leaves to do later: a runtime compiles and collects for half a minute. */
const SETTLE_S = { quick: 3, full: 35 } as const;
/** How long it is measured, at least. */
const SECONDS = { quick: 3, full: 10 } as const;
/** And so many intervals: in ten of them a single collection of the runtime would be half of what ten adverts cost. */
const INTERVALS = { quick: 3, full: 60 } as const;

/** One side of the measurement, in milliseconds and wake-ups. */
interface Cost {
  msPerThousand: number;
  switches: number;
}

/** Cost of an advert for the master and for the backup. Throws when the two did not keep their roles. */
export async function measureCosts(
  kind: DaemonKind,
  instances: number,
  intervalUs: number,
  form: Form,
  settleS: number = SETTLE_S[form],
): Promise<{ master: Cost; backup: Cost }> {
  const { lab, ends } = await fleetLab(instances);
  using _lab = lab;
  const [a, b] = ends[0]!;
  const fleet = { instances, intervalUs };
  await using master = await startFleet(kind, a, { ...fleet, priority: OWNER_PRIORITY }, "MASTER");
  await using backup = await startFleet(kind, b, { ...fleet, priority: BACKUP_PRIORITY }, "BACKUP");
  await Bun.sleep(settleS * 1000);
  const read = () => ({
    uses: [master, backup].map((router) => useOf(router.pids())),
    sent: sentBy(master, backup),
  });
  const before = read();
  await Bun.sleep(Math.max(SECONDS[form] * 1000, INTERVALS[form] * intervalUs / 1000));
  const after = read();
  const lost = lostRoles(before.sent, after.sent, fleet);
  if (lost !== null) throw new Error(`${lost}: this round counts for nothing`);
  const adverts = after.sent.master - before.sent.master;
  const [ofMaster, ofBackup] = after.uses.map((use, i) => {
    const { cpuNs, switches } = usedBetween(before.uses[i]!, use);
    return { msPerThousand: cpuNs / 1000 / adverts, switches: switches / adverts };
  }) as [Cost, Cost];
  return { master: ofMaster, backup: ofBackup };
}

async function measure(
  kind: DaemonKind,
  instances: number,
  intervalUs: number,
  form: Form,
  settleS?: number,
): Promise<Figures> {
  const { master, backup } = await measureCosts(kind, instances, intervalUs, form, settleS);
  return {
    master: master.msPerThousand,
    backup: backup.msPerThousand,
    masterSwitches: master.switches,
    backupSwitches: backup.switches,
  };
}

const FIGURES: readonly FigureSpec[] = [
  { key: "master", label: "processor, 1,000 adverts sent", unit: "ms" },
  { key: "backup", label: "processor, 1,000 adverts heard", unit: "ms" },
  { key: "masterSwitches", label: "wake-ups of the master per advert", unit: "count" },
  { key: "backupSwitches", label: "wake-ups of the backup per advert", unit: "count" },
];

function cpuRow(
  instances: number,
  pace: string,
  intervalUs: number,
  rounds: Record<Form, number>,
  settleS?: number,
): Row {
  return {
    name: `cpu-${instances}-${pace}`,
    title: `processor time of an advert, ${instances} instances, ${pace}`,
    figures: FIGURES,
    rounds,
    measure: (kind, form) => measure(kind, instances, intervalUs, form, settleS),
    after: (later) => cpuRow(instances, pace, intervalUs, rounds, later),
  };
}

const ONLY_FULL = { quick: 0, full: 2 } as const;

export const CPU_ROWS: readonly Row[] = [
  cpuRow(10, "1s", 1_000_000, ONLY_FULL),
  cpuRow(100, "1s", 1_000_000, ONLY_FULL),
  cpuRow(250, "1s", 1_000_000, ONLY_FULL),
  cpuRow(1000, "1s", 1_000_000, ONLY_FULL),
  cpuRow(10, "100ms", 100_000, { quick: 1, full: 2 }),
  cpuRow(100, "100ms", 100_000, { quick: 1, full: 2 }),
  cpuRow(250, "100ms", 100_000, ONLY_FULL),
  cpuRow(1000, "100ms", 100_000, ONLY_FULL),
];
