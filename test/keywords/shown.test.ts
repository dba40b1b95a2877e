// The table of all keywords of keepalived's VRRP side: each is shown by a test, or listed as without effect.
//
// A marker directly above a test names the keywords whose effect it shows: // shows: BLOCK KEYWORD[, KEYWORD...]
import { describe, expect, test } from "bun:test";
import { keyword as rowOf } from "../../src/config/keywords.ts";
import type { Keyword } from "../../src/config/keywords/types.ts";
import { changed, PLACES } from "./broken.ts";
import { allMarkers, isCheckSide, keepalivedRows, markersOf } from "./markers.ts";

/** Rows that may be "accepted, without effect". */
const MOST_WITHOUT_EFFECT = 60;

const ROWS = keepalivedRows();
const OURS = ROWS.filter((row) => !isCheckSide(row));
const { shown, misplaced } = allMarkers();
const marked = new Set(shown.map(({ block, keyword }) => `${block} ${keyword}`));

function effectOf(block: string, name: string): Keyword["effect"] | "unknown" {
  return rowOf(block, name)?.effect ?? "unknown";
}

/** `block: keyword, keyword` for each block, one a line. */
function byBlock(rows: { block: string; keyword: string }[]): string[] {
  const blocks = Map.groupBy(rows, ({ block }) => block);
  return [...blocks].map(([block, each]) => `${block}: ${each.map(({ keyword }) => keyword).join(", ")}`);
}

describe("keywords of the VRRP side", () => {
  test("every one is known, and none is still to be built", () => {
    const open = OURS.filter(({ block, keyword }) =>
      ["unknown", "not yet"].includes(String(effectOf(block, keyword)))
    );
    expect(byBlock(open)).toEqual([]);
  });

  test("every one that has effect is shown by a test", () => {
    const missing = OURS.filter(({ block, keyword }) =>
      effectOf(block, keyword) === true && !marked.has(`${block} ${keyword}`)
    );
    expect(byBlock(missing)).toEqual([]);
  });

  test("few are without effect, and no test claims to show the effect of one", () => {
    const without = OURS.filter(({ block, keyword }) => effectOf(block, keyword) === "none");
    expect(without.length).toBeLessThanOrEqual(MOST_WITHOUT_EFFECT);
    expect(byBlock(without.filter(({ block, keyword }) => marked.has(`${block} ${keyword}`)))).toEqual([]);
  });
});

describe("markers", () => {
  test("each names rows of the table and stands directly above a test", () => {
    const rows = new Set(ROWS.map(({ block, keyword }) => `${block} ${keyword}`));
    const wrong = shown.filter(({ block, keyword }) => !rows.has(`${block} ${keyword}`))
      .map(({ file, line, block, keyword }) => `${file}:${line}: ${block} has no keyword ${keyword}`);
    expect([...wrong, ...misplaced.map(({ file, line, why }) => `${file}:${line}: ${why}`)]).toEqual([]);
  });

  test("are read as they are written", () => {
    const found = (...lines: string[]) => markersOf("x", lines.join("\n"));
    const first = { file: "x", line: 1, block: "a/b", keyword: "c" };
    const mark = "// shows: a/b c";
    expect(found(mark, 'test("one (1)", () => {').shown).toEqual([{ ...first, title: "one \\(1\\)$" }]);
    expect(found(`  ${mark}, [to] D`, "  test.concurrent.skipIf(!HAVE)(", '    "two",').shown).toEqual([
      { ...first, title: "two$" },
      { ...first, keyword: "[to] D", title: "two$" },
    ]);
    expect(found(mark, "// shows: e f", "test.each(X)(`${a}: b`, () => {").shown).toEqual([
      { ...first, title: ".*: b$" },
      { ...first, line: 2, block: "e", keyword: "f", title: ".*: b$" },
    ]);
    expect(found(mark, 'describe("group", () => {').shown).toEqual([{ ...first, title: "group " }]);
    expect(found(mark, "test(title, () => {").shown[0]?.title).toBeNull();
    expect(found(mark, "", 'test("apart", () => {').misplaced.length).toBe(1);
    expect(found("// shows: alone", 'test("x", () => {').misplaced.length).toBe(1);
  });

  test("what breaks a keyword still finds its places in the program", async () => {
    for (const { file } of PLACES) expect(await changed(file), file).toContain("BATON_BROKEN_KEYWORD");
  });
});
