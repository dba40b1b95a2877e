// Row: what grows faster than the number of instances: time per advert, start, reload of one instance.
import { OWNER_PRIORITY } from "../configuration.ts";
import type { DaemonKind } from "../daemons.ts";
import { FLEET_LIMIT_MS, fleetConfiguration, fleetLab, startFleet } from "../fleet.ts";
import type { Figures, Form, Row } from "../row.ts";
import { AddressWatcher } from "../watcher.ts";
import { measureCosts } from "./cpu.ts";
import { measureFleetStart } from "./fleet_start.ts";

/** The small fleet; the large one has four times as many. */
const SMALL: Record<Form, number> = { quick: 250, full: 1000 };
const TIMES = 4;
const INTERVAL_US = 1_000_000;
const SETTLE_MS = 3000;
const NEW_ADDRESS = "10.250.0.1";

/** SIGHUP to the kernel's having the address that one instance was given, ms. */
async function measureReload(kind: DaemonKind, instances: number): Promise<number> {
  const { lab, ends } = await fleetLab(instances);
  using _lab = lab;
  const [a] = ends[0]!;
  const fleet = { instances, intervalUs: INTERVAL_US, priority: OWNER_PRIORITY };
  await using router = await startFleet(kind, a, fleet, "MASTER");
  await Bun.sleep(SETTLE_MS);
  await using watcher = await AddressWatcher.on(a.namespace, 1, FLEET_LIMIT_MS);
  const reloadedUs = router.reload(fleetConfiguration({ ...fleet, extraAddress: NEW_ADDRESS }));
  const { addresses, lastUs } = await watcher.appeared;
  if (addresses === 0) throw new Error("the reload brought no new address");
  return (lastUs - reloadedUs) / 1000;
}

interface Point {
  advert: number;
  start: number;
  reload: number;
}

async function measurePoint(kind: DaemonKind, instances: number, form: Form): Promise<Point> {
  return {
    advert: (await measureCosts(kind, instances, INTERVAL_US, form)).master.msPerThousand,
    start: (await measureFleetStart(kind, instances)).allMs,
    reload: await measureReload(kind, instances),
  };
}

async function measure(kind: DaemonKind, form: Form): Promise<Figures> {
  const small = await measurePoint(kind, SMALL[form], form);
  const large = await measurePoint(kind, SMALL[form] * TIMES, form);
  return {
    advert: large.advert,
    start: large.start,
    reload: large.reload,
    advertGrowth: large.advert / small.advert,
    startGrowth: large.start / small.start,
    reloadGrowth: large.reload / small.reload,
  };
}

export const GROWTH_ROWS: readonly Row[] = [{
  name: "growth",
  title: "1,000 and 4,000 instances, 1 s (quick: 250 and 1,000)",
  figures: [
    { key: "advertGrowth", label: "processor of an advert, growth", unit: "times" },
    { key: "startGrowth", label: "start of all, growth", unit: "times" },
    { key: "reloadGrowth", label: "reload of one instance, growth", unit: "times" },
    { key: "advert", label: "processor, 1,000 adverts, large fleet", unit: "ms" },
    { key: "start", label: "exec to each's first advert, large fleet", unit: "ms" },
    { key: "reload", label: "SIGHUP to the new address, large fleet", unit: "ms" },
  ],
  rounds: { quick: 1, full: 2 },
  measure,
}];
