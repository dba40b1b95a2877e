// baton convert: the same configuration in the other syntax.
import { hostname } from "node:os";
import { writeFileSync } from "node:fs";
import { conversionCode, convert as convertFile } from "../config/convert.ts";
import { renderDiagnostic } from "../config/diagnostic.ts";
import { print } from "./output.ts";
import { parseOptions, UsageError } from "./usage.ts";

const HELP = `baton convert FILE --to yaml|conf: the same configuration in the other syntax

Prints it, with the comments of FILE at the statements that they speak about. What includes, @ID lines,
definitions and repetitions stand for on this machine is written out. A statement without effect becomes a
comment, and a warning names it. The result is read again before it is printed: when it would not mean the same,
an error says what differs and nothing is printed.
Exit code: 0 done, 1 done with warnings, 2 not done.

  --to yaml|conf        the syntax to write
  -o, --output FILE     write to FILE, which must not exist yet
  -i, --config-id ID    the name that @ID lines of keepalived.conf are compared with`;

/** Converts a file. Returns the exit code. */
export function convert(args: string[]): number {
  const { values, positionals } = parseOptions("convert", args, {
    to: { type: "string" },
    output: { type: "string", short: "o" },
    "config-id": { type: "string", short: "i" },
    help: { type: "boolean", short: "h" },
  }, true);
  if (values.help) {
    print(HELP + "\n");
    return 0;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw new UsageError("convert takes one file: baton convert FILE --to yaml|conf");
  }
  const { to } = values;
  if (to !== "yaml" && to !== "conf") {
    throw new UsageError("--to takes yaml or conf: see baton convert --help");
  }
  const configId = values["config-id"];
  const result = convertFile(
    file,
    { hostName: hostname(), ...(configId === undefined ? {} : { configId }) },
    to,
  );
  const color = process.stderr.isTTY === true && process.env.NO_COLOR === undefined;
  for (const found of result.diagnostics) {
    process.stderr.write(renderDiagnostic(found, color).trimEnd() + "\n");
  }
  if (result.text === null) return 2;
  if (values.output === undefined) print(result.text);
  else if (!put(values.output, result.text)) return 2;
  return conversionCode(result);
}

/** Writes the file, which may hold passwords, for its owner only. False: reported. */
function put(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    const cure = code === "EEXIST"
      ? "exists already; remove it or name another"
      : `cannot be written (${code}); name another file or correct its folder`;
    process.stderr.write(`baton convert: ${path} ${cure}\n`);
    return false;
  }
}
