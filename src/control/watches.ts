// Everything that is tracked without running a program: files and processes.
import type { Config } from "../config/model.ts";
import { trackedKey, type TrackedKind } from "../messages.ts";
import { FileTracker, initFile } from "../tracking/file.ts";
import { ProcessTracker } from "../tracking/process.ts";
import type { Log } from "./log.ts";

/** The files and processes of one configuration. */
export class Watches {
  readonly #log: Log;
  readonly #onResult: (kind: TrackedKind, name: string, value: boolean | number) => void;
  #files: FileTracker;
  readonly #processes: ProcessTracker;

  /** Makes the files of init_file: for the start of the daemon. */
  constructor(
    config: Config,
    log: Log,
    onResult: (kind: TrackedKind, name: string, value: boolean | number) => void,
  ) {
    this.#log = log;
    this.#onResult = onResult;
    for (const file of config.files) {
      const problem = initFile(file);
      if (problem !== null) log.write("warning", problem);
    }
    this.#files = this.#followFiles(config);
    this.#processes = this.#followProcesses(config);
  }

  /** The results that are known, by trackedKey: all of them. */
  results(): Record<string, boolean | number> {
    return Object.fromEntries([
      ...[...this.#files.values].map(([name, value]) => [trackedKey("file", name), value]),
      ...[...this.#processes.results].map(([name, ok]) => [trackedKey("process", name), ok]),
    ]);
  }

  /** After a reload: everything is looked at anew, and what has changed meanwhile is told. */
  reload(config: Config): void {
    const before = this.results();
    this.#files.stop();
    this.#files = this.#followFiles(config);
    this.#processes.follow(config.processes, config.global.processBuffer);
    for (
      const [kind, results] of [["file", this.#files.values], ["process", this.#processes.results]] as const
    ) {
      for (const [name, value] of results) {
        if (before[trackedKey(kind, name)] !== value) this.#onResult(kind, name, value);
      }
    }
  }

  stop(): void {
    this.#files.stop();
    this.#processes.stop();
  }

  #followFiles(config: Config): FileTracker {
    return new FileTracker(
      config.files,
      (name, value) => {
        this.#log.write("info", `tracked file ${name} now has status ${value}`);
        this.#onResult("file", name, value);
      },
      (text) => this.#log.write("warning", text),
    );
  }

  #followProcesses(config: Config): ProcessTracker {
    return new ProcessTracker(
      config.processes,
      (name, ok, count) => {
        const quorum = ok ? "quorum achieved" : "quorum not achieved";
        this.#log.write("info", `tracked process ${name}: ${quorum} (${count} running)`);
        this.#onResult("process", name, ok);
      },
      (text) => this.#log.write("warning", text),
      config.global.processBuffer,
    );
  }
}
