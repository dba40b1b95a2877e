// Characters to lines and words of keepalived.conf: comments, quotes, escapes.
import type { Report } from "./diagnostic.ts";
import { LineWord, type SourceLine, Text, type Word } from "./text.ts";

/**
 * Splits the bytes of a file into source lines: UTF-8 with or without a byte order mark, LF or CRLF, the last
 * line with or without an end. Lines with a NUL byte are left out and reported.
 */
export function readLines(file: string, bytes: Uint8Array, report: Report): SourceLine[] {
  const text = new TextDecoder("utf-8").decode(bytes);
  if (!/\.ya?ml$/i.test(file) && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    const source: SourceLine = { file, number: 1, text: (text.split("\n", 1)[0] ?? "").replace(/\r+$/, "") };
    const span = { source, column: 1, length: 1 };
    const message =
      "the file starts with a byte order mark, which keepalived takes for a part of the first word";
    report.warning(span, `${message}; save it as UTF-8 without one`);
  }
  const lines: SourceLine[] = [];
  let notUtf8 = false;
  // Most files have none of these, so their lines need not be searched.
  const returns = text.includes("\r");
  const nuls = text.includes("\0");
  notUtf8 = !text.includes("\ufffd");
  text.split("\n").forEach((raw, index) => {
    const source: SourceLine = { file, number: index + 1, text: returns ? raw.replace(/\r+$/, "") : raw };
    if (nuls && raw.includes("\0")) {
      const span = { source, column: raw.indexOf("\0") + 1, length: 1 };
      report.warning(span, "the line holds a NUL byte, so the whole line is ignored; delete the byte");
      return;
    }
    if (!notUtf8 && uncommented(Text.line(source)).text.includes("\ufffd")) {
      notUtf8 = true;
      const span = { source, column: raw.indexOf("\ufffd") + 1, length: 1 };
      report.warning(span, "the file is not UTF-8 text, so such bytes are read as \ufffd; save it as UTF-8");
    }
    lines.push(source);
  });
  return lines;
}

/** Where the comment of a line starts: `#` or `!` outside double quotes and without a backslash; -1 = none. */
export function commentStart(text: string): number {
  if (!/[#!]/.test(text)) return -1;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === "\\" && /[#!]/.test(text[i + 1] ?? "")) i++;
    else if (char === "#" || char === "!") return i;
  }
  return -1;
}

/** The line without its comment: `#` or `!` to the end, outside double quotes; `\#` and `\!` are literal. */
export function uncommented(line: Text): Text {
  const { text } = line;
  if (!/[#!]/.test(text)) return line.trim();
  const parts: Text[] = [];
  let from = 0;
  const comment = commentStart(text);
  const to = comment < 0 ? text.length : comment;
  let quoted = false;
  for (let i = 0; i < to; i++) {
    const char = text[i];
    if (char === '"') quoted = !quoted;
    else if (!quoted && char === "\\" && /[#!]/.test(text[i + 1] ?? "")) {
      parts.push(line.slice(from, i));
      from = ++i;
    }
  }
  if (parts.length === 0) return line.slice(0, to).trim();
  parts.push(line.slice(from, to));
  return Text.join(line.source, parts).trim();
}

const QUOTE = 0x22;

/** Whether a character separates words: what \\s of a regular expression means. */
function isBlank(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code >= 0xa0 && /\s/.test(String.fromCharCode(code));
}

/** What words() looks at besides spaces: a quote, another blank. */
const NOT_PLAIN = /["\t-\r\u00a0-\uffff]/;

/** The words of a line: blanks separate, a word in double quotes ends at the next double quote. */
export function words(line: Text, report: Report | null): Word[] {
  return !line.isPlain && NOT_PLAIN.test(line.text) ? quotedWords(line, report) : plainWords(line);
}

function plainWords(line: Text): Word[] {
  const { text } = line;
  const found: Word[] = [];
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(" ", at);
    const end = space < 0 ? text.length : space;
    if (end > at) found.push(new LineWord(line, at, text.slice(at, end), false));
    at = end + 1;
  }
  return found;
}

function quotedWords(line: Text, report: Report | null): Word[] {
  const { text } = line;
  const found: Word[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    let code = text.charCodeAt(at);
    if (isBlank(code)) {
      at++;
      continue;
    }
    while (at < text.length && code !== QUOTE && !isBlank(code)) code = text.charCodeAt(++at);
    if (at > start) {
      found.push(new LineWord(line, start, text.slice(start, at), false));
    } else {
      const end = text.indexOf('"', at + 1);
      if (end < 0) {
        report?.warning(
          line.span(at, text.length),
          'the double quote has no partner, so the line is ignored from here on; close it with "',
        );
        return found;
      }
      found.push(new LineWord(line, at, text.slice(at + 1, end), true));
      at = end + 1;
    }
  }
  return found;
}

const ESCAPES: Record<string, string> = {
  a: "\x07",
  b: "\b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/**
 * Splits a command by shell-like rules: single and double quotes anywhere in a word, backslash escapes
 * (\a \b \E \f \n \r \t \v, \nnn octal, \xXX, \cC control, else the character itself).
 */
export function shellWords(command: Text, report: Report): Word[] {
  const { text } = command;
  const found: Word[] = [];
  let value = "";
  let start = -1;
  let quote = "";
  let quoted = false;
  const end = (at: number) => {
    if (start >= 0) found.push({ value, span: command.span(start, at), quoted });
    value = "";
    start = -1;
    quoted = false;
  };
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (quote === "" && /\s/.test(char)) {
      end(at++);
      continue;
    }
    if (start < 0) start = at;
    if (char === "\\") {
      const [length, meaning] = escape(text, at);
      value += meaning;
      at += length;
      continue;
    }
    if (char === quote) quote = "";
    else if (quote === "" && (char === '"' || char === "'")) {
      quote = char;
      quoted = true;
    } else value += char;
    at++;
  }
  if (quote !== "") {
    const span = command.span(start, text.length);
    report.warning(span, `the quote ${quote} has no partner, so the word ends with the line; close it`);
  }
  end(text.length);
  return found;
}

/** The escape at `at`: how long it is and what it stands for. */
function escape(text: string, at: number): [number, string] {
  const rest = text.slice(at + 1, at + 6);
  const code = /^[0-7]{1,3}/.exec(rest) ?? /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (code !== null) {
    const value = code[1] === undefined ? parseInt(code[0], 8) : parseInt(code[1], 16);
    return [1 + code[0].length, String.fromCharCode(value & 0xff)];
  }
  const char = rest[0];
  if (char === undefined) return [1, "\\"];
  if (char === "c" && rest[1] !== undefined) return [3, String.fromCharCode(rest.charCodeAt(1) & 0x1f)];
  return [2, ESCAPES[char] ?? char];
}
