// Runs rows: every daemon in turn, round by round, with the stolen time of each.
import type { DaemonKind } from "./daemons.ts";
import { processorTime } from "./machine.ts";
import type { FigureSpec, Form, Row } from "./row.ts";
import { ratio, summarise, type Summary } from "./statistics.ts";

/** One figure of every daemon, in the order of the kinds; null: no round gave it. */
export interface FigureResult {
  key: string;
  label: string;
  unit: FigureSpec["unit"];
  values: (Summary | null)[];
  /** Median of the first kind by that of the second. */
  ratio: number | null;
}

/** A row as it was measured. */
export interface RowResult {
  name: string;
  title: string;
  figures: FigureResult[];
  /** Stolen time of the host while each daemon was measured, all rounds together. */
  stolenMs: number[];
  /** Share of the processors' time that was used meanwhile, by the daemon or by anything else; per cent. */
  busyPercent: number[];
  /** What went wrong or was left out: a sentence each. */
  notes: string[];
}

/** Measures one row with all kinds. `progress` is told what happens. */
export async function runRow(
  row: Row,
  kinds: readonly DaemonKind[],
  form: Form,
  progress: (text: string) => void,
): Promise<RowResult> {
  const collected = kinds.map(() => new Map<string, number[]>());
  const spent = kinds.map(() => ({ stolenMs: 0, busyMs: 0, totalMs: 0 }));
  const notes = new Map<string, number>();
  const note = (text: string) => notes.set(text, (notes.get(text) ?? 0) + 1);
  const isFor = (kind: DaemonKind) => row.name.startsWith(kind.rows ?? "") && (row.applies?.(kind) ?? true);
  const active = kinds.map((kind) => kind.absent === null && isFor(kind));
  kinds.forEach((kind) => kind.absent !== null && isFor(kind) && note(kind.absent));
  for (let round = 0; round < row.rounds[form]; round++) {
    // Each begins every other round: what the first leaves behind hits both alike.
    const order = kinds.map((_, i) => i);
    if (round % 2 === 1) order.reverse();
    for (const i of order) {
      const kind = kinds[i]!;
      if (!active[i]) continue;
      progress(`${row.name}: ${kind.name}, round ${round + 1} of ${row.rounds[form]}`);
      const before = processorTime();
      try {
        const figures = await row.measure(kind, form);
        for (const [key, value] of Object.entries(figures)) {
          const values = collected[i]!.get(key) ?? [];
          values.push(value);
          collected[i]!.set(key, values);
        }
      } catch (error) {
        note(`${kind.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
      const after = processorTime();
      const sum = spent[i]!;
      sum.stolenMs += after.stolenMs - before.stolenMs;
      sum.busyMs += after.busyMs - before.busyMs;
      sum.totalMs += after.totalMs - before.totalMs;
    }
  }
  return {
    name: row.name,
    title: row.title,
    figures: row.figures.map(({ key, label, unit }) => {
      const values = collected.map((c) => summarise(c.get(key) ?? []));
      return { key, label, unit, values, ratio: ratio(values[0] ?? null, values[1] ?? null) };
    }),
    stolenMs: spent.map((s) => s.stolenMs),
    busyPercent: spent.map((s) => s.totalMs === 0 ? 0 : Math.round((s.busyMs / s.totalMs) * 100)),
    notes: [...notes].map(([text, count]) => count > 1 ? `${text} (${count} times)` : text),
  };
}
