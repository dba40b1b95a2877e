// Everything that is tracked outside of the engine, which hears the results: programs, files, processes, polled links.
import type { Config } from "../config/model.ts";
import type { ToEngine } from "../messages.ts";
import type { Command } from "../command.ts";
import type { Prepared } from "../tracking/policy.ts";
import type { ScriptFacts } from "./dump/facts.ts";
import { Linkbeats } from "./linkbeat.ts";
import type { Log } from "./log.ts";
import { Scripts } from "./scripts.ts";
import { Watches } from "./watches.ts";

/** The trackers of the configuration in force. */
export class Trackers {
  readonly #scripts: Scripts;
  readonly #watches: Watches;
  readonly #linkbeats: Linkbeats;

  /** `prepare` says as whom a program runs and whether it may; `send` reaches the engine once it is there. */
  constructor(
    config: Config,
    prepare: (command: Command) => Prepared,
    log: Log,
    send: (message: ToEngine) => void,
  ) {
    this.#scripts = new Scripts(config, prepare, log, (name, ok) => send({ type: "script", name, ok }));
    this.#watches = new Watches(
      config,
      log,
      (kind, name, value) => send({ type: "tracked", kind, name, value }),
    );
    this.#linkbeats = new Linkbeats(log, send);
  }

  /** The engine is there: the interfaces are polled from now on. */
  poll(config: Config): void {
    this.#linkbeats.follow(config);
  }

  /** After a reload: what is the same goes on, the rest stops or starts. */
  reload(config: Config): void {
    this.#scripts.reload(config);
    this.#watches.reload(config);
    this.#linkbeats.follow(config);
  }

  /** The results of programs that are known. */
  get scripts(): Record<string, boolean> {
    return this.#scripts.results();
  }

  /** The results of files and processes, by trackedKey. */
  get watched(): Record<string, boolean | number> {
    return this.#watches.results();
  }

  /** Every tracked program as it stands. */
  facts(): ScriptFacts[] {
    return this.#scripts.facts();
  }

  /** No result comes any more. Resolves when the programs have ended. */
  stop(): Promise<void> {
    this.#watches.stop();
    this.#linkbeats.stop();
    return this.#scripts.stopTracking();
  }
}
