// The same configuration in the other syntax. What it means is compared before it is given away.
import { Lexer } from "yaml";
import { confComments, placeComments, yamlComments } from "./convert/comments.ts";
import { writeConf } from "./convert/to_conf.ts";
import { writeYaml } from "./convert/to_yaml.ts";
import { Unsayable, type Writing, type WrittenLine } from "./convert/writing.ts";
import { type Diagnostic, exitCode, Report } from "./diagnostic.ts";
import type { Files } from "./files.ts";
import { keyword } from "./keywords.ts";
import type { Config } from "./model.ts";
import { type LoadOptions, type ReadDocument, readDocument } from "./read.ts";
import { type Block, place, type Statement, type Syntax } from "./tree.ts";
import { parseYaml } from "./yaml.ts";

/** The result of a conversion. `text` is null exactly when there is an error. */
export interface Conversion {
  text: string | null;
  /** Errors: of the source, or what the other syntax cannot say. Warnings: what became a comment. */
  diagnostics: Diagnostic[];
}

/** So often what the target refuses is made a comment. Each turn finds at least one more. */
const MOST_TURNS = 50;

/** A whole file can be given up statement by statement; a message names so many characters of a value. */
const SHOWN = 60;

/**
 * Converts a configuration. Includes, conditions, definitions and repetitions of keepalived.conf are resolved, as
 * for this machine. What has no effect becomes a comment. Never throws on bad input. A text is given only when it
 * decodes to the same Config.
 */
export function convert(path: string, options: LoadOptions, to: Syntax): Conversion {
  const source = readDocument(path, options, parseYaml);
  const report = new Report(path);
  if (source.syntax === to) {
    const other = to === "yaml" ? "conf" : "yaml";
    report.error(
      null,
      `the file is ${to === "yaml" ? "YAML" : "keepalived.conf"} already; write --to ${other}`,
    );
    return { text: null, diagnostics: report.diagnostics() };
  }
  const { root, config } = source;
  if (root === null || config === null) {
    return { text: null, diagnostics: source.diagnostics.filter(({ severity }) => severity === "error") };
  }
  try {
    const { text, refused } = write(source, root, options, to);
    const again = read(text, to, options).config;
    const difference = again === null ? null : differ(config, again);
    if (difference !== null || again === null) {
      const what = difference ?? "the result would not be accepted";
      const name = to === "yaml" ? "YAML" : "keepalived.conf";
      report.error(null, `${name} cannot say the same, since ${what}; correct the lines below and try again`);
      for (const statement of refused) {
        report.error(place(statement), `${name} takes no such line; write what is meant, or delete it`);
      }
      return { text: null, diagnostics: report.diagnostics() };
    }
    mention(report, root, refused);
    return { text, diagnostics: report.diagnostics() };
  } catch (error) {
    if (!(error instanceof Unsayable)) throw error;
    const syntax = to === "yaml" ? "YAML" : "keepalived.conf";
    report.error(
      place(error.statement),
      `${syntax} cannot say this, since ${error.message}; write it in another way`,
    );
    return { text: null, diagnostics: report.diagnostics() };
  }
}

/** Writes, checks, and makes comments of what the target refuses, until it refuses nothing. */
function write(
  source: ReadDocument,
  root: Block,
  options: LoadOptions,
  to: Syntax,
): { text: string; refused: ReadonlySet<Statement> } {
  const { lines, syntax } = source;
  const comments = placeComments(
    root,
    lines,
    syntax === "conf" ? confComments(lines) : yamlComments(lines, tokens(source)),
  );
  const refused = new Set(source.order.ineffective(root));
  for (let turn = 0;; turn++) {
    const writing: Writing = { syntax, comments, refused };
    const written = to === "yaml" ? writeYaml(root, writing) : writeConf(root, writing, lines);
    const text = textOf(written);
    const faults = read(text, to, options).diagnostics.filter(({ severity }) => severity === "error");
    const owners = faults.map(({ line }) => written[line - 1]?.owner ?? null);
    const before = refused.size;
    for (const owner of owners) if (owner !== null) refused.add(owner);
    if (refused.size === before || turn === MOST_TURNS) return { text, refused };
  }
}

function textOf(lines: readonly WrittenLine[]): string {
  return lines.map(({ text }) => `${text}\n`).join("");
}

function tokens({ lines }: ReadDocument): Iterable<string> {
  return new Lexer().lex(lines.map(({ text }) => text).join("\n"));
}

/** Reads the result as a file of its own. */
function read(text: string, syntax: Syntax, options: LoadOptions): ReadDocument {
  const path = syntax === "yaml" ? "/converted.yaml" : "/converted.conf";
  const bytes = new TextEncoder().encode(text);
  const files: Files = {
    read: (asked) => asked === path ? { ok: true, bytes, realPath: path } : { ok: false, reason: "missing" },
    names: () => [],
  };
  return readDocument(path, { ...options, files }, parseYaml);
}

/** The first difference in meaning, in words; null = none. */
function differ(before: Config, after: Config): string | null {
  return difference({ ...before, file: "" }, { ...after, file: "" }, "");
}

function difference(before: unknown, after: unknown, path: string): string | null {
  if (Object.is(before, after)) return null;
  if (typeof before === "object" && typeof after === "object" && before !== null && after !== null) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of keys) {
      const [a, b] = [before, after].map((each) => (each as Record<string, unknown>)[key]);
      const name = "name" in before && path !== "" ? `${path}(${String(before.name)})` : path;
      const found = difference(a, b, `${name}${name === "" ? "" : "."}${key}`);
      if (found !== null) return found;
    }
    return null;
  }
  if (/password|secret/.test(path + JSON.stringify([before, after]))) return `${path} would be another one`;
  const show = (value: unknown) => (JSON.stringify(value) ?? "nothing").slice(0, SHOWN);
  return `${path} would be ${show(after)} and not ${show(before)}`;
}

/** Says what became a comment. */
function mention(report: Report, root: Block, refused: ReadonlySet<Statement>): void {
  for (const statement of refused) {
    report.warning(
      place(statement),
      "this has no effect as it stands, so it becomes a comment; correct or delete it",
    );
  }
  const walk = (block: Block, name: string) => {
    for (const statement of block.statements) {
      if (refused.has(statement)) continue;
      const word = statement.words[0].value;
      const row = keyword(name, word);
      if (row?.type?.kind === "block" || row?.type?.kind === "named") {
        if (statement.block !== null) walk(statement.block, row.type.block);
      } else if (row === undefined || row.type === null) {
        const shown = word.length > SHOWN ? `${word.slice(0, SHOWN)}...` : word;
        report.warning(
          place(statement),
          `${shown} has no effect here, so it becomes a comment; nothing else changes`,
        );
      }
    }
  };
  walk(root, "root");
}

/** Exit code of `baton convert`: 0 done, 1 done with warnings, 2 refused. */
export const conversionCode = ({ diagnostics }: Conversion): 0 | 1 | 2 => exitCode(diagnostics);
