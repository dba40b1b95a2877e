// Plain text of the results: one line per figure.
import type { FigureResult, RowResult } from "./run.ts";
import type { Unit } from "./row.ts";
import type { Summary } from "./statistics.ts";

const LABEL_WIDTH = 42;
const VALUE_WIDTH = 30;

/** Daemons with a column of their own; of others, which few rows measure, a line follows. */
const COLUMNS = 2;

/** The heading of all rows, for daemons of these names. */
export function heading(names: readonly string[]): string {
  const columns = names.slice(0, COLUMNS).map((name) => name.padStart(VALUE_WIDTH)).join("");
  return `${"median (range of the rounds)".padEnd(LABEL_WIDTH)}${columns}${"ratio".padStart(8)}`;
}

/** The lines of one row, for daemons of these names. */
export function rowText(row: RowResult, names: readonly string[]): string {
  const rounds = Math.max(0, ...row.figures.flatMap((f) => f.values.map((v) => v?.rounds ?? 0)));
  const stolen = row.stolenMs.slice(0, COLUMNS).map((ms) => `${ms} ms`).join(" / ");
  const busy = row.busyPercent.slice(0, COLUMNS).map((percent) => `${percent} %`).join(" / ");
  return [
    `${row.name}: ${row.title}`,
    `  [${rounds} round${rounds === 1 ? "" : "s"}; stolen by the host ${stolen}; processors busy ${busy}]`,
    ...row.figures.flatMap((figure) => figureText(figure, names)),
    ...row.notes.map((note) => `  note: ${note}`),
  ].join("\n");
}

function figureText(figure: FigureResult, names: readonly string[]): string[] {
  const texts = figure.values.map((v) => summaryText(v, figure.unit));
  const columns = texts.slice(0, COLUMNS).map((text) => text.padStart(VALUE_WIDTH)).join("");
  const others = texts.slice(COLUMNS).map((text, i) => `    the same, ${names[COLUMNS + i]}: ${text}`);
  return [
    `  ${figure.label.padEnd(LABEL_WIDTH - 2)}${columns}${ratioText(figure.ratio).padStart(8)}`,
    ...others.filter((_, i) => figure.values[COLUMNS + i] !== null),
  ];
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

/** To a tenth below 100, whole above; counts as they are, with a hundredth below 100. */
function number(value: number, unit: Unit): string {
  if (unit === "count") return String(value < 100 ? Math.round(value * 100) / 100 : Math.round(value));
  if (unit === "times") return value.toFixed(2);
  return value.toFixed(Math.abs(value) < 100 || unit === "MiB" ? 1 : 0);
}
