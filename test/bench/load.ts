// Loads: processors that are kept busy, and a flood of packets. Each ends by itself when its time is over.
import { join } from "node:path";
import { Child } from "./children.ts";
import type { Node } from "./lab.ts";

/** Keeps processors busy with `count` shell loops, for at most `limitS`. */
export class Hogs implements AsyncDisposable {
  readonly #children: Child[] = [];

  constructor(count: number, limitS: number) {
    for (let i = 0; i < count; i++) {
      const words = ["timeout", String(limitS), "sh", "-c", "while :; do :; done"];
      this.#children.push(new Child(words, null));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => child.kill()));
  }
}

/** What the sender of a flood reports. */
export interface FloodReport {
  sent: number;
  seconds: number;
}

/** Sends `perSecond` packets a second from one node to another, for `seconds`. */
export class Flood implements AsyncDisposable {
  readonly #child: Child;

  constructor(from: Node, to: Node, perSecond: number, seconds: number) {
    const script = join(import.meta.dir, "flood.ts");
    const spec = JSON.stringify({
      ifindex: from.ifindex,
      sourceMac: from.mac.toHex(),
      destinationMac: to.mac.toHex(),
      source: from.address,
      perSecond,
      seconds,
    });
    this.#child = new Child([process.execPath, script, spec], from.namespace, { pipe: true });
  }

  /** Waits until it has sent everything. Throws an Error when it could not. */
  async report(): Promise<FloodReport> {
    const text = await this.#child.output();
    if (text === "") throw new Error("the sender of the flood has failed: run test/bench/flood.ts by itself");
    return JSON.parse(text) as FloodReport;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.kill();
  }
}
