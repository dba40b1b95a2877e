// What both writers share: lines with their owners, and the statement of a keyword that counts.
import { readArgument, UNREADABLE } from "../arguments.ts";
import { type Context, Places } from "../context.ts";
import { Report } from "../diagnostic.ts";
import { ReadingOrder } from "../order.ts";
import type { Keyword } from "../keywords/types.ts";
import type { Value } from "../settings.ts";
import type { Statement, Syntax } from "../tree.ts";
import type { Comments } from "./comments.ts";

/** A line of the result and the statement that it says. */
export interface WrittenLine {
  text: string;
  owner: Statement | null;
}

/** What writing needs to know. */
export interface Writing {
  /** Syntax of the source. */
  syntax: Syntax;
  comments: Comments;
  /** Statements that the target refuses: they become comments. */
  refused: ReadonlySet<Statement>;
}

/** What cannot be said in the target: the statement, and why. */
export class Unsayable extends Error {
  readonly statement: Statement;

  constructor(statement: Statement, why: string) {
    super(why);
    this.statement = statement;
  }
}

/** A word as a message may show it: what holds a password or a key is not repeated. */
export function shown({ words: [first] }: Statement, word: string): string {
  return /^(auth_pass|smtp_password|key)$/.test(first.value) ? `what ${first.value} holds` : `"${word}"`;
}

/** The value of a statement; UNREADABLE when it has none that counts. Its problems have been reported already. */
export function valueOf(
  writing: Writing,
  row: Keyword,
  statement: Statement,
): ReturnType<typeof readArgument> {
  const context: Context = {
    report: new Report(""),
    syntax: writing.syntax,
    places: new Places(),
    order: new ReadingOrder([]),
  };
  return readArgument(context, row, statement);
}

/** The statement of a keyword that counts, as the decoder chooses it; null when none can be read. */
export function counting(
  writing: Writing,
  row: Keyword,
  statements: readonly Statement[],
): { statement: Statement; value: Value | undefined } | null {
  const readable = statements
    .filter((statement) => !writing.refused.has(statement))
    .map((statement) => ({ statement, value: valueOf(writing, row, statement) }))
    .filter((each): each is { statement: Statement; value: Value | undefined } => each.value !== UNREADABLE);
  return (row.twice === "first" ? readable[0] : readable.at(-1)) ?? null;
}
