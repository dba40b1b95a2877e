// A client that pings an address without a pause, and what it lost.
import type { Node } from "./node.ts";
import type { Program } from "./program.ts";
import { within } from "./until.ts";

export interface Loss {
  sent: number;
  received: number;
  /** Sequence numbers without an answer, before the last that was answered. */
  lost: number[];
  /** Longest time between two answers, in milliseconds. */
  gapMs: number;
}

/** A running ping. */
export class Client {
  readonly #program: Program;

  constructor(node: Node, address: string, intervalMs = 5) {
    const words = ["ping", "-n", "-D", "-i", String(intervalMs / 1000), "-W", "1"];
    this.#program = node.spawn(`ping ${address}`, [...words, address]);
  }

  /** Resolves when the address answers. */
  async answered(): Promise<void> {
    await this.#program.waitFor(/icmp_seq=\d+.*time=/);
  }

  /** Resolves after `count` further answers. */
  async answers(count: number): Promise<void> {
    const end = this.#answers().length + count;
    const enough = (async () => {
      while (this.#answers().length < end) {
        await this.#program.waitFor(/icmp_seq=\d+.*time=/, this.#program.mark());
      }
    })();
    await within(enough, () => `the address stopped answering:\n${this.#program.lines.slice(-5).join("\n")}`);
  }

  /** Ends it and counts. */
  async stop(): Promise<Loss> {
    await this.#program.end("SIGINT");
    const answers = this.#answers();
    const summary = /(\d+) packets transmitted/.exec(this.#program.log);
    const seen = new Set(answers.map((a) => a.sequence));
    const last = Math.max(0, ...seen);
    const lost = Array.from({ length: last }, (_, i) => i + 1).filter((n) => !seen.has(n));
    let gapMs = 0;
    answers.forEach((a, i) => gapMs = Math.max(gapMs, a.atMs - (answers[i - 1]?.atMs ?? a.atMs)));
    return { sent: Number(summary?.[1] ?? 0), received: seen.size, lost, gapMs };
  }

  #answers(): { sequence: number; atMs: number }[] {
    return this.#program.lines.flatMap((line) => {
      const m = /^\[([\d.]+)\].*icmp_seq=(\d+).*time=/.exec(line);
      return m === null ? [] : [{ atMs: Number(m[1]) * 1000, sequence: Number(m[2]) }];
    });
  }
}
