// Rows: 10 ms adverts between two routers while every processor is busy.
import { byRouter, jitter, type SeenAdvert, takeovers } from "../analyse.ts";
import { BACKUP_PRIORITY, OWNER_PRIORITY } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { fleetConfiguration } from "../fleet.ts";
import { Lab, type Node } from "../lab.ts";
import { DiskWriter, Hogs } from "../load.ts";
import { isRealtime } from "../processes.ts";
import { Recorder } from "../recorder.ts";
import type { Figures, FigureSpec, Form, Row } from "../row.ts";

const START_LIMIT_MS = 10_000;
const INTERVAL_US = 10_000;
const SETTLE_US = 500_000;
const HOGS = 4;
const REALTIME_PRIORITY = 50;
const SECONDS = { quick: 6, full: 60 } as const;

/** Who may run in real time: as each daemon does by default, both (vrrp_rt_priority), nobody. */
type Scheduling = "default" | "both" | "nobody";

/** Root without CAP_SYS_NICE, and with RLIMIT_RTPRIO 0: sched_setscheduler(2) gives EPERM. */
const WITHOUT_REALTIME = [
  "setpriv",
  "--bounding-set=-sys_nice",
  "--inh-caps=-sys_nice",
  "prlimit",
  "--rtprio=0",
] as const;

/** What is measured. */
export interface Load {
  scheduling: Scheduling;
  instances: number;
  intervalUs: number;
  seconds: number;
  /** Busy loops; with any, a writer to the disk is beside them. */
  hogs: number;
}

/** A row that says how the daemons run must not count a round where they run otherwise. */
function assertScheduling(router: Router, scheduling: Scheduling): void {
  const has = isRealtime(router.pids());
  const should = scheduling === "both" ? true : scheduling === "nobody" ? false : has;
  if (has === should) return;
  throw new Error(`it ${has ? "runs in real time without the right to" : "does not run in real time"}`);
}

/** Measures a master and its backup for so long under the load. */
export async function measureLoad(kind: DaemonKind, load: Load): Promise<Figures> {
  const { scheduling, instances, intervalUs, seconds, hogs } = load;
  using lab = await Lab.take(2);
  const [a, b] = lab.nodes as [Node, Node];
  using sent = new Recorder(a, "outgoing");
  using heard = new Recorder(b, "both");
  const start = (node: Node, priority: number) => {
    const realtimePriority = scheduling === "both" ? REALTIME_PRIORITY : null;
    return new Router(kind, node, fleetConfiguration({ instances, intervalUs, realtimePriority, priority }), {
      under: scheduling === "nobody" ? WITHOUT_REALTIME : [],
    });
  };
  await using master = start(a, OWNER_PRIORITY);
  await master.says("Entering MASTER STATE", START_LIMIT_MS, instances);
  await using backup = start(b, BACKUP_PRIORITY);
  await backup.says("Entering BACKUP STATE", START_LIMIT_MS, instances);
  await heard.more("other", instances * Math.max(5, Math.ceil(SETTLE_US / intervalUs)), START_LIMIT_MS);
  for (const router of [master, backup]) assertScheduling(router, scheduling);
  // The load begins with the measurement: its first moment is part of it.
  const [fromSent, fromHeard] = [sent.adverts.length, heard.adverts.length];
  {
    await using _hogs = new Hogs(hogs, seconds + 10);
    await using _writer = hogs > 0 ? new DiskWriter(seconds + 10) : null;
    await Bun.sleep(seconds * 1000);
  }
  for (const recorder of [sent, heard]) {
    recorder.drain();
    recorder.assertComplete();
  }
  return figures(sent.adverts.slice(fromSent), heard.adverts.slice(fromHeard), load);
}

function figures(sent: SeenAdvert[], heard: SeenAdvert[], { instances, intervalUs }: Load): Figures {
  const each = byRouter(sent).map((one) => jitter(one.map((advert) => advert.timeUs), intervalUs));
  if (each.length < instances) throw new Error(`only ${each.length} of ${instances} instances sent adverts`);
  const first = each[0]!;
  return {
    failovers: byRouter(heard).reduce((sum, one) => sum + takeovers(one), 0),
    longest: Math.max(...each.map((j) => j.longestUs)),
    meanOff: first.meanOffUs,
    p50: first.p50Us,
    p99: first.p99Us,
    p999: first.p999Us,
  };
}

const FAILOVER_FIGURES: readonly FigureSpec[] = [
  { key: "failovers", label: "false failovers", unit: "count" },
  { key: "longest", label: "longest silence of a master", unit: "us" },
];

function loadRow(
  name: string,
  title: string,
  scheduling: Scheduling,
  rounds: Record<Form, number>,
  instances = 1,
): Row {
  return {
    name,
    title: `two routers, 10 ms, ${HOGS} busy loops and a disk writer, ${title}`,
    figures: instances > 1 ? FAILOVER_FIGURES : [
      ...FAILOVER_FIGURES,
      { key: "meanOff", label: "interval: mean off nominal", unit: "us" },
      { key: "p50", label: "|deviation| p50", unit: "us" },
      { key: "p99", label: "|deviation| p99", unit: "us" },
      { key: "p999", label: "|deviation| p99.9", unit: "us" },
    ],
    rounds,
    measure: (kind, form) =>
      measureLoad(kind, {
        scheduling,
        instances,
        intervalUs: INTERVAL_US,
        seconds: SECONDS[form],
        hogs: HOGS,
      }),
  };
}

export const LOAD_ROWS: readonly Row[] = [
  loadRow("load-default", "each daemon's default scheduling", "default", { quick: 1, full: 1 }),
  loadRow("load-realtime", "vrrp_rt_priority 50 for both", "both", { quick: 0, full: 1 }),
  loadRow("load-nobody", "neither may run in real time", "nobody", { quick: 1, full: 1 }),
  loadRow("load-50", "50 instances, each daemon's default scheduling", "default", { quick: 1, full: 1 }, 50),
  loadRow("load-50-realtime", "50 instances, vrrp_rt_priority 50", "both", { quick: 0, full: 1 }, 50),
];
