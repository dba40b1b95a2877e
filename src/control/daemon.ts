// The control thread of a running daemon: starts the engine, feeds it plans and script results, reloads, and
// stops in order.
import { rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { closeDescriptor } from "../../native/descriptor.ts";
import { lockFile } from "../../native/lock.ts";
import { type Diagnostic, diagnosticLine } from "../config/diagnostic.ts";
import type { DaemonSettings } from "../config/daemon.ts";
import type { Config } from "../config/model.ts";
import { readConfig, type YamlParser } from "../config/read.ts";
import { GLOBAL_COUNTERS } from "../messages.ts";
import type { WholeFacts } from "../status/kept.ts";
import { buildStatus, GLOBAL_COUNTER_SLOTS, type Status } from "../status/snapshot.ts";
import type { StatusServer } from "../status/server.ts";
import { type Command, type Prepared, ScriptPolicy } from "../tracking/policy.ts";
import { VERSION } from "../version.ts";
import { BfdSessions } from "./bfd.ts";
import { Dumps, type Known } from "./dumps.ts";
import { EngineThread } from "./engine.ts";
import { Instances } from "./instances.ts";
import { Kept } from "./kept.ts";
import { Linkbeats } from "./linkbeat.ts";
import type { Log } from "./log.ts";
import { Notifier } from "./notifier.ts";
import { runOnce } from "./once.ts";
import { describeSteps, plan, type ReloadAnswer, type Running, type Step, steps } from "./reload.ts";
import { beginProcess, type GivenSettings, staysAsItIs, withGiven } from "./process.ts";
import { reloadMarker, writeFindings } from "./reload_files.ts";
import { ScheduledReloads } from "./reload_time.ts";
import { SavedConfigurations } from "./saved.ts";
import { Reports } from "./reports.ts";
import { findRivals, rivalWarnings } from "./rivals.ts";
import {
  makeDirectories,
  readKeptRoutes,
  readKeptTable,
  readKeptVmacs,
  readState,
  removeDirectories,
  type RuntimePaths,
  writeState,
} from "./runtime.ts";
import { Scripts } from "./scripts.ts";
import { Settling } from "./settle.ts";
import { engineTuningOf, RealtimeLimit, realtimePriorityOf, startDelayUs } from "./tuning.ts";
import { Watches } from "./watches.ts";
import { type ControlSocket, serveControl } from "./socket.ts";
import { Supervisor } from "./supervisor.ts";
import { globalSysctls } from "./sysctls.ts";

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

export interface DaemonOptions {
  file: string;
  /** From yamlParserFor(file). */
  yaml: YamlParser | null;
  configId: string | undefined;
  /** What the command line says of the process itself; it wins over the configuration. */
  given?: GivenSettings;
  /** Where it keeps its files; asked once, inside its network namespace. */
  places(settings: DaemonSettings): Places;
  /** Where the HTTP endpoint listens; null = off. */
  status: string | null;
}

/** A daemon that cannot start, or must end: one sentence and an exit code. */
export class DaemonError extends Error {
  readonly exitCode: number;
  /** Another daemon holds the pid file. */
  readonly alreadyRuns: boolean;
  constructor(message: string, exitCode: number, alreadyRuns = false) {
    super(message);
    this.exitCode = exitCode;
    this.alreadyRuns = alreadyRuns;
  }
}

/** One running daemon. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #places: Places;
  readonly #log: Log;
  readonly #startedMs = performance.now();
  readonly #instances = new Instances();
  readonly #dumps: Dumps;
  readonly #kept = new Kept();
  readonly #bfds = new BfdSessions();
  readonly #globalCounters = new SharedArrayBuffer(GLOBAL_COUNTER_SLOTS * 8);
  readonly #lockFds: number[] = [];
  readonly #ended = Promise.withResolvers<number>();
  readonly #started = Promise.withResolvers<void>();
  #nextId = 1;
  #running: Running[] = [];
  #config: Config;
  #engine: EngineThread | null = null;
  #policy: ScriptPolicy;
  readonly #prepare = (command: Command): Prepared => this.#policy.prepare(command);
  #scripts: Scripts | null = null;
  #watches: Watches | null = null;
  #notifier: Notifier | null = null;
  #control: ControlSocket | null = null;
  #http: StatusServer | null = null;
  #supervisor: Supervisor | null = null;
  /** startup_script has had its turn, so shutdown_script will have it. */
  #begun = false;
  #ready = false;
  #stopping = false;
  readonly #settling = new Settling(
    () => this.#engine?.send({ type: "rehearse" }),
    (text) => this.#log.write("warning", text),
  );
  readonly #realtimeLimit: RealtimeLimit;
  readonly #linkbeats: Linkbeats;
  #stateText = "";
  /** The reload that is under way; the next one waits for it. */
  #reloading: Promise<unknown> = Promise.resolve();
  /** Told when the engine has applied the plan. */
  #applied: (() => void) | null = null;
  #recording: NodeJS.Immediate | null = null;
  readonly #reports: Reports;
  readonly #reloads: ScheduledReloads;
  readonly #saved = new SavedConfigurations();

  /** Throws DaemonError when the configuration does not allow a start. */
  constructor(options: DaemonOptions, log: Log) {
    this.#options = options;
    this.#log = log;
    this.#realtimeLimit = new RealtimeLimit(log);
    this.#linkbeats = new Linkbeats(log, (message) => this.#engine?.send(message));
    this.#dumps = new Dumps(() => this.#known(), log);
    this.#reports = new Reports({
      log,
      instances: this.#instances,
      kept: this.#kept,
      bfds: this.#bfds,
      config: () => this.#config,
      notifier: () => this.#notifier!,
      ready: (notes) => this.#engineReady(notes),
      applied: () => this.#engineApplied(),
      status: (line) => this.#supervisor?.status(line),
      changed: () => this.#recordSoon(),
      stop: (reason) => this.stop(reason),
    });
    const { config, firstError } = this.#load();
    if (config === null) throw new DaemonError(`the daemon does not start: ${firstError}`, 2);
    this.#config = config;
    beginProcess(config.daemon, log);
    this.#places = options.places(config.daemon);
    this.#reloads = new ScheduledReloads(config.daemon.reload, () => void this.reload(), log);
    this.#policy = this.#newPolicy();
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  /** Runs until it is told to stop. Resolves with the exit code. */
  async run(): Promise<number> {
    const { status } = this.#options;
    const { paths, extraPidFiles } = this.#places;
    this.#supervisor = Supervisor.take(process.env, (text) => this.#log.write("warning", text));
    makeDirectories(paths);
    for (const path of [paths.pid, ...extraPidFiles]) this.#writePid(path);
    this.#handleSignals();
    this.#log.write("info", `baton ${VERSION} starts with ${this.#options.file}`);
    const warnings = await rivalWarnings(findRivals(), this.#config.instances);
    for (const text of warnings) this.#log.write("warning", text);
    try {
      await this.#listen(status);
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

  /** Opens what asks for the status, before anything runs that would have to be stopped again. */
  async #listen(status: string | null): Promise<void> {
    this.#control = await serveControl(this.#places.paths.socket, {
      status: () => this.status(),
      ping: () => ({ pid: process.pid }),
      reload: () => this.reload(),
      plan: (config) => this.#planFor(config),
    });
    // Nothing of HTTP is loaded unless it is wanted: it would cost memory.
    if (status === null) return;
    const { createApp } = await import("../status/app.ts");
    const { serve } = await import("../status/server.ts");
    this.#http = await serve(createApp(() => this.status(), () => this.#health()), status);
    this.#log.write("info", `status on ${this.#http.url}`);
  }

  /** The status, from facts and shared counters alone: the engine is not asked. */
  status(): Status {
    return buildStatus(
      {
        version: VERSION,
        pid: process.pid,
        uptimeUs: (performance.now() - this.#startedMs) * 1000,
        config: this.#options.file,
        counters: new Float64Array(this.#globalCounters),
      },
      this.#instances.all(),
      this.#whole(),
    );
  }

  #whole(): WholeFacts {
    return {
      groups: this.#config.groups.map((config) => ({
        config,
        state: this.#reports.groupState(config.name),
      })),
      statics: this.#config.statics,
      staticAddresses: this.#kept.staticAddresses,
      staticRoutes: this.#kept.staticRoutes,
      sessions: this.#bfds.all(),
    };
  }

  /**
   * Checks the file anew and applies the difference; on errors the running configuration goes on. Resolves once the
   * engine has applied the plan. One reload after the other; one that comes before the start is done waits for it.
   */
  reload(): Promise<ReloadAnswer> {
    const answer = this.#reloading.then(() => this.#started.promise).then(() => this.#reload());
    this.#reloading = answer.catch(() => null);
    return answer;
  }

  async #reload(): Promise<ReloadAnswer> {
    if (this.#stopping) return refusal("the daemon is stopping");
    this.#supervisor?.reloading();
    this.#log.write("info", `reload of ${this.#options.file}`);
    const before = this.#config;
    const { saveDirectory } = before.daemon;
    const dump = (which: "pre" | "post") =>
      this.#said(this.#saved.dump(saveDirectory, which, this.#dumps.data()));
    dump("pre");
    const marker = reloadMarker(before.daemon);
    this.#said(marker.begin());
    const { config, diagnostics } = this.#load();
    this.#said(marker.end());
    const findings = diagnostics.map((d) => ({ severity: d.severity, text: diagnosticLine(d) }));
    this.#said(writeFindings(before.daemon.reload, findings));
    if (config === null) {
      const reason = "the file has errors: the reload is refused whole, the running configuration goes on";
      this.#log.write("error", reason);
      this.#supervisor?.ready();
      return { ...refusal(reason), findings };
    }
    this.#config = staysAsItIs(before.daemon, config, this.#log);
    this.#policy = this.#newPolicy();
    this.#reloads.update(config.daemon.reload);
    this.#scripts!.reload(config);
    this.#watches!.reload(config);
    this.#notifier!.reload(config);
    this.#reports.repeatStates();
    const applied = Promise.withResolvers<void>();
    this.#applied = applied.resolve;
    this.#realtimeLimit.apply(config);
    this.#linkbeats.follow(config);
    this.#engine!.send({ type: "tuning", tuning: engineTuningOf(config) });
    const priority = realtimePriorityOf(config);
    if (priority !== realtimePriorityOf(before)) this.#engine!.send({ type: "realtime", priority });
    const found = this.#apply(before);
    await Promise.race([applied.promise, this.#ended.promise]);
    if (this.#engine!.gone) return { ...refusal("the engine has ended"), findings };
    dump("post");
    return { verdict: "applied", reason: "", findings, steps: found };
  }

  /** What a reload with this configuration would do. `text`: a Config as JSON, checked by the one who asks. */
  #planFor(text: string): { steps: Step[] } {
    const config = JSON.parse(text) as Config;
    const planned = plan(this.#running, config, {}, () => 0);
    return { steps: steps(planned, this.#running, this.#config, config) };
  }

  /** Orderly stop: priority 0, addresses withdrawn once the successor is heard, scripts given their time. */
  stop(reason: string): void {
    if (this.#stopping) return;
    this.#stopping = true;
    // The engine first: until it resigns, others wait.
    if (this.#engine === null || this.#engine.gone) this.#ended.resolve(0);
    else this.#engine.send({ type: "stop" });
    // A Master holds on until its successor is heard: an interval and its skew, at most.
    const intervals = this.#running.map(({ config }) => config.advertIntervalUs);
    const shutdownUs = this.#config.global.notifications.shutdown?.timeoutUs ?? 0;
    this.#supervisor?.stopping(2 * Math.max(0, ...intervals) + STOP_MARGIN_US + shutdownUs);
    this.#log.write("info", `stopping: ${reason}`);
    void this.#scripts?.stopTracking();
    this.#watches?.stop();
    this.#linkbeats.stop();
    this.#reloads.stop();
  }

  /** What a step of no great weight has to complain of is logged; null = nothing. */
  #said(complaint: string | null): void {
    if (complaint !== null) this.#log.write("warning", complaint);
  }

  #newPolicy(): ScriptPolicy {
    return new ScriptPolicy(this.#config.global, (level, text) => this.#log.write(level, text));
  }

  /** Reads the file and logs what is found in it, a line each. */
  #load(): { config: Config | null; firstError: string; diagnostics: Diagnostic[] } {
    const { file, configId, yaml, given } = this.#options;
    const options = {
      hostName: hostname(),
      allIncludes: given?.allIncludes ?? false,
      ...(configId === undefined ? {} : { configId }),
    };
    const { config: read, diagnostics, effective } = readConfig(file, options, yaml);
    const config = read === null ? null : withGiven(read, given);
    this.#said(this.#saved.save(config?.daemon.saveDirectory ?? null, effective));
    for (const d of diagnostics) this.#log.write(d.severity, diagnosticLine(d));
    const error = diagnostics.find((d) => d.severity === "error");
    return { config, firstError: error === undefined ? "" : diagnosticLine(error), diagnostics };
  }

  /** For the dumps; null until the start is complete, as keepalived drops signals that come earlier. */
  #known(): Known | null {
    if (!this.#ready) return null;
    return {
      config: this.#config,
      instances: this.#instances.all(),
      scripts: this.#scripts!.facts(),
      whole: this.#whole(),
    };
  }

  #startEngine(): void {
    this.#scripts = new Scripts(
      this.#config,
      this.#prepare,
      this.#log,
      (name, ok) => this.#engine?.send({ type: "script", name, ok }),
    );
    this.#watches = new Watches(
      this.#config,
      this.#log,
      (kind, name, value) => this.#engine?.send({ type: "tracked", kind, name, value }),
    );
    this.#notifier = new Notifier(this.#config, this.#prepare, this.#log);
    this.#realtimeLimit.apply(this.#config);
    const delayUs = startDelayUs(this.#config);
    if (delayUs > 0) {
      this.#log.write("info", `Delaying startup for ${Number((delayUs / 1e6).toFixed(3))} seconds`);
    }
    this.#engine = new EngineThread(
      {
        globalCounters: this.#globalCounters,
        realtimePriority: realtimePriorityOf(this.#config),
        tuning: engineTuningOf(this.#config),
        startDelayUs: delayUs,
        leftoverTable: readKeptTable(this.#places.paths.state),
        keep: this.#options.given?.keep ?? false,
        releaseForeign: this.#options.given?.releaseForeign ?? false,
        watchAddresses: this.#options.given?.watchAddresses ?? false,
        leftovers: readState(this.#places.paths.state),
        leftoverRoutes: readKeptRoutes(this.#places.paths.state),
        sysctlRecord: this.#places.paths.sysctls,
        leftoverVmacs: readKeptVmacs(this.#places.paths.state),
      },
      (message) => this.#reports.hear(message),
      (error) => this.#engineEnded(error),
    );
    this.#linkbeats.follow(this.#config);
    // Covers every end that still runs JavaScript; the address lifetimes cover the others.
    process.on("exit", () => this.#engine?.withdrawNow());
    this.#apply(null);
  }

  /** Sends the engine the difference to what runs. `before`: the configuration that was in force; null at the start. */
  #apply(before: Config | null): Step[] {
    const planned = plan(
      this.#running,
      this.#config,
      this.#scripts!.results(),
      () => this.#nextId++,
      this.#watches!.results(),
    );
    const found = before === null ? [] : steps(planned, this.#running, before, this.#config);
    this.#running = planned.running;
    this.#instances.replace(planned.running, Date.now() * 1000);
    if (before !== null) this.#log.write("info", `reload: ${describeSteps(found)}`);
    const { statics, global } = this.#config;
    const bfds = this.#bfds.replace(this.#config, Date.now() * 1000);
    const { firewall } = global;
    const sysctls = globalSysctls(global, this.#options.given?.corePattern ?? null);
    const whole = { ...planned.plan, statics, sysctls, firewall, bfds };
    this.#engine!.send({ type: "apply", plan: whole });
    return found;
  }

  /** Runs startup_script or shutdown_script; a stop cuts the first one short. */
  async #runOnce(which: "startup" | "shutdown"): Promise<void> {
    const once = this.#config.global.notifications[which];
    if (once === null) return;
    if (which === "startup") this.#supervisor?.extend(once.timeoutUs + STOP_MARGIN_US);
    const cut = which === "startup" ? this.#ended.promise : undefined;
    await runOnce(`${which}_script`, once, this.#prepare, this.#log, cut);
  }

  /** One record for all the messages that are waiting: at a start each instance has some. */
  #recordSoon(): void {
    this.#recording ??= setImmediate(() => {
      this.#recording = null;
      this.#recordHeld();
    });
  }

  /** What is held is on disk before it can be forgotten: a crash leaves a record. */
  #recordHeld(): void {
    const held = [...this.#instances.held(), ...this.#kept.addresses];
    const { routes, table, vmacs } = this.#kept;
    const text = JSON.stringify([held, routes, table, vmacs]);
    if (text === this.#stateText) return;
    this.#stateText = text;
    const error = writeState(this.#places.paths.state, held, { routes, table, vmacs });
    if (error !== null) this.#log.write("warning", error);
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
    this.#reports.tellStop();
    await this.#scripts?.stopTracking();
    await this.#notifier?.drain();
    await this.#http?.stop();
    this.#control?.stop();
    if (this.#recording !== null) clearImmediate(this.#recording);
    if (this.#begun) await this.#runOnce("shutdown");
    const { paths, extraPidFiles } = this.#places;
    if (this.#engine?.gone && this.#options.given?.keep !== true) writeState(paths.state, []);
    for (const path of [paths.pid, ...extraPidFiles]) rmSync(path, { force: true });
    for (const fd of this.#lockFds) closeDescriptor(fd);
    removeDirectories(paths);
    this.#dumps.close();
    this.#supervisor?.close();
    this.#log.write("info", "stopped");
  }

  /** The engine's wake-ups are its signs of life. */
  #feedWatchdog(): void {
    const counters = new Float64Array(this.#globalCounters);
    this.#supervisor?.feed({ wake: () => this.#engine?.wake(), beats: () => counters[WAKEUPS]! });
  }

  #writePid(path: string): void {
    const fd = lockFile(path);
    if (fd === null) {
      throw new DaemonError(
        `another daemon runs: it holds ${path}; stop it, or give this one another --pid`,
        1,
        true,
      );
    }
    this.#lockFds.push(fd);
    writeFileSync(path, `${process.pid}\n`);
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
    if (this.#engine?.gone) return { healthy: false, reason: "the engine thread has ended" };
    return this.#ready
      ? { healthy: true, reason: "the engine runs" }
      : { healthy: false, reason: "the engine is starting" };
  }
}

/** The answer to a reload that changes nothing. */
function refusal(reason: string): ReloadAnswer {
  return { verdict: "refused", reason, findings: [], steps: [] };
}
