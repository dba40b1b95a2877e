// The tracked scripts of a running daemon.
import type { Config } from "../config/model.ts";
import type { Command } from "../command.ts";
import type { Prepared } from "../tracking/policy.ts";
import { ScriptTracker } from "../tracking/script.ts";
import type { ScriptFacts } from "./dump/facts.ts";
import type { Log } from "./log.ts";

/** The programs of one configuration. */
export class Scripts {
  readonly #log: Log;
  readonly #onResult: (name: string, ok: boolean) => void;
  readonly #trackers = new Map<string, ScriptTracker>();
  readonly #prepare: (command: Command) => Prepared;

  /** `prepare` says as whom a program runs and whether it may. */
  constructor(
    config: Config,
    prepare: (command: Command) => Prepared,
    log: Log,
    onResult: (name: string, ok: boolean) => void,
  ) {
    this.#log = log;
    this.#onResult = onResult;
    this.#prepare = prepare;
    this.#track(config);
  }

  /** The results that are known. */
  results(): Record<string, boolean> {
    const known: Record<string, boolean> = {};
    for (const [name, tracker] of this.#trackers) if (tracker.ok !== null) known[name] = tracker.ok;
    return known;
  }

  /** Every tracked script as it stands. */
  facts(): ScriptFacts[] {
    return [...this.#trackers].map(([name, { count, ok, doing }]) => ({ name, count, ok, state: doing }));
  }

  /** After a reload: scripts that are the same go on, others stop or start. */
  reload(config: Config): void {
    this.#track(config);
  }

  /** Ends the trackers; no result comes any more. */
  async stopTracking(): Promise<void> {
    await Promise.all([...this.#trackers.values()].map((tracker) => tracker.stop()));
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
      this.#prepare,
      (name, ok) => this.#onResult(name, ok),
      (level, text) => this.#log.write(level, text),
      { inherited },
    );
    this.#trackers.set(script.name, tracker);
    tracker.start();
  }
}
