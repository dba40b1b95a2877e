// What decoding a block needs, and what it counts on the way: keywords without effect.
import type { Context } from "./context.ts";
import type { Span } from "./text.ts";

/** Counts the keywords without effect: one warning per keyword and file, at its first use. */
export class LaterKeywords {
  readonly #uses = new Map<string, { name: string; spans: [Span, ...Span[]]; reason: string }>();

  /** `reason`: why it has no effect, for good; "" = not yet. */
  add(name: string, span: Span, reason = ""): void {
    const key = `${span.source.file}\0${name}`;
    const use = this.#uses.get(key);
    if (use === undefined) this.#uses.set(key, { name, spans: [span], reason });
    else use.spans.push(span);
  }

  report({ report }: Context): void {
    for (const { name, spans, reason } of this.#uses.values()) {
      const [span] = spans;
      const uses = spans.length === 1 ? "" : ` (${spans.length} uses in this file)`;
      const text = reason === ""
        ? `${name} has no effect in this version yet, so it is skipped${uses}; the rest is used`
        : `${name} has no effect in baton${uses}: ${reason}`;
      report.harmless(span, text);
      // keepalived may complain of each.
      for (const again of spans) {
        if (again.source !== span.source) {
          report.harmless(again, `${name} has no effect here either, so it is skipped`);
        }
      }
    }
  }
}

/** What decoding a block needs. */
export interface Decoding extends Context {
  later: LaterKeywords;
}
