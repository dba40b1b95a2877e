// Loads: processors, a disk and the kernel's network configuration that are kept busy, and a flood of packets. Each ends
// by itself when its time is over.
import { statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./children.ts";
import type { Node } from "./lab.ts";
import { scratchDirectory } from "./scratch.ts";

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

/** linux/magic.h: TMPFS_MAGIC. */
const TMPFS = 0x01021994;

/** Writes 16 MB to a file again and again, each time down to the disk (fsync), for at most `limitS`. */
export class DiskWriter implements AsyncDisposable {
  readonly #child: Child;

  /** Throws when the file would lie in memory: no disk would be written. */
  constructor(limitS: number) {
    const directory = scratchDirectory();
    if (statfsSync(directory).type === TMPFS) {
      throw new Error(`${directory} lies in memory: set TMPDIR to a directory on a disk`);
    }
    const write = `dd if=/dev/zero of=${join(directory, "written")} bs=1M count=16 conv=fsync 2>/dev/null`;
    this.#child = new Child(["timeout", String(limitS), "sh", "-c", `while ${write}; do :; done`], null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.ended) throw new Error("the disk writer has failed: is there room on the disk?");
    await this.#child.kill();
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

/** Interfaces that come and go at once, and their group. */
const MANY = 400, GROUP = 7;

/**
 * Makes hundreds of interfaces on a node and deletes them at once, again and again, for at most `limitS`, on one
 * processor alone. The kernel lets nobody else change the network of any namespace meanwhile (rtnl), some 80 ms each time.
 */
export class Churn implements AsyncDisposable {
  readonly #child: Child;

  constructor({ namespace }: Node, processor: number, limitS: number) {
    const batch = join(scratchDirectory(), "interfaces");
    const lines = Array.from(
      { length: MANY },
      (_, i) => `link add link below name m${i} group ${GROUP} type macvlan mode bridge\nlink set m${i} up\n`,
    );
    writeFileSync(batch, lines.join(""));
    const below = "ip link add below type veth peer name far && ip link set below up && ip link set far up";
    const loop = `${below} && while ip -batch ${batch} && ip link delete group ${GROUP}; do :; done`;
    const words = ["timeout", String(limitS), "taskset", "-c", String(processor), "sh", "-c", loop];
    this.#child = new Child(words, namespace);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.ended) throw new Error("the interfaces have not come and gone: is ip (iproute2) there?");
    await this.#child.kill();
  }
}
