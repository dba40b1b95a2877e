// baton status: what the running daemon of this network namespace is doing.
import { runtimePaths } from "../control/runtime.ts";
import type { Status } from "../status/snapshot.ts";
import { renderTable } from "../status/text.ts";
import { askDaemon } from "./ask.ts";
import { parseOptions } from "./usage.ts";

const HELP = `baton status: ask the running daemon what it is doing

      --json         the status as JSON, the same as /status of the HTTP endpoint
      --watch        show it again each second until interrupted
      --socket PATH  the daemon's control socket, if it was started with --socket`;

const WATCH_MS = 1000;

/** Prints the status. Resolves with 0, or 1 when no daemon answers. */
export async function status(args: string[]): Promise<number> {
  const { values } = parseOptions("status", args, {
    json: { type: "boolean" },
    watch: { type: "boolean" },
    socket: { type: "string" },
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    process.stdout.write(HELP + "\n");
    return 0;
  }
  const { socket } = runtimePaths({ socket: values.socket });
  const color = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  for (;;) {
    const answer = await askDaemon(socket, "status") as Status;
    const text = values.json ? JSON.stringify(answer, null, 2) + "\n" : renderTable(answer, { color });
    process.stdout.write(
      values.watch && !values.json && process.stdout.isTTY ? `\x1b[H\x1b[2J${text}` : text,
    );
    if (!values.watch) return 0;
    await Bun.sleep(WATCH_MS);
  }
}
