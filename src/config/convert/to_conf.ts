// The tree of statements to keepalived.conf.
import { UNREADABLE } from "../arguments.ts";
import { keyword } from "../keywords.ts";
import { definitionsFirst } from "../order.ts";
import type { Keyword } from "../keywords/types.ts";
import type { Value } from "../settings.ts";
import type { SourceLine } from "../text.ts";
import type { Block, Statement } from "../tree.ts";
import { showMillisecondsUs, showTimeUs } from "../values.ts";
import { lineOf } from "./comments.ts";
import { shown, Unsayable, valueOf, type Writing, type WrittenLine } from "./writing.ts";

const INDENT = "    ";

/** Writes a tree that YAML was read into. `lines`: of the source. Throws Unsayable. */
export function writeConf(root: Block, writing: Writing, lines: readonly SourceLine[]): WrittenLine[] {
  const writer = new ConfWriter(writing, root, lines);
  writer.block(root, "root", "");
  return writer.lines;
}

class ConfWriter {
  readonly lines: WrittenLine[] = [];
  readonly #writing: Writing;
  readonly #source: readonly SourceLine[];
  /** Line numbers at which statements start, rising. */
  readonly #starts: number[] = [];
  readonly #asComments = new Set<number>();

  constructor(writing: Writing, root: Block, source: readonly SourceLine[]) {
    this.#writing = writing;
    this.#source = source;
    const collect = ({ statements }: Block) => {
      for (const statement of statements) {
        this.#starts.push(lineOf(statement).number);
        if (statement.block !== null) collect(statement.block);
      }
    };
    collect(root);
    this.#starts.sort((a, b) => a - b);
  }

  block(block: Block, name: string, indent: string): void {
    const ordered = name === "root" ? definitionsFirst(block.statements) : block.statements;
    ordered.forEach((statement, index) => {
      if (indent === "" && index > 0) this.#add("", null);
      this.#statement(statement, name, indent);
    });
    for (const comment of this.#writing.comments.end.get(block) ?? []) {
      this.#add(`${indent}#${comment}`, null);
    }
  }

  #add(text: string, owner: Statement | null): void {
    this.lines.push({ text, owner });
  }

  #statement(statement: Statement, block: string, indent: string): void {
    const { before, behind } = this.#writing.comments;
    for (const comment of before.get(statement) ?? []) this.#add(`${indent}#${comment}`, statement);
    const name = statement.words[0].value;
    const row = keyword(block, name);
    const said = behind.get(statement);
    const tail = said === undefined ? "" : ` #${said}`;
    if (
      row === undefined || row.effect !== true || row.type === null || this.#writing.refused.has(statement)
    ) {
      return this.#asComment(statement, indent);
    }
    const { type } = row;
    if (type.kind !== "named" && type.kind !== "block" && type.kind !== "entries") {
      const line = this.#line(row, statement);
      if (line !== null) this.#add(`${indent}${line}${tail}`, statement);
      else if (tail !== "") this.#add(`${indent}${tail.trim()}`, statement);
      return;
    }
    const argument = statement.words[1];
    const title = type.kind === "named" && argument !== undefined
      ? `${name} ${confWord(statement, argument.value)}`
      : name;
    this.#add(`${indent}${title} {${tail}`, statement);
    const inner = statement.block ?? { statements: [] };
    if (type.kind === "entries") this.#entries(inner, `${indent}${INDENT}`);
    else this.block(inner, type.block, `${indent}${INDENT}`);
    this.#add(`${indent}}`, null);
  }

  #entries(block: Block, indent: string): void {
    const { before, behind, end } = this.#writing.comments;
    for (const entry of block.statements) {
      for (const comment of before.get(entry) ?? []) this.#add(`${indent}#${comment}`, entry);
      const said = behind.get(entry);
      const text = entry.words.map(({ value }) => confWord(entry, value)).join(" ");
      const marker = this.#writing.refused.has(entry) ? "# " : "";
      this.#add(`${indent}${marker}${text}${said === undefined ? "" : ` #${said}`}`, entry);
    }
    for (const comment of end.get(block) ?? []) this.#add(`${indent}#${comment}`, null);
  }

  /** What has no effect: its lines of the source, up to the next statement. */
  #asComment(statement: Statement, indent: string): void {
    const { number } = lineOf(statement);
    const next = this.#starts.find((start) => start > number) ?? Infinity;
    for (const line of this.#source) {
      if (line.number < number || line.number >= next || line.text.trim() === "") continue;
      // A keyword without effect may stand for several statements.
      if (this.#asComments.has(line.number)) continue;
      if (line.number > number && line.text.trim().startsWith("#")) continue;
      this.#asComments.add(line.number);
      this.#add(`${indent}# ${line.text}`, statement);
    }
  }

  #line(row: Keyword, statement: Statement): string | null {
    const { name } = row;
    const value = valueOf(this.#writing, row, statement);
    if (value === UNREADABLE) return null;
    const kind = row.type?.kind;
    if (kind === "flag" && value === false) {
      const opposite = oppositeOf(row);
      return opposite ?? null;
    }
    // Without its argument the keyword means the same again.
    if (statement.words.length < 2 || (kind === "flag" || kind === "boolean") && value === true) return name;
    const said = sayValue(statement, row, value);
    return said === "" ? name : `${name} ${said}`;
  }
}

