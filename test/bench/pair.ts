// A master and its backup, both in their states, with a capture on the backup's end of the cable.
import { BACKUP_PRIORITY, OWNER_PRIORITY } from "./configuration.ts";
import { type DaemonKind, Router } from "./daemons.ts";
import { Lab, type Node } from "./lab.ts";
import { Recorder } from "./recorder.ts";

export const START_LIMIT_MS = 10_000;
/** The backup has heard the master for this long before it is put to the test. */
const SETTLE_MS = 3000;

/** What a measurement of two routers works with. */
export interface Pair {
  lab: Lab;
  /** Where the master runs, and the backup. */
  nodes: [master: Node, backup: Node];
  master: Router;
  backup: Router;
  recorder: Recorder;
}

/** What the pair is. `nodes`: 2 with a cable between them (the default), 3 on a switch. */
export interface PairSpec {
  version: 2 | 3;
  intervalUs: number;
  nodes?: 2 | 3;
}

/** Runs `work` with a pair, at a random moment of the master's interval. */
export async function withPair<T>(
  kind: DaemonKind,
  { version, intervalUs, nodes = 2 }: PairSpec,
  work: (pair: Pair) => Promise<T>,
): Promise<T> {
  using lab = await Lab.take(nodes);
  const [a, b] = lab.nodes as [Node, Node];
  using recorder = new Recorder(b, "both");
  await using master = new Router(kind, a, { version, intervalUs, priority: OWNER_PRIORITY });
  await recorder.more("other", 1, START_LIMIT_MS);
  await using backup = new Router(kind, b, { version, intervalUs, priority: BACKUP_PRIORITY });
  await backup.says("Entering BACKUP STATE", START_LIMIT_MS);
  const adverts = Math.max(2, Math.ceil((SETTLE_MS * 1000) / intervalUs));
  await recorder.more("other", adverts, START_LIMIT_MS + 2 * SETTLE_MS);
  // Somewhere within an interval, not right behind an advert.
  await Bun.sleep(Math.random() * intervalUs / 1000);
  const result = await work({ lab, nodes: [a, b], master, backup, recorder });
  recorder.assertComplete();
  return result;
}
