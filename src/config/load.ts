// A file to a configuration, in either syntax: the way in for `check` and whoever reads a file only once.
import { type LoadOptions, type LoadResult, readConfig } from "./read.ts";
import { parseYaml } from "./yaml.ts";

export { type Diagnostic, exitCode, renderDiagnostic } from "./diagnostic.ts";
export type { LoadOptions, LoadResult } from "./read.ts";

/** `readConfig` with the parser of YAML at hand: never throws on bad input, every problem is a diagnostic. */
export function loadConfig(path: string, options: LoadOptions): LoadResult {
  return readConfig(path, options, parseYaml);
}
