// Command-line words to options, with errors for people.
//
// The types are those of node:util's parseArgs, the code is not: loading that module costs the daemon 1 MB.
import type { parseArgs, ParseArgsOptionsConfig } from "node:util";

/** The command line makes no sense: one sentence with the cure. */
export class UsageError extends Error {}

type Parsed<T extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: boolean; strict: true }>
>;

/**
 * Options as POSIX and GNU have them: `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`, flags in one word
 * (`-ab`), and `--` before words that are none. Of an option that is given twice the last one counts.
 * Throws a UsageError that names the command's help.
 */
export function parseOptions<T extends ParseArgsOptionsConfig>(
  command: string,
  args: string[],
  options: T,
  allowPositionals: boolean,
): Parsed<T> {
  const refuse = (text: string): never => {
    throw new UsageError(`${text}: see baton ${command} --help`);
  };
  const values: Record<string, string | boolean> = {};
  const positionals: string[] = [];
  const waiting = [...args];
  const takeValue = (shown: string): string => {
    const next = waiting.shift();
    if (next === undefined) return refuse(`option ${shown} needs a value`);
    // Most likely the value was forgotten; `--name=-x` says that it was not.
    if (/^-./.test(next)) return refuse(`option ${shown} needs a value, and ${next} looks like an option`);
    return next;
  };
  const long = (word: string): void => {
    const [shown, value] = split(word);
    const name = shown.slice(2);
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) refuse(`unknown option ${shown}`);
    else if (option.type === "string") values[name] = value ?? takeValue(shown);
    else if (value !== null) refuse(`option ${shown} takes no value`);
    else values[name] = true;
  };
  const short = (word: string): void => {
    for (let i = 1; i < word.length; i++) {
      const shown = `-${word[i]}`;
      const [name, option] = Object.entries(options).find(([, o]) => o.short === word[i]) ?? [];
      if (name === undefined) refuse(`unknown option ${shown}`);
      else if (option?.type !== "string") values[name] = true;
      else {
        values[name] = i + 1 < word.length ? word.slice(i + 1) : takeValue(shown);
        return;
      }
    }
  };
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    if (word === "--") positionals.push(...waiting.splice(0));
    else if (word.startsWith("--")) long(word);
    else if (/^-./.test(word)) short(word);
    else positionals.push(word);
  }
  if (!allowPositionals && positionals.length > 0) refuse(`unexpected word ${positionals[0]}`);
  return { values, positionals } as Parsed<T>;
}

/** `--name=value` in its two parts; null where no value is given. */
function split(word: string): [name: string, value: string | null] {
  const at = word.indexOf("=");
  return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}
