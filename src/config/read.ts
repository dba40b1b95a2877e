// A file to a configuration, in one of two syntaxes. The parser of YAML is brought along: it is big, and most
// daemons never need it.
import { readInterfaceDelays } from "./delays.ts";
import { warnOfBraces } from "./braces.ts";
import { type Context, Places } from "./context.ts";
import { readDaemonSettings } from "./daemon.ts";
import { decodeBlock } from "./decode.ts";
import { type Decoding, LaterKeywords } from "./decoding.ts";
import { type Diagnostic, exitCode, Report } from "./diagnostic.ts";
import { Expander } from "./expand.ts";
import { type Files, systemFiles } from "./files.ts";
import { readGlobals } from "./globals.ts";
import { readGroups } from "./groups.ts";
import { readInstances } from "./instances.ts";
import { ReadingOrder } from "./order.ts";
import { readPacing } from "./pacing.ts";
import { readLinkbeat } from "./linkbeat.ts";
import type { PlacedInstance } from "./placed.ts";
import { useDirectories } from "./names.ts";
import { parseLines } from "./keepalived.ts";
import { readLines } from "./lex.ts";
import { checkInstances, usedScripts } from "./lint.ts";
import type { Config, GlobalConfig } from "./model.ts";
import { type PlacedScript, readScripts } from "./scripts.ts";
import type { Settings } from "./settings.ts";
import type { SourceLine, Text } from "./text.ts";
import { RulePriorities } from "./rules.ts";
import { shareAlike } from "./shared.ts";
import { holdsAnything, readStatics } from "./statics.ts";
import { readTrackGroups } from "./track_groups.ts";
import { readTrackable, usedTrackable } from "./tracked.ts";
import type { Block, Syntax } from "./tree.ts";

/** Makes the tree of YAML text; null: not YAML, and reported. */
export type YamlParser = (file: string, bytes: Uint8Array, report: Report) => Block | null;

/** What a configuration depends on besides its text. */
export interface LoadOptions {
  /** The name that @ conditions compare (-i); without it the host name up to its first dot. */
  configId?: string;
  /** Default of router_id. */
  hostName: string;
  /** Instead of the real file system. */
  files?: Files;
  /** Instead of the environment of the process, for ${_ENV NAME}. */
  environment?: Record<string, string | undefined>;
  /** Every include must exist and be readable, as with include_check all (-e). */
  allIncludes?: boolean;
  /** Instead of Math.random, for ${_RANDOM}. */
  random?: () => number;
}

/** `config` is null exactly when there is an error. */
export interface LoadResult {
  config: Config | null;
  /** `config`, or what was understood in spite of the errors: for the checks against the machine. Null: there is no file. */
  understood: Decoded | null;
  diagnostics: Diagnostic[];
  /** The lines that count, includes resolved; a secret is among them. */
  effective: () => string;
  /** For lintMachine and lintHosts. */
  places: Places;
  /** For advise and comparePeers; null where `config` is. */
  placed: Placed | null;
}

/** What the text says, and the places where it does. */
interface Decoded {
  config: Config;
  placed: Placed;
}

/** A configuration with the places of what it says. */
export interface Placed {
  /** Of global_defs. */
  globals: Settings;
  global: GlobalConfig;
  instances: readonly PlacedInstance[];
  /** Only scripts that an instance tracks. */
  scripts: readonly PlacedScript[];
}

/** The parser that `readConfig` needs for this file; null for keepalived.conf. */
export async function yamlParserFor(path: string): Promise<YamlParser | null> {
  return syntaxOf(path) === "yaml" ? (await import("./yaml.ts")).parseYaml : null;
}

/**
 * Reads a configuration: .yaml and .yml as YAML, anything else as keepalived.conf. Never throws on bad input:
 * every problem is a diagnostic. `yaml` must be there for a YAML file.
 */
export function readConfig(path: string, options: LoadOptions, yaml: YamlParser | null): LoadResult {
  const { config, understood, diagnostics, places, placed, effective } = readDocument(path, options, yaml);
  return { config, understood, diagnostics, places, placed, effective };
}

/** A configuration with the text that it came from, for `convert`. */
export interface ReadDocument extends LoadResult {
  syntax: Syntax;
  /** Null when there is no tree: no such file, or not YAML. */
  root: Block | null;
  /** The lines of all its files in the order of reading. */
  lines: SourceLine[];
  order: ReadingOrder;
}

