// Rows: how regular a master's adverts are: idle, under a flood of packets, and while others change the network.
import { realtimeUs } from "../../../native/clock.ts";
import { jitter } from "../analyse.ts";
import { OWNER_PRIORITY } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { Lab, type Node } from "../lab.ts";
import { Churn, Flood } from "../load.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, FigureSpec, Form, Row } from "../row.ts";

const START_LIMIT_MS = 10_000;
/** What a start costs is a row of its own. */
const SETTLE_MS = 500;
const FLOOD_PER_SECOND = 50_000;
/** The router's, and that of whoever changes the network beside it: on one of them each would wait for the other. */
const ITS_PROCESSOR = 0, OTHER_PROCESSOR = 1;

/** What goes on meanwhile. */
type Disturbance = "nothing" | "flood" | "churn";

const FIGURES: readonly FigureSpec[] = [
  { key: "adverts", label: "adverts sent, of those due", unit: "%" },
  { key: "meanOff", label: "interval: mean off nominal", unit: "us" },
  { key: "p50", label: "|deviation| p50", unit: "us" },
  { key: "p99", label: "|deviation| p99", unit: "us" },
  { key: "p999", label: "|deviation| p99.9", unit: "us" },
  { key: "longest", label: "longest interval", unit: "us" },
];

async function measure(
  kind: DaemonKind,
  intervalUs: number,
  seconds: number,
  disturbance: Disturbance,
): Promise<Figures> {
  using lab = await Lab.take(2);
  const [a, b] = lab.nodes as [Node, Node];
  using recorder = new Recorder(a, "outgoing");
  await using _master = new Router(kind, a, { version: 3, intervalUs, priority: OWNER_PRIORITY }, {
    quiet: disturbance === "flood",
    under: disturbance === "churn" ? ["taskset", "-c", String(ITS_PROCESSOR)] : [],
  });
  await recorder.more("own", 1, START_LIMIT_MS);
  await Bun.sleep(SETTLE_MS);
  let perSecond = 0;
  recorder.drain();
  const from = recorder.adverts.length;
  const startUs = realtimeUs();
  if (disturbance === "flood") {
    await using flood = new Flood(b, a, FLOOD_PER_SECOND, seconds);
    const { sent, seconds: took } = await flood.report();
    perSecond = sent / took;
  } else if (disturbance === "churn") {
    await using _churn = new Churn(b, OTHER_PROCESSOR, 2 * seconds);
    await Bun.sleep(seconds * 1000);
  } else await Bun.sleep(seconds * 1000);
  const tookUs = realtimeUs() - startUs;
  recorder.drain();
  recorder.assertComplete();
  const timesUs = recorder.adverts.slice(from).map((advert) => advert.timeUs);
  const j = jitter(timesUs, intervalUs);
  return {
    adverts: (timesUs.length / Math.floor(tookUs / intervalUs)) * 100,
    meanOff: j.meanOffUs,
    p50: j.p50Us,
    p99: j.p99Us,
    p999: j.p999Us,
    longest: j.longestUs,
    perSecond,
  };
}

function jitterRow(
  name: string,
  title: string,
  intervalUs: number,
  disturbance: Disturbance,
  seconds: Record<Form, number>,
  rounds: Record<Form, number>,
): Row {
  const flood: FigureSpec = {
    key: "perSecond",
    label: "packets that were sent to it per second",
    unit: "count",
  };
  return {
    name,
    title: `adverts of a master, ${title}`,
    figures: disturbance === "flood" ? [...FIGURES, flood] : FIGURES,
    rounds,
    measure: (kind, form) => measure(kind, intervalUs, seconds[form], disturbance),
  };
}

export const JITTER_ROWS: readonly Row[] = [
  jitterRow("idle-10ms", "idle, 10 ms", 10_000, "nothing", { quick: 4, full: 20 }, {
    quick: 1,
    full: 3,
  }),
  jitterRow("idle-100ms", "idle, 100 ms", 100_000, "nothing", { quick: 2, full: 20 }, { quick: 1, full: 3 }),
  jitterRow(
    "flood-10ms",
    "10 ms, flood of 50,000 packets a second",
    10_000,
    "flood",
    { quick: 4, full: 20 },
    {
      quick: 1,
      full: 2,
    },
  ),
  jitterRow(
    "flood-100ms",
    "100 ms, flood of 50,000 packets a second",
    100_000,
    "flood",
    { quick: 2, full: 20 },
    {
      quick: 0,
      full: 2,
    },
  ),
  jitterRow(
    "churn-10ms",
    "10 ms, while 400 interfaces of another namespace come and go at once, on the other processor",
    10_000,
    "churn",
    { quick: 4, full: 20 },
    { quick: 1, full: 3 },
  ),
];
