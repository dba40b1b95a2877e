// The control thread of a running daemon: starts, reloads, and stops in order.
import type { DaemonSettings } from "../config/daemon.ts";
import type { Config } from "../config/model.ts";
import { GLOBAL_COUNTERS } from "../messages.ts";
import type { Command } from "../command.ts";
import { type Prepared, ScriptPolicy } from "../tracking/policy.ts";
import { VERSION } from "../version.ts";
import { BfdSessions } from "./bfd.ts";
import { DaemonError } from "./daemon_error.ts";
import { Doors } from "./doors.ts";
import { Dumps, type Known } from "./dumps.ts";
import type { EngineThread } from "./engine.ts";
import { Instances } from "./instances.ts";
import { Kept } from "./kept.ts";
import type { Log } from "./log.ts";
import { Notifier } from "./notifier.ts";
import { runOnce } from "./once.ts";
import { Orders } from "./orders.ts";
import { Overview } from "./overview.ts";
import { PidFiles } from "./pid_files.ts";
import { beginProcess, staysAsItIs, withGiven } from "./process.ts";
import { HeldRecord } from "./record.ts";
import type { ReloadAnswer, Step } from "./steps.ts";
import { ScheduledReloads } from "./reload_time.ts";
import { Reports } from "./reports.ts";
import { findRivals, rivalWarnings } from "./rivals.ts";
import { makeDirectories, removeDirectories, type RuntimePaths } from "./runtime.ts";
import { Settling } from "./settle.ts";
import { Soon } from "./soon.ts";
import { Source, type SourceOptions } from "./source.ts";
import { Supervisor } from "./supervisor.ts";
import { Trackers } from "./trackers.ts";
import { Turns } from "./turns.ts";

/** sysexits.h: EX_SOFTWARE. */
const EXIT_SOFTWARE = 70;
/** What a start or stop may take beside its protocol and scripts: a slow machine, notifications. */
const STOP_MARGIN_US = 20_000_000;
const WAKEUPS = GLOBAL_COUNTERS.indexOf("wakeups");

/** Runtime files. */
export interface Places {
  paths: RuntimePaths;
  /** Further pid files (keepalived's -r). */
  extraPidFiles: string[];
}

export interface DaemonOptions extends SourceOptions {
  /** Started already: it makes itself ready while the configuration is read. */
  engine: EngineThread;
  /** Where it keeps its files; asked once, inside its network namespace. */
  places(settings: DaemonSettings): Places;
  /** Where the HTTP endpoint listens; null = off. */
  status: string | null;
}

