// What process 1 runs: the daemon, when the kernel or a container starts the program without a command.

/** Set by the static executable in the child of process 1 (native/static/glue/init.c): `machine` or `container`. */
const MARK = "BATON_INIT";

/**
 * The words of the command line, or `run` in their place. Of a machine's init the kernel makes the words that it
 * does not know itself, so that a first word that is no command means `run` too; a container's are the user's.
 * Takes the mark out of `environment`.
 */
export function commandWords(
  words: string[],
  isCommand: (word: string) => boolean,
  environment: Record<string, string | undefined> = process.env,
): string[] {
  const mark = environment[MARK];
  delete environment[MARK];
  const first = words[0];
  if (mark === undefined) return words;
  if (first === undefined) return ["run"];
  return mark === "machine" && !first.startsWith("-") && !isCommand(first) ? ["run"] : words;
}
