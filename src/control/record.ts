// What is held in the kernel is on disk before it can be forgotten: a crash leaves a record for the next start.
import type { Instances } from "./instances.ts";
import type { Kept } from "./kept.ts";
import type { Log } from "./log.ts";
import { Soon } from "./soon.ts";
import { stateText, writeState } from "./state_file.ts";

/** The state file of a running daemon. */
export class HeldRecord {
  readonly #path: string;
  readonly #instances: Instances;
  readonly #kept: Kept;
  readonly #log: Log;
  /** What the file says; undefined as long as it is an earlier run's. */
  #written: string | null | undefined;
  readonly #writing = new Soon(() => this.#write());

  constructor(path: string, instances: Instances, kept: Kept, log: Log) {
    this.#path = path;
    this.#instances = instances;
    this.#kept = kept;
    this.#log = log;
  }

  /** What is held has changed. */
  soon(): void {
    this.#writing.want();
  }

  /** Nothing is written any more, but for what was to be written. */
  stop(): void {
    this.#writing.flush();
  }

  /** Everything is withdrawn: only VMACs that the kernel would not delete stay in it, and without those it goes. */
  clear(): void {
    const { vmacs } = this.#kept;
    writeState(this.#path, stateText({ addresses: [], routes: [], table: null, vmacs }));
  }

  #write(): void {
    const addresses = [...this.#instances.held(), ...this.#kept.addresses];
    const { routes, vmacs, table } = this.#kept;
    const text = stateText({ addresses, routes, vmacs, table });
    if (text === this.#written) return;
    this.#written = text;
    const error = writeState(this.#path, text);
    if (error !== null) this.#log.write("warning", error);
  }
}
