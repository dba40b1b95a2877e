// Blocks that carry a name of their own, each name once.
import { bad, type Context } from "./context.ts";
import type { Span, Word } from "./text.ts";
import type { Statement } from "./tree.ts";

/** A thing and its name in the text. */
export interface Placed<Thing> {
  thing: Thing;
  span: Span;
}

/** The blocks of `keyword` with their names, in the order of the file. One without a name, or named again, is reported. */
export function* namedOnce(
  context: Context,
  keyword: string,
  statements: readonly Statement[],
): Generator<{ statement: Statement; name: Word }> {
  const found = new Map<string, Span>();
  for (const statement of statements) {
    const word = statement.words[0], name = statement.words[1];
    if (name === undefined) {
      bad(context, word.span, `${keyword} lacks its name`, "it is left out", `write ${keyword} NAME { ... }`);
      continue;
    }
    const earlier = found.get(name.value);
    if (earlier !== undefined) {
      const what = `${keyword} ${name.value} was defined in line ${earlier.source.number} already`;
      bad(context, name.span, what, "this one is ignored", "rename or delete it");
      continue;
    }
    found.set(name.value, name.span);
    yield { statement, name };
  }
}
