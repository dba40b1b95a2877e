// The tree that both syntaxes become: statements of words, each with an optional block of statements.
import type { SourceLine, Span, Text, Word } from "./text.ts";

/** One statement. */
export interface Statement {
  /** At least one: the keyword (or the first word of a list entry) and its arguments. */
  words: [Word, ...Word[]];
  /** keepalived.conf: everything after the keyword, for commands. YAML: the text of a scalar; null = a list. */
  raw: Text | null;
  /** YAML: the user and group of a command. */
  identity?: Word[];
  block: Block | null;
}

/** What stands in `{ }`. */
export interface Block {
  statements: Statement[];
  /** keepalived.conf: the line of the closing brace. */
  end?: SourceLine;
}

/** The syntax of a file: it decides what is an error. */
export type Syntax = "conf" | "yaml";

/** The place of a statement: its keyword. */
export function place(statement: Statement): Span {
  return statement.words[0].span;
}

/** The closing brace of a block, where keepalived says what the block lacks; `otherwise`: if there is none. */
export function closing(block: Block | null, otherwise: Span): Span {
  const source = block?.end;
  if (source === undefined) return otherwise;
  return { source, column: Math.max(1, source.text.indexOf("}") + 1), length: 1 };
}
