// What the engine is told: its start, the plan of each configuration, its tuning, the stop.
import type { Config } from "../config/model.ts";
import type { FromEngine, KeptVmac, ToEngine } from "../messages.ts";
import type { BfdSessions } from "./bfd.ts";
import { EngineThread } from "./engine.ts";
import type { Instances } from "./instances.ts";
import type { Log } from "./log.ts";
import type { GivenSettings } from "./process.ts";
import { describeSteps, plan, type Planned, type Running, type Step, steps } from "./reload.ts";
import { readKeptRoutes, readKeptTable, readKeptVmacs, readState, type RuntimePaths } from "./runtime.ts";
import { globalSysctls } from "./sysctls.ts";
import type { Trackers } from "./trackers.ts";
import { engineTuningOf, RealtimeLimit, realtimePriorityOf, startDelayUs } from "./tuning.ts";

/** What the orders are made of, and who hears the engine. */
export interface Surroundings {
  log: Log;
  paths: RuntimePaths;
  given: GivenSettings | undefined;
  /** These VMACs may be made from now on. */
  makes(vmacs: readonly KeptVmac[]): void;
  globalCounters: SharedArrayBuffer;
  instances: Instances;
  bfds: BfdSessions;
  trackers: Trackers;
  hear(message: FromEngine): void;
  /** The thread has ended, by itself with a sentence. */
  ended(error: string | null): void;
}

/** The engine of a running daemon, and what it was told to run. */
export class Orders {
  readonly #with: Surroundings;
  readonly #engine: EngineThread;
  readonly #realtimeLimit: RealtimeLimit;
  #running: Running[] = [];
  #nextId = 1;

  /** Starts the engine; it runs nothing yet. */
  constructor(config: Config, surroundings: Surroundings) {
    const { log, paths, given, globalCounters, hear, ended } = surroundings;
    this.#with = surroundings;
    this.#realtimeLimit = new RealtimeLimit(log);
    this.#realtimeLimit.apply(config);
    const delayUs = startDelayUs(config);
    if (delayUs > 0) log.write("info", `Delaying startup for ${Number((delayUs / 1e6).toFixed(3))} seconds`);
    this.#engine = new EngineThread(
      {
        globalCounters,
        realtimePriority: realtimePriorityOf(config),
        tuning: engineTuningOf(config),
        startDelayUs: delayUs,
        leftoverTable: readKeptTable(paths.state),
        keep: given?.keep ?? false,
        releaseForeign: given?.releaseForeign ?? false,
        watchAddresses: given?.watchAddresses ?? false,
        leftovers: readState(paths.state),
        leftoverRoutes: readKeptRoutes(paths.state),
        sysctlRecord: paths.sysctls,
        leftoverVmacs: readKeptVmacs(paths.state),
      },
      hear,
      ended,
    );
    // Covers every end that still runs JavaScript; the address lifetimes cover the others.
    process.on("exit", () => this.#engine.withdrawNow());
  }

  /** Whether the engine has ended. */
  get gone(): boolean {
    return this.#engine.gone;
  }

  /** The longest advert interval that runs. */
  get longestIntervalUs(): number {
    return Math.max(0, ...this.#running.map(({ config }) => config.advertIntervalUs));
  }

  /** Has the first configuration run. */
  begin(config: Config): void {
    this.#apply(this.#plan(config), config);
  }

  /** Has another one run in its place. Returns what changes, and logs it. */
  reload(before: Config, config: Config): Step[] {
    this.#realtimeLimit.apply(config);
    this.#engine.send({ type: "tuning", tuning: engineTuningOf(config) });
    const priority = realtimePriorityOf(config);
    if (priority !== realtimePriorityOf(before)) this.#engine.send({ type: "realtime", priority });
    const planned = this.#plan(config);
    const found = steps(planned, this.#running, before, config);
    this.#with.log.write("info", `reload: ${describeSteps(found)}`);
    this.#apply(planned, config);
    return found;
  }

  /** What a reload would change. */
  preview(before: Config, config: Config): Step[] {
    return steps(plan(this.#running, config, {}, () => 0), this.#running, before, config);
  }

  /** Tells of a tracker's result, and the like. */
  send(message: ToEngine): void {
    this.#engine.send(message);
  }

  /** Has the engine give a sign of life. */
  wake(): void {
    this.#engine.wake();
  }

  #plan(config: Config): Planned {
    const { trackers } = this.#with;
    return plan(this.#running, config, trackers.scripts, () => this.#nextId++, trackers.watched);
  }

  #apply(planned: Planned, config: Config): void {
    this.#running = planned.running;
    this.#with.instances.replace(planned.running, Date.now() * 1000);
    const { statics, global } = config;
    const wanted = this.#with.given?.noBfd === true ? [] : config.bfds;
    const bfds = this.#with.bfds.replace(wanted, Date.now() * 1000);
    const { firewall } = global;
    const sysctls = globalSysctls(global, this.#with.given?.corePattern ?? null);
    this.#with.makes(config.instances.flatMap(({ vmacs }) => vmacs.map(({ name, mac }) => ({ name, mac }))));
    const whole = { ...planned.plan, statics, sysctls, firewall, bfds };
    this.#engine.send({ type: "apply", plan: whole });
  }
}
