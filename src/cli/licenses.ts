// baton licenses: what this program and everything inside it is licensed under.
import notices from "./licenses.txt" with { type: "text" };
import { print } from "./output.ts";
import { parseOptions } from "./usage.ts";

const HELP = `baton licenses: print the licences of this program and of everything inside it

With the full texts, and how to relink it with changed libraries.`;

/** Prints the notices. Returns 0. */
export function licenses(args: string[]): number {
  const { values } = parseOptions("licenses", args, { help: { type: "boolean", short: "h" } }, false);
  print(values.help ? HELP + "\n" : notices);
  return 0;
}
