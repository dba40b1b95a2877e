// The files of src/config stand above each other: none needs another that needs it.
import { expect, test } from "bun:test";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const FOLDER = join(import.meta.dir, "../../../src/config");

/** What each file imports from the same folder, types too. */
function imports(): Map<string, string[]> {
  const files = globSync("**/*.ts", { cwd: FOLDER });
  return new Map(files.map((file) => {
    const text = readFileSync(join(FOLDER, file), "utf8");
    const named = [...text.matchAll(/ from "(\.[^"]+)"/g)].map(([, path = ""]) =>
      relative(FOLDER, join(FOLDER, dirname(file), path))
    );
    return [file, named.filter((each) => files.includes(each))];
  }));
}

test("no circle of imports", () => {
  const left = imports();
  // Who needs nobody that is left is taken away; what stays is on a circle, or above one.
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const [file, needed] of left) if (!needed.some((each) => left.has(each))) left.delete(file);
  }
  expect(left.size === 0 ? [] : [...left.keys()]).toEqual([]);
});
