// baton licenses: what this program and everything inside it is licensed under.
import notices from "./licenses.txt" with { type: "text" };
import { parseOptions } from "./usage.ts";

const HELP = `baton licenses: print the licences of this program and of everything inside it

With the full texts, and how to relink it with changed libraries.`;

/** Prints the notices. Returns 0. */
export function licenses(args: string[]): number {
  const { values } = parseOptions("licenses", args, { help: { type: "boolean", short: "h" } }, false);
  // A reader that has seen enough, as head(1), is no error.
  process.stdout.on("error", () => process.exit(0));
  process.stdout.write(values.help ? HELP + "\n" : notices);
  return 0;
}
