// Rows: how soon after the protocol's limit a backup takes over, when the master is killed and when it resigns.
import { spokeBefore, takeover } from "../analyse.ts";
import { BACKUP_PRIORITY, masterDownUs, OWNER_PRIORITY, skewUs } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { Lab, type Node } from "../lab.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, Form, Row } from "../row.ts";

const START_LIMIT_MS = 10_000;
/** The backup has heard the master for this long before it is put to the test. */
const SETTLE_MS = 3000;

/** A master and its backup, both in their states; the capture is on the backup's end of the cable. */
interface Pair {
  master: Router;
  backup: Router;
  recorder: Recorder;
}

async function withPair<T>(
  kind: DaemonKind,
  version: 2 | 3,
  intervalUs: number,
  work: (pair: Pair) => Promise<T>,
): Promise<T> {
  using lab = await Lab.take(2);
  const [a, b] = lab.nodes as [Node, Node];
  using recorder = new Recorder(b, "both");
  await using master = new Router(kind, a, { version, intervalUs, priority: OWNER_PRIORITY });
  await recorder.more("other", 1, START_LIMIT_MS);
  await using backup = new Router(kind, b, { version, intervalUs, priority: BACKUP_PRIORITY });
  await backup.says("Entering BACKUP STATE", START_LIMIT_MS);
  const adverts = Math.max(2, Math.ceil((SETTLE_MS * 1000) / intervalUs));
  await recorder.more("other", adverts, START_LIMIT_MS + 2 * SETTLE_MS);
  // Somewhere within an interval, not right behind an advert.
  await Bun.sleep(Math.random() * intervalUs / 1000);
  const result = await work({ master, backup, recorder });
  recorder.assertComplete();
  return result;
}

/** Waits for the backup's advert after `sinceUs` and returns the takeover. Throws when it was no honest one. */
async function observe(recorder: Recorder, sinceUs: number, limitMs: number) {
  await recorder.until(
    "the takeover",
    limitMs,
    (adverts) => adverts.some((a) => a.outgoing && a.timeUs > sinceUs),
  );
  if (spokeBefore(recorder.adverts, sinceUs)) {
    throw new Error("the backup took over before the master had gone: this round counts for nothing");
  }
  return takeover(recorder.adverts)!;
}

async function measureKill(kind: DaemonKind, version: 2 | 3, intervalUs: number): Promise<Figures> {
  return await withPair(kind, version, intervalUs, async ({ master, recorder }) => {
    const limitUs = masterDownUs(version, BACKUP_PRIORITY, intervalUs);
    const killedUs = master.killNow();
    const { lastUs, firstUs } = await observe(recorder, killedUs, limitUs / 1000 + 5000);
    return { takeover: firstUs - lastUs - limitUs };
  });
}

async function measureTerminate(kind: DaemonKind, version: 2 | 3, intervalUs: number): Promise<Figures> {
  return await withPair(kind, version, intervalUs, async ({ master, recorder }) => {
    const terminatedUs = master.terminateNow();
    const limitMs = masterDownUs(version, BACKUP_PRIORITY, intervalUs) / 1000 + 5000;
    const { resignedUs, firstUs } = await observe(recorder, terminatedUs, limitMs);
    if (Number.isNaN(resignedUs)) throw new Error("the master went without an advert of priority 0");
    return {
      resign: resignedUs - terminatedUs,
      takeover: firstUs - resignedUs - skewUs(version, BACKUP_PRIORITY, intervalUs),
    };
  });
}

function killRow(
  name: string,
  title: string,
  version: 2 | 3,
  intervalUs: number,
  rounds: Record<Form, number>,
): Row {
  return {
    name,
    title: `SIGKILL of the master, ${title}`,
    figures: [{ key: "takeover", label: "takeover past Master_Down_Interval", unit: "us" }],
    rounds,
    measure: (kind) => measureKill(kind, version, intervalUs),
  };
}

function terminateRow(
  name: string,
  title: string,
  version: 2 | 3,
  intervalUs: number,
  rounds: Record<Form, number>,
): Row {
  return {
    name,
    title: `SIGTERM of the master, ${title}`,
    figures: [
      { key: "resign", label: "SIGTERM to priority 0", unit: "us" },
      { key: "takeover", label: "takeover past Skew_Time", unit: "us" },
    ],
    rounds,
    measure: (kind) => measureTerminate(kind, version, intervalUs),
  };
}

export const TAKEOVER_ROWS: readonly Row[] = [
  killRow("kill-1s", "v2, 1 s", 2, 1_000_000, { quick: 1, full: 5 }),
  killRow("kill-100ms", "v3, 100 ms", 3, 100_000, { quick: 2, full: 15 }),
  killRow("kill-10ms", "v3, 10 ms", 3, 10_000, { quick: 3, full: 15 }),
  terminateRow("term-100ms", "v3, 100 ms", 3, 100_000, { quick: 2, full: 10 }),
  terminateRow("term-10ms", "v3, 10 ms", 3, 10_000, { quick: 2, full: 10 }),
];
