// SHA-256 and HMAC-SHA-256 against published vectors and, for random input, against the runtime's own.
import { expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { HmacSha256, Sha256 } from "../../../src/vrrp/sha256.ts";
import { toHex } from "./vectors.ts";

const sha = new Sha256();
function hash(bytes: Uint8Array): string {
  const digest = new Uint8Array(32);
  sha.reset();
  sha.update(bytes, 0, bytes.length);
  sha.digest(digest, 0, 32);
  return toHex(digest);
}

function mac(key: Uint8Array, bytes: Uint8Array, count = 32): string {
  const digest = new Uint8Array(count), hmac = new HmacSha256(key);
  hmac.begin();
  hmac.hash.update(bytes, 0, bytes.length);
  hmac.finish(digest, 0, count);
  return toHex(digest);
}

const text = (value: string) => new TextEncoder().encode(value);

test("the examples of FIPS 180", () => {
  expect(hash(text("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hash(text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))).toBe(
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
  expect(hash(text("a".repeat(1_000_000)))).toBe(
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  );
});

test("the test cases of RFC 4231 whose keys fit into a block", () => {
  expect(mac(new Uint8Array(20).fill(0x0b), text("Hi There"))).toBe(
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  );
  expect(mac(text("Jefe"), text("what do ya want for nothing?"))).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  expect(mac(new Uint8Array(20).fill(0x0c), text("Test With Truncation"), 16)).toBe(
    "a3b6167473100ee06e0c796c2955552b",
  );
});

test("any bytes, in two parts, with zeros between them, like the runtime's", () => {
  const bytes = (max: number) => fc.uint8Array({ maxLength: max });
  fc.assert(
    fc.property(bytes(64), bytes(200), fc.nat({ max: 80 }), bytes(200), (key, one, zeros, two) => {
      const whole = Uint8Array.from([...one, ...new Uint8Array(zeros), ...two]);
      expect(hash(whole)).toBe(createHash("sha256").update(whole).digest("hex"));
      const hmac = new HmacSha256(key), digest = new Uint8Array(32);
      // The second message does not depend on the first.
      for (let i = 0; i < 2; i++) {
        hmac.begin();
        hmac.hash.update(one, 0, one.length);
        hmac.hash.zeros(zeros);
        hmac.hash.update(two, 0, two.length);
        hmac.finish(digest, 0, 32);
        expect(toHex(digest)).toBe(createHmac("sha256", key).update(whole).digest("hex"));
      }
    }),
    { numRuns: 1000 },
  );
});

test("a key that is longer than a block is the caller's mistake", () => {
  expect(() => new HmacSha256(new Uint8Array(65))).toThrow("64 bytes");
});
