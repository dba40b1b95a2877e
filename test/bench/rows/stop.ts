// Rows: how long a daemon takes from SIGTERM to its end, with all that it held withdrawn.
import { realtimeUs } from "../../../native/clock.ts";
import { OWNER_PRIORITY, skewUs } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { ipv4, Lab, type Node, VIP, withClient } from "../lab.ts";
import { START_LIMIT_MS, withPair } from "../pair.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, Row } from "../row.ts";

const VERSION = 3;
const INTERVAL_US = 100_000;
const STOP_LIMIT_MS = 20_000;
const SETTLE_ADVERTS = 5;

/** SIGTERM to the end of the process that got it; CLOCK_REALTIME in microseconds. */
async function stop(router: Router, node: Node): Promise<{ terminatedUs: number; exitedUs: number }> {
  const terminatedUs = router.terminateNow();
  const exitedUs = await Promise.race([
    router.exited.then(realtimeUs),
    Bun.sleep(STOP_LIMIT_MS).then(() => NaN),
  ]);
  if (Number.isNaN(exitedUs)) throw new Error(`it had not ended ${STOP_LIMIT_MS} ms after SIGTERM`);
  const held = withClient(node.namespace, (client) => client.addresses());
  if (held.some(({ address }) => address.toHex() === ipv4(VIP).toHex())) {
    throw new Error("it ended and left the virtual address behind");
  }
  return { terminatedUs, exitedUs };
}

async function withSuccessor(kind: DaemonKind): Promise<Figures> {
  return await withPair(kind, { version: VERSION, intervalUs: INTERVAL_US }, async (pair) => {
    const { terminatedUs, exitedUs } = await stop(pair.master, pair.nodes[0]);
    await pair.recorder.more("own", 1, START_LIMIT_MS);
    const successor = pair.recorder.adverts.find((advert) => advert.outgoing)!;
    if (successor.timeUs < terminatedUs) throw new Error("the successor was there before the stop");
    return {
      exit: (exitedUs - terminatedUs) / 1000,
      past: (exitedUs - successor.timeUs) / 1000,
    };
  });
}

async function alone(kind: DaemonKind): Promise<Figures> {
  using lab = await Lab.take(2);
  const [a] = lab.nodes as [Node, Node];
  using recorder = new Recorder(a, "outgoing");
  const priority = OWNER_PRIORITY;
  await using router = new Router(kind, a, { version: VERSION, intervalUs: INTERVAL_US, priority });
  await recorder.more("own", SETTLE_ADVERTS, START_LIMIT_MS);
  const { terminatedUs, exitedUs } = await stop(router, a);
  const waitUs = skewUs(VERSION, priority, INTERVAL_US) + INTERVAL_US;
  return {
    exit: (exitedUs - terminatedUs) / 1000,
    past: (exitedUs - terminatedUs - waitUs) / 1000,
  };
}

export const STOP_ROWS: readonly Row[] = [
  {
    name: "stop-successor",
    title: "SIGTERM of a master, v3, 100 ms, its successor is there",
    figures: [
      { key: "exit", label: "SIGTERM to exit, all withdrawn", unit: "ms" },
      { key: "past", label: "the successor's first advert to exit", unit: "ms" },
    ],
    rounds: { quick: 1, full: 5 },
    measure: withSuccessor,
  },
  {
    name: "stop-alone",
    title: "SIGTERM of a master, v3, 100 ms, nobody else is there",
    figures: [
      { key: "exit", label: "SIGTERM to exit, all withdrawn", unit: "ms" },
      { key: "past", label: "exit past Skew_Time + one interval", unit: "ms" },
    ],
    rounds: { quick: 1, full: 5 },
    measure: alone,
  },
];
