// What is held in the kernel is on disk before it can be forgotten: a crash leaves a record for the next start.
import type { KeptVmac } from "../messages.ts";
import type { Instances } from "./instances.ts";
import type { Kept } from "./kept.ts";
import type { Log } from "./log.ts";
import { Soon } from "./soon.ts";
import { readState, stateText, writeState } from "./state_file.ts";

/** The state file of a running daemon. */
export class HeldRecord {
  readonly #path: string;
  readonly #instances: Instances;
  readonly #kept: Kept;
  readonly #log: Log;
  /** What the file says; undefined as long as it is an earlier run's. */
  #written: string | null | undefined;
  readonly #writing = new Soon(() => this.#write());
  #expected: readonly KeptVmac[] = [];

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

  /**
   * These may be made from now on: they are on record before the first of them is there, at the start beside what an
   * earlier run has left. What never came to be is told by the kernel at the next start.
   */
  expect(vmacs: readonly KeptVmac[]): void {
    this.#expected = vmacs;
    if (this.#written !== undefined) return this.#write();
    if (vmacs.length === 0) return;
    const left = readState(this.#path);
    this.#complain(writeState(this.#path, stateText({ ...left, vmacs: both(left.vmacs, vmacs) })));
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
    const { routes, table } = this.#kept;
    const vmacs = both(this.#kept.vmacs, this.#expected);
    const text = stateText({ addresses, routes, vmacs, table });
    if (text === this.#written) return;
    this.#written = text;
    this.#complain(writeState(this.#path, text));
  }

  #complain(error: string | null): void {
    if (error !== null) this.#log.write("warning", error);
  }
}

/** Each of them once. */
function both(some: readonly KeptVmac[], others: readonly KeptVmac[]): KeptVmac[] {
  return [...new Map([...some, ...others].map((vmac) => [`${vmac.name} ${vmac.mac}`, vmac])).values()];
}
