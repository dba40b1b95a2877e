// Files to logical lines: comments, conditions, definitions, repetitions and includes resolved, in that order.
import { isAscii } from "node:buffer";
import { resolve } from "node:path";
import { Definitions, LONGEST_LINE, type Predefined } from "./definitions.ts";
import type { Report } from "./diagnostic.ts";
import { ALL_CHECKS, includeChecks } from "./include_check.ts";
import { directoryOf, type Files, resolvePattern } from "./files.ts";
import { readLines, uncommented, words } from "./lex.ts";
import { parseRepeat, repeatEnd, startsRepeat } from "./repeat.ts";
import { type SourceLine, type Span, Text } from "./text.ts";

/** Lines that a configuration may have once it is expanded. */
const MOST_LINES = 250_000;
/** Characters that may come out of an expansion. */
const MOST_CHARACTERS = 32 * 1024 * 1024;
const DEEPEST = 64;
const ODD_BLANK = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/;
/** A longer line does not fit keepalived's buffer (measured with 2.2.7). */
const KEEPALIVED_LINE_BYTES = 1024;
const INCLUDE_DEPTH = 32;

/** What Expander does more about than to trim it; `"` may hide a comment, and `\\` lets it stand. */
const SPECIAL = /[@~$\\"]|include|random_seed/;

/** What a line may hold that the steps after this one look at: comments, braces, quotes, blanks but spaces. */
const NOT_PLAIN = /["#!{}\t-\r\u00a0-\uffff]/;

/** Whether none of it is in these bytes of ASCII. */
function isPlain(bytes: Uint8Array): boolean {
  return !SPECIAL.test(new TextDecoder().decode(bytes));
}

/** A file that is being read. */
interface OpenFile {
  /** As it is shown. */
  path: string;
  realPath: string;
  directory: string;
}

/** A $NAME=... whose value goes on in the next line; name null = its condition does not hold. */
interface OpenDefinition {
  name: string | null;
  lines: Text[];
}

/** What each form of include checks, in the letters of include_check: read, match, wildcard and brace match. */
const FORMS: Readonly<Record<string, string>> = {
  includer: "r",
  includem: "rm",
  includew: "rmw",
  includeb: "rb",
  includea: ALL_CHECKS,
};

/** Reads a configuration and everything that it includes. */
export class Expander {
  readonly lines: Text[] = [];
  /** The lines of all files as they were read, in the order of reading. */
  readonly sources: SourceLine[] = [];
  readonly #files: Files;
  readonly #report: Report;
  readonly #configId: string;
  readonly #definitions: Definitions;
  readonly #undefined = new Set<string>();
  /** What include_check asks of the plain include, in the letters of its variants. */
  #includeCheck: string;
  #open: OpenFile[] = [];
  #definition: OpenDefinition | null = null;
  #characters = 0;
  #lineCount = 0;
  #stopped = false;

  /** `allIncludes`: include_check all before anything is read. */
  constructor(files: Files, report: Report, predefined: Predefined, allIncludes = false) {
    this.#includeCheck = allIncludes ? ALL_CHECKS : "";
    this.#files = files;
    this.#report = report;
    this.#configId = predefined.configId;
    this.#definitions = new Definitions(predefined, report);
  }

  /** Reads the main file whose bytes are given; the result is in `lines`. */
  main(path: string, realPath: string, bytes: Uint8Array): void {
    this.#read({ path, realPath, directory: directoryOf(resolve(path)) }, bytes);
  }

  #read(file: OpenFile, bytes: Uint8Array): void {
    const includeCheck = this.#includeCheck;
    this.#open.push(file);
    const ascii = isAscii(bytes);
    const sources = readLines(file.path, bytes, this.#report);
    const plain = ascii && this.#definition === null && isPlain(bytes) &&
      2 * this.#lineCount + 2 * sources.length <= MOST_LINES &&
      this.#characters + bytes.length <= MOST_CHARACTERS;
    for (const source of sources) {
      if (this.#stopped) break;
      this.sources.push(source);
      if (plain && source.text.length * 3 < KEEPALIVED_LINE_BYTES) {
        this.#plain(source);
        continue;
      }
      const line = Text.line(source);
      if (line.text.length > LONGEST_LINE) {
        const message = `the line is longer than ${LONGEST_LINE} characters, so it is ignored; split it`;
        this.#report.warning(line.span(0, 1), message);
        continue;
      }
      this.#keepalivedCuts(line);
      const content = uncommented(line);
      if (!ascii) this.#oddBlanks(content);
      this.#line(content, 0);
    }
    if (this.#open.length === 1) this.#endDefinition();
    this.#open.pop();
    // An included file cannot change what holds for the others.
    this.#includeCheck = includeCheck;
  }

  /** A line of a file where nothing is to be replaced, repeated, included or left out but blanks and comments. */
  #plain(source: SourceLine): void {
    const { text } = source;
    const isPlain = !NOT_PLAIN.test(text);
    const line = isPlain || !/[#!]/.test(text)
      ? Text.trimmed(source, isPlain)
      : uncommented(Text.line(source));
    this.#lineCount++;
    this.#characters += line.text.length;
    if (line.text !== "") this.lines.push(line);
  }

  /** keepalived 2.2.7 reads what is behind the end of its buffer as a line of its own, be it a comment. */
  #keepalivedCuts(line: Text): void {
    if (line.text.length * 3 < KEEPALIVED_LINE_BYTES) return;
    const bytes = new TextEncoder().encode(line.text).length;
    if (bytes < KEEPALIVED_LINE_BYTES) return;
    const message = `the line has ${bytes} bytes, which keepalived reads as several lines from`;
    this.#report.warning(
      line.span(0, 1),
      `${message} ${KEEPALIVED_LINE_BYTES} on and baton as one; split it if keepalived is to read it too`,
    );
  }

  /** A blank that only looks like one to keepalived, which takes it for a part of a word. */
  #oddBlanks(line: Text): void {
    const at = line.text.search(ODD_BLANK);
    if (at < 0) return;
    const code = (line.text.codePointAt(at) as number).toString(16).toUpperCase().padStart(4, "0");
    const message =
      `this blank is U+${code}, which separates words here and is a part of a word for keepalived`;
    this.#report.warning(line.span(at, at + 1), `${message}; write an ordinary blank`);
  }

  #line(line: Text, depth: number): void {
    if (this.#stopped) return;
    if (depth > DEEPEST) {
      return this.#stop(line.span(), "expansions are nested too deep; does a definition use itself?");
    }
    this.#characters += line.text.length;
    // Empty lines count too: repetitions of nothing are work as well.
    if (++this.#lineCount > 2 * MOST_LINES || this.#characters > MOST_CHARACTERS) {
      return this.#stop(
        line.span(),
        "the configuration expands to more text than fits; use fewer repetitions",
      );
    }
    if (this.#definition === null && line.text === "") return;
    if (this.#definition !== null && depth === 0) return this.#continueDefinition(this.#definition, line);
    // Most lines are plain: nothing to replace, to repeat, to include or to leave out.
    if (!/^[@~]|^include|\$/.test(line.text)) return this.#emit(line);
    const condition = /^@(\^?)(\S*)\s*/.exec(line.text);
    if (condition !== null) {
      const holds = (condition[2] === this.#configId) !== (condition[1] === "^");
      const rest = line.slice(condition[0].length).trim();
      // A block whose condition does not hold takes all its lines along.
      if (!holds && /^\$[A-Za-z_]\w*=.*\\$/.test(rest.text)) this.#definition = { name: null, lines: [] };
      return holds ? this.#line(rest, depth + 1) : undefined;
    }
    const definition = /^\$([A-Za-z_]\w*)=\s*/.exec(line.text);
    if (definition !== null) {
      return this.#define(definition[1] ?? "", line.slice(definition[0].length), depth);
    }
    if (startsRepeat(line.text)) return this.#repeat(line, depth);
    const expanded = this.#definitions.substitute(line, this.#directory());
    if (expanded === null) return;
    if (expanded.length > 1 || expanded[0] !== line) {
      for (const each of expanded) this.#line(each.trim(), depth + 1);
      return;
    }
    if (/^include[rmwba]?(\s|$)/.test(line.text)) return this.#include(line);
    this.#emit(line);
  }

  #emit(line: Text): void {
    if (this.lines.length >= MOST_LINES) {
      return this.#stop(
        line.span(),
        `the configuration has more than ${MOST_LINES} lines; split or shorten it`,
      );
    }
    if (line.text.includes("$")) this.#leftOver(line);
    if (line.text.endsWith("\\")) {
      const end = line.text.length;
      const message = "a backslash at the end of a line goes on in the next one only in a definition";
      this.#report.warning(line.span(end - 1, end), `${message}; write the line in one`);
    }
    if (line.text.startsWith("include_check") || line.text.startsWith("random_seed")) this.#setting(line);
    this.lines.push(line);
  }

  /** The two keywords that change how the lines after them are read; what is wrong with them is the decoder's to say. */
  #setting(line: Text): void {
    const [keyword, ...values] = words(line, null).map(({ value }) => value);
    if (keyword === "include_check") this.#includeCheck = includeChecks(values, this.#includeCheck).checks;
    const seed = /^\d{1,10}$/.test(values[0] ?? "") ? Number(values[0]) : NaN;
    if (keyword === "random_seed" && seed <= 0xffff_ffff) this.#definitions.seed(seed);
  }

  /** A $NAME that is still there outside quotes: undefined, or defined and not written so that it is replaced. */
  #leftOver(line: Text): void {
    for (const { value, quoted, span } of words(line, null)) {
      const match = quoted ? null : /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/.exec(value);
      const name = match?.[1] ?? match?.[2];
      if (match === null || name === undefined || this.#undefined.has(name)) continue;
      if (this.#definitions.has(name)) {
        const what = `${name} is defined, but "${match[0]}" in "${value}" is not replaced`;
        this.#report.warning(span, `${what}, because more text follows; write \${${name}}`);
      } else if (match.index === 0) {
        this.#undefined.add(name);
        const cure = line.text.startsWith(`$${name} =`)
          ? `a definition is $${name}=value, without a blank before the =`
          : `define it above with $${name}=value`;
        this.#report.warning(span, `${name} is not defined, so "${value}" stays as it is; ${cure}`);
      }
    }
  }

  #define(name: string, value: Text, depth: number): void {
    const open: OpenDefinition = { name, lines: [] };
    if (depth === 0) this.#definition = open;
    this.#continueDefinition(open, value.trim());
    if (depth > 0 && open.lines.length > 0) this.#definitions.set(name, open.lines);
  }

  #continueDefinition(open: OpenDefinition, line: Text): void {
    const goesOn = line.text.endsWith("\\");
    const content = goesOn ? line.slice(0, line.text.length - 1).trim() : line;
    // The empty first line of a block and a blank last one mean nothing.
    if (content.text !== "" || (open.lines.length === 0 && !goesOn)) open.lines.push(content);
    if (!goesOn) this.#endDefinition();
  }

  #endDefinition(): void {
    const open = this.#definition;
    this.#definition = null;
    if (open?.name != null && open.lines.length > 0) this.#definitions.set(open.name, open.lines);
  }

  #repeat(line: Text, depth: number): void {
    const end = repeatEnd(line.text);
    const head = end < 0 ? line : line.slice(0, end);
    const expanded = this.#definitions.substitute(head, this.#directory());
    if (expanded === null) return;
    const repeat = parseRepeat(expanded[0]?.text ?? "", MOST_LINES);
    if ("fault" in repeat) {
      const { fault, cure, tooLong } = repeat;
      if (tooLong) this.#report.error(head.span(), `${head.text} ${fault}; ${cure}`);
      else this.#report.warning(head.span(), `${head.text} ${fault}, so the line is ignored; ${cure}`);
      return;
    }
    const rest = line.slice(end).trim();
    for (const turn of repeat.turns) {
      if (this.#stopped) return;
      repeat.names.forEach((name, index) =>
        this.#definitions.set(name, [head.standIn(0, 1, turn[index] ?? "")])
      );
      this.#line(rest, depth + 1);
    }
  }

  #include(line: Text): void {
    const [keyword, pattern] = words(line, this.#report);
    if (keyword === undefined) return;
    if (pattern === undefined) {
      return this.#report.warning(
        keyword.span,
        `${keyword.value} names no file, so it is ignored; add a path`,
      );
    }
    const checks = (FORMS[keyword.value] ?? "") + this.#includeCheck;
    const complain = (bad: boolean, message: string) =>
      bad
        ? this.#report.fatal(pattern.span, "include", message)
        : this.#report.harmless(pattern.span, message);
    const path = line.text.slice(keyword.value.length).trim().replace(/^"|"$/g, "");
    const alternatives = resolvePattern(path, this.#directory(), this.#files);
    // What one alternative finds is enough for all of them.
    const none = alternatives.every(({ wildcard, paths }) => wildcard && paths.length === 0);
    // Of braces keepalived has a check of their own, and leaves out the others.
    const named = checks.includes(path.includes("{") ? "b" : "m");
    if (none && alternatives.every(({ directory }) => this.#isMissing(directory))) {
      complain(named, `the directory of "${path}" does not exist; create it or correct the path`);
    } else if (none && checks.includes("w")) {
      complain(true, `no file matches "${path}"; correct the pattern, or use include for optional files`);
    }
    for (const { wildcard, paths } of alternatives) {
      for (const each of paths) {
        this.#includeFile(each, wildcard ? checks.includes("w") : named, checks !== "", complain);
      }
    }
  }

  #isMissing(path: string): boolean {
    const reading = this.#files.read(path, true);
    return !reading.ok && reading.reason === "missing";
  }

  #includeFile(
    path: string,
    badIfMissing: boolean,
    badIfUnreadable: boolean,
    complain: (bad: boolean, message: string) => void,
  ): void {
    const shown = this.#shown(path);
    const reading = this.#files.read(path, false);
    if (!reading.ok) {
      const { reason } = reading;
      if (reason === "missing") {
        complain(
          badIfMissing,
          `the included file "${shown}" does not exist; correct the path`,
        );
      } else if (reason === "unreadable") {
        complain(badIfUnreadable, `the included file "${shown}" cannot be read; change its permissions`);
      } else if (reason === "executable") {
        complain(false, `the included file "${shown}" is executable, so it is skipped; run chmod -x on it`);
      } else complain(false, `"${shown}" is not a regular file, so it is skipped; include a file`);
      return;
    }
    const { bytes, realPath } = reading;
    if (this.#open.some((file) => file.realPath === realPath)) {
      return complain(false, `"${shown}" includes itself, so it is skipped here; remove one of the includes`);
    }
    if (this.#open.length >= INCLUDE_DEPTH) {
      return complain(
        false,
        `"${shown}" is included more than ${INCLUDE_DEPTH} files deep, so it is skipped`,
      );
    }
    this.#read({ path: shown, realPath, directory: directoryOf(path) }, bytes);
  }

  /** A path as the user would write it: relative to where the main file was named. */
  #shown(path: string): string {
    const main = this.#open[0];
    if (main === undefined || main.path.startsWith("/")) return path;
    const base = `${main.directory}/`;
    const prefix = main.path.includes("/") ? `${directoryOf(main.path)}/` : "";
    return path.startsWith(base) ? prefix + path.slice(base.length) : path;
  }

  #directory(): string {
    return this.#open.at(-1)?.directory ?? ".";
  }

  #stop(span: Span, message: string): void {
    if (!this.#stopped) this.#report.error(span, message);
    this.#stopped = true;
  }
}
