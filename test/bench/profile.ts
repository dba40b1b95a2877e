// Where the microseconds go: the engine's thread in steady state, at a takeover and at a stop, step by step.
//
//   bun test/bench/profile.ts [--baton PATH]        needs root and the kernel's tracer; x86-64
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { killAll } from "./children.ts";
import { BACKUP_PRIORITY, OWNER_PRIORITY } from "./configuration.ts";
import { baton, type Router } from "./daemons.ts";
import { machine } from "./machine.ts";
import { type Pair, withPair } from "./pair.ts";
import { removeScratch, scratchDirectory } from "./scratch.ts";
import { median } from "./statistics.ts";
import { type TraceEvent, Tracer } from "./tracer.ts";

const INTERVAL_US = 100_000;
const STEADY_MS = 6000;
const ROUNDS = 5;
/** Time for what follows the first advert. */
const AFTER_MS = 100;
const LIMIT_MS = 5000;
/** linux/signal.h */
const SIGTERM = 15;
/** arch/x86/entry/syscalls/syscall_64.tbl */
const NAMES: Record<number, string> = {
  0: "read",
  1: "write",
  3: "close",
  44: "sendto",
  202: "futex",
  228: "clock_gettime",
  232: "epoll_wait",
  233: "epoll_ctl",
  286: "timerfd_settime",
  299: "recvmmsg",
  307: "sendmmsg",
};
const EPOLL_WAIT = 232;

/** A step of the thread: its name, and how long after the beginning it came. */
interface Step {
  name: string;
  atUs: number;
}

/** The thread that runs in real time: the engine's. */
function engineThread(router: Router): { pid: number; tid: number } {
  for (const pid of router.pids()) {
    for (const tid of readdirSync(`/proc/${pid}/task`).map(Number)) {
      const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, "utf8");
      // proc(5): field 18 is the priority; that of a real-time thread is below 0.
      const priority = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[18 - 3]);
      if (priority < -1) return { pid, tid };
    }
  }
  throw new Error("no thread of the daemon runs in real time: the profile would be that of the scheduler");
}

/** The events of each wake-up, from being woken (or from `first`) to waiting again. */
function wakeUps(events: readonly TraceEvent[]): TraceEvent[][] {
  const all: TraceEvent[][] = [];
  let current: TraceEvent[] | null = null;
  for (const event of events) {
    if (event.kind === "woken") current ??= [];
    current?.push(event);
    if (current !== null && event.kind === "enter" && event.number === EPOLL_WAIT) {
      all.push(current);
      current = null;
    }
  }
  return all;
}

/** The steps of a wake-up as a person reads them; the way out of a system call only where another thing came between. */
function steps(events: readonly TraceEvent[], fromUs: number): Step[] {
  const found: Step[] = [];
  for (const { timeUs, kind, number } of events) {
    const atUs = timeUs - fromUs;
    const call = NAMES[number] ?? `system call ${number}`;
    if (kind === "signal") found.push({ name: `signal ${number}`, atUs });
    else if (kind === "woken") found.push({ name: "woken", atUs });
    else if (kind === "runs") found.push({ name: "runs on a processor", atUs });
    else if (kind === "sent") found.push({ name: "packet handed to the interface", atUs });
    else if (kind === "fault") found.push({ name: "page fault", atUs });
    else if (kind === "enter") found.push({ name: `${call} begins`, atUs });
    else if (kind === "exit") found.push({ name: `${call} ends`, atUs });
  }
  return found;
}

/** Medians of the rounds that took the same steps as most of them did. */
function typical(rounds: readonly Step[][]): { steps: Step[]; same: number } {
  const shape = (round: readonly Step[]) => round.map(({ name }) => name).join("|");
  const groups = Map.groupBy(rounds, shape);
  const largest = [...groups.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
  return {
    same: largest.length,
    steps: (largest[0] ?? []).map(({ name }, i) => ({
      name,
      atUs: median(largest.map((round) => round[i]!.atUs)),
    })),
  };
}

function text(title: string, rounds: readonly Step[][]): string {
  const { steps: list, same } = typical(rounds);
  const lines = list.map(({ name, atUs }, i) => {
    const tookUs = atUs - (list[i - 1]?.atUs ?? atUs);
    return `${atUs.toFixed(0).padStart(7)} ${`+${tookUs.toFixed(0)}`.padStart(7)}  ${name}`;
  });
  return [
    `${title} (medians of ${same} of ${rounds.length} that took these steps)`,
    "     us   since",
    ...lines,
    "",
    "",
  ].join("\n");
}

/** Each advert of a master. */
async function steady({ master }: Pair): Promise<Step[][]> {
  const { pid, tid } = engineThread(master);
  using tracer = new Tracer(pid, tid);
  tracer.start();
  await Bun.sleep(STEADY_MS);
  return wakeUps(tracer.stop())
    .filter((wake) => wake.some(({ kind }) => kind === "sent"))
    .map((wake) => steps(wake, wake[0]!.timeUs));
}

/** From the wake-up in which the backup's first advert leaves to the end of the announcements in it. */
async function takeover({ master, backup, recorder }: Pair): Promise<Step[]> {
  const { pid, tid } = engineThread(backup);
  using tracer = new Tracer(pid, tid);
  tracer.start();
  master.killNow();
  await recorder.more("own", 1, LIMIT_MS);
  await Bun.sleep(AFTER_MS);
  const wake = wakeUps(tracer.stop()).find((events) => events.some(({ kind }) => kind === "sent"));
  if (wake === undefined) throw new Error("the takeover is not in the trace: too many events");
  return steps(wake, wake[0]!.timeUs);
}

/** From SIGTERM to the advert of priority 0. */
async function stop({ master, recorder }: Pair): Promise<Step[]> {
  const { pid, tid } = engineThread(master);
  using tracer = new Tracer(pid, tid);
  tracer.start();
  master.terminateNow();
  await recorder.more("own", 1, LIMIT_MS);
  const events = tracer.stop();
  const first = events.findIndex(({ kind, number }) => kind === "signal" && number === SIGTERM);
  const sent = events.findIndex(({ kind }, i) => i > first && kind === "sent");
  if (first < 0 || sent < 0) throw new Error("the stop is not in the trace: too many events");
  return steps(events.slice(first, sent + 1), events[first]!.timeUs);
}

const { values } = parseArgs({ options: { baton: { type: "string", default: "dist/baton" } } });
process.on("exit", () => {
  killAll();
  removeScratch();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
const copy = join(scratchDirectory(), "baton");
copyFileSync(resolve(values.baton), copy);
const kind = baton(copy);
const pair = { version: 3, intervalUs: INTERVAL_US } as const;
process.stdout.write(
  `${machine()}; v3, ${INTERVAL_US / 1000} ms, priorities ${OWNER_PRIORITY} and ${BACKUP_PRIORITY}\n\n`,
);
process.stdout.write(text("An advert of the master", await withPair(kind, pair, steady)));
for (
  const [title, measure] of [
    ["A takeover after SIGKILL of the master", takeover],
    ["SIGTERM of the master", stop],
  ] as const
) {
  const rounds: Step[][] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await withPair(kind, pair, measure));
  process.stdout.write(text(title, rounds));
}
