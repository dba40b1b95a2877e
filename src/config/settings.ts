// The decoded keywords of one block: typed access by name.
import type { ReadCommand } from "./values.ts";
import type { ScriptIdentity } from "../command.ts";
import type { Span, Word } from "./text.ts";
import type { Statement } from "./tree.ts";

/** What an argument became. */
export type Value =
  | boolean
  | number
  | string
  | { weight: number; reverse: boolean }
  | { identity: ScriptIdentity }
  | { words: Word[] }
  | { command: ReadCommand };

/** One keyword that was given. `value` undefined: a block, or a value that could not be read. */
export interface Setting {
  statement: Statement;
  value: Value | undefined;
}

const NOTHING: readonly Statement[] = [];

/** The settings of a block in the order of the file. */
export class Settings {
  /** Names, statements and values side by side: a block has few, and there are many blocks. */
  readonly #names: string[] = [];
  readonly #statements: Statement[] = [];
  readonly #values: (Value | undefined)[] = [];
  /** Null: nothing was given twice, so as in `#names`. */
  #order: string[] | null = null;

  /** Names in the order in which they were last given. */
  get order(): readonly string[] {
    return this.#order ?? this.#names;
  }

  add(name: string, statement: Statement, value: Value | undefined): void {
    this.#names.push(name);
    this.#statements.push(statement);
    this.#values.push(value);
    this.#order?.push(name);
  }

  /** Puts a setting in the place of the earlier one of the name. */
  replace(name: string, statement: Statement, value: Value | undefined): void {
    const at = this.#names.indexOf(name);
    this.#statements[at] = statement;
    this.#values[at] = value;
    this.#order ??= [...this.#names];
    this.#order.push(name);
  }

  /** Whether one of these was given. */
  hasAny(names: ReadonlySet<string>): boolean {
    for (const name of this.#names) if (names.has(name)) return true;
    return false;
  }

  /** Whether the keyword was given, readable or not. */
  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** The first setting of the name. */
  get(name: string): Setting | undefined {
    const at = this.#names.indexOf(name);
    return at < 0 ? undefined : { statement: this.#statements[at]!, value: this.#values[at] };
  }

  /** The first statement of the name. */
  statement(name: string): Statement | undefined {
    const at = this.#names.indexOf(name);
    return at < 0 ? undefined : this.#statements[at];
  }

  /** What the argument of the first statement of the name became. */
  protected value(name: string): Value | undefined {
    const at = this.#names.indexOf(name);
    return at < 0 ? undefined : this.#values[at];
  }

  /** All statements of a block keyword. */
  statements(name: string): readonly Statement[] {
    let at = this.#names.indexOf(name);
    if (at < 0) return NOTHING;
    const found: Statement[] = [];
    for (; at >= 0; at = this.#names.indexOf(name, at + 1)) {
      found.push(this.#statements[at]!);
    }
    return found;
  }

  /** What stands in the blocks of the name. */
  entries(name: string): readonly Statement[] {
    const blocks = this.statements(name);
    if (blocks.length === 1) return blocks[0]!.block?.statements ?? NOTHING;
    return blocks.length === 0 ? NOTHING : blocks.flatMap(({ block }) => block?.statements ?? []);
  }

  /** Where the value stands, or the keyword when it has none. */
  span(name: string): Span | null {
    const words = this.statement(name)?.words;
    return words === undefined ? null : (words[1] ?? words[0]).span;
  }

  /** Where the keyword stands. */
  keywordSpan(name: string): Span | null {
    return this.statement(name)?.words[0].span ?? null;
  }

  number(name: string): number | undefined {
    const value = this.value(name);
    return typeof value === "number" ? value : undefined;
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name);
    return typeof value === "boolean" ? value : undefined;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    return typeof value === "string" ? value : undefined;
  }

  command(name: string): ReadCommand | undefined {
    const value = this.value(name);
    return typeof value === "object" && "command" in value ? value.command : undefined;
  }

  identity(name: string): ScriptIdentity | undefined {
    const value = this.value(name);
    return typeof value === "object" && "identity" in value ? value.identity : undefined;
  }

  words(name: string): Word[] | undefined {
    const value = this.value(name);
    return typeof value === "object" && "words" in value ? value.words : undefined;
  }

  weight(name: string): { weight: number; reverse: boolean } | undefined {
    const value = this.value(name);
    return typeof value === "object" && "weight" in value ? value : undefined;
  }
}
