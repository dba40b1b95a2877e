// Blocks that carry a name of their own, each name once, and what becomes of those that lack something.
import { bad, type Context } from "./context.ts";
import type { Span, Word } from "./text.ts";
import { closing, type Statement } from "./tree.ts";

/** A thing and its name in the text. */
export interface Placed<Thing> {
  thing: Thing;
  span: Span;
}

/**
 * The blocks with their names, in the order of the file. One without a name, or named again, is reported; `nameless`:
 * what keepalived makes of the former.
 */
export function* namedOnce(
  context: Context,
  statements: readonly Statement[],
  nameless: "leaves it out" | "ends" = "leaves it out",
): Generator<{ statement: Statement; name: Word }> {
  const found = new Map<string, Word>();
  for (const statement of statements) {
    const [word, name] = statement.words;
    const keyword = word.value;
    if (name === undefined) {
      const [what, cure] = [`${keyword} lacks its name`, `write ${keyword} NAME { ... }`];
      if (nameless === "ends") context.report.fatal(word.span, "argument", `${what}; ${cure}`);
      else bad(context, word.span, what, "it is left out", cure);
      continue;
    }
    const earlier = found.get(name.value);
    if (earlier !== undefined) {
      const what = `${keyword} ${name.value} was defined in line ${earlier.span.source.number} already`;
      bad(context, name.span, what, "this one is ignored", "rename or delete it");
      continue;
    }
    found.set(name.value, name);
    yield { statement, name };
  }
}

/** Reports a block that is left out for what it lacks, at its end, as keepalived does. */
export function leftOut(
  context: Context,
  { block }: Statement,
  name: Span,
  what: string,
  cure: string,
): undefined {
  bad(context, closing(block, name), what, "it is left out", cure);
}
