// What is held in the kernel is on disk before it can be forgotten: a crash leaves a record for the next start.
import type { KeptVmac } from "../messages.ts";
import type { Instances } from "./instances.ts";
import type { Kept } from "./kept.ts";
import type { Log } from "./log.ts";
import { readKeptRoutes, readKeptTable, readKeptVmacs, readState, writeState } from "./runtime.ts";

/** The state file of a running daemon. */
export class HeldRecord {
  readonly #path: string;
  readonly #instances: Instances;
  readonly #kept: Kept;
  readonly #log: Log;
  #written = "";
  #expected: readonly KeptVmac[] = [];
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

  /**
   * These may be made from now on: they are on record before the first of them is there, beside what an earlier run
   * has left. What never came to be is told by the kernel at the next start.
   */
  expect(vmacs: readonly KeptVmac[]): void {
    this.#expected = vmacs;
    if (this.#written !== "" || vmacs.length === 0) return;
    const beside = {
      routes: readKeptRoutes(this.#path),
      table: readKeptTable(this.#path),
      vmacs: both(readKeptVmacs(this.#path), vmacs),
    };
    this.#complain(writeState(this.#path, readState(this.#path), beside));
  }

  /** Nothing is written any more. */
  stop(): void {
    if (this.#waiting !== null) clearImmediate(this.#waiting);
  }

  /** Removes it: nothing is held. */
  clear(): void {
    writeState(this.#path, []);
  }

  #write(): void {
    const held = [...this.#instances.held(), ...this.#kept.addresses];
    const { routes, table } = this.#kept;
    const vmacs = both(this.#kept.vmacs, this.#expected);
    const text = JSON.stringify([held, routes, table, vmacs]);
    if (text === this.#written) return;
    this.#written = text;
    this.#complain(writeState(this.#path, held, { routes, table, vmacs }));
  }

  #complain(error: string | null): void {
    if (error !== null) this.#log.write("warning", error);
  }
}

/** Each of them once. */
function both(some: readonly KeptVmac[], others: readonly KeptVmac[]): KeptVmac[] {
  return [
    ...some,
    ...others.filter(({ name, mac }) => !some.some((each) => each.name === name && each.mac === mac)),
  ];
}
