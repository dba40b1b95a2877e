// What every step of decoding shares: the report, the syntax, and how strict it makes us.
import type { Report } from "./diagnostic.ts";
import type { ReadingOrder } from "./order.ts";
import type { Span } from "./text.ts";
import type { Syntax } from "./tree.ts";

/** Shared by the decoders of one load. */
export interface Context {
  report: Report;
  syntax: Syntax;
  /** Where what a machine may lack is named. */
  places: Places;
  order: ReadingOrder;
}

/** What a machine may lack. */
export type Thing = "interface" | "program" | "user" | "group";

/** Where the text names each interface, program, user and group. */
export class Places {
  readonly #spans = new Map<string, Span[]>();
  readonly #every: boolean;

  /** `every`: keeps all places of an interface, else the first alone, as of the other things. */
  constructor(every = false) {
    this.#every = every;
  }

  note(thing: Thing, name: string, span: Span): void {
    const key = `${thing} ${name}`;
    const known = this.#spans.get(key);
    if (known === undefined) this.#spans.set(key, [span]);
    else if (this.#every && thing === "interface") known.push(span);
  }

  /** The first place. */
  of(thing: Thing, name: string): Span | null {
    return this.#spans.get(`${thing} ${name}`)?.[0] ?? null;
  }

  /** All names of these things, each with its places. */
  *named(thing: Thing): Generator<[name: string, spans: readonly Span[]]> {
    for (const [key, spans] of this.#spans) {
      if (key.startsWith(`${thing} `)) yield [key.slice(thing.length + 1), spans];
    }
  }
}

/** Reports a tracked thing whose definition stands below; false: it stands above, as it must. */
export function definedBelow(context: Context, use: Span, what: string, definition: Span): boolean {
  if (!context.order.isAfter(definition, use)) return false;
  const { source: { number } } = definition;
  bad(context, use, `${what} is defined below, in line ${number}`, "it is ignored", "move its block up");
  return true;
}

/**
 * Reports a bad value. keepalived.conf: a warning that says what happens instead. YAML: an error, since no old
 * file depends on it.
 */
export function bad(
  context: Context,
  where: Span,
  what: string,
  instead: string,
  cure: string,
  hint?: string,
): void {
  if (context.syntax === "yaml") context.report.error(where, `${what}; ${cure}`, hint);
  else context.report.warning(where, `${what}, so ${instead}; ${cure}`, hint);
}

/** A span that reaches from one place to another of the same line. */
export function between(from: Span, to: Span): Span {
  if (from.source !== to.source || to.column < from.column) return from;
  return { ...from, length: to.column + to.length - from.column };
}