/** One running daemon. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #log: Log;
  readonly #source: Source;
  readonly #paths: RuntimePaths;
  readonly #pidFiles: PidFiles;
  readonly #record: HeldRecord;
  readonly #instances = new Instances();
  readonly #kept = new Kept();
  readonly #bfds = new BfdSessions();
  readonly #engine: EngineThread;
  readonly #reports: Reports;
  readonly #overview: Overview;
  readonly #dumps: Dumps;
  readonly #doors = new Doors();
  readonly #reloads: ScheduledReloads;
  readonly #settling: Settling;
  readonly #ended = Promise.withResolvers<number>();
  readonly #started = Promise.withResolvers<void>();
  readonly #prepare = (command: Command): Prepared => this.#policy.prepare(command);
  /** Of the service manager, which would be woken by each of a thousand transitions. */
  readonly #statusLine = new Soon(() => this.#supervisor?.status(this.#instances.summary()));
  #config: Config;
  #policy: ScriptPolicy;
  #supervisor: Supervisor | null = null;
  #trackers: Trackers | null = null;
  #notifier: Notifier | null = null;
  #orders: Orders | null = null;
  /** startup_script has had its turn, so shutdown_script will have it. */
  #begun = false;
  #ready = false;
  #stopping = false;
  readonly #turns = new Turns(
    this.#started.promise,
    () => this.#reload(),
    (error) => this.#reloadFailed(error),
  );
  /** Told when the engine has applied the plan. */
  #applied: (() => void) | null = null;

  /** Throws DaemonError when the configuration does not allow a start. */
  constructor(options: DaemonOptions, log: Log) {
    this.#options = options;
    this.#log = log;
    this.#source = new Source(options, log);
    const { config, findings } = this.#source.read();
    if (config === null) {
      const first = findings.find(({ severity }) => severity === "error")?.text ?? "";
      throw new DaemonError(`the daemon does not start: ${first}`, 2);
    }
    this.#config = config;
    beginProcess(config.daemon, log);
    // A thread stays in the namespace that it was started in.
    this.#engine = config.daemon.namespace === null ? options.engine : options.engine.anew();
    const { paths, extraPidFiles } = options.places(config.daemon);
    this.#paths = paths;
    this.#pidFiles = new PidFiles([paths.pid, ...extraPidFiles]);
    this.#record = new HeldRecord(paths.state, this.#instances, this.#kept, log);
    this.#policy = this.#policyOf(config);
    this.#reloads = new ScheduledReloads(config.daemon.reload, () => void this.reload(), log);
    this.#settling = new Settling(
      () => this.#orders?.send({ type: "rehearse" }),
      (text) => log.write("warning", text),
    );
    this.#reports = new Reports({
      log,
      instances: this.#instances,
      kept: this.#kept,
      bfds: this.#bfds,
      config: () => this.#config,
      notifier: () => this.#notifier!,
      ready: (notes) => this.#engineReady(notes),
      applied: () => this.#engineApplied(),
      moved: () => this.#statusLine.want(),
      changed: () => this.#record.soon(),
      stop: (reason) => this.stop(reason),
    });
    this.#overview = new Overview({
      file: options.file,
      config: () => this.#config,
      globalCounters: this.#engine.globalCounters,
      instances: this.#instances,
      kept: this.#kept,
      bfds: this.#bfds,
      reports: this.#reports,
    });
    this.#dumps = new Dumps(() => this.#known(), log);
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  /** Runs until it is told to stop. Resolves with the exit code. */
  async run(): Promise<number> {
    this.#supervisor = Supervisor.take(process.env, (text) => this.#log.write("warning", text));
    makeDirectories(this.#paths);
    this.#pidFiles.take();
    this.#handleSignals();
    this.#log.write("info", `baton ${VERSION} starts with ${this.#options.file}`);
    const warnings = await rivalWarnings(findRivals(), this.#config.instances);
    for (const text of warnings) this.#log.write("warning", text);
    try {
      // Before anything runs that would have to be stopped again.
      await this.#openDoors();
    } catch (error) {
      await this.#cleanUp();
      throw error;
    }
    this.#begun = true;
    await this.#runOnce("startup");
    if (!this.#stopping) this.#startEngine();
    const code = await this.#ended.promise;
    await this.#cleanUp();
    return code;
  }

  #openDoors(): Promise<void> {
    const answers = {
      status: () => this.#overview.status(),
      health: () => this.#health(),
      reload: () => this.reload(),
      plan: (config: string) => this.#planFor(config),
    };
    return this.#doors.open(this.#paths.socket, this.#options.status, answers, this.#log);
  }

  /**
   * Checks the file anew and applies the difference; on errors the running configuration goes on. Resolves once the
   * engine has applied the plan. One reload after the other; one that comes before the start is done waits for it.
   */
  reload(): Promise<ReloadAnswer> {
    return this.#turns.next();
  }

  async #reload(): Promise<ReloadAnswer> {
    if (this.#stopping) return refusal("the daemon is stopping");
    this.#supervisor?.reloading();
    this.#log.write("info", `reload of ${this.#options.file}`);
    const before = this.#config;
    const { config, findings } = this.#source.readAgain(before.daemon, () => this.#dumps.data());
    if (config === null) {
      const reason = "the file has errors: the reload is refused whole, the running configuration goes on";
      this.#log.write("error", reason);
      this.#supervisor?.ready();
      return { ...refusal(reason), findings };
    }
    const wanted = staysAsItIs(before.daemon, config, this.#log);
    this.#policy = this.#policyOf(wanted);
    this.#reloads.update(wanted.daemon.reload);
    this.#trackers!.reload(wanted);
    this.#notifier!.reload(wanted);
    this.#reports.repeatStates();
    const applied = Promise.withResolvers<void>();
    this.#applied = applied.resolve;
    const found = this.#orders!.reload(before, wanted);
    // In force once the engine has it.
    this.#config = wanted;
    await Promise.race([applied.promise, this.#ended.promise]);
    if (this.#orders!.gone) return { ...refusal("the engine has ended"), findings };
    this.#source.reloaded(before.daemon, () => this.#dumps.data());
    return { verdict: "applied", reason: "", findings, steps: found };
  }

  /** A reload that has thrown changes nothing for the engine: it is handed the plan last. */
  #reloadFailed(error: unknown): ReloadAnswer {
    const why = error instanceof Error ? error.message : String(error);
    const reason = `the reload has failed (${why}): the instances go on as they are`;
    this.#log.write("error", reason);
    this.#supervisor?.ready();
    return refusal(reason);
  }

  /** What a reload with this configuration would do. `text`: a Config as JSON, checked by the one who asks. */
  #planFor(text: string): { steps: Step[] } {
    if (this.#orders === null) throw new Error("it is still starting, ask again in a moment");
    const wanted = withGiven(JSON.parse(text) as Config, this.#options.given);
    return { steps: this.#orders.preview(this.#config, wanted) };
  }

  /** Orderly stop: priority 0, addresses withdrawn once the successor is heard, scripts given their time. */
  stop(reason: string): void {
    if (this.#stopping) return;
    this.#stopping = true;
    // The engine first: until it resigns, others wait.
    if (this.#orders === null || this.#orders.gone) this.#ended.resolve(0);
    else this.#orders.send({ type: "stop" });
    // A Master holds on until its successor is heard: an interval and its skew, at most.
    const shutdownUs = this.#config.global.notifications.shutdown?.timeoutUs ?? 0;
    this.#supervisor?.stopping(2 * (this.#orders?.longestIntervalUs ?? 0) + STOP_MARGIN_US + shutdownUs);
    this.#log.write("info", `stopping: ${reason}`);
    void this.#trackers?.stop();
    this.#reloads.stop();
  }

  #policyOf({ global }: Config): ScriptPolicy {
    return new ScriptPolicy(global, (level, text) => this.#log.write(level, text));
  }

  /** For the dumps; null until the start is complete, as keepalived drops signals that come earlier. */
  #known(): Known | null {
    if (!this.#ready) return null;
    return {
      config: this.#config,
      instances: this.#instances.all(),
      scripts: this.#trackers!.facts(),
      whole: this.#overview.whole(),
    };
  }

  #startEngine(): void {
    this.#trackers = new Trackers(
      this.#config,
      this.#prepare,
      this.#log,
      (message) => this.#orders?.send(message),
    );
    this.#notifier = new Notifier(this.#config, this.#prepare, this.#log);
    this.#orders = new Orders(this.#config, {
      log: this.#log,
      paths: this.#paths,
      given: this.#options.given,
      engine: this.#engine,
      instances: this.#instances,
      bfds: this.#bfds,
      trackers: this.#trackers,
      hear: (message) => this.#reports.hear(message),
      makes: (vmacs) => this.#record.expect(vmacs),
      ended: (error) => this.#engineEnded(error),
    });
    this.#trackers.poll(this.#config);
    this.#orders.begin(this.#config);
  }

  /** Runs startup_script or shutdown_script; a stop cuts the first one short. */
  async #runOnce(which: "startup" | "shutdown"): Promise<void> {
    const once = this.#config.global.notifications[which];
    if (once === null) return;
    if (which === "startup") this.#supervisor?.extend(once.timeoutUs + STOP_MARGIN_US);
    const cut = which === "startup" ? this.#ended.promise : undefined;
    await runOnce(`${which}_script`, once, this.#prepare, this.#log, cut);
  }

  #engineReady(notes: string[]): void {
    this.#ready = true;
    this.#started.resolve();
    this.#reloads.begin();
    this.#feedWatchdog();
    for (const note of notes) this.#log.write("warning", note);
  }

  #engineApplied(): void {
    this.#applied?.();
    this.#settling.begin();
    this.#statusLine.flush();
    this.#supervisor?.ready();
  }

  #engineEnded(error: string | null): void {
    if (this.#stopping && error === null) return this.#ended.resolve(0);
    this.#log.write(
      "error",
      `the engine has ended (${error ?? "without an error"}): its addresses are withdrawn, the daemon exits`,
    );
    this.#ended.resolve(EXIT_SOFTWARE);
  }

  async #cleanUp(): Promise<void> {
    // Without a start there is nobody to be told.
    if (this.#notifier !== null) this.#reports.tellStop();
    await this.#trackers?.stop();
    await this.#notifier?.drain();
    await this.#doors.close();
    this.#record.stop();
    if (this.#begun) await this.#runOnce("shutdown");
    if (this.#orders?.gone && this.#options.given?.keep !== true) this.#record.clear();
    this.#pidFiles.release();
    removeDirectories(this.#paths);
    this.#dumps.close();
    this.#statusLine.cancel();
    this.#supervisor?.close();
    this.#log.write("info", "stopped");
  }

  /** The engine's wake-ups are its signs of life. */
  #feedWatchdog(): void {
    const counters = new Float64Array(this.#engine.globalCounters);
    this.#supervisor?.feed({ wake: () => this.#orders?.wake(), beats: () => counters[WAKEUPS]! });
  }

  #handleSignals(): void {
    process.on("SIGTERM", () => this.stop("SIGTERM"));
    process.on("SIGINT", () => this.stop("SIGINT"));
    process.on("SIGHUP", () => void this.reload());
    this.#dumps.listen();
    for (const event of ["uncaughtException", "unhandledRejection"] as const) {
      process.on(event, (error: unknown) => {
        this.#log.write("error", `internal error: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(EXIT_SOFTWARE);
      });
    }
  }

  #health(): { healthy: boolean; reason: string } {
    if (this.#orders?.gone) return { healthy: false, reason: "the engine thread has ended" };
    return this.#ready
      ? { healthy: true, reason: "the engine runs" }
      : { healthy: false, reason: "the engine is starting" };
  }
}

/** The answer to a reload that changes nothing. */
function refusal(reason: string): ReloadAnswer {
  return { verdict: "refused", reason, findings: [], steps: [] };
}
