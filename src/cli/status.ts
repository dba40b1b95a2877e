// baton status: what the running daemon of this network namespace is doing.
import type { Status } from "../status/snapshot.ts";
import { renderTable } from "../status/text.ts";
import { askDaemon, ASKING, show } from "./ask.ts";
import { isColorful, print } from "./output.ts";
import { parseOptions } from "./usage.ts";

const HELP = `baton status: ask the running daemon what it is doing

      --json         the status as JSON, the same as /status of the HTTP endpoint
      --watch        show it again each second until interrupted
      --socket PATH  the daemon's control socket, if it was started with --socket`;

const WATCH_MS = 1000;
/** ECMA-48: to the first line, and everything below is erased. */
const CLEAR = "\x1b[H\x1b[2J";

/** Prints the status. Resolves with 0, or 1 when no daemon answers. */
export async function status(args: string[]): Promise<number> {
  const { values } = parseOptions("status", args, {
    ...ASKING,
    watch: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    print(HELP + "\n");
    return 0;
  }
  const color = isColorful();
  const before = values.watch && process.stdout.isTTY ? CLEAR : "";
  for (;;) {
    const answer = await askDaemon<Status>(values.socket, "status");
    const isRead = show(answer, values.json, (status) => before + renderTable(status, { color }));
    if (!isRead || !values.watch) return 0;
    await Bun.sleep(WATCH_MS);
  }
}
