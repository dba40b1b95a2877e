// Rows: 10 ms adverts between two routers while every processor is busy.
import { jitter, takeovers } from "../analyse.ts";
import { BACKUP_PRIORITY, OWNER_PRIORITY } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { Lab, type Node } from "../lab.ts";
import { Hogs } from "../load.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, Form, Row } from "../row.ts";

const START_LIMIT_MS = 10_000;
const INTERVAL_US = 10_000;
const SETTLE_US = 500_000;
const HOGS = 4;
const SECONDS = { quick: 6, full: 60 } as const;

/** Measures two routers for `seconds`, beside `hogs` busy loops. */
export async function measureLoad(
  kind: DaemonKind,
  realtimePriority: number | null,
  seconds: number,
  hogs: number,
  intervalUs: number,
): Promise<Figures> {
  using lab = await Lab.take(2);
  const [a, b] = lab.nodes as [Node, Node];
  using sent = new Recorder(a, "outgoing");
  using heard = new Recorder(b, "both");
  const router = { version: 3, intervalUs, realtimePriority } as const;
  await using _master = new Router(kind, a, { ...router, priority: OWNER_PRIORITY });
  await heard.more("other", 1, START_LIMIT_MS);
  await using backup = new Router(kind, b, { ...router, priority: BACKUP_PRIORITY });
  await backup.says("Entering BACKUP STATE", START_LIMIT_MS);
  await heard.more("other", Math.max(5, Math.ceil(SETTLE_US / intervalUs)), START_LIMIT_MS);
  // The load begins with the measurement: its first moment is part of it.
  const [fromSent, fromHeard] = [sent.adverts.length, heard.adverts.length];
  {
    await using _hogs = new Hogs(hogs, seconds + 10);
    await Bun.sleep(seconds * 1000);
  }
  for (const recorder of [sent, heard]) {
    recorder.drain();
    recorder.assertComplete();
  }
  const j = jitter(sent.adverts.slice(fromSent).map((advert) => advert.timeUs), intervalUs);
  return {
    failovers: takeovers(heard.adverts.slice(fromHeard)),
    longest: j.longestUs,
    meanOff: j.meanOffUs,
    p50: j.p50Us,
    p99: j.p99Us,
    p999: j.p999Us,
  };
}

function loadRow(
  name: string,
  title: string,
  realtimePriority: number | null,
  rounds: Record<Form, number>,
): Row {
  return {
    name,
    title: `two routers, 10 ms, ${HOGS} busy loops, ${title}`,
    figures: [
      { key: "failovers", label: "false failovers", unit: "count" },
      { key: "longest", label: "longest silence of the master", unit: "us" },
      { key: "meanOff", label: "interval: mean off nominal", unit: "us" },
      { key: "p50", label: "|deviation| p50", unit: "us" },
      { key: "p99", label: "|deviation| p99", unit: "us" },
      { key: "p999", label: "|deviation| p99.9", unit: "us" },
    ],
    rounds,
    measure: (kind, form) => measureLoad(kind, realtimePriority, SECONDS[form], HOGS, INTERVAL_US),
  };
}

export const LOAD_ROWS: readonly Row[] = [
  loadRow("load-default", "each daemon's default scheduling", null, { quick: 1, full: 1 }),
  loadRow("load-realtime", "vrrp_rt_priority 50 for both", 50, { quick: 0, full: 1 }),
];
