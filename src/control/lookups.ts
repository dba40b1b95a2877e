// Whether hosts have addresses, for `baton check`: asked of the machine's own resolver, and not for long.
import { lookup } from "node:dns/promises";

/** So long a check waits for the name servers, whose own limits are far longer. */
const LIMIT_MS = 1_000;

/** Lookups of one command. */
export class Lookups {
  #open = 0;

  /** Whether there is an address of the host; no answer in time counts as no. */
  async resolves(host: string): Promise<boolean> {
    if (host === "") return false;
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), LIMIT_MS);
    this.#open++;
    const answer = lookup(host).then(() => true, () => false).finally(() => this.#open--);
    try {
      return await Promise.race([late.promise, answer]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the process if an answer is still awaited: a lookup cannot be called back, and would hold it for seconds. */
  async leave(exitCode: number): Promise<void> {
    if (this.#open === 0) return;
    await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
    process.exit(exitCode);
  }
}
