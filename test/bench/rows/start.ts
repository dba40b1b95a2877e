// Rows: exec to the first advert on the wire, and resident memory.
import { OWNER_PRIORITY } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { Lab, type Node } from "../lab.ts";
import { memoryOf } from "../machine.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, Form, Row } from "../row.ts";

const START_LIMIT_MS = 10_000;
/** Memory is taken when the start has calmed down. */
const CALM_MS = { quick: 2000, full: 5000 } as const;
const OWNER = { version: 3, intervalUs: 100_000, priority: OWNER_PRIORITY } as const;

async function measureStart(kind: DaemonKind): Promise<Figures> {
  using lab = await Lab.take(2);
  const [a] = lab.nodes as [Node, Node];
  using recorder = new Recorder(a, "outgoing");
  await using router = new Router(kind, a, OWNER);
  await recorder.more("own", 1, START_LIMIT_MS);
  return { start: (recorder.adverts[0]!.timeUs - router.startedUs) / 1000 };
}

async function measureMemory(kind: DaemonKind, form: Form, status: boolean): Promise<Figures> {
  using lab = await Lab.take(2);
  const [a] = lab.nodes as [Node, Node];
  using recorder = new Recorder(a, "outgoing");
  await using router = new Router(kind, a, OWNER, { status });
  await recorder.more("own", 1, START_LIMIT_MS);
  if (status) {
    for (const path of ["/status", "/metrics"]) {
      const answer = await fetch(`http://localhost${path}`, { unix: router.statusSocket });
      if (!answer.ok) throw new Error(`${path} of the status endpoint answered ${answer.status}`);
      await answer.text();
    }
  }
  await Bun.sleep(CALM_MS[form]);
  const { rssMiB, pssMiB, anonymousMiB } = memoryOf(router.pids());
  return { rss: rssMiB, pss: pssMiB, anonymous: anonymousMiB };
}

const MEMORY_FIGURES = [
  { key: "rss", label: "resident (RSS)", unit: "MiB" },
  { key: "pss", label: "proportional (PSS)", unit: "MiB" },
  { key: "anonymous", label: "anonymous", unit: "MiB" },
] as const;

export const START_ROWS: readonly Row[] = [
  {
    name: "start",
    title: "start, one instance that is the owner",
    figures: [{ key: "start", label: "exec to first advert", unit: "ms" }],
    rounds: { quick: 5, full: 20 },
    measure: (kind) => measureStart(kind),
  },
  {
    name: "memory",
    title: "memory, one instance, all processes of the daemon",
    figures: MEMORY_FIGURES,
    rounds: { quick: 1, full: 3 },
    measure: (kind, form) => measureMemory(kind, form, false),
  },
  {
    name: "memory-status",
    title: "memory, one instance, status endpoint on and asked once",
    figures: MEMORY_FIGURES,
    rounds: { quick: 1, full: 3 },
    measure: (kind, form) => measureMemory(kind, form, true),
    applies: (kind) => kind.status !== null,
  },
];
