// What is known of the whole daemon when somebody asks: from facts and shared counters, the engine is not asked.
import type { Config } from "../config/model.ts";
import type { WholeFacts } from "../status/kept.ts";
import { buildStatus, type Status } from "../status/snapshot.ts";
import { VERSION } from "../version.ts";
import type { BfdSessions } from "./bfd.ts";
import type { Instances } from "./instances.ts";
import type { Kept } from "./kept.ts";
import type { Reports } from "./reports.ts";

/** Where the facts are. */
export interface Facts {
  file: string;
  config(): Config;
  globalCounters: SharedArrayBuffer;
  instances: Instances;
  kept: Kept;
  bfds: BfdSessions;
  reports: Reports;
}

/** The daemon in numbers and names. */
export class Overview {
  readonly #facts: Facts;
  readonly #startedMs = performance.now();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** What the status endpoint and `baton status` show. */
  status(): Status {
    return buildStatus(
      {
        version: VERSION,
        pid: process.pid,
        uptimeUs: (performance.now() - this.#startedMs) * 1000,
        config: this.#facts.file,
        counters: new Float64Array(this.#facts.globalCounters),
      },
      this.#facts.instances.all(),
      this.whole(),
    );
  }

  /** What does not belong to one instance. */
  whole(): WholeFacts {
    const { kept, bfds, reports } = this.#facts;
    const { groups, statics } = this.#facts.config();
    return {
      groups: groups.map((config) => ({ config, state: reports.groupState(config.name) })),
      statics,
      staticAddresses: kept.staticAddresses,
      staticRoutes: kept.staticRoutes,
      sessions: bfds.all(),
    };
  }
}
