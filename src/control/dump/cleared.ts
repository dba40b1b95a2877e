// When the statistics were cleared: what each instance had counted by then. The engine's own counts never go back.
import type { InstanceFacts } from "../../status/snapshot.ts";
import { type DumpedInstance, since, type Statistics, statisticsOf } from "./facts.ts";

/** What is not counted any more in the dumps. */
export class ClearedStatistics {
  /** By the counters of an instance, which stay the same as long as it runs; several share one buffer. */
  #counts = new WeakMap<Float64Array, Statistics>();

  /** An instance with what it has counted since. */
  dumped(facts: InstanceFacts): DumpedInstance {
    return { facts, statistics: since(statisticsOf(facts), this.#counts.get(facts.counters)) };
  }

  /** From now on these count from 0. */
  clear(instances: readonly InstanceFacts[]): void {
    this.#counts = new WeakMap(instances.map((facts) => [facts.counters, statisticsOf(facts)]));
  }
}
