// Addresses: text to bytes and back, against known forms and for random bytes.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  compareBytes,
  formatAddress,
  isLinkLocal,
  isMulticast,
  parseAddress,
} from "../../../src/vrrp/address.ts";
import { toHex } from "./vectors.ts";

function parsed(text: string): string | null {
  const bytes = parseAddress(text);
  return bytes === null ? null : toHex(bytes);
}

test("parseAddress takes IPv4 and IPv6", () => {
  expect(parsed("192.0.2.1")).toBe("c0000201");
  expect(parsed("0.0.0.0")).toBe("00000000");
  expect(parsed("255.255.255.255")).toBe("ffffffff");
  expect(parsed("::")).toBe("0".repeat(32));
  expect(parsed("::1")).toBe("0".repeat(31) + "1");
  expect(parsed("1::")).toBe("0001" + "0".repeat(28));
  expect(parsed("FE80::1")).toBe("fe80" + "0".repeat(27) + "1");
  expect(parsed("1:2:3:4:5:6:7:8")).toBe("00010002000300040005000600070008");
  expect(parsed("1:2:3:4:5:6:7::")).toBe("00010002000300040005000600070000");
  expect(parsed("::ffff:192.0.2.1")).toBe("00000000000000000000ffffc0000201");
  expect(parsed("64:ff9b::192.0.2.33")).toBe("0064ff9b0000000000000000c0000221");
  expect(parsed("1:2:3:4:5:6:1.2.3.4")).toBe("00010002000300040005000601020304");
});

test("parseAddress refuses everything else", () => {
  const wrong = [
    [
      "",
      " ",
      "1",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "01.2.3.4",
      "1.2.3.4 ",
      " 1.2.3.4",
      "1.2.3.4/24",
      "1..3.4",
      "a.b.c.d",
    ],
    ["+1.2.3.4", "-1.2.3.4", "0x1.2.3.4", "1.2.3.4\n", "1e0.2.3.4", "1.2.3.-0"],
    [
      ":",
      ":::",
      "1:",
      ":1",
      "1:::2",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "::1:2:3:4:5:6:7:8",
    ],
    [
      "fe80::1%eth0",
      "12345::",
      "g::",
      "::1.2.3",
      "::1.2.3.4:5",
      "1.2.3.4::",
      "1:2:3:4:5:6:7:1.2.3.4",
      "[::1]",
      "::1/64",
    ],
  ].flat();
  for (const text of wrong) expect([text, parsed(text)]).toEqual([text, null]);
});

test("formatAddress writes the canonical form (RFC 5952)", () => {
  const cases: [string, string][] = [
    ["2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["::ffff:c000:201", "::ffff:192.0.2.1"],
    ["::c000:201", "::c000:201"],
    ["10.0.0.2", "10.0.0.2"],
  ];
  for (const [from, to] of cases) expect(formatAddress(parseAddress(from)!)).toBe(to);
});

test("formatAddress takes a part of the bytes, and answers ? for what is no address", () => {
  const bytes = new Uint8Array([9, 9, 10, 0, 0, 2, 9]);
  expect(formatAddress(bytes, 2, 4)).toBe("10.0.0.2");
  expect(formatAddress(bytes)).toBe("?");
  expect(formatAddress(bytes, 4, 4)).toBe("?");
  expect(formatAddress(bytes, -1, 4)).toBe("?");
  expect(formatAddress(new Uint8Array(0))).toBe("?");
});

describe("for random input", () => {
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );

  test("text and bytes go round", () => {
    fc.assert(
      fc.property(address, fc.nat({ max: 12 }), (bytes, zeros) => {
        // Runs of zeros, which random bytes lack.
        if (bytes.length === 16) bytes.fill(0, zeros, Math.min(16, zeros + 6));
        expect(toHex(parseAddress(formatAddress(bytes))!)).toBe(toHex(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  test("fast-check's own addresses are taken, other text never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => expect(parseAddress(text)).not.toBeNull()),
    );
    const odd = fc.string({ unit: fc.constantFrom(..."0123456789abcdefg:.%/ "), maxLength: 45 });
    fc.assert(
      fc.property(fc.oneof(odd, fc.string()), (text) => {
        const bytes = parseAddress(text);
        expect(bytes === null || bytes.length === 4 || bytes.length === 16).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test("comparison is that of big numbers", () => {
    const number = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (a, b) => {
          const sign = number(a) < number(b) ? -1 : number(a) > number(b) ? 1 : 0;
          expect(Math.sign(compareBytes(a, 0, b, 0, 16))).toBe(sign);
          expect(compareBytes(a, 0, a, 0, 16)).toBe(0);
        },
      ),
    );
  });
});

test("compareBytes is unsigned and honours its offsets", () => {
  expect(compareBytes(new Uint8Array([200]), 0, new Uint8Array([100]), 0, 1)).toBeGreaterThan(0);
  expect(compareBytes(new Uint8Array([9, 1, 2]), 1, new Uint8Array([9, 9, 1, 2]), 2, 2)).toBe(0);
});

test("isMulticast and isLinkLocal", () => {
  const ask = (is: typeof isMulticast, text: string) => {
    const bytes = parseAddress(text)!;
    return is(bytes, 0, bytes.length);
  };
  for (const text of ["224.0.0.18", "239.255.255.255", "ff02::12", "ff00::"]) {
    expect(ask(isMulticast, text)).toBe(true);
  }
  for (const text of ["223.255.255.255", "240.0.0.0", "fe80::1", "::"]) {
    expect(ask(isMulticast, text)).toBe(false);
  }
  for (const text of ["fe80::1", "febf::1", "169.254.0.1"]) expect(ask(isLinkLocal, text)).toBe(true);
  for (const text of ["fec0::1", "fe7f::1", "2001:db8::1", "169.253.0.1"]) {
    expect(ask(isLinkLocal, text)).toBe(false);
  }
});
