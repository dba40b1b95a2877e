// Reading ELF: what a file says of itself, and files that are none or are cut off.
import { describe, expect, test } from "bun:test";
import { DT, Elf, EM, ET, PF, PT, roundUp, STB } from "../../../../native/static/elf.ts";
import { encodeSegments, Growth } from "../../../../native/static/segments.ts";
import { BASE, image, imageBytes } from "./image.ts";

describe("reading", () => {
  test("header, segments, symbols, relocations, dynamic section", () => {
    const elf = image({
      symbols: [{ name: "read" }, { name: "own", binding: STB.WEAK, value: 0x1234, size: 8 }],
      relocations: [[0x5000, 6, 1], [0x5008, 1, 2, -4]],
    });
    expect([elf.type, elf.machine, elf.entry]).toEqual([ET.EXEC, EM.X86_64, BASE]);
    expect(elf.segments.map(({ type }) => type)).toEqual([PT.LOAD, PT.DYNAMIC, PT.TLS, PT.INTERP]);
    expect(elf.end).toBe(BASE + elf.bytes.length);
    expect(elf.symbol(1)).toEqual({ name: "read", binding: STB.GLOBAL, defined: false, value: 0, size: 0 });
    expect(elf.symbol(2)).toEqual({ name: "own", binding: STB.WEAK, defined: true, value: 0x1234, size: 8 });
    expect(elf.relocations()).toEqual([
      { at: 0x5000, type: 6, symbol: 1, addend: 0 },
      { at: 0x5008, type: 1, symbol: 2, addend: -4 },
    ]);
    expect(elf.dynamic(DT.INIT)).toBeUndefined();
    expect(elf.offsetOf(BASE + 5)).toBe(5);
  });

  test("what is no ELF file of 64 bits, little end first", () => {
    const narrow = imageBytes();
    narrow[4] = 1;
    for (const bytes of [Buffer.from("#!/bin/sh\n"), Buffer.alloc(0), narrow]) {
      expect(() => new Elf(bytes, "f")).toThrow("f is not a 64-bit little-endian ELF file");
    }
  });

  test("cut off anywhere, it is a sentence or still readable, never another error", () => {
    const whole = imageBytes({ symbols: [{ name: "read" }], relocations: [[0x5000, 6, 1]] });
    let refused = 0;
    for (let length = 0; length < whole.length; length += 7) {
      try {
        const elf = new Elf(Buffer.from(whole.subarray(0, length)), "f");
        elf.dynamic(DT.STRTAB);
      } catch (error) {
        expect((error as Error).message).toMatch(/^f (is not a 64-bit|is cut off before)/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(10);
  });

  test("an address that the file has no bytes for", () => {
    expect(() => image().offsetOf(0x10)).toThrow("a test has no bytes for address 0x10");
  });
});

describe("writing", () => {
  test("appended data is where its address says, modulo the page", () => {
    const original = imageBytes();
    const growth = new Growth(original, 0x1000);
    const [first, second] = [
      growth.append(0x1000040, Buffer.alloc(100, 1), PF.R),
      growth.append(0x2000123, Buffer.alloc(10, 2), PF.R | PF.W, 500),
    ];
    const table = [...new Elf(original, "f").loads, first, second];
    const file = growth.finish(table, first.offset, 0x1000050);
    for (const segment of [first, second]) expect((segment.address - segment.offset) % 0x1000).toBe(0);
    const elf = new Elf(file, "f");
    expect(elf.entry).toBe(0x1000050);
    expect(elf.segments).toEqual(table);
    expect(file.subarray(second.offset)).toEqual(Buffer.alloc(10, 2));
    expect(elf.end).toBe(0x2000123 + 500);
    // The table is in the appended data; nothing else of the original has changed but its header.
    expect(file.subarray(64, original.length)).toEqual(original.subarray(64));
    expect(file.subarray(first.offset, first.offset + 3 * 56)).toEqual(
      encodeSegments(table).subarray(0, 100 + 68),
    );
  });

  test("there are no section headers, so that strip refuses the file", () => {
    const original = imageBytes();
    original.writeBigUInt64LE(64n, 40);
    original.writeUInt16LE(3, 60);
    original.writeUInt16LE(2, 62);
    const growth = new Growth(original, 0x1000);
    const { offset } = growth.append(0x1000000, Buffer.alloc(200), PF.R);
    const file = growth.finish([], offset, 0);
    expect([file.readBigUInt64LE(40), file.readUInt16LE(60), file.readUInt16LE(62)]).toEqual([0n, 0, 0]);
  });

  test("rounding", () => {
    expect([roundUp(0, 16), roundUp(1, 16), roundUp(16, 16), roundUp(17, 1), roundUp(17, 0)]).toEqual([
      0,
      16,
      16,
      17,
      17,
    ]);
  });
});
