// baton cleanup: takes away what a killed daemon has left behind.
import { cleanUp } from "../control/cleanup.ts";
import { runtimePaths } from "../control/runtime.ts";
import { parseOptions } from "./usage.ts";

const HELP = `baton cleanup: take away what a daemon that was killed has left in this network namespace

Removes the addresses, virtual MAC interfaces, routes, rules and nftables table that it had recorded and that still
carry its mark, puts back routes and kernel parameters that it had changed, and removes its socket, pid file and
records.
Nothing is touched while a daemon runs. The service unit calls this after every stop; the next start does the
same by itself.

      --socket PATH  the daemon's control socket, if it was started with --socket
      --pid PATH     its pid file, if it was started with --pid`;

/** Cleans up. Returns 0, or 1 when a daemon runs. */
export function cleanup(args: string[]): number {
  const { values } = parseOptions("cleanup", args, {
    socket: { type: "string" },
    pid: { type: "string" },
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    process.stdout.write(HELP + "\n");
    return 0;
  }
  const paths = runtimePaths({ socket: values.socket, pid: values.pid });
  const done = cleanUp(paths);
  if (done === null) {
    throw new Error(`a daemon runs (it holds ${paths.pid}): stop it first, then nothing is left to clean up`);
  }
  for (const text of done.removed) process.stdout.write(`removed ${text}\n`);
  return 0;
}
