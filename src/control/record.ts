// What is held in the kernel is on disk before it can be forgotten: a crash leaves a record for the next start.
import type { Instances } from "./instances.ts";
import type { Kept } from "./kept.ts";
import type { Log } from "./log.ts";
import { writeState } from "./runtime.ts";

/** The state file of a running daemon. */
export class HeldRecord {
  readonly #path: string;
  readonly #instances: Instances;
  readonly #kept: Kept;
  readonly #log: Log;
  #written = "";
  #waiting: NodeJS.Immediate | null = null;

  constructor(path: string, instances: Instances, kept: Kept, log: Log) {
    this.#path = path;
    this.#instances = instances;
    this.#kept = kept;
    this.#log = log;
  }

  /** Writes once for all the messages that are waiting: at a start each instance has some. */
  soon(): void {
    this.#waiting ??= setImmediate(() => {
      this.#waiting = null;
      this.#write();
    });
  }

  /** Nothing is written any more. */
  stop(): void {
    if (this.#waiting !== null) clearImmediate(this.#waiting);
  }

  /** Everything is withdrawn: only VMACs that the kernel would not delete stay in it, and without those it goes. */
  clear(): void {
    writeState(this.#path, [], { routes: [], table: null, vmacs: this.#kept.vmacs });
  }

  #write(): void {
    const held = [...this.#instances.held(), ...this.#kept.addresses];
    const { routes, table, vmacs } = this.#kept;
    const text = JSON.stringify([held, routes, table, vmacs]);
    if (text === this.#written) return;
    this.#written = text;
    const error = writeState(this.#path, held, { routes, table, vmacs });
    if (error !== null) this.#log.write("warning", error);
  }
}
