// The packets that are sent: equal to the vectors, read back as written, patched as if built anew.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Family, formatAddress, isMulticast } from "../../../src/vrrp/address.ts";
import { Advert, inspect } from "../../../src/vrrp/advert.ts";
import { addWords, checksumOf, fold } from "../../../src/vrrp/checksum.ts";
import {
  maxAddresses,
  OutgoingAdvert,
  outgoingLength,
  type OutgoingSpec,
} from "../../../src/vrrp/outgoing.ts";
import { NO_REFUSAL } from "../../../src/vrrp/refusal.ts";
import { wireIntervalUs } from "../../../src/vrrp/timers.ts";
import { address, build, IPV6_SPEC, received, V2_SPEC, V3_SPEC } from "./packets.ts";
import { packetOf, toHex, type Vector, VECTORS } from "./vectors.ts";

const PASSWORDS: Record<string, string> = {
  "B": "secret",
  "keepalived v2 PASS": "secret12",
  "keepalived v2 AH": "secret12",
};

function specOf(from: Vector): OutgoingSpec {
  const name = Object.keys(PASSWORDS).find((start) => from.name.startsWith(`${start}`));
  return {
    version: from.version,
    family: from.family,
    vrid: from.vrid,
    priority: from.priority,
    advertIntervalUs: from.intervalUs,
    addresses: from.addresses.map(address),
    source: address(from.source),
    destination: address(from.destination),
    authentication: name === undefined
      ? null
      : { type: from.authType === 2 ? "AH" : "PASS", password: PASSWORDS[name]! },
    checksumForm: from.checksumForm,
  };
}

/** What the kernel or the sender's own habits fill in: identification, flags, checksum; the IPv6 flow label. */
function asSent(bytes: Uint8Array, family: Family): Uint8Array {
  const copy = bytes.slice();
  if (family === "ipv4") { for (const i of [4, 5, 6, 7, 10, 11]) copy[i] = 0; }
  else for (const i of [1, 2, 3]) copy[i] = copy[i]! & (i === 1 ? 0xf0 : 0);
  return copy;
}

describe("an outgoing advert equals", () => {
  for (const from of VECTORS) {
    test(from.name, () => {
      const outgoing = build(specOf(from));
      outgoing.prepare();
      const sent = asSent(outgoing.bytes, from.family), wanted = asSent(from.frame.slice(14), from.family);
      expect(toHex(sent)).toBe(toHex(wanted));
      expect(outgoing.length).toBe(from.frame.length - 14);
      expect(outgoing.priority).toBe(from.priority);
    });
  }

  test("keepalived's AH packet to the last byte, identification included", () => {
    const from = VECTORS.find((entry) => entry.authType === 2)!;
    const outgoing = build(specOf(from));
    outgoing.prepare();
    const header = outgoing.bytes;
    const checksum = checksumOf(addWords(0, header, 0, 20));
    header[10] = checksum >> 8;
    header[11] = checksum & 0xff;
    expect(toHex(header)).toBe(toHex(from.frame.slice(14)));
  });
});

describe("AH", () => {
  const spec: OutgoingSpec = { ...V2_SPEC, authentication: { type: "AH", password: "secret12" } };
  const sequenceIn = (advert: OutgoingAdvert) => parseInt(toHex(advert.bytes.slice(28, 32)), 16);
  const idIn = (advert: OutgoingAdvert) => parseInt(toHex(advert.bytes.slice(4, 6)), 16);

  test("each packet has the next sequence number, an identification and its own ICV", () => {
    const outgoing = build(spec), icvs = new Set<string>();
    for (let i = 1; i <= 5; i++) {
      outgoing.prepare();
      expect([sequenceIn(outgoing), outgoing.sequence, idIn(outgoing)]).toEqual([i, i, i]);
      icvs.add(toHex(outgoing.bytes.slice(32, 44)));
    }
    expect(icvs.size).toBe(5);
  });

  test("the sequence goes on above what was heard, and never wraps", () => {
    const outgoing = build(spec);
    outgoing.prepare(1000);
    expect(sequenceIn(outgoing)).toBe(1001);
    outgoing.prepare(7);
    expect(sequenceIn(outgoing)).toBe(1002);
    outgoing.prepare(0xffff_fffe);
    expect(sequenceIn(outgoing)).toBe(0xffff_ffff);
    outgoing.prepare();
    expect(sequenceIn(outgoing)).toBe(0xffff_ffff);
  });

  test("the identification is never 0, which the kernel would replace", () => {
    const outgoing = build(spec);
    for (let i = 0; i < 0x1_0001; i++) {
      outgoing.prepare();
      if (idIn(outgoing) === 0) throw new Error(`identification 0 in packet ${i}`);
    }
    expect(idIn(outgoing)).toBe(2);
  });

  test("a sequence can be carried over to a new packet", () => {
    const outgoing = build(spec);
    outgoing.sequence = 41;
    outgoing.prepare();
    expect(sequenceIn(outgoing)).toBe(42);
  });
});

