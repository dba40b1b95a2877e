// baton reload: has the running daemon read its file again, and shows what came of it.
import { type ReloadAnswer, renderSteps } from "../control/steps.ts";
import { askDaemon, ASKING, show } from "./ask.ts";
import { print } from "./output.ts";
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
    ...ASKING,
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    print(HELP + "\n");
    return 0;
  }
  const answer = await askDaemon<ReloadAnswer>(values.socket, "reload");
  show(answer, values.json, text);
  return answer.verdict === "applied" ? 0 : EXIT_REFUSED;
}

function text({ verdict, reason, findings, steps }: ReloadAnswer): string {
  const found = findings.map(({ severity, text: line }) => `${severity}: ${line}\n`).join("");
  return found + (verdict === "applied" ? `applied\n${renderSteps(steps)}` : `refused: ${reason}\n`);
}
