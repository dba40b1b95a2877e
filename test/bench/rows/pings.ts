// Row: what a client loses when the master is stopped for maintenance.
import { join } from "node:path";
import { Child } from "../children.ts";
import { BACKUP_PRIORITY, OWNER_PRIORITY } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { Lab, type Node, VIP } from "../lab.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, Row } from "../row.ts";

const START_LIMIT_MS = 10_000;
const INTERVAL_US = 100_000;
const PERIOD_US = 5000;
/** Pings before the stop and in all. */
const BEFORE_MS = 700;
const SECONDS = 2;

interface PingReport {
  sent: number;
  lost: number;
  longestGapUs: number;
}

async function measure(kind: DaemonKind): Promise<Figures> {
  using lab = await Lab.take(3);
  const [a, b, client] = lab.nodes as [Node, Node, Node];
  using recorder = new Recorder(b, "both");
  const router = { version: 3, intervalUs: INTERVAL_US } as const;
  await using master = new Router(kind, a, { ...router, priority: OWNER_PRIORITY });
  await recorder.more("other", 1, START_LIMIT_MS);
  await using backup = new Router(kind, b, { ...router, priority: BACKUP_PRIORITY });
  await backup.says("Entering BACKUP STATE", START_LIMIT_MS);
  await recorder.more("other", 3, START_LIMIT_MS);
  const spec = JSON.stringify({ address: VIP, periodUs: PERIOD_US, seconds: SECONDS });
  const pinger = new Child(
    [process.execPath, join(import.meta.dir, "../pinger.ts"), spec],
    client.namespace,
    {
      pipe: true,
    },
  );
  try {
    await Bun.sleep(BEFORE_MS);
    master.terminateNow();
    const text = await pinger.output();
    if (text === "") throw new Error("the pinger has failed: run test/bench/pinger.ts by itself");
    const { sent, lost, longestGapUs } = JSON.parse(text) as PingReport;
    if (sent === 0) throw new Error("the virtual address never answered a ping");
    return { lost, gap: longestGapUs / 1000 };
  } finally {
    await pinger.kill();
  }
}

export const PING_ROWS: readonly Row[] = [{
  name: "pings",
  title: "client pings every 5 ms, SIGTERM of the master, v3, 100 ms",
  figures: [
    { key: "lost", label: "pings lost", unit: "count" },
    { key: "gap", label: "longest time without a reply", unit: "ms" },
  ],
  rounds: { quick: 1, full: 5 },
  measure: (kind) => measure(kind),
}];
