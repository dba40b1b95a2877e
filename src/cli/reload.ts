// baton reload: has the running daemon read its file again, and shows what came of it.
import { type ReloadAnswer, renderSteps } from "../control/reload.ts";
import { runtimePaths } from "../control/runtime.ts";
import { askDaemon } from "./ask.ts";
import { parseOptions } from "./usage.ts";

const HELP = `baton reload: have the running daemon read its configuration again

Waits until the daemon is done, and shows what it found in the file and what it changed. A file with errors
is refused whole: the running configuration goes on. SIGHUP does the same and only logs it;
\`baton check --against-running FILE\` shows what would change and changes nothing.
Exit code: 0 applied, 1 when no daemon answers, 2 refused.

      --json         the answer as JSON
      --socket PATH  the daemon's control socket, if it was started with --socket`;

const EXIT_REFUSED = 2;

/** Reloads and prints the verdict. Resolves with the exit code. */
export async function reload(args: string[]): Promise<number> {
  const { values } = parseOptions("reload", args, {
    json: { type: "boolean" },
    socket: { type: "string" },
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    process.stdout.write(HELP + "\n");
    return 0;
  }
  const { socket } = runtimePaths({ socket: values.socket });
  const answer = await askDaemon(socket, "reload") as ReloadAnswer;
  process.stdout.write(values.json ? JSON.stringify(answer, null, 2) + "\n" : text(answer));
  return answer.verdict === "applied" ? 0 : EXIT_REFUSED;
}

function text({ verdict, reason, findings, steps }: ReloadAnswer): string {
  const found = findings.map(({ severity, text: line }) => `${severity}: ${line}\n`).join("");
  return found + (verdict === "applied" ? `applied\n${renderSteps(steps)}` : `refused: ${reason}\n`);
}
