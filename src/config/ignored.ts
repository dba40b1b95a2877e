// The lines of a block that keepalived does not know.
import type { Report } from "./diagnostic.ts";
import { type Block, closing, place, type Statement } from "./tree.ts";

/** keepalived reads on inside a block that it does not know and complains of each line; so each is named. */
export function ignoredLines(report: Report, owner: Statement, block: Block): void {
  const { value } = owner.words[0];
  const shown = value.length > 40 ? `${value.slice(0, 37)}...` : value;
  const cure = "correct or delete the block";
  for (const statement of block.statements) {
    const { source } = place(statement);
    if (source !== place(owner).source) {
      report.warning(
        place(statement),
        `this line is ignored with the block of "${shown}" around it; ${cure}`,
      );
    }
    if (statement.block !== null) ignoredLines(report, owner, statement.block);
  }
  if (block.end === undefined || block.end === place(owner).source) return;
  report.warning(
    closing(block, place(owner)),
    `this } is ignored with the block of "${shown}" before it; ${cure}`,
  );
}
