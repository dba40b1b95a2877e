// Plain text of the results: one line per figure.
import type { FigureResult, RowResult } from "./run.ts";
import type { Unit } from "./row.ts";
import type { Summary } from "./statistics.ts";

const LABEL_WIDTH = 42;
const VALUE_WIDTH = 30;

/** The heading of all rows, for daemons of these names. */
export function heading(names: readonly string[]): string {
  const columns = names.map((name) => name.padStart(VALUE_WIDTH)).join("");
  return `${"median (range of the rounds)".padEnd(LABEL_WIDTH)}${columns}${"ratio".padStart(8)}`;
}

/** The lines of one row. */
export function rowText(row: RowResult): string {
  const rounds = Math.max(0, ...row.figures.flatMap((f) => f.values.map((v) => v?.rounds ?? 0)));
  const stolen = row.stolenMs.map((ms) => `${ms} ms`).join(" / ");
  const busy = row.busyPercent.map((percent) => `${percent} %`).join(" / ");
  return [
    `${row.name}: ${row.title}`,
    `  [${rounds} round${rounds === 1 ? "" : "s"}; stolen by the host ${stolen}; processors busy ${busy}]`,
    ...row.figures.map(figureText),
    ...row.notes.map((note) => `  note: ${note}`),
  ].join("\n");
}

function figureText(figure: FigureResult): string {
  const values = figure.values.map((v) => summaryText(v, figure.unit).padStart(VALUE_WIDTH)).join("");
  return `  ${figure.label.padEnd(LABEL_WIDTH - 2)}${values}${ratioText(figure.ratio).padStart(8)}`;
}

function ratioText(ratio: number | null): string {
  if (ratio === null) return "-";
  if (ratio > 0 && ratio < 0.01) return "<0.01";
  return ratio >= 99.5 ? ratio.toFixed(0) : ratio.toFixed(2);
}

function summaryText(summary: Summary | null, unit: Unit): string {
  if (summary === null) return "-";
  const { median, min, max, rounds } = summary;
  const range = rounds > 1 ? ` (${number(min, unit)} .. ${number(max, unit)})` : "";
  return `${number(median, unit)}${unit === "count" ? "" : ` ${unit}`}${range}`;
}

/** To a tenth below 100, whole above; counts as they are. */
function number(value: number, unit: Unit): string {
  if (unit === "count") return String(Math.round(value * 10) / 10);
  return value.toFixed(Math.abs(value) < 100 || unit === "MiB" ? 1 : 0);
}