/** The keyword that says the opposite of a flag: `no_` or `no` before it, or taken away. */
function oppositeOf({ block, name }: Keyword): string | undefined {
  const names = [`no_${name}`, `no${name}`, name.replace(/^no_?/, "")];
  return names.find((each) => {
    const row = keyword(block, each);
    return each !== name && row?.effect === true && row.type?.kind === "flag";
  });
}

function sayValue(statement: Statement, row: Keyword, value: Value | undefined): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number") {
    if (row.type?.kind === "milliseconds") return showMillisecondsUs(value, "conf");
    return row.type?.kind === "seconds" ? showTimeUs(value, "conf") : String(value);
  }
  if (typeof value === "string") return confWord(statement, value);
  if (typeof value === "object" && "weight" in value) {
    return `${value.weight}${value.reverse ? " reverse" : ""}`;
  }
  if (typeof value === "object" && "identity" in value) {
    const { user, group } = value.identity;
    return [user, ...group === null ? [] : [group]].map((word) => confWord(statement, word)).join(" ");
  }
  if (typeof value === "object" && "command" in value) {
    const { words, identity } = value.command.command;
    const who = identity === null ? [] : [identity.user, ...identity.group === null ? [] : [identity.group]];
    return [confCommand(words), ...who.map((word) => confWord(statement, word))].join(" ");
  }
  return statement.words.slice(1).map((word) => confWord(statement, word.value)).join(" ");
}

/** A word as keepalived.conf has it: in double quotes where it holds what would be special. Throws Unsayable. */
function confWord(statement: Statement, word: string): string {
  if (/["\n\r\0]/.test(word)) {
    throw new Unsayable(statement, `${shown(statement, word)} has a double quote or a line end in it`);
  }
  // Predefined names are replaced inside quotes too.
  if (/\$\{_[A-Z]+[\s}]/.test(word)) {
    throw new Unsayable(statement, `${shown(statement, word)} would be replaced`);
  }
  return word === "" || /[\s#!{}$\\]|^[@~]/.test(word) ? `"${word}"` : word;
}

/** A command in double quotes, which keepalived.conf splits twice by shell-like rules. */
function confCommand(words: readonly string[]): string {
  const inner = words.map((word) =>
    /^[\w./:=@%+,<>&|;*?()-]+$/.test(word) ? word : `'${word.replace(/[\\']/g, "\\$&")}'`
  ).join(" ");
  const octal = (char: string) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`;
  // The reader of lines knows no escapes: no double quote may stand there, and nothing that it replaces.
  const outer = inner.replace(/\\/g, "\\\\").replace(/["\n\r\0]|\$(?=\{)/g, octal);
  return `"${outer}"`;
}