/** `readConfig` that gives the tree and the lines too. */
export function readDocument(path: string, options: LoadOptions, yaml: YamlParser | null): ReadDocument {
  const report = new Report(path);
  const syntax = syntaxOf(path);
  const places = new Places();
  const { root, lines, logical, effective } = readTree(path, syntax, options, report, yaml);
  const order = new ReadingOrder(syntax === "conf" ? lines : []);
  const decoded = root === null
    ? null
    : decodeTree(path, root, options.hostName, { report, syntax, places, order });
  // Nothing is wrong with the braces of a file that nothing is found in.
  if (!report.silent) warnOfBraces(logical, report);
  const diagnostics = report.diagnostics();
  const usable = exitCode(diagnostics) === 2 ? null : decoded;
  const result = {
    config: usable?.config ?? null,
    understood: decoded,
    placed: usable?.placed ?? null,
    diagnostics,
    places,
    effective: () => `${effective().join("\n")}\n`,
  };
  return { ...result, syntax, root, lines, order };
}

/** What the name of a file says about its syntax. */
function syntaxOf(path: string): Syntax {
  return /\.ya?ml$/i.test(path) ? "yaml" : "conf";
}

function readTree(
  path: string,
  syntax: Syntax,
  options: LoadOptions,
  report: Report,
  yaml: YamlParser | null,
): { root: Block | null; lines: SourceLine[]; logical: readonly Text[]; effective: () => string[] } {
  const files = options.files ?? systemFiles;
  const reading = files.read(path, true);
  if (!reading.ok) {
    const cures = {
      missing: "the file does not exist; correct the path",
      unreadable: "the file cannot be read; change its permissions or run as root",
      "not a regular file": "this is not a file; name a configuration file",
      executable: "the file is executable; run chmod -x on it",
    };
    report.error(null, cures[reading.reason]);
    return { root: null, lines: [], logical: [], effective: () => [] };
  }
  if (syntax === "yaml") {
    if (yaml === null) throw new TypeError(`${path} is YAML, and its parser was not brought along`);
    const lines = readLines(path, reading.bytes, new Report(path));
    const effective = () => lines.map(({ text }) => text);
    return { root: yaml(path, reading.bytes, report), lines, logical: [], effective };
  }
  const configId = options.configId ?? options.hostName.split(".")[0] ?? "";
  const environment = options.environment ?? process.env;
  const random = options.random ?? Math.random;
  const predefined = { configId, environment, random };
  const expander = new Expander(files, report, predefined, options.allIncludes ?? false);
  expander.main(path, reading.realPath, reading.bytes);
  const effective = () => expander.lines.map(({ text }) => text);
  const { lines: logical, sources: lines } = expander;
  return { root: parseLines(logical, report), lines, logical, effective };
}

function decodeTree(file: string, root: Block, hostName: string, context: Context): Decoded {
  const decoding: Decoding = { ...context, later: new LaterKeywords() };
  const settings = decodeBlock(decoding, root, "root", "");
  const { global, defaults, settings: globals } = readGlobals(
    decoding,
    settings.statements("global_defs"),
    hostName,
  );
  useDirectories(decoding, globals);
  const scripts = readScripts(decoding, settings.statements("vrrp_script"), global.scriptUser);
  const priorities = new RulePriorities();
  const statics = readStatics(decoding, settings, priorities, globals.text("default_interface"));
  const trackable = readTrackable(decoding, settings);
  const placed = readInstances(
    { ...decoding, defaults, scripts, trackable, priorities, silent: new Map() },
    settings.statements("vrrp_instance"),
  );
  const groups = readGroups(
    { ...decoding, defaults, scripts, trackable },
    settings.statements("vrrp_sync_group"),
    placed,
  );
  readTrackGroups(decoding, settings.statements("track_group"), placed, statics);
  checkInstances(context, placed);
  const used = usedScripts(context, scripts, placed);
  const instances = placed.map(({ instance }) => instance);
  const { files, processes } = usedTrackable(context, trackable, instances);
  const interfaceDelays = readInterfaceDelays(context, settings);
  const pacing = readPacing(decoding, settings);
  const linkbeat = readLinkbeat(decoding, settings, placed);
  shareAlike(instances);
  decoding.later.report(context);
  if (
    instances.length === 0 && !holdsAnything(statics) && trackable.bfds.sessions.length === 0 &&
    exitCode(context.report.diagnostics()) !== 2
  ) {
    context.report.warning(null, "there is no usable vrrp_instance, so nothing would run; add one");
  }
  return {
    config: {
      file,
      daemon: readDaemonSettings(decoding, settings, globals),
      global,
      instances,
      groups,
      scripts: used.map(({ script }) => script),
      files,
      processes,
      bfds: trackable.bfds.sessions,
      interfaceDelays,
      linkbeat,
      pacing,
      statics,
    },
    placed: { globals, global, instances: placed, scripts: used },
  };
}
