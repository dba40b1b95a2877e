// The Internet checksum against a plain second implementation and the example of RFC 1071.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { addWords, checksumOf, fold } from "../../../src/vrrp/checksum.ts";
import { fromHex } from "./vectors.ts";

/** Word by word, with the carry brought round at each step. */
function plainSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

test("the example of RFC 1071 section 3", () => {
  const bytes = fromHex("0001 f203 f4f5 f6f7");
  expect(fold(addWords(0, bytes, 0, 8))).toBe(0xddf2);
  expect(checksumOf(addWords(0, bytes, 0, 8))).toBe(0x220d);
});

test("any bytes give the same as the plain way, and a range with its checksum verifies", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1500 }), fc.nat({ max: 8 }), (bytes, start) => {
      const from = Math.min(start, bytes.length);
      const sum = addWords(0, bytes, from, bytes.length);
      expect(fold(sum)).toBe(plainSum(bytes.slice(from)));
      const checksum = checksumOf(sum);
      if ((bytes.length - from) % 2 === 0) expect(fold(sum + checksum)).toBe(0xffff);
    }),
    { numRuns: 2000 },
  );
});

test("64 KiB of ones do not overflow", () => {
  const bytes = new Uint8Array(65536).fill(0xff);
  expect(fold(addWords(0, bytes, 0, bytes.length))).toBe(0xffff);
});
