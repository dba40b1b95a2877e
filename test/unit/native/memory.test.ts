// Memory that the kernel may point to.
import { expect, test } from "bun:test";
import { read } from "bun:ffi";
import fc from "fast-check";
import { Memory, pointer, writePointer } from "../../../native/memory.ts";

test("is zeroed, and bytes, view and address are the same memory", () => {
  const memory = new Memory(8);
  expect([...memory.bytes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  memory.bytes[3] = 7;
  expect(memory.view.getUint8(3)).toBe(7);
  expect(read.u8(pointer(memory.address), 3)).toBe(7);
});

test("does not move when its buffer is used, nor when the collector runs", () => {
  const memories = Array.from({ length: 200 }, (_, i) => new Memory(16 + i));
  for (const [i, memory] of memories.entries()) {
    new Uint8Array(memory.bytes.buffer)[1] = i; // a small array made by length would move here
    structuredClone(memory.bytes);
    memory.bytes.subarray(2)[0] = 255 - i;
  }
  Bun.gc(true);
  for (const [i, memory] of memories.entries()) {
    expect(read.u8(pointer(memory.address), 1)).toBe(i);
    expect(read.u8(pointer(memory.address), 2)).toBe(255 - i);
  }
});

test("a size of 0 still has an address", () => {
  expect(new Memory(0).address).toBeGreaterThan(0);
});

test("writePointer writes any address of 53 bits", () => {
  const view = new DataView(new ArrayBuffer(16));
  fc.assert(fc.property(fc.maxSafeNat(), (address) => {
    writePointer(view, 8, address);
    expect(view.getBigUint64(8, true)).toBe(BigInt(address));
  }));
});
