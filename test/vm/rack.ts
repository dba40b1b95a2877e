// A rack: virtual machines on one segment, in a folder of their own. Nothing of it outlives the test.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Machine, type Parts } from "./machine.ts";
import { Segment } from "./segment.ts";

export class Rack implements AsyncDisposable {
  readonly segment: Segment;
  readonly #folder = mkdtempSync(join(tmpdir(), "baton-vm-"));
  readonly #machines: Machine[] = [];

  constructor() {
    this.segment = new Segment(join(this.#folder, "wire"));
  }

  /** A machine that is turned off. */
  add(parts: Parts): Machine {
    const machine = new Machine(this.#folder, this.segment, parts);
    this.#machines.push(machine);
    return machine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.losePower()));
    this.segment.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
