// MD5 and HMAC-MD5 against the vectors of their RFCs and, for random input, against the runtime's own.
import { expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { HmacMd5, Md5 } from "../../../src/vrrp/md5.ts";
import { toHex } from "./vectors.ts";

const md5 = new Md5();
function hash(bytes: Uint8Array): string {
  const digest = new Uint8Array(16);
  md5.reset();
  md5.update(bytes, 0, bytes.length);
  md5.digest(digest, 0, 16);
  return toHex(digest);
}

function mac(key: Uint8Array, bytes: Uint8Array, count = 16): string {
  const digest = new Uint8Array(count);
  new HmacMd5(key).sign(bytes, 0, bytes.length, digest, 0, count);
  return toHex(digest);
}

const text = (value: string) => new TextEncoder().encode(value);

test("the test suite of RFC 1321", () => {
  expect(hash(text(""))).toBe("d41d8cd98f00b204e9800998ecf8427e");
  expect(hash(text("a"))).toBe("0cc175b9c0f1b6a831c399e269772661");
  expect(hash(text("abc"))).toBe("900150983cd24fb0d6963f7d28e17f72");
  expect(hash(text("message digest"))).toBe("f96b697d7cb7938d525a2f31aaf161d0");
  expect(hash(text("abcdefghijklmnopqrstuvwxyz"))).toBe("c3fcd3d76192e4007dfb496cca67e13b");
  expect(hash(text("1234567890".repeat(8)))).toBe("57edf4a22be3c955ac49da2e2107b67a");
});

test("the test cases of RFC 2202", () => {
  expect(mac(new Uint8Array(16).fill(0x0b), text("Hi There"))).toBe("9294727a3638bb1c13f48ef8158bfc9d");
  expect(mac(text("Jefe"), text("what do ya want for nothing?"))).toBe("750c783e6ab0b503eaa86e310a5db738");
  expect(mac(new Uint8Array(16).fill(0x0c), text("Test With Truncation"), 12)).toBe(
    "56461ef2342edc00f9bab995",
  );
});

test("any bytes give what the runtime's MD5 gives", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 64 }), (bytes, key) => {
      expect(hash(bytes)).toBe(createHash("md5").update(bytes).digest("hex"));
      expect(mac(key, bytes)).toBe(createHmac("md5", key).update(bytes).digest("hex"));
    }),
    { numRuns: 1000 },
  );
});

test("input in pieces, and a part of the memory only", () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => i);
  for (const cut of [0, 1, 55, 56, 63, 64, 65, 128, 199]) {
    const digest = new Uint8Array(20).fill(0xa5);
    md5.reset();
    md5.update(bytes, 10, 10 + Math.min(cut, 190));
    md5.update(bytes, 10 + Math.min(cut, 190), 200);
    md5.digest(digest, 2, 16);
    expect(toHex(digest.slice(2, 18))).toBe(createHash("md5").update(bytes.slice(10)).digest("hex"));
    expect([digest[1], digest[18]]).toEqual([0xa5, 0xa5]);
  }
});

test("a key that is too long is the caller's mistake", () => {
  expect(() => new HmacMd5(new Uint8Array(65))).toThrow(RangeError);
});
