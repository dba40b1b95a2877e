// YAML to the tree of statements: the same words as keepalived.conf, with mappings for blocks.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
} from "yaml";
import type { Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { Report } from "./diagnostic.ts";
import { keyword } from "./keywords.ts";
import type { Argument, Keyword } from "./keywords/types.ts";
import { readLines, words } from "./lex.ts";
import { type SourceLine, type Span, Text, type Word } from "./text.ts";
import type { Block, Statement } from "./tree.ts";

type YamlNode = Scalar | YAMLMap | YAMLSeq | null;

/** Nodes that a file may have once its aliases are followed, and how deep they may be nested. */
const MOST_NODES = 250_000;
const DEEPEST = 32;

/** Faults of the YAML itself, by the library's code. */
const FAULTS: Record<string, string> = {
  BAD_INDENT: "the indentation does not fit the lines above; align the line with its siblings",
  TAB_AS_INDENT: "YAML is not indented with tabs; use blanks",
  DUPLICATE_KEY: "this key was given already; delete one of them",
  MISSING_CHAR: "a quote, bracket or brace is not closed; close it",
  MULTIPLE_DOCS: "one file holds one document; delete what follows the ---",
  MULTILINE_IMPLICIT_KEY: "a colon is missing after this key, or the value needs quotes; write key: value",
  BAD_ALIAS: "this alias names no anchor; define it above with &name",
};

/** Parses YAML into the tree that the table of keywords is decoded from. Null: not YAML; reported. */
export function parseYaml(file: string, bytes: Uint8Array, report: Report): Block | null {
  const lines = readLines(file, bytes, report);
  const text = lines.map(({ text }) => text).join("\n");
  const counter = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
    const reader = new YamlReader(document, counter, lines, report);
    // After the first fault the parser guesses; only repeated keys are found for sure.
    const faults = [...document.errors, ...document.warnings];
    for (const error of faults.filter(({ code }, index) => index === 0 || code === "DUPLICATE_KEY")) {
      const message = FAULTS[error.code] ?? "this is not valid YAML; correct it";
      report.error(reader.span(error.pos[0], error.pos[1]), message);
    }
    return document.errors.length > 0 ? null : reader.root();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // The library recurses; what nests so deep is no configuration.
    report.error(null, "the YAML is nested too deep; a configuration needs six levels");
    return null;
  }
}

class YamlReader {
  readonly #document: Document;
  readonly #counter: LineCounter;
  readonly #lines: SourceLine[];
  readonly #report: Report;
  #nodes = 0;

  constructor(document: Document, counter: LineCounter, lines: SourceLine[], report: Report) {
    this.#document = document;
    this.#counter = counter;
    this.#lines = lines;
    this.#report = report;
  }

