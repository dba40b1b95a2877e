// What every step of decoding shares: the report, the syntax, and how strict it makes us.
import type { Report } from "./diagnostic.ts";
import type { Span } from "./text.ts";
import type { Syntax } from "./tree.ts";

/** Shared by the decoders of one load. */
export interface Context {
  report: Report;
  syntax: Syntax;
  /** Where what a machine may lack is named. */
  places: Places;
}

/** What a machine may lack. */
export type Thing = "interface" | "program" | "user" | "group";

/** The first place of each interface, program, user and group in the text. */
export class Places {
  readonly #spans = new Map<string, Span>();

  note(thing: Thing, name: string, span: Span): void {
    const key = `${thing} ${name}`;
    if (!this.#spans.has(key)) this.#spans.set(key, span);
  }

  of(thing: Thing, name: string): Span | null {
    return this.#spans.get(`${thing} ${name}`) ?? null;
  }
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