const family = fc.constantFrom<Family>("ipv4", "ipv6");
const anySpec: fc.Arbitrary<OutgoingSpec> = family.chain((chosen) => {
  const bytes = fc.uint8Array({
    minLength: chosen === "ipv4" ? 4 : 16,
    maxLength: chosen === "ipv4" ? 4 : 16,
  });
  return fc.record({
    version: chosen === "ipv4" ? fc.constantFrom<2 | 3>(2, 3) : fc.constant<3>(3),
    family: fc.constant(chosen),
    vrid: fc.integer({ min: 1, max: 255 }),
    priority: fc.integer({ min: 0, max: 255 }),
    advertIntervalUs: fc.integer({ min: 1, max: 4095 }).map((cs) => cs * 10_000),
    addresses: fc.array(bytes, { maxLength: 20 }),
    source: bytes,
    destination: fc.oneof(bytes, fc.constant(address(chosen === "ipv4" ? "224.0.0.18" : "ff02::12"))),
    authentication: fc.option(
      fc.record({
        type: fc.constantFrom<"PASS" | "AH">("PASS", "AH"),
        password: fc.string({ maxLength: 12 }),
      }),
    ),
    checksumForm: fc.constantFrom<"pseudo-header" | "message-only">("pseudo-header", "message-only"),
  });
});

test("what is written is read back", () => {
  const advert = new Advert();
  fc.assert(
    fc.property(anySpec, (spec) => {
      const outgoing = build(spec);
      outgoing.prepare();
      const packet = received(outgoing, spec);
      expect(inspect(packet, advert)).toBe(NO_REFUSAL);
      const length = spec.family === "ipv4" ? 4 : 16;
      const auth = spec.version === 2 ? spec.authentication : null;
      expect({
        version: advert.version as 2 | 3,
        vrid: advert.vrid,
        priority: advert.priority,
        intervalUs: advert.intervalUs,
        authType: advert.authType,
        ah: advert.ahStart !== -1,
        multicast: advert.multicast,
        addresses: Array.from(
          { length: advert.count },
          (_, i) => formatAddress(packet.bytes, advert.addressesStart + i * length, length),
        ),
        source: formatAddress(packet.bytes, packet.sourceStart, length),
      }).toEqual({
        version: spec.version,
        vrid: spec.vrid,
        priority: spec.priority,
        intervalUs: wireIntervalUs(spec.version, spec.advertIntervalUs),
        authType: auth === null ? 0 : auth.type === "PASS" ? 1 : 2,
        ah: auth?.type === "AH",
        multicast: isMulticast(spec.destination, 0, length),
        addresses: spec.addresses.map((bytes) => formatAddress(bytes)),
        source: formatAddress(spec.source),
      });
    }),
    { numRuns: 3000 },
  );
});

test("setPriority gives the bytes of a packet built with that priority", () => {
  fc.assert(
    fc.property(
      anySpec,
      fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 5 }),
      (spec, priorities) => {
        const outgoing = build(spec);
        for (const priority of priorities) outgoing.setPriority(priority);
        const last = priorities.at(-1)!;
        expect(outgoing.priority).toBe(last);
        const anew = build({ ...spec, priority: last });
        outgoing.prepare();
        anew.prepare();
        expect(toHex(outgoing.bytes)).toBe(toHex(anew.bytes));
      },
    ),
    { numRuns: 3000 },
  );
});

