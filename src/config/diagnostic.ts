// What is wrong with a configuration, where, and how it is shown.
import type { Span } from "./text.ts";

export type Severity = "error" | "warning";

/** One finding. An error: `run` does not start. A warning: it starts without what the sentence names. */
export interface Diagnostic {
  severity: Severity;
  /** One sentence: the thing, what happens, the cure. */
  message: string;
  file: string;
  /** From 1; 0 = the file as a whole. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  length: number;
  /** The source line, passwords masked. */
  text: string;
  /** The word that was probably meant. */
  hint?: string;
  /** keepalived would find nothing wrong, or nothing that counts: a keyword is only not in effect here, say. */
  harmless?: true;
  /** What keepalived ends at once for: a keyword without its argument, an include that must be there. */
  failure?: Failure;
}

export type Failure = "argument" | "include";

/** So many warnings are shown; the rest is counted. Errors are always shown. */
const WARNINGS_SHOWN = 200;

/** Collects the diagnostics of one load. */
export class Report {
  readonly #found: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  readonly #lines = new Set<string>();
  readonly #main: string;
  #warnings = 0;

  /** `main`: the file that is loaded; findings without a place are shown there. */
  constructor(main: string) {
    this.#main = main;
  }

  /** Reports a problem that keeps the daemon from starting. */
  error(where: Span | null, message: string, hint?: string): void {
    this.#add("error", where, message, hint);
  }

  /** Reports a problem that keepalived ends at once for. */
  fatal(where: Span | null, failure: Failure, message: string): void {
    this.#add("error", where, message, undefined, { failure });
  }

  /** Reports a problem that the daemon starts with. */
  warning(where: Span | null, message: string, hint?: string): void {
    this.#add("warning", where, message, hint);
  }

  /** Warns of what keepalived's own test of a configuration does not count. */
  harmless(where: Span | null, message: string): void {
    this.#add("warning", where, message, undefined, { harmless: true });
  }

  /** Whether nothing has been found. */
  get silent(): boolean {
    return this.#lines.size === 0;
  }

  /** Whether there is a finding in the line of `where`. */
  speaksOf({ source }: Span): boolean {
    return this.#lines.has(`${source.file}\0${source.number}`);
  }

  #add(
    severity: Severity,
    where: Span | null,
    given: string,
    hint: string | undefined,
    kind: { harmless?: true; failure?: Failure } = {},
  ): void {
    // A word of any length may be quoted; nobody reads all of it.
    const message = given.replace(/\S{100,}/g, (word) => `${word.slice(0, 60)}...${word.slice(-1)}`);
    const file = where?.source.file ?? this.#main;
    const line = where?.source.number ?? 0;
    // A repeated line (~SEQ, a definition) repeats its faults; one report of each is enough.
    const key = `${severity}\0${file}\0${line}\0${where?.column ?? 0}\0${message}`;
    if (this.#seen.has(key)) return;
    this.#lines.add(`${file}\0${line}`);
    if (severity === "warning" && ++this.#warnings > WARNINGS_SHOWN) return;
    this.#seen.add(key);
    const place = maskSecrets(where?.source.text ?? "", where?.column ?? 0, where?.length ?? 0);
    this.#found.push({
      severity,
      message,
      file,
      line,
      ...place,
      ...(hint === undefined ? {} : { hint }),
      ...kind,
    });
  }

  /** All findings, file by file in the order of first mention, then by place. */
  diagnostics(): Diagnostic[] {
    const sorted = inOrder(this.#main, this.#found);
    const more = this.#warnings - WARNINGS_SHOWN;
    if (more > 0) {
      const message = `${more} more warnings are not shown; cure the ones above first`;
      sorted.push({
        severity: "warning",
        message,
        file: this.#main,
        line: 0,
        column: 0,
        length: 0,
        text: "",
      });
    }
    return sorted;
  }
}

