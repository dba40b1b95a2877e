// The lexer of keepalived.conf: any characters become words that stand where their places say.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Report } from "../../src/config/diagnostic.ts";
import { commentStart, readLines, shellWords, uncommented, words } from "../../src/config/lex.ts";
import { Text } from "../../src/config/text.ts";
import { PATIENCE, RUNS } from "./runs.ts";

const SPECIAL = fc.constantFrom(
  "#",
  "!",
  '"',
  "'",
  "\\",
  "{",
  "}",
  " ",
  "\t",
  "\r",
  "\0",
  "$",
  "@",
  "~",
  "a",
  "1",
  "é",
);
const line = fc.oneof(
  fc.array(SPECIAL, { maxLength: 40 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replaceAll("\n", "")),
);

function textOf(text: string): Text {
  return Text.line({ file: "f", number: 1, text });
}

describe("lexer", () => {
  test("bytes become lines without ends", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const lines = readLines("f", bytes, new Report("f"));
        expect(lines.length).toBeLessThanOrEqual(bytes.filter((byte) => byte === 10).length + 1);
        for (const { text } of lines) expect(/[\n\0]|\r$/.test(text)).toBe(false);
      }),
      { numRuns: RUNS },
    );
  }, PATIENCE);

  test("a word outside quotes stands in the line where its place says", () => {
    fc.assert(
      fc.property(line, (text) => {
        const content = uncommented(textOf(text));
        expect(content.text.length).toBeLessThanOrEqual(text.length);
        const report = new Report("f");
        for (const { value, span, quoted } of words(content, report)) {
          const shown = text.slice(span.column - 1, span.column - 1 + span.length);
          expect(quoted ? shown : shown.replace(/\\(?=[#!])/g, "")).toBe(quoted ? `"${value}"` : value);
        }
      }),
      { numRuns: RUNS },
    );
  }, PATIENCE);

  test("what is in front of a comment has none, and the comment starts with its mark", () => {
    fc.assert(
      fc.property(line, (text) => {
        const at = commentStart(text);
        if (at < 0) return;
        expect("#!").toContain(text[at] as string);
        expect(commentStart(text.slice(0, at))).toBe(-1);
      }),
      { numRuns: RUNS },
    );
  }, PATIENCE);

  test("a command never has more words than characters", () => {
    fc.assert(
      fc.property(line, (text) => {
        const found = shellWords(textOf(text), new Report("f"));
        expect(found.length).toBeLessThanOrEqual(text.length);
        expect(found.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: RUNS },
    );
  }, PATIENCE);
});
