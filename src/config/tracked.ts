// track_file, vrrp_track_process and bfd_instance: their definitions, and the entries that name them, to the model.
import { bad, type Context, definedBelow } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import { type Bfds, isSession, readBfds } from "./bfd.ts";
import type { FileConfig, InstanceConfig, ProcessConfig } from "./model.ts";
import { leftOut, namedOnce, type Placed } from "./once.ts";
import type { Settings } from "./settings.ts";
import { nearest } from "./suggest.ts";
import type { Span } from "./text.ts";
import { readTrackEntry } from "./track.ts";
import type { Statement } from "./tree.ts";
import { parseInteger, readCommand } from "./values.ts";

/** What can be tracked by its name, besides scripts. */
export interface Trackable {
  files: Map<string, Placed<FileConfig>>;
  processes: Map<string, Placed<ProcessConfig>>;
  bfds: Bfds;
}

/** Reads all definitions. What is not usable is reported and left out. */
export function readTrackable(decoding: Decoding, settings: Settings): Trackable {
  for (const { words: [word] } of settings.statements("vrrp_track_file")) {
    decoding.report.warning(word.span, "vrrp_track_file is the old spelling of track_file; write track_file");
  }
  const files = ["track_file", "vrrp_track_file"].flatMap((keyword) => settings.statements(keyword));
  return {
    files: readNamed(decoding, files, readFile),
    processes: readNamed(decoding, settings.statements("vrrp_track_process"), readProcess),
    bfds: readBfds(decoding, settings.statements("bfd_instance")),
  };
}

function readNamed<Thing>(
  decoding: Decoding,
  statements: readonly Statement[],
  read: (decoding: Decoding, statement: Statement, name: string, span: Span) => Thing | undefined,
): Map<string, Placed<Thing>> {
  const found = new Map<string, Placed<Thing>>();
  for (const { statement, name } of namedOnce(decoding, statements, "ends")) {
    const thing = read(decoding, statement, name.value, name.span);
    if (thing !== undefined) found.set(name.value, { thing, span: name.span });
  }
  return found;
}

function readFile(
  decoding: Decoding,
  statement: Statement,
  name: string,
  span: Span,
): FileConfig | undefined {
  const owner = `track_file ${name}`;
  const settings = decodeBlock(decoding, statement.block ?? { statements: [] }, "track_file", owner);
  const path = settings.text("file");
  const init = readInit(decoding, settings);
  if (path === undefined) {
    return leftOut(decoding, statement, span, `${owner} has no file`, "write file /path/to/it");
  }
  const { weight = 1, reverse = false } = settings.weight("weight") ?? {};
  return { name, path, weight, reverse, init };
}

function readInit(decoding: Decoding, settings: Settings): FileConfig["init"] {
  const [statement] = settings.statements("init_file");
  if (statement === undefined) return null;
  const init = { value: 0, overwrite: false };
  for (const { value, span } of statement.words.slice(1)) {
    const number = parseInteger(value);
    if (number !== undefined) init.value = inRange(decoding, number, span) ? number : 0;
    else if (value === "overwrite") init.overwrite = true;
    else if (decoding.syntax === "yaml" && value === "false") return null;
    else if (decoding.syntax === "conf" || value !== "true") {
      bad(
        decoding,
        span,
        `init_file does not take "${value}"`,
        "that is ignored",
        "write init_file VALUE overwrite",
      );
    }
  }
  return init;
}

/** Whether a number can stand in a tracked file; one beyond all weights is remarked on. */
function inRange(decoding: Decoding, number: number, span: Span): boolean {
  const INT32_MAX = 0x7fff_ffff;
  const LARGEST_WEIGHT = 254;
  if (number > INT32_MAX || number < -INT32_MAX - 1) {
    const cure = `write a number from -${LARGEST_WEIGHT} to ${LARGEST_WEIGHT}`;
    bad(decoding, span, `init_file ${number} does not fit 32 bits`, "0 is used", cure);
    return false;
  }
  if (Math.abs(number) > LARGEST_WEIGHT) {
    const what = `init_file ${number} is more than any priority can follow`;
    decoding.report.warning(span, `${what}; write a number from -${LARGEST_WEIGHT} to ${LARGEST_WEIGHT}`);
  }
  return true;
}

