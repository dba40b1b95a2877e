// Everything that runs programs: tracked scripts and notify scripts, under one policy.
import type { Config, GroupConfig, InstanceConfig } from "../config/model.ts";
import type { NotifyJob, NotifyState } from "../notify/script.ts";
import { NotifyQueue } from "../notify/queue.ts";
import { jobsFor } from "../notify/script.ts";
import { ScriptPolicy } from "../tracking/policy.ts";
import { ScriptTracker } from "../tracking/script.ts";
import type { Log } from "./log.ts";

/** How long notify scripts may still run when the daemon stops. */
const STOP_LIMIT_MS = 5000;

/** The programs of one configuration. */
export class Scripts {
  readonly #log: Log;
  readonly #onResult: (name: string, ok: boolean) => void;
  readonly #trackers = new Map<string, ScriptTracker>();
  /** One queue per instance name; it outlives a reload, so that nothing overtakes what runs. */
  readonly #queues = new Map<string, NotifyQueue>();
  #policy: ScriptPolicy;

  constructor(config: Config, log: Log, onResult: (name: string, ok: boolean) => void) {
    this.#log = log;
    this.#onResult = onResult;
    this.#policy = new ScriptPolicy(config.global, (level, text) => log.write(level, text));
    this.#track(config);
  }

  /** The results that are known. */
  results(): Record<string, boolean> {
    const known: Record<string, boolean> = {};
    for (const [name, tracker] of this.#trackers) if (tracker.ok !== null) known[name] = tracker.ok;
    return known;
  }

  /** After a reload: scripts that are the same go on, others stop or start. */
  reload(config: Config): void {
    this.#policy = new ScriptPolicy(config.global, (level, text) => this.#log.write(level, text));
    this.#track(config);
  }

  /** Runs the notify scripts of a transition, after those of earlier ones. */
  notify(instance: InstanceConfig, state: NotifyState, priority: number): void {
    this.#enqueue(instance.name, instance.name, jobsFor(instance.notify, instance.name, state, priority));
  }

  /** Runs the notify scripts of a sync group's change of state, after those of earlier ones. */
  notifyGroup({ name, notify }: GroupConfig, state: NotifyState): void {
    // An instance may have the same name.
    this.#enqueue(`group ${name}`, name, jobsFor(notify, name, state, 0, "GROUP"));
  }

  #enqueue(key: string, name: string, jobs: NotifyJob[]): void {
    if (jobs.length === 0) return;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new NotifyQueue(
        name,
        (command) => this.#policy.prepare(command),
        (level, text) => this.#log.write(level, text),
      );
      this.#queues.set(key, queue);
    }
    queue.push(...jobs);
  }

  /** Ends the trackers; no result comes any more. */
  async stopTracking(): Promise<void> {
    await Promise.all([...this.#trackers.values()].map((tracker) => tracker.stop()));
  }

  /** Lets the notify scripts that wait or run come to their end, for a bounded time. */
  async drain(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.drain(STOP_LIMIT_MS)));
  }

  #track(config: Config): void {
    const wanted = new Map(config.scripts.map((s) => [s.name, s]));
    for (const [name, tracker] of this.#trackers) {
      const script = wanted.get(name);
      if (script !== undefined && Bun.deepEquals(script, tracker.script)) {
        wanted.delete(name);
        continue;
      }
      this.#trackers.delete(name);
      void tracker.stop();
      // The same program keeps its result: a reload is no reason for a fault.
      if (script !== undefined && Bun.deepEquals(script.command, tracker.script.command)) {
        wanted.delete(name);
        this.#start(script, tracker.ok);
      }
    }
    for (const script of wanted.values()) this.#start(script, null);
  }

  #start(script: Config["scripts"][number], inherited: boolean | null): void {
    const tracker = new ScriptTracker(
      script,
      (command) => this.#policy.prepare(command),
      (name, ok) => this.#onResult(name, ok),
      (level, text) => this.#log.write(level, text),
      { inherited },
    );
    this.#trackers.set(script.name, tracker);
    tracker.start();
  }
}
