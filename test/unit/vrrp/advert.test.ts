// What inspect makes of packets: the vectors, every cut of them, wrong ones, and random bytes.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatAddress } from "../../../src/vrrp/address.ts";
import { Advert, inspect, type Packet } from "../../../src/vrrp/advert.ts";
import { NO_REFUSAL, refusalName, REFUSALS } from "../../../src/vrrp/refusal.ts";
import { fromHex, packetOf, type Vector, vector, VECTORS } from "./vectors.ts";

function refusalOf(packet: Packet, advert = new Advert()): string | null {
  return refusalName(inspect(packet, advert));
}

/** A vector with some bytes of its frame replaced. */
function changed(from: Vector, changes: Record<number, number>): Packet {
  const bytes = from.frame.slice();
  for (const [offset, value] of Object.entries(changes)) bytes[Number(offset)] = value;
  return packetOf(from, bytes);
}

describe("inspect reads", () => {
  for (const expected of VECTORS) {
    test(expected.name, () => {
      const packet = packetOf(expected), advert = new Advert();
      expect(inspect(packet, advert)).toBe(NO_REFUSAL);
      const length = expected.family === "ipv4" ? 4 : 16;
      expect({
        version: advert.version,
        type: advert.type,
        vrid: advert.vrid,
        priority: advert.priority,
        intervalUs: advert.intervalUs,
        authType: advert.authType,
        checksumForm: advert.checksumForm,
        multicast: advert.multicast,
        hopLimit: advert.hopLimit,
        ah: advert.ahStart !== -1,
        source: formatAddress(packet.bytes, packet.sourceStart, length),
        destination: formatAddress(packet.bytes, packet.destinationStart, length),
        addresses: Array.from(
          { length: advert.count },
          (_, i) => formatAddress(packet.bytes, advert.addressesStart + i * length, length),
        ),
      }).toEqual({
        version: expected.version,
        type: 1,
        vrid: expected.vrid,
        priority: expected.priority,
        intervalUs: expected.intervalUs,
        authType: expected.authType,
        checksumForm: expected.checksumForm,
        multicast: true,
        hopLimit: 255,
        ah: expected.protocol === 51,
        source: expected.source,
        destination: expected.destination,
        addresses: expected.addresses,
      });
    });
  }

  test("the message behind IP options", () => {
    const frame = vector("C").frame;
    // Router alert (RFC 2113): IHL 6, four bytes more.
    const bytes = new Uint8Array(frame.length + 4);
    bytes.set(frame.slice(0, 34));
    bytes.set([0x94, 4, 0, 0], 34);
    bytes.set(frame.slice(34), 38);
    bytes[14] = 0x46;
    bytes[17] = 0x28;
    const advert = new Advert();
    expect(refusalOf(packetOf(vector("C"), bytes), advert)).toBeNull();
    expect(advert.addressesStart).toBe(14 + 24 + 8);
  });

  test("no Ethernet padding after the IPv4 total length", () => {
    const bytes = new Uint8Array(60).fill(0xa5);
    bytes.set(vector("C").frame);
    expect(refusalOf(packetOf(vector("C"), bytes))).toBeNull();
  });

  test("not the four reserved bits of version 3", () => {
    // The bits are under the checksum: 0xf000 more there is 0xf000 less (one's complement) here.
    const packet = changed(vector("D"), { 38: 0xf0 });
    const field = ((0xe6 << 8) | 0x5a) - 0xf000;
    const checksum = field < 0 ? field + 0xffff : field;
    packet.bytes[40] = checksum >> 8;
    packet.bytes[41] = checksum & 0xff;
    const advert = new Advert();
    expect(refusalOf(packet, advert)).toBeNull();
    expect(advert.intervalUs).toBe(1_000_000);
  });

  test("the same Advert again without a trace of the packet before", () => {
    const advert = new Advert();
    expect(refusalOf(packetOf(vector("keepalived v2 AH")), advert)).toBeNull();
    expect(refusalOf(packetOf(vector("A")), advert)).toBeNull();
    const fresh = new Advert();
    inspect(packetOf(vector("A")), fresh);
    expect(advert).toEqual(fresh);
    expect(refusalOf({ ...packetOf(vector("A")), end: 3 }, advert)).toBe("length");
    expect(advert.vrid).toBe(0);
  });
});