/** File by file, `main` first and the others in the order of first mention, then by place. */
export function inOrder(main: string, found: readonly Diagnostic[]): Diagnostic[] {
  const order = new Map<string, number>([[main, 0]]);
  for (const { file } of found) if (!order.has(file)) order.set(file, order.size);
  const rank = (file: string) => order.get(file) ?? 0;
  return found.toSorted((a, b) => rank(a.file) - rank(b.file) || a.line - b.line || a.column - b.column);
}

const MASK = "********";

/** Hides what follows a word that looks like the name of a password; the place moves along. */
export function maskSecrets(
  text: string,
  column: number,
  length: number,
): { text: string; column: number; length: number } {
  const name = /auth[_-]?p\w*["']?\s*[:=]?\s*/i.exec(text) ??
    // A key of auth_hmac.
    /(?<![\w-])key["']?\s*:?\s*[["']*\s*\d+\s+|hex:/i.exec(text) ??
    (text.includes("auth_type") ? null : /(?<![\w/.-])["']?[\w-]*pas+[\w-]*["']?\s*[:=]?\s*/i.exec(text));
  if (name === null) return { text, column, length };
  const start = name.index + name[0].length;
  if (start >= text.length) return { text, column, length };
  const masked = text.slice(0, start) + MASK;
  if (column - 1 < start) {
    return { text: masked, column, length: Math.min(length, masked.length - column + 1) };
  }
  return { text: masked, column: start + 1, length: MASK.length };
}

const COLORS = { error: "\x1b[1;31m", warning: "\x1b[1;33m", bold: "\x1b[1m", off: "\x1b[0m" };

/** A diagnostic in one line, for a log that says the severity itself: `file:line:column: message`. */
export function diagnosticLine(diagnostic: Diagnostic): string {
  const { place, message } = headline(diagnostic);
  return `${place}: ${message}`;
}

function headline({ file, line, column, hint, message }: Diagnostic): { place: string; message: string } {
  const meant = hint === undefined ? "" : ` (did you mean "${hint}"?)`;
  return {
    place: printable(line === 0 ? file : `${file}:${line}:${column}`),
    message: printable(`${message}${meant}`),
  };
}

/**
 * A diagnostic as people read it: `file:line:column: severity: message`, the source line, a caret under the
 * place. `color`: with ANSI colours, for a terminal.
 */
export function renderDiagnostic(diagnostic: Diagnostic, color: boolean): string {
  const { severity, line, column, text } = diagnostic;
  const paint = (code: string, words: string) => color ? `${code}${words}${COLORS.off}` : words;
  const { place, message } = headline(diagnostic);
  const head = `${paint(COLORS.bold, `${place}:`)} ${paint(COLORS[severity], `${severity}:`)} ${message}`;
  if (line === 0) return head;
  const { shown, before, length } = excerpt(text, column, diagnostic.length);
  const pad = before.replace(/[^\t]/g, (char) => " ".repeat(Bun.stringWidth(char)));
  const caret = paint(COLORS[severity], "^".repeat(Math.max(1, length)));
  return `${head}\n    ${printable(shown)}\n    ${pad}${caret}`;
}

/** The part of a line that fits a terminal and holds the place. */
function excerpt(
  text: string,
  column: number,
  length: number,
): { shown: string; before: string; length: number } {
  const width = 160;
  const start = column > width - 40 ? column - 80 : 0;
  const shown = text.slice(start, start + width);
  const before = shown.slice(0, column - 1 - start);
  return { shown, before, length: Math.min(length, Math.max(1, shown.length - before.length)) };
}

/** Control characters (other than tab) would change the terminal: shown as one mark each. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, "\ufffd");
}

/** Exit status of `check`: 0 clean, 1 warnings, 2 errors. */
export function exitCode(diagnostics: readonly Diagnostic[]): 0 | 1 | 2 {
  if (diagnostics.some(({ severity }) => severity === "error")) return 2;
  return diagnostics.length > 0 ? 1 : 0;
}
