// Row: what a busy status endpoint does to a master's adverts.
import { join } from "node:path";
import { jitter } from "../analyse.ts";
import { Child } from "../children.ts";
import { OWNER_PRIORITY } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { Lab, type Node } from "../lab.ts";
import { START_LIMIT_MS } from "../pair.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, Form, Row } from "../row.ts";

const INTERVAL_US = 10_000;
const PER_SECOND = 10_000;
const SETTLE_MS = 1000;
const SECONDS = { quick: 4, full: 30 } as const;

/** Asks at that rate for so long; answers a second. */
async function askFor(socket: string, seconds: number): Promise<number> {
  const spec = JSON.stringify({ socket, perSecond: PER_SECOND, seconds });
  const child = new Child([process.execPath, join(import.meta.dir, "../requester.ts"), spec], null, {
    pipe: true,
  });
  try {
    const text = await child.output();
    if (text === "") throw new Error("the requester has failed: run test/bench/requester.ts by itself");
    const { answered, seconds: took } = JSON.parse(text) as { answered: number; seconds: number };
    return answered / took;
  } finally {
    await child.kill();
  }
}

async function measure(kind: DaemonKind, form: Form): Promise<Figures> {
  using lab = await Lab.take(2);
  const [a] = lab.nodes as [Node, Node];
  using recorder = new Recorder(a, "outgoing");
  const spec = { version: 3, intervalUs: INTERVAL_US, priority: OWNER_PRIORITY } as const;
  await using router = new Router(kind, a, spec, { status: true });
  await recorder.more("own", 1, START_LIMIT_MS);
  await Bun.sleep(SETTLE_MS);
  /** Jitter while `work` runs. */
  const during = async (work: () => Promise<unknown>) => {
    recorder.drain();
    const from = recorder.adverts.length;
    await work();
    recorder.drain();
    return jitter(recorder.adverts.slice(from).map((advert) => advert.timeUs), INTERVAL_US);
  };
  const idle = await during(() => Bun.sleep(SECONDS[form] * 1000));
  let perSecond = 0;
  const asked = await during(async () => {
    perSecond = await askFor(router.statusSocket, SECONDS[form]);
  });
  recorder.assertComplete();
  return {
    ratio: asked.p999Us / idle.p999Us,
    asked: asked.p999Us,
    idle: idle.p999Us,
    longest: asked.longestUs,
    perSecond,
  };
}

export const HTTP_ROWS: readonly Row[] = [{
  name: "http",
  title: "adverts of a master, 10 ms, while 10,000 HTTP requests a second are asked of it",
  figures: [
    { key: "ratio", label: "|deviation| p99.9, asked by idle", unit: "times" },
    { key: "asked", label: "|deviation| p99.9, asked", unit: "us" },
    { key: "idle", label: "|deviation| p99.9, idle", unit: "us" },
    { key: "longest", label: "longest interval, asked", unit: "us" },
    { key: "perSecond", label: "requests answered per second", unit: "count" },
  ],
  rounds: { quick: 1, full: 3 },
  measure,
  applies: (kind) => kind.status !== null,
}];
