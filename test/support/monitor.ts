// When addresses come and go in a node, as the kernel reports it.
import type { Node } from "./node.ts";
import type { Program } from "./program.ts";
import { until } from "./until.ts";

export interface AddressEvent {
  /** When it was read: never before it happened. */
  timeUs: number;
  gone: boolean;
  address: string;
}

/** A running `ip monitor address`. */
export class AddressMonitor {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  /** Resolves when it listens. */
  static async on(node: Node): Promise<AddressMonitor> {
    const program = node.spawn("ip monitor", ["ip", "-ts", "-oneline", "monitor", "address"]);
    // It says nothing at first: an address on the loopback shows that it listens.
    await until(async () => {
      await node.ip(
        "address",
        "replace",
        "127.0.0.77/32",
        "dev",
        "lo",
        "valid_lft",
        "60",
        "preferred_lft",
        "60",
      );
      return program.lines.length > 0;
    }, () => "ip monitor does not listen");
    await node.ip("address", "del", "127.0.0.77/32", "dev", "lo");
    return new AddressMonitor(program);
  }

  /** What happened so far to an address (without prefix length). */
  events(address: string): AddressEvent[] {
    return this.#program.lines.flatMap((line) => {
      const m = /^\[([^\]]+)\]\s*(Deleted )?\d+: \S+\s+inet6? ([^/ ]+)/.exec(line);
      if (m === null || m[3] !== address) return [];
      return [{ timeUs: stampUs(m[1]!), gone: m[2] !== undefined, address }];
    });
  }

  /** The first arrival or departure of an address, as soon as it is there. */
  first(address: string, gone: boolean): Promise<AddressEvent> {
    return until(
      () => this.events(address).find((e) => e.gone === gone),
      () => `${address} never ${gone ? "went" : "came"}:\n${this.#program.log}`,
    );
  }
}

/** `2026-11-21T22:22:54.123456`, local time. */
function stampUs(text: string): number {
  const [seconds = "", fraction = "0"] = text.split(".");
  return new Date(seconds).getTime() * 1000 + Number(fraction.padEnd(6, "0"));
}
