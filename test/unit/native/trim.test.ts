// Which pages of program code may go, and that the program goes on without them.
import { describe, expect, test } from "bun:test";
import { filePages, readOnlyMappings } from "../../../native/trim.ts";

const PAGE = 4096;

describe("readOnlyMappings", () => {
  test("are those of files, without a right to write", () => {
    const maps = [
      "00200000-00300000 r--p 00000000 fe:00 42                   /usr/sbin/baton",
      "00300000-00500000 r-xp 00100000 fe:00 42                   /usr/sbin/baton",
      "00500000-00600000 rw-p 00300000 fe:00 42                   /usr/sbin/baton",
      "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 ",
      "7f0000001000-7f0000002000 r-xp 00000000 00:00 0            [vdso]",
      "no mapping",
      "",
    ].join("\n");
    expect(readOnlyMappings(maps)).toEqual([
      { start: 0x200000, length: 0x100000 },
      { start: 0x300000, length: 0x200000 },
    ]);
  });
});

describe("filePages", () => {
  /** One letter for each page: F of the file, A a copy, - not there. */
  function entries(letters: string): Uint8Array {
    const words = BigUint64Array.from(letters, (letter) => {
      if (letter === "-") return 0n;
      return (1n << 63n) | (letter === "F" ? 1n << 61n : 0n) | 0x1234n;
    });
    return new Uint8Array(words.buffer);
  }

  test("come in runs; pages that were written to and pages that are not there end a run", () => {
    expect(filePages(entries("FFAF--FFF"), 0x10000, PAGE)).toEqual([
      { start: 0x10000, length: 2 * PAGE },
      { start: 0x10000 + 3 * PAGE, length: PAGE },
      { start: 0x10000 + 6 * PAGE, length: 3 * PAGE },
    ]);
  });

  test("none in an empty or a broken map", () => {
    expect(filePages(entries(""), 0, PAGE)).toEqual([]);
    expect(filePages(entries("F").subarray(0, 7), 0, PAGE)).toEqual([]);
    expect(filePages(entries("-A-"), 0, PAGE)).toEqual([]);
  });
});

test("the code of a running program goes, and comes back where it is used", () => {
  const source = `
    import { readFileSync } from "node:fs";
    import { trimCode } from "./native/trim.ts";
    const fileKb = () => Number(/RssFile:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "latin1"))[1]);
    const work = () => JSON.stringify(Array.from({ length: 1000 }, (_, i) => [i, String(i).padStart(9)])).length;
    const expected = work();
    const before = fileKb();
    const bytes = trimCode();
    const after = fileKb();
    console.log(JSON.stringify({ freed: bytes > 1e6, less: after < before - 1000, same: work() === expected }));
    Bun.gc(true);
  `;
  const child = Bun.spawnSync([process.execPath, "-e", source], { stderr: "inherit", timeout: 20_000 });
  expect(child.stdout.toString().trim()).toBe('{"freed":true,"less":true,"same":true}');
  expect(child.exitCode).toBe(0);
});