test("every priority keeps the checksum right", () => {
  for (const spec of [V2_SPEC, V3_SPEC, IPV6_SPEC]) {
    const outgoing = build(spec), advert = new Advert();
    for (let priority = 0; priority <= 255; priority++) {
      outgoing.setPriority(priority);
      expect(inspect(received(outgoing, spec), advert)).toBe(NO_REFUSAL);
      expect(advert.priority).toBe(priority);
    }
  }
});

test("the packet lies at the start of larger memory and touches nothing behind it", () => {
  const bytes = new Uint8Array(200).fill(0xa5);
  const outgoing = new OutgoingAdvert(bytes, V3_SPEC);
  outgoing.setPriority(7);
  expect(bytes.slice(outgoing.length).every((byte) => byte === 0xa5)).toBe(true);
  expect(fold(addWords(0, bytes, 0, 20))).not.toBe(0xffff); // the header checksum is the kernel's
});

test("how many addresses fit", () => {
  expect(maxAddresses(2, "ipv4", 1500)).toBe(255);
  expect(maxAddresses(3, "ipv4", 1500)).toBe(255);
  expect(maxAddresses(3, "ipv6", 1500)).toBe(90);
  expect(maxAddresses(3, "ipv6", 1280)).toBe(77);
  expect(maxAddresses(2, "ipv4", 576)).toBe(135);
  expect(maxAddresses(2, "ipv4", 576, true)).toBe(129);
  expect(maxAddresses(3, "ipv4", 576)).toBe(137);
  expect(maxAddresses(3, "ipv6", 20)).toBe(0);
  const most = Array.from({ length: 90 }, () => address("2001:db8::1"));
  expect(outgoingLength({ ...IPV6_SPEC, addresses: most })).toBe(1488);
});

test("the caller's mistakes are thrown", () => {
  const room = new Uint8Array(2000);
  expect(() => new OutgoingAdvert(new Uint8Array(10), V3_SPEC)).toThrow("needs more memory");
  const many = Array.from({ length: 256 }, () => address("192.0.2.1"));
  expect(() => new OutgoingAdvert(room, { ...V3_SPEC, addresses: many })).toThrow("at most 255");
  expect(() => new OutgoingAdvert(room, { ...V3_SPEC, source: address("fe80::1") })).toThrow("4 bytes");
  expect(() => new OutgoingAdvert(room, { ...IPV6_SPEC, version: 2 })).toThrow("IPv6");
});

test("vectors of ours pass inspect as they stand", () => {
  for (const from of VECTORS) expect(inspect(packetOf(from), new Advert())).toBe(NO_REFUSAL);
});

describe("complete", () => {
  test("a header checksum that is right, and another identification each time", () => {
    for (const spec of [V2_SPEC, V3_SPEC]) {
      const outgoing = build(spec);
      const ids = [1, 2, 3].map(() => {
        outgoing.prepare();
        outgoing.complete();
        expect(fold(addWords(0, outgoing.bytes, 0, 20))).toBe(0xffff);
        return outgoing.bytes[4]! * 256 + outgoing.bytes[5]!;
      });
      expect(ids).toEqual([1, 2, 3]);
    }
  });

  test("AH: the ICV of prepare stays right", () => {
    const outgoing = build({ ...V2_SPEC, authentication: { type: "AH", password: "secret12" } });
    outgoing.prepare();
    const before = outgoing.bytes.slice();
    outgoing.complete();
    expect(fold(addWords(0, outgoing.bytes, 0, 20))).toBe(0xffff);
    // Nothing but the checksum, which the ICV does not cover.
    expect([...outgoing.bytes].flatMap((byte, i) => byte === before[i] ? [] : [i])).toEqual([10, 11]);
  });

  test("IPv6 has nothing to complete", () => {
    const outgoing = build(IPV6_SPEC);
    const before = outgoing.bytes.slice();
    outgoing.complete();
    expect(outgoing.bytes).toEqual(before);
  });
});