describe("inspect refuses", () => {
  for (const from of VECTORS) {
    test(`every cut of ${from.name}`, () => {
      const first = packetOf(from).start;
      for (let length = 0; length < from.frame.length; length++) {
        const packet = packetOf(from, from.frame.slice(0, length));
        expect([length, refusalOf(packet)]).toEqual([length, "length"]);
        // The bytes are there, but the packet ends before.
        if (length < first) continue;
        const short: Packet = { ...packetOf(from), end: length };
        expect([length, refusalOf(short)]).toEqual([length, "length"]);
      }
    });

    test(`every changed byte under the checksum of ${from.name}`, () => {
      const advert = new Advert();
      inspect(packetOf(from), advert);
      const { messageStart, messageEnd } = advert;
      for (let offset = messageStart; offset < messageEnd; offset++) {
        for (const mask of [0x01, 0x80, 0xff]) {
          const packet = changed(from, { [offset]: from.frame[offset]! ^ mask });
          expect([offset, refusalOf(packet)]).not.toEqual([offset, null]);
        }
      }
    });
  }

  test("a TTL or hop limit other than 255 for multicast", () => {
    expect(refusalOf(changed(vector("A"), { 22: 254 }))).toBe("ttl");
    expect(refusalOf(changed(vector("C"), { 22: 1 }))).toBe("ttl");
    expect(refusalOf(changed(vector("keepalived v2 AH"), { 22: 64 }))).toBe("ttl");
    expect(refusalOf({ ...packetOf(vector("E")), hopLimit: 64 })).toBe("ttl");
  });

  test("no TTL of a unicast packet", () => {
    const packet = changed(vector("A"), { 22: 12, 30: 192, 31: 0, 32: 2, 33: 7 });
    const advert = new Advert();
    expect(refusalOf(packet, advert)).toBeNull();
    expect(advert.multicast).toBe(false);
    expect(advert.hopLimit).toBe(12);
  });

  test("CARP", () => {
    const carp = fromHex(
      `45100038 00004000 ff700000 c0000202 e0000012 21 01 00 07 00 01 0000 ${"5a".repeat(28)}`,
    );
    const base = { bytes: carp, protocol: 112, start: 0, end: carp.length, hopLimit: 0 } as const;
    const advert = new Advert();
    expect(refusalOf({ ...base, family: "ipv4", sourceStart: 0, destinationStart: 0 }, advert)).toBe("carp");
    expect(advert.vrid).toBe(1);
    const bytes = new Uint8Array(76);
    bytes.set(vector("E").frame.slice(14, 54));
    bytes.set(carp.slice(20), 40);
    const ipv6: Packet = {
      bytes,
      family: "ipv6",
      protocol: 112,
      start: 40,
      end: 76,
      hopLimit: 255,
      sourceStart: 8,
      destinationStart: 24,
    };
    expect(refusalOf(ipv6)).toBe("carp");
  });

  test("other versions, and version 2 over IPv6", () => {
    for (const version of [0, 1, 4, 15]) {
      expect(refusalOf(changed(vector("C"), { 34: (version << 4) | 1 }))).toBe("version");
    }
    expect(refusalOf(changed(vector("E"), { 54: 0x21 }))).toBe("version");
  });

  test("a wrong checksum", () => {
    expect(refusalOf(changed(vector("A"), { 41: 0 }))).toBe("checksum");
    expect(refusalOf(changed(vector("C"), { 41: 0 }))).toBe("checksum");
    expect(refusalOf(changed(vector("E"), { 61: 0 }))).toBe("checksum");
  });

  test("the message-only form over IPv6", () => {
    const packet = packetOf(vector("E")), bytes = packet.bytes;
    bytes[60] = bytes[61] = 0;
    let sum = 0;
    for (let i = 54; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    bytes[60] = (~sum >> 8) & 0xff;
    bytes[61] = ~sum & 0xff;
    expect(refusalOf(packet)).toBe("checksum");
  });

  test("28 bytes more that are no auth_hmac trailer; a trailer is not part of the message", () => {
    const frame = vector("C").frame;
    const bytes = new Uint8Array(frame.length + 28);
    bytes.set(frame);
    bytes[frame.length] = 1;
    bytes[17] = 0x24 + 28;
    const advert = new Advert();
    expect(inspect(packetOf(vector("C"), bytes), advert)).toBe(0);
    expect(advert.trailerStart).toBe(frame.length);
    expect(advert.messageEnd).toBe(frame.length);
    bytes[frame.length] = 2;
    expect(refusalOf(packetOf(vector("C"), bytes))).toBe("length");
  });

  test("AH that carries something else, or has another size", () => {
    const ah = vector("keepalived v2 AH");
    expect(refusalOf(changed(ah, { 34: 89 }))).toBe("protocol");
    expect(refusalOf(changed(ah, { 35: 5 }))).toBe("length");
  });

  test("IPv4 headers that do not fit", () => {
    expect(refusalOf(changed(vector("A"), { 14: 0x44 }))).toBe("length");
    expect(refusalOf(changed(vector("A"), { 14: 0x65 }))).toBe("length");
    expect(refusalOf(changed(vector("A"), { 14: 0x4f }))).toBe("length");
    expect(refusalOf(changed(vector("A"), { 17: 0x29 }))).toBe("length");
    expect(refusalOf(changed(vector("A"), { 16: 0xff }))).toBe("length");
    expect(refusalOf(changed(vector("A"), { 17: 19 }))).toBe("length");
  });

  test("offsets that make no sense", () => {
    const odd = [-1, 0.5, NaN, Infinity, -Infinity, 1e9];
    for (const value of odd) {
      for (const field of ["start", "end"] as const) {
        for (const name of ["A", "E"]) {
          expect(refusalOf({ ...packetOf(vector(name)), [field]: value })).toBe("length");
        }
      }
      expect(refusalOf({ ...packetOf(vector("E")), sourceStart: value })).toBe("length");
      expect(refusalOf({ ...packetOf(vector("E")), destinationStart: value })).toBe("length");
    }
    expect(refusalOf({ ...packetOf(vector("E")), destinationStart: 85 })).toBe("length");
  });
});

describe("inspect never throws", () => {
  const advert = new Advert();
  const shape = {
    family: fc.constantFrom("ipv4" as const, "ipv6" as const),
    protocol: fc.constantFrom(112, 51),
  };
  function check(packet: Packet): void {
    const code = inspect(packet, advert);
    expect(code >= 0 && code <= REFUSALS.length && Number.isInteger(code)).toBe(true);
  }

  test("for random bytes and offsets", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 160 }),
        fc.record({
          ...shape,
          start: fc.integer({ min: -2, max: 170 }),
          end: fc.integer({ min: -2, max: 170 }),
          hopLimit: fc.constantFrom(255, 1),
          sourceStart: fc.integer({ min: -2, max: 170 }),
          destinationStart: fc.integer({ min: -2, max: 170 }),
        }),
        (bytes, rest) => check({ bytes, ...rest } as Packet),
      ),
      { numRuns: 10_000 },
    );
  });

  test("for vectors with random changes, which it refuses or understands", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VECTORS),
        fc.array(fc.tuple(fc.nat({ max: 93 }), fc.nat({ max: 255 })), { maxLength: 4 }),
        fc.nat({ max: 30 }),
        (from, changes, cut) => {
          const bytes = from.frame.slice(0, from.frame.length - (cut > 20 ? cut - 20 : 0));
          for (const [offset, value] of changes) if (offset < bytes.length) bytes[offset] = value;
          check(packetOf(from, bytes));
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
