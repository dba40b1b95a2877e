// What every step of decoding shares: the report, the syntax, and how strict it makes us.
import type { ScriptIdentity } from "../command.ts";
import type { Report } from "./diagnostic.ts";
import type { ReadingOrder } from "./order.ts";
import type { Span, Word } from "./text.ts";
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
export type Thing = "interface" | "vrf" | "program" | "user" | "group" | "processor" | "host";

/** Where the text names what a machine may lack. */
export class Places {
  readonly #found = new Map<Thing, Map<string, (Span | Word)[]>>();

  /** `where`: a word for short; its place is worked out for who asks. */
  note(thing: Thing, name: string, where: Span | Word): void {
    const names = this.#found.get(thing);
    if (names === undefined) {
      this.#found.set(thing, new Map([[name, [where]]]));
      return;
    }
    const places = names.get(name);
    if (places === undefined) names.set(name, [where]);
    else places.push(where);
  }

  /** The names of one kind. */
  names(thing: Thing): string[] {
    return [...this.#found.get(thing)?.keys() ?? []];
  }

  /** The places of a name, in the order of reading. */
  spans(thing: Thing, name: string): Span[] {
    const places = this.#found.get(thing)?.get(name) ?? [];
    return places.map((where) => "span" in where ? where.span : where);
  }
}

/** Reports a name whose definition stands below the line that uses it; false: it stands above, as it must. */
export function definedBelow(context: Context, use: Span, what: string, definition: Span): boolean {
  if (!context.order.isAfter(definition, use)) return false;
  context.order.noteEarly(use);
  const { source: { number } } = definition;
  bad(context, use, `${what} is defined below, in line ${number}`, "it is ignored", "move its block up");
  return true;
}

/** Notes who runs a script at a place of the text that this script depends on. */
export function noteIdentity(places: Places, who: ScriptIdentity | null, span: Span): void {
  if (who === null) return;
  places.note("user", who.user, span);
  if (who.group !== null) places.note("group", who.group, span);
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
