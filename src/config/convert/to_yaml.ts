// The tree of statements to YAML.
import { keyword } from "../keywords.ts";
import type { Keyword } from "../keywords/types.ts";
import { Report } from "../diagnostic.ts";
import { shellWords } from "../lex.ts";
import type { Value } from "../settings.ts";
import { Text, type Word } from "../text.ts";
import type { Block, Statement } from "../tree.ts";
import { showMillisecondsUs, showTimeUs } from "../values.ts";
import { counting, shown, Unsayable, type Writing, type WrittenLine } from "./writing.ts";

const INDENT = "  ";

/** Writes a tree that keepalived.conf was read into. Throws Unsayable. */
export function writeYaml(root: Block, writing: Writing): WrittenLine[] {
  const writer = new YamlWriter(writing);
  writer.block([root], "root", "");
  return writer.lines;
}

class YamlWriter {
  readonly lines: WrittenLine[] = [];
  readonly #writing: Writing;

  constructor(writing: Writing) {
    this.#writing = writing;
  }

  /** Blocks of one keyword are one mapping. False: nothing but comments came of it. */
  block(blocks: readonly Block[], name: string, indent: string): boolean {
    const statements = blocks.flatMap(({ statements }) => statements);
    const byName = Map.groupBy(statements, ({ words: [{ value }] }) => value);
    const done = new Set<string>();
    let said = false;
    for (const statement of statements) {
      const { value } = statement.words[0];
      const row = keyword(name, value);
      const all = byName.get(value) as Statement[];
      if (row === undefined || row.effect !== true || row.type === null) {
        this.#asComment(statement, indent);
        continue;
      }
      if (row.type.kind === "named" || row.type.kind === "block" || row.type.kind === "entries") {
        if (done.has(value)) continue;
        done.add(value);
        if (indent === "" && said) this.#add("", null);
        if (this.#container(row, all, indent)) said = true;
        continue;
      }
      if (row.twice === "all") {
        if (done.has(value)) continue;
        done.add(value);
        if (this.#list(row, all, indent)) said = true;
        continue;
      }
      const chosen = counting(this.#writing, row, all);
      if (chosen === null || chosen.statement !== statement) this.#asComment(statement, indent);
      else {
        this.#comments(statement, indent);
        const text = this.#value(row, statement, chosen.value);
        this.#add(`${indent}${value}:${text === "" ? "" : ` ${text}`}${this.#behind(statement)}`, statement);
        said = true;
      }
    }
    for (const block of blocks) {
      for (const comment of this.#writing.comments.end.get(block) ?? []) {
        this.#add(`${indent}#${comment}`, null);
      }
    }
    return said;
  }

  #add(text: string, owner: Statement | null): void {
    this.lines.push({ text, owner });
  }

  #comments(statement: Statement, indent: string): void {
    for (const comment of this.#writing.comments.before.get(statement) ?? []) {
      this.#add(`${indent}#${comment}`, statement);
    }
  }

  #behind(statement: Statement): string {
    const comment = this.#writing.comments.behind.get(statement);
    return comment === undefined ? "" : ` #${comment}`;
  }

