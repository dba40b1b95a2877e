// What the engine is told: its start, the plan of each configuration, its tuning, the stop.
import type { Config } from "../config/model.ts";
import type { FromEngine, KeptVmac, LeavingVmac, ToEngine } from "../messages.ts";
import type { BfdSessions } from "./bfd.ts";
import type { EngineThread } from "./engine.ts";
import type { Instances } from "./instances.ts";
import type { Log } from "./log.ts";
import type { GivenSettings } from "./process.ts";
import { plan, type Planned, type Running } from "./reload.ts";
import type { RuntimePaths } from "./runtime.ts";
import { readState } from "./state_file.ts";
import { describeSteps, type Step, steps } from "./steps.ts";
import { globalSysctls } from "./sysctls.ts";
import type { Trackers } from "./trackers.ts";
import { engineTuningOf, RealtimeLimit, realtimePriorityOf, startDelayUs } from "./tuning.ts";
import { VmacDeletions } from "./vmacs.ts";

/** With fewer instances a collection is more work, some 4 ms, than what there is to collect. */
const MANY = 100;

/** What the orders are made of, and who hears the engine. */
export interface Surroundings {
  log: Log;
  paths: RuntimePaths;
  given: GivenSettings | undefined;
  /** These VMACs may be made from now on. */
  makes(vmacs: readonly KeptVmac[]): void;
  engine: EngineThread;
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
  readonly #deletions: VmacDeletions;
  #running: Running[] = [];
  #nextId = 1;
  /** What the reading of a large configuration has left lies about. */
  #littered = false;

  /** Has the engine begin; it runs nothing yet. */
  constructor(config: Config, surroundings: Surroundings) {
    const { log, paths, engine, hear, ended } = surroundings;
    this.#with = surroundings;
    this.#engine = engine;
    this.#realtimeLimit = new RealtimeLimit(log);
    this.#realtimeLimit.apply(config);
    const delayUs = startDelayUs(config);
    if (delayUs > 0) log.write("info", `Delaying startup for ${Number((delayUs / 1e6).toFixed(3))} seconds`);
    this.#deletions = new VmacDeletions({
      busy: (busy) => this.#engine.busy = busy,
      stay: (vmacs, error) => this.#stay(vmacs, error),
    });
    engine.begin({
      realtimePriority: realtimePriorityOf(config),
      tuning: engineTuningOf(config),
      startDelayUs: delayUs,
      leftovers: readState(paths.state),
      sysctlRecord: paths.sysctls,
    }, {
      hear: (message) => {
        // It has said that it was ready before it saw the plan.
        if (message.type !== "ready") this.#collect();
        if (message.type === "delete_vmacs") this.#deletions.delete(message.vmacs);
        else hear(message);
      },
      ended: (error) => {
        this.#deletions.stop();
        ended(error);
      },
    });
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

  #stay(vmacs: readonly LeavingVmac[], error: string): void {
    const names = vmacs.map(({ name }) => name).join(", ");
    this.#with.log.write(
      "error",
      `${names} cannot be deleted: ${error}; that is tried again at the stop, and what is there after it baton ` +
        "cleanup removes",
    );
    this.#engine.send({ type: "vmacs_stay", indexes: vmacs.map(({ ifindex }) => ifindex), error });
  }

  /** Tells of a tracker's result, and the like. */
  send(message: ToEngine): void {
    // The engine takes away what is not deleted yet.
    if (message.type === "stop") this.#deletions.stop();
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
    const { statics, global } = config;
    const wanted = this.#with.given?.noBfd === true ? [] : config.bfds;
    const bfds = this.#with.bfds.replace(wanted, Date.now() * 1000);
    const { firewall } = global;
    const sysctls = globalSysctls(global, this.#with.given?.corePattern ?? null);
    this.#with.makes(config.instances.flatMap(({ vmacs }) => vmacs.map(({ name, mac }) => ({ name, mac }))));
    const whole = { ...planned.plan, statics, sysctls, firewall, bfds };
    this.#engine.send({ type: "apply", plan: whole });
    // Nothing is heard before this thread has come to its end.
    this.#with.instances.replace(planned.running, Date.now() * 1000);
    this.#littered = config.instances.length >= MANY;
  }

  /**
   * What the reading has left goes as soon as the engine has done its work: while it makes its instances, a collection
   * beside it keeps it waiting, 7 ms of 1,000. What comes now would lie between, and memory that a reload finds locked
   * does not go back at all.
   */
  #collect(): void {
    if (!this.#littered) return;
    this.#littered = false;
    Bun.gc(true);
  }
}
