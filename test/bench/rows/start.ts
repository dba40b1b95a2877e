// Rows: exec to the first advert on the wire, and resident memory.
import { OWNER_PRIORITY, PER_INTERFACE } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { furtherInterfaces, Lab, type Node } from "../lab.ts";
import { memoryOf } from "../machine.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, Form, Row } from "../row.ts";

const START_LIMIT_MS = 10_000;
/** Memory is taken when the start has calmed down. */
const CALM_MS = { quick: 2000, full: 5000 } as const;
/** Requests at the same time. */
const ASKERS = 16;
const MANY = 1000;
const REQUESTS = { quick: 2000, full: 60_000 } as const;
const OWNER = { version: 3, intervalUs: 100_000, priority: OWNER_PRIORITY } as const;

async function measureStart(kind: DaemonKind): Promise<Figures> {
  using lab = await Lab.take(2);
  const [a] = lab.nodes as [Node, Node];
  using recorder = new Recorder(a, "outgoing");
  await using router = new Router(kind, a, OWNER);
  await recorder.more("own", 1, START_LIMIT_MS);
  return { start: (recorder.adverts[0]!.timeUs - router.startedUs) / 1000 };
}

/** What a daemon has to do before its memory is taken. */
interface Work {
  /** Instances beside the one. */
  further?: number;
  /** HTTP requests, half for the status and half for the metrics; undefined: the endpoint is off. */
  requests?: number;
}

async function measureMemory(kind: DaemonKind, form: Form, work: Work): Promise<Figures> {
  const { further = 0, requests } = work;
  using lab = await Lab.take(2);
  const [a] = lab.nodes as [Node, Node];
  furtherInterfaces(a, Math.ceil(further / PER_INTERFACE));
  using recorder = new Recorder(a, "outgoing");
  await using router = new Router(kind, a, { ...OWNER, further }, { status: requests !== undefined });
  await recorder.more("own", 1, START_LIMIT_MS);
  // The last one is a Master too: then all of them are there.
  if (further > 0) await router.says(`(further${further - 1}) Entering MASTER STATE`, START_LIMIT_MS);
  if (requests !== undefined) await askStatus(router.statusSocket, requests);
  await Bun.sleep(CALM_MS[form]);
  const { rssMiB, pssMiB, anonymousMiB } = memoryOf(router.pids());
  return { rss: rssMiB, pss: pssMiB, anonymous: anonymousMiB };
}

/** Asks the endpoint, a few requests at a time. Throws an Error on an answer that is none. */
async function askStatus(unix: string, requests: number): Promise<void> {
  let left = requests;
  const askOn = async () => {
    while (left-- > 0) {
      const path = left % 2 === 0 ? "/status" : "/metrics";
      const answer = await fetch(`http://localhost${path}`, { unix });
      if (!answer.ok) throw new Error(`${path} of the status endpoint answered ${answer.status}`);
      await answer.text();
    }
  };
  await Promise.all(Array.from({ length: ASKERS }, askOn));
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
    measure: (kind, form) => measureMemory(kind, form, {}),
  },
  {
    name: "memory-status",
    title: "memory, one instance, status endpoint on and asked once",
    figures: MEMORY_FIGURES,
    rounds: { quick: 1, full: 3 },
    measure: (kind, form) => measureMemory(kind, form, { requests: 2 }),
    applies: (kind) => kind.status !== null,
  },
  {
    name: "memory-1000",
    title: "memory, 1,000 instances",
    figures: MEMORY_FIGURES,
    rounds: { quick: 0, full: 3 },
    measure: (kind, form) => measureMemory(kind, form, { further: MANY - 1 }),
  },
  {
    name: "memory-http",
    title: "memory, one instance, after 60,000 HTTP requests (quick: 2,000)",
    figures: MEMORY_FIGURES,
    rounds: { quick: 1, full: 3 },
    measure: (kind, form) => measureMemory(kind, form, { requests: REQUESTS[form] }),
    applies: (kind) => kind.status !== null,
  },
];
