// The parity program: built dynamic and static, it must print the same. Words name the groups to run, all by default.
import { computing, hot } from "./computing.ts";
import type { Items } from "./item.ts";
import { kernel } from "./kernel.ts";
import { network } from "./network.ts";
import { childProcess, processes } from "./processes.ts";
import { workers } from "./workers.ts";

const GROUPS: Record<string, Items> = { hot, computing, workers, network, processes, kernel };
/** Limit of one item, in milliseconds. */
const LIMIT_MS = 20_000;

const words = process.argv.slice(2);
if (words[0] === "child") await childProcess(words[1] ?? "");
else await parity(words.length === 0 ? Object.keys(GROUPS) : words);

async function parity(groups: string[]): Promise<void> {
  for (const group of groups) {
    for (const [name, item] of Object.entries(GROUPS[group] ?? {})) {
      console.log(`${group}: ${name}: ${await outcome(item)}`);
    }
  }
  process.exit(0);
}

async function outcome(item: () => unknown): Promise<string> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("it did not end in time")), LIMIT_MS);
  try {
    return JSON.stringify(await Promise.race([item(), promise])) ?? "done";
  } catch (error) {
    return `FAILED ${error instanceof Error ? error.stack : String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}
