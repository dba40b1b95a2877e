// The number that a file holds.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import fc from "fast-check";
import { initFile, readFileNumber, readNumber } from "../../../src/tracking/file.ts";

test("a number as strtol reads it, else 0", () => {
  const cases: [string, number][] = [
    ["", 0],
    ["5\n", 5],
    [" \t-12 x", -12],
    ["+7", 7],
    ["0x1F", 31],
    ["-0X10", -16],
    ["010", 8],
    ["09", 0],
    ["0x", 0],
    ["abc", 0],
    ["99999999999999", 0x7fff_ffff],
    ["-0", 0],
  ];
  for (const [text, number] of cases) expect(readNumber(text), text).toBe(number);
  fc.assert(fc.property(fc.string(), (text) => Number.isSafeInteger(readNumber(text))));
  fc.assert(
    fc.property(fc.integer(), (number) => readNumber(String(number)) === Math.max(number, -0x7fff_ffff)),
  );
});

test("what is no file is 0; a new file is made once, and never through a link", () => {
  const directory = mkdtempSync(join(tmpdir(), "baton-file-"));
  try {
    const path = join(directory, "f");
    const config = { name: "f", path };
    expect([readFileNumber(path), readFileNumber(directory), readFileNumber("/dev/zero")]).toEqual([0, 0, 0]);
    expect(initFile({ ...config, init: null })).toBeNull();
    expect(initFile({ ...config, init: { value: 3, overwrite: false } })).toBeNull();
    expect(readFileNumber(path)).toBe(3);
    initFile({ ...config, init: { value: 4, overwrite: false } });
    expect(readFileNumber(path)).toBe(3);
    initFile({ ...config, init: { value: 4, overwrite: true } });
    expect(readFileNumber(path)).toBe(4);
    const target = join(directory, "target"), link = join(directory, "link");
    writeFileSync(target, "9");
    symlinkSync(target, link);
    expect(initFile({ ...config, path: link, init: { value: 5, overwrite: true } })).toContain(
      "cannot be written",
    );
    expect(readFileNumber(target)).toBe(9);
    expect(initFile({ ...config, path: "/none/f", init: { value: 5, overwrite: true } })).toContain("ENOENT");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
