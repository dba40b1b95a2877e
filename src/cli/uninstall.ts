// baton uninstall: removes what install has written, and nothing else.
import { dirname } from "node:path";
import { manifestPath, readManifest } from "./install/manifest.ts";
import { takeAway } from "./install/put.ts";
import { reloadUnits, runningDaemon } from "./install/running.ts";
import { Tree } from "./install/tree.ts";
import { print } from "./output.ts";
import { DEFAULT_FILES } from "./run.ts";
import { parseOptions } from "./usage.ts";

const HELP = `baton uninstall: remove what install has written

Follows the record that install has kept. A file that was changed since is left and named; configurations are
yours and stay. Safe to repeat.

      --root DIR    the image at DIR instead of this machine
      --prefix DIR  the prefix that install was given; default /usr
      --force       remove changed files too (never a configuration)
      --dry-run     say what would be done, and do nothing`;

/** Uninstalls. Resolves with 0. */
export async function uninstall(args: string[]): Promise<number> {
  const { values } = parseOptions("uninstall", args, {
    root: { type: "string" },
    prefix: { type: "string" },
    force: { type: "boolean" },
    "dry-run": { type: "boolean" },
    help: { type: "boolean", short: "h" },
  }, false);
  if (values.help) {
    print(HELP + "\n");
    return 0;
  }
  const say = (line: string) => print(line + "\n");
  const tree = new Tree(values.root ?? "/");
  const prefix = (values.prefix ?? "/usr").replace(/\/+$/, "");
  const options = { dryRun: values["dry-run"] === true, force: values.force === true };
  const manifest = readManifest(tree, prefix);
  if (manifest === null) {
    say(`nothing is installed: there is no ${tree.host(manifestPath(prefix))}`);
    return 0;
  }
  const pid = tree.live && !options.dryRun ? await runningDaemon() : null;
  if (pid !== null) {
    throw new Error(
      `a daemon runs (pid ${pid}): stop it first, with the service that started it or kill ${pid}`,
    );
  }
  for (const entry of manifest.entries.toReversed()) {
    const outcome = takeAway(tree, entry, options);
    if (outcome !== null) say(outcome.line);
  }
  for (const file of DEFAULT_FILES) if (tree.has(file)) say(`left       ${tree.host(file)}: it is yours`);
  if (!options.dryRun) {
    tree.remove(manifestPath(prefix));
    tree.removeDirectory(dirname(manifestPath(prefix)));
    for (const directory of manifest.directories.toReversed()) tree.removeDirectory(directory);
  }
  const told = reloadUnits(tree, options.dryRun);
  if (told !== null) say(told);
  return 0;
}