function readProcess(
  decoding: Decoding,
  statement: Statement,
  name: string,
  span: Span,
): ProcessConfig | undefined {
  const owner = `vrrp_track_process ${name}`;
  const settings = decodeBlock(decoding, statement.block ?? { statements: [] }, "vrrp_track_process", owner);
  const [given] = settings.statements("process");
  // keepalived ends at one without argument, also at one that would not count.
  const bare = statement.block?.statements.find(({ words }) =>
    words.length === 1 && words[0].value === "process"
  );
  const read = given === undefined ? undefined : readCommand(given, false, decoding);
  if (bare !== undefined && decoding.syntax === "conf") {
    decoding.report.fatal(bare.words[0].span, "argument", "process lacks its argument; write process NAME");
    return undefined;
  }
  if (read === undefined) {
    return leftOut(decoding, statement, span, `${owner} has no process`, "write process NAME");
  }
  const words = [...read.command.words, ...read.ignored.map(({ value }) => value)];
  const { weight = 0, reverse = false } = settings.weight("weight") ?? {};
  const quorumMax = settings.number("quorum_max") ?? null;
  const quorum = settings.number("quorum") ?? (quorumMax === 0 ? 0 : 1);
  if (quorumMax !== null && quorum > quorumMax) {
    const where = settings.span("quorum_max") ?? span;
    const what = `${owner} wants at least ${quorum} and at most ${quorumMax} processes`;
    bad(decoding, where, what, "it never has its quorum", "raise quorum_max or lower quorum");
  }
  const match = settings.text("param_match") as "exact" | "initial" | "partial" | undefined;
  const delayUs = settings.number("delay") ?? 0;
  return {
    name,
    words,
    parameters: match ?? (words.length > 1 ? "exact" : "none"),
    fullCommand: settings.boolean("full_command") ?? false,
    weight,
    reverse,
    quorum,
    quorumMax,
    terminateDelayUs: settings.number("terminate_delay") ?? delayUs,
    forkDelayUs: settings.number("fork_delay") ?? delayUs,
  };
}

type Entry = { name: string; weight: number; reverse: boolean; span: Span };

/** The files, processes and BFD sessions that a block names, with their own weight and direction where the entry gives none. */
export function readTracked(
  context: Context & { trackable: Trackable },
  settings: Settings,
  owner: string,
): Pick<InstanceConfig, "trackFiles" | "trackProcesses" | "trackBfds"> {
  const { files, processes, bfds } = context.trackable;
  return {
    trackFiles: readEntries(context, settings, "file", "track_file", files, owner)
      .map(({ name, weight, reverse }) => ({ file: name, weight, reverse })),
    trackProcesses: readEntries(context, settings, "process", "vrrp_track_process", processes, owner)
      .map(({ name, weight, reverse }) => ({ process: name, weight, reverse })),
    trackBfds: readEntries(context, settings, "bfd", "bfd_instance", bfds.tracked, owner)
      .map(({ name, weight, reverse }) => ({ bfd: name, weight, reverse })),
  };
}

function readEntries(
  context: Context & { trackable: Trackable },
  settings: Settings,
  kind: "file" | "process" | "bfd",
  block: string,
  defined: ReadonlyMap<string, Placed<{ weight: number; reverse: boolean }>>,
  owner: string,
): Entry[] {
  const found: Entry[] = [];
  const statements = settings.entries(`track_${kind}`);
  for (const statement of statements) {
    const entry = readTrackEntry(context, statement, kind);
    if (entry === undefined) continue;
    const { value: name, span } = entry.name;
    const placed = defined.get(name);
    const thing = placed?.thing;
    if (kind === "bfd" && thing === undefined && isSession(context.trackable.bfds, name)) {
      const what = `${owner} tracks ${name}, which is for checkers of virtual servers only`;
      bad(context, span, what, "it is ignored", `write vrrp in ${block} ${name}, too`);
    } else if (thing === undefined) {
      const what = `${owner} tracks ${name}, which no ${block} defines`;
      const cure = `define ${block} ${name} or delete the line`;
      bad(context, span, what, "it is ignored", cure, nearest(name, defined.keys()));
    } else if (definedBelow(context, span, `${block} ${name}`, placed!.span)) {
      // Reported.
    } else if (found.some((other) => other.name === name)) {
      bad(context, span, `${name} is tracked twice`, "the second is ignored", "delete one");
    } else {
      const { weight = thing.weight, reverse = thing.reverse } = entry;
      found.push({ name, weight, reverse, span });
    }
  }
  return found;
}

/** The files and processes that an instance tracks; the others are reported. */
export function usedTrackable(
  { report }: Context,
  { files, processes }: Trackable,
  instances: readonly InstanceConfig[],
): { files: FileConfig[]; processes: ProcessConfig[] } {
  const used = <Thing extends { name: string }>(
    things: ReadonlyMap<string, Placed<Thing>>,
    block: string,
    names: ReadonlySet<string>,
  ) =>
    [...things.values()].filter(({ thing, span }) => {
      if (names.has(thing.name)) return true;
      const what = `no vrrp_instance tracks ${block} ${thing.name}, so it is not looked at`;
      report.warning(span, `${what}; add it to a ${block.replace("vrrp_", "")} block or delete it`);
      return false;
    }).map(({ thing }) => thing);
  const fileNames = new Set(instances.flatMap(({ trackFiles }) => trackFiles.map(({ file }) => file)));
  const processNames = new Set(instances.flatMap((i) => i.trackProcesses.map(({ process }) => process)));
  return {
    files: used(files, "track_file", fileNames),
    processes: used(processes, "vrrp_track_process", processNames),
  };
}
