// baton check: parse and lint, each finding with its line, a caret and the cure.
import { hostname } from "node:os";
import { advise } from "../config/advice.ts";
import { type Diagnostic, exitCode, inOrder, renderDiagnostic } from "../config/diagnostic.ts";
import { lintHosts, lintMachine } from "../config/machine.ts";
import { comparePeers, type PeerFile } from "../config/pairs.ts";
import { readConfig, yamlParserFor } from "../config/read.ts";
import { lintSurroundings } from "../config/surroundings.ts";
import { Lookups } from "../control/lookups.ts";
import { machineProbes } from "../control/probes.ts";
import type { Step } from "../control/steps.ts";
import { isColorful, print } from "./output.ts";
import { parseOptions, UsageError } from "./usage.ts";

const HELP = `baton check FILE...: check configuration files

Prints each finding as file:line:column with the line, a caret and the cure. An error means that \`baton run\`
would not start; a warning names what is left out or what may surprise. What this machine lacks (an interface,
a script, a user) is a warning. Files of several routers are also compared with each other.
Exit code: 0 clean, 1 with warnings, 2 with errors.

  -i, --config-id ID    the name that @ID lines of keepalived.conf are compared with
      --against-running show what a reload with FILE would change in the running daemon; changes nothing
      --socket PATH     that daemon's control socket, if it was started with --socket`;

/** Checks files. Resolves with the exit code. */
export async function check(args: string[]): Promise<number> {
  const { values, positionals } = parseOptions("check", args, {
    "config-id": { type: "string", short: "i" },
    "against-running": { type: "boolean" },
    socket: { type: "string" },
    help: { type: "boolean", short: "h" },
  }, true);
  if (values.help) {
    print(HELP + "\n");
    return 0;
  }
  if (positionals.length === 0) throw new UsageError("there is no file to check: baton check FILE...");
  if (values["against-running"] && positionals.length > 1) {
    throw new UsageError("the running daemon is compared with one file: baton check --against-running FILE");
  }
  const color = isColorful();
  const configId = values["config-id"];
  const loaded = await Promise.all(positionals.map(async (file) => {
    const options = { hostName: hostname(), ...(configId === undefined ? {} : { configId }) };
    return { file, ...readConfig(file, options, await yamlParserFor(file)) };
  }));
  const peers = loaded.flatMap(({ file, placed }) => placed === null ? [] : [{ file, placed }]);
  const probes = machineProbes();
  const lookups = new Lookups();
  const all: Diagnostic[] = [];
  for (const { file, config, understood, diagnostics, places, placed } of loaded) {
    const found = [...diagnostics];
    if (understood !== null) {
      found.push(
        ...lintMachine(understood.config, probes, places, understood.placed.globals),
        ...lintSurroundings(file, understood.placed, probes),
        ...await lintHosts(file, places, (host) => lookups.resolves(host)),
      );
    }
    if (config !== null && placed !== null) {
      found.push(
        ...advise(file, placed, peers.length < 2),
        ...compared(file, peers),
      );
    }
    print(inOrder(file, found).map((d) => `${renderDiagnostic(d, color).trimEnd()}\n`).join(""));
    if (found.length === 0) print(`${file}: no findings, ${config?.instances.length ?? 0} instances\n`);
    all.push(...found);
    if (config !== null && values["against-running"]) {
      const { askDaemon } = await import("./ask.ts");
      const { renderSteps } = await import("../control/steps.ts");
      const answer = await askDaemon<{ steps: Step[] }>(values.socket, `plan ${JSON.stringify(config)}`);
      print(`a reload would do this:\n${renderSteps(answer.steps)}`);
    }
  }
  const code = exitCode(all);
  await lookups.leave(code);
  return code;
}

/** The file against each that was named before it. */
function compared(file: string, peers: readonly PeerFile[]): Diagnostic[] {
  const at = peers.findIndex((peer) => peer.file === file);
  return peers.slice(0, at).flatMap((earlier) => comparePeers(earlier, peers[at]!, peers.length === 2));
}
