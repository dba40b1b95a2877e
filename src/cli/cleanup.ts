// baton cleanup: takes away what a killed daemon has left behind.
import { cleanUp } from "../control/cleanup.ts";
import { knownRuntimePaths, runtimePaths } from "../control/runtime.ts";
import { print } from "./output.ts";
import { parseOptions } from "./usage.ts";

const HELP = `baton cleanup: take away what a daemon that was killed has left in this network namespace

Removes the addresses, virtual MAC interfaces, routes, rules and nftables table that it had recorded and that still
carry its mark, puts back routes and kernel parameters that it had changed, and removes its socket, pid file and
records.
Nothing of a daemon that runs is touched. The service unit calls this after every stop; the next start does the
same by itself. Without options it is about every daemon of the namespace, those with a name (instance) included.

      --socket PATH  the daemon's control socket, if it was started with --socket
      --pid PATH     its pid file, if it was started with --pid`;

/** Cleans up. Resolves with 0; rejects with an Error of one sentence when there is nothing to remove but what a running daemon holds. */
export async function cleanup(args: string[]): Promise<number> {
  const { values } = parseOptions("cleanup", args, {
    socket: { type: "string" },
    pid: { type: "string" },
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    print(HELP + "\n");
    return 0;
  }
  const { socket, pid } = values;
  const named = socket !== undefined || pid !== undefined;
  const daemons = named ? [runtimePaths({ socket, pid })] : knownRuntimePaths();
  const { removed, running } = await cleanUp(daemons);
  print(removed.map((text) => `removed ${text}\n`).join(""));
  if (running.length > 0 && removed.length === 0) {
    throw new Error(
      `a daemon runs (behind ${running.join(", ")}): stop it first, then nothing is left to clean up`,
    );
  }
  return 0;
}
