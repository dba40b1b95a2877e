// baton check: parse and lint, each finding with its line, a caret and the cure.
import { hostname } from "node:os";
import { exitCode, loadConfig } from "../config/load.ts";
import { type Diagnostic, renderDiagnostic } from "../config/diagnostic.ts";
import { lintMachine } from "../config/machine.ts";
import { machineProbes } from "../control/probes.ts";
import { parseOptions, UsageError } from "./usage.ts";

const HELP = `baton check FILE...: check configuration files

Prints each finding as file:line:column with the line, a caret and the cure. An error means that \`baton run\`
would not start; a warning names what is left out or what may surprise. What this machine lacks (an interface,
a script, a user) is a warning.
Exit code: 0 clean, 1 with warnings, 2 with errors.

  -i, --config-id ID    the name that @ID lines of keepalived.conf are compared with`;

/** Checks files. Returns the exit code. */
export function check(args: string[]): number {
  const { values, positionals } = parseOptions("check", args, {
    "config-id": { type: "string", short: "i" },
    help: { type: "boolean", short: "h" },
  }, true);
  if (values.help) {
    process.stdout.write(HELP + "\n");
    return 0;
  }
  if (positionals.length === 0) throw new UsageError("there is no file to check: baton check FILE...");
  const color = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  const configId = values["config-id"];
  const all: Diagnostic[] = [];
  for (const file of positionals) {
    const { config, diagnostics, places } = loadConfig(file, {
      hostName: hostname(),
      ...(configId === undefined ? {} : { configId }),
    });
    const found = config === null
      ? diagnostics
      : [...diagnostics, ...lintMachine(config, machineProbes(), places)];
    for (const d of found) process.stdout.write(renderDiagnostic(d, color).trimEnd() + "\n");
    if (found.length === 0) {
      process.stdout.write(`${file}: no findings, ${config?.instances.length ?? 0} instances\n`);
    }
    all.push(...found);
  }
  return exitCode(all);
}