  root(): Block {
    const { contents } = this.#document;
    const node = this.#resolve(contents, 0);
    if (node === null || (isScalar(node) && node.value === null)) return { statements: [] };
    if (isMap(node)) return this.#block(node, "root", 0);
    this.#report.error(
      this.#spanOf(node),
      "a configuration is a mapping; start with global_defs: or vrrp_instance:",
    );
    return { statements: [] };
  }

  /** The place of offsets `[from, to)`, up to the end of its first line. */
  span(from: number, to: number): Span {
    const { line, col } = this.#counter.linePos(from);
    const source = this.#lines[Math.max(0, line - 1)] ?? { file: "", number: 1, text: "" };
    const column = Math.max(1, col);
    return { source, column, length: Math.max(1, Math.min(to - from, source.text.length - column + 1)) };
  }

  #spanOf(node: YamlNode): Span {
    const [from = 0, to = from + 1] = node?.range ?? [];
    return this.span(from, to);
  }

  /** Follows aliases. Null: nothing there, or too much of it. */
  #resolve(node: unknown, depth: number): YamlNode {
    if (++this.#nodes > MOST_NODES || depth > DEEPEST) {
      if (this.#nodes <= MOST_NODES + 1) {
        this.#report.error(
          null,
          "the YAML is nested too deep or its aliases repeat too much; write it plainly",
        );
      }
      this.#nodes = MOST_NODES + 1;
      return null;
    }
    if (isAlias(node)) {
      const target = (node as Alias).resolve(this.#document);
      if (target !== undefined) return this.#resolve(target, depth + 1);
      const [from = 0, to = from + 1] = node.range ?? [];
      this.#report.error(this.span(from, to), "this alias names no anchor; define it above with &name");
      return null;
    }
    return isScalar(node) || isMap(node) || isSeq(node) ? node : null;
  }

  #block(map: YAMLMap, blockName: string, depth: number): Block {
    const statements: Statement[] = [];
    for (const pair of map.items) {
      const key = this.#key(pair);
      if (key === null) continue;
      const row = keyword(blockName, key.value);
      const node = this.#resolve(pair.value, depth + 1);
      if (row === undefined || row.effect !== true || row.type === null) {
        statements.push(...this.#skipped(key, node));
      } else statements.push(...this.#several(key, row, row.type, node, depth + 1));
    }
    return { statements };
  }

  /** What has no effect or is unknown: enough of it for a message. */
  #skipped(key: Word, node: YamlNode): Statement[] {
    if (key.value !== "virtual_server" || !isMap(node)) return [plain(key, [])];
    return node.items.flatMap((pair) => {
      const name = this.#key(pair);
      return name === null ? [] : [plain(key, [name])];
    });
  }

  /** A list, where the keyword may be given several times, is as many statements. */
  #several(key: Word, { twice }: Keyword, type: Argument, node: YamlNode, depth: number): Statement[] {
    const takesList = type.kind === "interface" && twice === "all" ||
      type.kind === "block" && type.apart === true;
    if (!takesList || !isSeq(node)) return this.#statement(key, type, node, depth);
    return node.items.flatMap((item) =>
      this.#statement(key, type, this.#resolve(item, depth + 1), depth + 1)
    );
  }

  #statement(key: Word, type: Argument, node: YamlNode, depth: number): Statement[] {
    switch (type.kind) {
      case "named":
        if (!isMap(node)) return this.#wrong(key, node, "a mapping of names to blocks");
        return node.items.flatMap((pair) => {
          const name = this.#key(pair);
          if (name === null) return [];
          const inner = this.#resolve(pair.value, depth + 1);
          if (!isMap(inner)) return this.#wrong(name, inner, "a mapping of keywords");
          return [{ ...plain(key, [name]), block: this.#block(inner, type.block, depth + 1) }];
        });
      case "block":
        if (!isMap(node)) return this.#wrong(key, node, "a mapping of keywords");
        return [{ ...plain(key, []), block: this.#block(node, type.block, depth) }];
      case "entries":
        return [{ ...plain(key, []), block: { statements: this.#entries(key, node, depth) } }];
      case "lines":
        return (isSeq(node) ? node.items : [node]).flatMap((item) => {
          const line = this.#resolve(item, depth + 1);
          if (!isScalar(line)) return this.#wrong(key, line, "a text or a list of texts");
          return [plain(key, words(this.#text(line), this.#report))];
        });
      case "command":
        return this.#command(key, type.identity, node, depth);
      case "weight":
      case "words":
      case "identity":
      case "free":
        if (type.kind === "free" && (node === null || (isScalar(node) && node.value === null))) {
          return [plain(key, [])];
        }
        if (isSeq(node)) return [plain(key, node.items.flatMap((item) => this.#word(item, depth + 1) ?? []))];
        if (isScalar(node)) return [plain(key, words(this.#text(node), this.#report))];
        return this.#wrong(key, node, "a plain value");
      default: {
        if (node === null || (isScalar(node) && node.value === null)) return [plain(key, [])];
        const word = this.#word(node, depth);
        return word === null ? this.#wrong(key, node, "a plain value") : [plain(key, [word])];
      }
    }
  }

  #entries(key: Word, node: YamlNode, depth: number): Statement[] {
    if (node === null || (isScalar(node) && node.value === null)) return [];
    if (isMap(node)) return node.items.flatMap((pair) => this.#namedEntry(pair, depth));
    if (!isSeq(node)) return this.#wrong(key, node, "a list");
    return node.items.flatMap((item) => {
      const entry = this.#resolve(item, depth + 1);
      if (isMap(entry)) return entry.items.flatMap((pair) => this.#namedEntry(pair, depth + 1));
      if (!isScalar(entry) || entry.value === null) return this.#wrong(key, entry, "entries of plain text");
      const [first, ...rest] = words(this.#text(entry), this.#report);
      return first === undefined ? [] : [plain(first, rest)];
    });
  }

  /** `chk_http: { weight: -20, reverse: true }` is the entry `chk_http weight -20 reverse`. */
  #namedEntry(pair: Pair, depth: number): Statement[] {
    const name = this.#key(pair);
    const options = this.#resolve(pair.value, depth + 1);
    if (name === null) return [];
    const given: Word[] = [];
    if (isMap(options)) {
      for (const option of options.items) {
        const key = this.#key(option);
        const value = this.#word(option.value, depth + 2);
        if (key === null) continue;
        if (value?.value === "false") {
          if (key.value === "reverse") given.push({ ...key, value: "noreverse" });
        } else given.push(key, ...(value === null || value.value === "true" ? [] : [value]));
      }
    } else if (isScalar(options) && options.value !== null) {
      given.push(...words(this.#text(options), this.#report));
    } else if (options !== null && !isScalar(options)) {
      return this.#wrong(name, options, "a mapping of options");
    }
    return [plain(name, given)];
  }

  #command(key: Word, identity: boolean, node: YamlNode, depth: number): Statement[] {
    if (isSeq(node)) return [plain(key, node.items.flatMap((item) => this.#word(item, depth + 1) ?? []))];
    if (isScalar(node)) {
      const word = this.#word(node, depth);
      return [{ ...plain(key, word === null ? [] : [word]), raw: word === null ? null : this.#text(node) }];
    }
    if (!isMap(node) || !identity) return this.#wrong(key, node, "a command line or a list of words");
    // { command: ..., user: USER [GROUP] }
    const part = (name: string) => node.items.find((pair) => this.#key(pair)?.value === name);
    for (const pair of node.items) {
      const name = this.#key(pair);
      if (name !== null && name.value !== "command" && name.value !== "user") {
        this.#report.error(name.span, `${key.value} has no "${name.value}"; write command and user`);
      }
    }
    const user = this.#resolve(part("user")?.value, depth + 1);
    const [statement] = this.#command(
      key,
      false,
      this.#resolve(part("command")?.value, depth + 1),
      depth + 1,
    );
    if (statement === undefined) return [];
    return [{ ...statement, identity: isScalar(user) ? words(this.#text(user), this.#report) : [] }];
  }

  #wrong(key: Word, node: YamlNode, wanted: string): [] {
    const span = node === null || (isScalar(node) && node.value === null) ? key.span : this.#spanOf(node);
    this.#report.error(span, `${key.value} takes ${wanted}; see config/README.md`);
    return [];
  }

  #key(pair: Pair): Word | null {
    const node = this.#resolve(pair.key, 0);
    const word = this.#word(node, 0);
    if (word === null) this.#report.error(this.#spanOf(node), "a key is a plain word; write key: value");
    return word;
  }

  /** A scalar as one word; null for anything else. */
  #word(given: unknown, depth: number): Word | null {
    const node = this.#resolve(given, depth);
    if (!isScalar(node) || node.value === null) return null;
    return { value: scalarText(node), span: this.#spanOf(node), quoted: node.type !== "PLAIN" };
  }

  #text(node: Scalar): Text {
    const { source, column, length } = this.#spanOf(node);
    const inQuotes = /^QUOTE/.test(node.type ?? "");
    const value = scalarText(node).replace(/\s*\n\s*/g, " ");
    const start = inQuotes ? column : column - 1;
    return Text.at(source, value, start, column - 1 + length - (inQuotes ? 1 : 0));
  }
}

/** What was written: `0123` and `1.0` are not numbers here but words of the table. */
function scalarText(node: Scalar): string {
  return node.type === "PLAIN" && node.source !== undefined ? node.source : String(node.value);
}

function plain(key: Word, rest: Word[]): Statement {
  return { words: [key, ...rest], raw: null, block: null };
}
