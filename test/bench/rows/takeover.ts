// Rows: how soon after the protocol's limit a backup takes over: the master killed, cut off, or resigning.
import { realtimeUs } from "../../../native/clock.ts";
import { spokeBefore, takeover } from "../analyse.ts";
import { BACKUP_PRIORITY, masterDownUs, skewUs } from "../configuration.ts";
import type { DaemonKind } from "../daemons.ts";
import { withPair } from "../pair.ts";
import type { Recorder } from "../recorder.ts";
import type { Figures, Form, Row } from "../row.ts";

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
  return await withPair(kind, { version, intervalUs }, async ({ master, recorder }) => {
    const limitUs = masterDownUs(version, BACKUP_PRIORITY, intervalUs);
    const killedUs = master.killNow();
    const { lastUs, firstUs } = await observe(recorder, killedUs, limitUs / 1000 + 5000);
    return { takeover: firstUs - lastUs - limitUs };
  });
}

/** A frame that was in the switch when the cable was pulled still arrives. */
const ON_THE_WAY_US = 1000;

async function measureCut(kind: DaemonKind, version: 2 | 3, intervalUs: number): Promise<Figures> {
  return await withPair(kind, { version, intervalUs, nodes: 3 }, async ({ lab, recorder }) => {
    const limitUs = masterDownUs(version, BACKUP_PRIORITY, intervalUs);
    lab.unplug(0);
    const cutUs = realtimeUs();
    const { lastUs, firstUs } = await observe(recorder, cutUs, limitUs / 1000 + 5000);
    if (lastUs > cutUs + ON_THE_WAY_US) throw new Error("the cut cable still carried adverts: not counted");
    return { takeover: firstUs - lastUs - limitUs };
  });
}

async function measureTerminate(kind: DaemonKind, version: 2 | 3, intervalUs: number): Promise<Figures> {
  return await withPair(kind, { version, intervalUs }, async ({ master, recorder }) => {
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

/** The master goes without a word. */
function silentRow(
  name: string,
  title: string,
  measure: typeof measureKill,
  version: 2 | 3,
  intervalUs: number,
  rounds: Record<Form, number>,
): Row {
  return {
    name,
    title,
    figures: [{ key: "takeover", label: "takeover past Master_Down_Interval", unit: "us" }],
    rounds,
    measure: (kind) => measure(kind, version, intervalUs),
  };
}

/** The same at every pace. */
function silentRows(word: string, title: string, measure: typeof measureKill): Row[] {
  return [
    silentRow(`${word}-1s`, `${title}, v2, 1 s`, measure, 2, 1_000_000, { quick: 1, full: 5 }),
    silentRow(`${word}-100ms`, `${title}, v3, 100 ms`, measure, 3, 100_000, { quick: 2, full: 15 }),
    silentRow(`${word}-10ms`, `${title}, v3, 10 ms`, measure, 3, 10_000, { quick: 3, full: 15 }),
  ];
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
  ...silentRows("kill", "SIGKILL of the master", measureKill),
  ...silentRows("cut", "the master's cable is cut", measureCut),
  terminateRow("term-100ms", "v3, 100 ms", 3, 100_000, { quick: 2, full: 10 }),
  terminateRow("term-10ms", "v3, 10 ms", 3, 10_000, { quick: 2, full: 10 }),
];
