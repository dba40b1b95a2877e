// Thread-local storage: the program's block stays where its code looks for it, or the build stops.
import { describe, expect, test } from "bun:test";
import { PF, PT, type Segment } from "../../../../native/static/elf.ts";
import { MACHINES } from "../../../../native/static/machine.ts";
import { header, merge, reservation } from "../../../../native/static/tls.ts";

function block(contents: string, memorySize: number, align: number) {
  const data = Buffer.from(contents);
  const segment: Segment = {
    type: PT.TLS,
    flags: PF.R,
    offset: 0,
    address: 0,
    fileSize: data.length,
    memorySize,
    align,
  };
  return { segment, contents: data };
}

describe("below the thread pointer (x86-64)", () => {
  const { x64 } = MACHINES;

  test("the program's block is last, at the same distance from the end as alone", () => {
    // Alone: 20 bytes end 24 before the pointer (aligned to 8). Merged: 64 bytes, so that it begins at 40.
    const merged = merge(x64, block("PROGRAM", 20, 8), block("LIBC", 64, 16), 40);
    expect([merged.size, merged.align]).toEqual([64, 16]);
    expect(merged.image.toString("latin1")).toBe(`LIBC${"\0".repeat(36)}PROGRAM`);
  });

  test("anywhere else stops the build", () => {
    for (const at of [0, 32, 48]) {
      expect(() => merge(x64, block("PROGRAM", 20, 8), block("LIBC", 64, 16), at)).toThrow(
        `the program's thread-local block would be at ${at} of 64 bytes`,
      );
    }
  });

  test("the reservation has the size that it takes below the pointer", () => {
    expect(reservation(x64, block("", 20, 8).segment)).toMatch(/\.tbss[\s\S]*\.balign 8[\s\S]*\.zero 24/);
  });
});

describe("above the thread pointer (aarch64)", () => {
  const { arm64 } = MACHINES;

  test("the program's block is first", () => {
    const merged = merge(arm64, block("PROGRAM", 20, 8), block("-------\0\0\0LIBC", 64, 16), 0);
    expect(merged.image.toString("latin1")).toBe("PROGRAM\0\0\0LIBC");
    expect(merged.size).toBe(64);
    expect(reservation(arm64, block("", 20, 8).segment)).toMatch(/\.tdata[\s\S]*\.zero 20/);
  });

  test("behind something, or shifted by a larger alignment, it stops the build", () => {
    expect(() => merge(arm64, block("P", 20, 8), block("L", 64, 16), 16)).toThrow("would be at 16");
    expect(() => merge(arm64, block("P", 20, 8), block("L", 64, 32), 0)).toThrow("would be at 0");
  });
});

test("its program header", () => {
  const made = header({ image: Buffer.alloc(12), size: 64, align: 16 }, 0x100, 0x7000100);
  expect(made).toEqual({
    type: PT.TLS,
    flags: PF.R,
    offset: 0x100,
    address: 0x7000100,
    fileSize: 12,
    memorySize: 64,
    align: 16,
  });
});
