// Small blocks of memory behind few buffers: zeroed, apart from each other, where their address says.
import { expect, test } from "bun:test";
import { read } from "bun:ffi";
import { pointer } from "../../../native/memory.ts";
import { memoryPart } from "../../../native/slab.ts";

test("parts lie apart, on multiples of 16, where their address says", () => {
  const parts = Array.from({ length: 3000 }, (_, i) => memoryPart(1 + i % 90));
  for (const [i, part] of parts.entries()) {
    expect(part.bytes.length).toBe(1 + i % 90);
    expect(part.address % 16).toBe(0);
    expect(part.bytes.every((byte) => byte === 0)).toBe(true);
    part.bytes.fill(1 + i % 255);
  }
  Bun.gc(true);
  for (const [i, part] of parts.entries()) {
    expect(part.bytes.every((byte) => byte === 1 + i % 255)).toBe(true);
    expect(read.u8(pointer(part.address), 0)).toBe(1 + i % 255);
    expect(part.view.getUint8(part.bytes.length - 1)).toBe(1 + i % 255);
  }
  // That is what they are for.
  expect(new Set(parts.map(({ bytes }) => bytes.buffer)).size).toBeLessThan(20);
});

test("a large one has a buffer of its own", () => {
  const part = memoryPart(10_000);
  expect(part.bytes.buffer.byteLength).toBe(10_000);
});
