// Lists without entries, which keepalived complains of at their end.
import type { Context } from "./context.ts";
import type { Settings } from "./settings.ts";
import { closing, place } from "./tree.ts";

/** Warns of each list of this name that nothing stands in. */
export function warnOfEmpty({ report, syntax }: Context, settings: Settings, keyword: string): void {
  if (syntax === "yaml") return;
  for (const statement of settings.statements(keyword)) {
    const { block } = statement;
    if (block === null || block.statements.length > 0) continue;
    report.warning(closing(block, place(statement)), `${keyword} names nothing; fill or delete it`);
  }
}
