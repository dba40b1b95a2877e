// Rows: what a client loses when the master is stopped for maintenance.
import { join } from "node:path";
import { Child } from "../children.ts";
import type { DaemonKind } from "../daemons.ts";
import { type Node, VIP } from "../lab.ts";
import { withPair } from "../pair.ts";
import type { Figures, Form, Row } from "../row.ts";

const PERIOD_US = 5000;
/** Pings before the stop, and after it beside the time of a takeover without a resignation. */
const BEFORE_MS = 700;
const AFTER_MS = 700;

interface PingReport {
  sent: number;
  lost: number;
  longestGapUs: number;
}

async function measure(kind: DaemonKind, version: 2 | 3, intervalUs: number): Promise<Figures> {
  return await withPair(kind, { version, intervalUs, nodes: 3 }, async ({ lab, master }) => {
    const client = lab.nodes[2] as Node;
    const seconds = (BEFORE_MS + AFTER_MS + (4 * intervalUs) / 1000) / 1000;
    const spec = JSON.stringify({ address: VIP, periodUs: PERIOD_US, seconds });
    const words = [process.execPath, join(import.meta.dir, "../pinger.ts"), spec];
    const pinger = new Child(words, client.namespace, { pipe: true });
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
  });
}

function pingRow(
  name: string,
  title: string,
  version: 2 | 3,
  intervalUs: number,
  rounds: Record<Form, number>,
): Row {
  return {
    name,
    title: `client pings every 5 ms, SIGTERM of the master, ${title}`,
    figures: [
      { key: "lost", label: "pings lost", unit: "count" },
      { key: "gap", label: "longest time without a reply", unit: "ms" },
    ],
    rounds,
    measure: (kind) => measure(kind, version, intervalUs),
  };
}

export const PING_ROWS: readonly Row[] = [
  pingRow("pings-1s", "v2, 1 s", 2, 1_000_000, { quick: 1, full: 5 }),
  pingRow("pings-100ms", "v3, 100 ms", 3, 100_000, { quick: 1, full: 5 }),
  pingRow("pings-10ms", "v3, 10 ms", 3, 10_000, { quick: 1, full: 5 }),
];
