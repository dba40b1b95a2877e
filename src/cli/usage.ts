// Command-line words to options, with errors for people.
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** The command line makes no sense: one sentence with the cure. */
export class UsageError extends Error {}

/** `parseArgs` of node:util, strict; its errors become UsageErrors that name the command's help. */
export function parseOptions<T extends ParseArgsOptionsConfig>(
  command: string,
  args: string[],
  options: T,
  allowPositionals: boolean,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: boolean; strict: true }>> {
  try {
    return parseArgs({ args, options, allowPositionals, strict: true });
  } catch (error) {
    const text = error instanceof Error ? error.message.split(".")[0] : String(error);
    throw new UsageError(`${text}: see baton ${command} --help`);
  }
}