  /** What YAML has no place for: as keepalived.conf would say it, in comments. */
  #asComment(statement: Statement, indent: string): void {
    this.#comments(statement, indent);
    const { end } = this.#writing.comments;
    const raw = ({ words }: Statement) =>
      words.map(({ value, quoted }) => quoted ? `"${value}"` : value).join(" ").replaceAll("\n", " ");
    const write = (each: Statement, deep: string) => {
      if (each !== statement) {
        for (const comment of this.#writing.comments.before.get(each) ?? []) {
          this.#add(`${indent}# ${deep}#${comment}`, statement);
        }
      }
      const line = `${deep}${raw(each)}${each.block === null ? "" : " {"}`;
      this.#add(`${indent}# ${line}${this.#behind(each)}`, statement);
      for (const inner of each.block?.statements ?? []) write(inner, `${deep}    `);
      if (each.block === null) return;
      for (const comment of end.get(each.block) ?? []) {
        this.#add(`${indent}# ${deep}    #${comment}`, statement);
      }
      this.#add(`${indent}# ${deep}}`, statement);
    };
    write(statement, "");
  }

  /** A block, named blocks or entries. False: nothing but comments came of it. */
  #container(row: Keyword, all: readonly Statement[], indent: string): boolean {
    const { type } = row;
    const used = all.filter((statement) => !this.#writing.refused.has(statement));
    for (const statement of all) if (!used.includes(statement)) this.#asComment(statement, indent);
    const [first] = used;
    if (type === null || first === undefined) return false;
    if (type.kind === "named") return this.#named(row.name, type.block, used, indent);
    if (type.kind === "block" && type.apart === true && used.length > 1) {
      return this.#apart(row.name, type.block, used, indent);
    }
    for (const statement of used) this.#comments(statement, indent);
    const title = this.lines.length;
    this.#add("", first);
    const said = type.kind === "entries"
      ? this.#entries(used, indent + INDENT)
      : type.kind === "block" && this.block(used.map(blockOf), type.block, indent + INDENT);
    const behind = used.map((statement) => this.#behind(statement)).join("");
    const empty = type.kind === "entries" ? " []" : " {}";
    this.lines[title] = { text: `${indent}${row.name}:${said ? "" : empty}${behind}`, owner: first };
    return true;
  }

  /** A keyword that counts as often as it is given: a list. False: nothing but comments came of it. */
  #list(row: Keyword, all: readonly Statement[], indent: string): boolean {
    const used = all.filter((statement) =>
      !this.#writing.refused.has(statement) && statement.words.length > 1
    );
    for (const statement of all) if (!used.includes(statement)) this.#asComment(statement, indent);
    const [first] = used;
    if (first === undefined) return false;
    this.#add(`${indent}${row.name}:`, first);
    for (const statement of used) {
      this.#comments(statement, indent + INDENT);
      const line = statement.words.slice(1).map((word) => lineWord(statement, word)).join(" ");
      this.#add(`${indent}${INDENT}- ${yamlScalar(line)}${this.#behind(statement)}`, statement);
    }
    return true;
  }

  /** Blocks that stand each for itself: a list of mappings. */
  #apart(name: string, block: string, used: readonly Statement[], indent: string): boolean {
    this.#add(`${indent}${name}:`, used[0] as Statement);
    for (const statement of used) {
      this.#comments(statement, indent + INDENT);
      const title = this.lines.length;
      this.#add("", statement);
      const said = this.block([blockOf(statement)], block, indent + INDENT + INDENT);
      const behind = this.#behind(statement);
      const next = this.lines[title + 1];
      if (said && behind === "" && next !== undefined && !next.text.trimStart().startsWith("#")) {
        const text = `${indent}${INDENT}- ${next.text.trimStart()}`;
        this.lines.splice(title, 2, { ...next, text });
      } else {
        this.lines[title] = { text: `${indent}${INDENT}-${said ? "" : " {}"}${behind}`, owner: statement };
      }
    }
    return true;
  }

  #named(name: string, block: string, used: readonly Statement[], indent: string): boolean {
    const names = new Set<string>();
    const first = used.filter(({ words: [, word] }) =>
      word !== undefined && !names.has(word.value) &&
      names.add(word.value)
    );
    if (first.length > 0) this.#add(`${indent}${name}:`, first[0] as Statement);
    const deeper = indent + INDENT;
    let written = 0;
    for (const statement of used) {
      if (!first.includes(statement)) {
        this.#asComment(statement, deeper);
        continue;
      }
      if (written++ > 0) this.#add("", null);
      this.#comments(statement, deeper);
      const title = this.lines.length;
      this.#add("", statement);
      const said = this.block([blockOf(statement)], block, deeper + INDENT);
      const key = yamlKey(statement.words[1]?.value ?? "");
      const text = `${deeper}${key}:${said ? "" : " {}"}${this.#behind(statement)}`;
      this.lines[title] = { text, owner: statement };
    }
    return first.length > 0;
  }

  #entries(used: readonly Statement[], indent: string): boolean {
    let said = false;
    for (const statement of used) {
      for (const entry of blockOf(statement).statements) {
        if (this.#writing.refused.has(entry)) {
          this.#asComment(entry, indent);
          continue;
        }
        said = true;
        this.#comments(entry, indent);
        const line = entry.words.map((word) => lineWord(entry, word)).join(" ");
        this.#add(`${indent}- ${yamlScalar(line)}${this.#behind(entry)}`, entry);
      }
      for (const comment of this.#writing.comments.end.get(blockOf(statement)) ?? []) {
        this.#add(`${indent}#${comment}`, null);
      }
    }
    return said;
  }

  #value(row: Keyword, statement: Statement, value: Value | undefined): string {
    // Without its argument the keyword means the same again; a flag has none.
    const isFlag = row.type?.kind === "flag" || row.type?.kind === "boolean";
    if (statement.words.length < 2 && !isFlag) return "";
    if (typeof value === "number") {
      if (row.type?.kind === "milliseconds") return showMillisecondsUs(value, "yaml");
      return row.type?.kind === "seconds" ? showTimeUs(value, "yaml") : String(value);
    }
    if (typeof value === "boolean") return String(value);
    if (typeof value === "string") return yamlScalar(value);
    if (typeof value === "object" && "weight" in value) {
      return `${value.weight}${value.reverse ? " reverse" : ""}`;
    }
    if (typeof value === "object" && "identity" in value) {
      const { user, group } = value.identity;
      return yamlList([user, ...group === null ? [] : [group]]);
    }
    if (typeof value === "object" && "command" in value) return yamlCommand(statement, value.command.command);
    return yamlList(statement.words.slice(1).map(({ value }) => value));
  }
}

function blockOf({ block }: Statement): Block {
  return block ?? { statements: [] };
}

/** A command: one string where splitting it gives the words again, else a list of them. */
function yamlCommand(
  statement: Statement,
  { words, identity }: { words: string[]; identity: { user: string; group: string | null } | null },
): string {
  const joined = words.join(" ");
  const report = new Report("");
  const again = shellWords(Text.line({ file: "", number: 1, text: joined }), report).map(({ value }) =>
    value
  );
  const plain = again.length === words.length && again.every((word, index) => word === words[index]);
  const command = plain ? yamlScalar(joined, true) : yamlList(words);
  if (identity === null) return command;
  const who = [identity.user, ...identity.group === null ? [] : [identity.group]];
  const user = who.map((value) => lineWord(statement, { value })).join(" ");
  return `{ command: ${command}, user: ${yamlScalar(user, true)} }`;
}

/** A word in a line of words. */
function lineWord(statement: Statement, { value }: Pick<Word, "value">): string {
  if (value.includes('"')) {
    throw new Unsayable(statement, `${shown(statement, value)} has a double quote in it`);
  }
  return value === "" || /\s/.test(value) ? `"${value}"` : value;
}

/** Words that share a keyword: plain when one can tell where each ends. */
function yamlList(words: readonly string[]): string {
  const simple = words.every((word) => /^[\w./-]+$/.test(word));
  if (simple) return yamlScalar(words.join(" "), true);
  return `[${words.map((word) => yamlScalar(word, true)).join(", ")}]`;
}

/** A scalar; in double quotes where YAML would read something else. `flow`: inside `[ ]` or `{ }`. */
function yamlScalar(text: string, flow = false): string {
  // deno-lint-ignore no-control-regex
  const odd = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]/;
  const safe = flow ? /^[\w./+<(-][\w./+:@%=()<>$;'" *?-]*$/ : /^[\w./+<(-]/;
  const plain = safe.test(text) && !odd.test(text) && !/: |:$| #|^\s|\s$|^- |^-$|^\.\.\.|^---/.test(text) &&
    !/^(null|~|true|false)$/i.test(text);
  return plain ? text : quoted(text);
}

/** A key. Those that YAML reads as numbers or truth are quoted, so that no two become one. */
function yamlKey(text: string): string {
  return /^[A-Za-z_][\w./-]*$/.test(text) && !/^(null|true|false)$/i.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  const code = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff]/g, code);
}
