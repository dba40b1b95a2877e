// The netlink message format: builder, readers, and the decoders over any bytes.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Memory } from "../../../native/memory.ts";
import { IF_ADDR } from "../../../native/constants.ts";
import {
  decodeAddress,
  setPreferred,
  writeAddAddress,
  writeDeleteAddress,
} from "../../../native/netlink/address.ts";
import {
  buildBridge,
  buildIpvlan,
  buildLinkChange,
  buildMacvlan,
  buildVeth,
  decodeLink,
} from "../../../native/netlink/link.ts";
import {
  attributeLength,
  eachAttribute,
  eachMessage,
  findAttribute,
  MessageBuilder,
  messageFlags,
  messageLength,
  messagePort,
  messageSequence,
  messageType,
  payloadText,
} from "../../../native/netlink/message.ts";
import { writeRoute } from "../../../native/netlink/route.ts";
import { addressRequest, hex, ip } from "./lab.ts";

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

describe("MessageBuilder", () => {
  test("writes header, attributes with padding, and nested ones", () => {
    const memory = new Memory(128);
    memory.bytes.fill(0xa5);
    const b = new MessageBuilder(memory, 4);
    b.begin(20, 0x605);
    b.u16(0x1234);
    b.u8(7);
    b.attribute(3, Uint8Array.of(1, 2, 3));
    b.beginNested(5);
    b.attributeText(6, "ab");
    b.attributeU8(7, 9);
    b.endNested();
    b.attributeU32(8, 0xdeadbeef);
    const end = b.end();
    expect(memory.bytes.slice(4, end)).toEqual(hex(
      "38000000 1400 0506 00000000 00000000" + // length 56, type, flags, seq, pid
        "3412 07 00" + "0700 0300 010203 00" +
        "1400 0500" + "0700 0600 6162 00 00" + "0500 0700 09 000000" +
        "0800 0800 efbeadde",
    ));
    expect(end).toBe(60);
    expect(memory.bytes[3]).toBe(0xa5);
    expect(memory.bytes[60]).toBe(0xa5);
  });

  test("several messages follow each other, each on a multiple of 4", () => {
    const memory = new Memory(64);
    const b = new MessageBuilder(memory);
    b.begin(1, 2);
    b.u8(1);
    const first = b.end();
    b.begin(3, 4);
    const second = b.end();
    expect([first, second]).toEqual([20, 36]);
    const seen: number[] = [];
    eachMessage(memory.view, 0, second, (start) => seen.push(messageType(memory.view, start)));
    expect(seen).toEqual([1, 3]);
  });

  test("what does not fit is not written, and end says so until reset", () => {
    const memory = new Memory(24);
    const b = new MessageBuilder(memory);
    b.begin(1, 2);
    b.bytes(new Uint8Array(16).fill(1));
    b.u8(1);
    expect(b.end()).toBe(-1);
    b.begin(1, 2);
    expect(b.end()).toBe(-1);
    b.reset(memory, 0);
    b.begin(1, 2);
    expect(b.end()).toBe(16);
  });

  test("nesting that is too deep, or does not end, is refused", () => {
    const b = new MessageBuilder(new Memory(256));
    b.begin(1, 0);
    b.beginNested(1);
    expect(b.end()).toBe(-1);
    b.reset(new Memory(256), 0);
    b.begin(1, 0);
    b.endNested();
    expect(b.end()).toBe(-1);
    b.reset(new Memory(256), 0);
    b.begin(1, 0);
    for (let i = 0; i < 9; i++) b.beginNested(1);
    for (let i = 0; i < 9; i++) b.endNested();
    expect(b.end()).toBe(-1);
  });

  test("every request fits exactly its own length, and one byte less is refused", () => {
    const request = addressRequest(3, ip("192.0.2.1"), {
      label: "eth0:1",
      broadcast: ip("192.0.2.255"),
      protocol: 0x70,
      validS: 3,
      preferredS: 3,
    });
    const route = {
      family: "ipv4",
      destination: null,
      prefixLength: 0,
      gateway: ip("192.0.2.9"),
      ifindex: 1,
    };
    const writers: ((memory: Memory) => number)[] = [
      (memory) => writeAddAddress(memory, 0, request, "replace"),
      (memory) => writeDeleteAddress(memory, 0, request),
      (memory) => writeRoute(memory, 0, { ...route, family: "ipv4", source: null, protocol: 4 }, "add"),
    ];
    for (const write of writers) {
      const length = write(new Memory(512));
      expect(length).toBeGreaterThan(16);
      expect(write(new Memory(length))).toBe(length);
      expect(write(new Memory(length - 1))).toBe(-1);
    }
  });
});

describe("the readers", () => {
  const anyBytes = fc.uint8Array({ maxLength: 300 });

  /** Bytes that look like netlink: small lengths and types, so that walks go further than the first header. */
  const likely = fc.array(fc.oneof(fc.constant(0), fc.nat(40), fc.nat(255)), { maxLength: 75 }).map(
    (words) => {
      const bytes = new Uint8Array(words.length * 4);
      words.forEach((word, i) => bytes[i * 4] = word);
      return bytes;
    },
  );

  for (const [name, source] of [["any bytes", anyBytes], ["likely bytes", likely]] as const) {
    test(`${name}: messages and attributes lie inside the bounds, in order`, () => {
      fc.assert(
        fc.property(
          source,
          fc.integer({ min: -5, max: 320 }),
          fc.integer({ min: -5, max: 320 }),
          (bytes, from, to) => {
            const view = viewOf(bytes);
            const limit = Math.min(to, bytes.length);
            let last = from;
            eachMessage(view, from, to, (start, end) => {
              expect(start).toBeGreaterThanOrEqual(last);
              expect(end).toBeGreaterThanOrEqual(start + 16);
              expect(end).toBeLessThanOrEqual(limit);
              last = end;
              messageFlags(view, start);
              messagePort(view, start);
              messageSequence(view, start);
            });
            last = from;
            eachAttribute(view, from, to, (type, start, end) => {
              expect(type).toBeLessThanOrEqual(0x3fff);
              expect(start).toBeGreaterThanOrEqual(last + 4);
              expect(end).toBeGreaterThanOrEqual(start);
              expect(end).toBeLessThanOrEqual(limit);
              last = end;
            });
            findAttribute(view, from, to, 3);
            decodeAddress(bytes, from, to);
            decodeLink(bytes, from, to);
          },
        ),
        { numRuns: 10_000 },
      );
    });
  }

  test("lengths of 0, too short, and beyond the end stop the walk", () => {
    for (const length of [0, 1, 15, 17, 0xffff_ffff]) {
      const view = new DataView(new ArrayBuffer(16));
      view.setUint32(0, length, true);
      expect(messageLength(view, 0, 16)).toBe(0);
    }
    for (const length of [0, 3, 9, 0xffff]) {
      const view = new DataView(new ArrayBuffer(8));
      view.setUint16(0, length, true);
      expect(attributeLength(view, 0, 8)).toBe(0);
    }
  });

  test("every address request decodes to what was asked for", () => {
    const lifetime = fc.oneof(fc.constant(0xffff_ffff), fc.nat(100_000));
    fc.assert(fc.property(
      fc.oneof(
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
      ),
      fc.nat(128),
      fc.constantFrom(0, 253, 254),
      fc.nat(255),
      lifetime,
      lifetime,
      fc.option(fc.stringMatching(/^[a-z0-9:]{1,15}$/)),
      (address, prefixLength, scope, protocol, preferredS, validS, label) => {
        const memory = new Memory(256);
        const more = { prefixLength, scope, protocol, preferredS, validS, label, noDad: false };
        const request = addressRequest(7, address, more);
        const end = writeAddAddress(memory, 8, request, "exclusive");
        expect(decodeAddress(memory.bytes, 8, end)).toEqual({
          family: request.family,
          ifindex: 7,
          address,
          prefixLength,
          flags: address.length === 16 && prefixLength === 128 ? IF_ADDR.IFA_F_NOPREFIXROUTE : 0,
          scope,
          protocol,
          label: address.length === 4 ? label : null,
          preferredS,
          validS,
        });
      },
    ));
  });

  test("a far end and flags come back; the preferred lifetime can be changed in place", () => {
    const memory = new Memory(256);
    const address = Uint8Array.of(10, 0, 0, 1);
    const peer = Uint8Array.of(10, 5, 0, 1);
    const more = {
      peer,
      prefixLength: 24,
      flags: IF_ADDR.IFA_F_NOPREFIXROUTE,
      noDad: false,
      preferredS: 7,
      validS: 9,
    };
    const end = writeAddAddress(memory, 8, addressRequest(7, address, more), "exclusive");
    const wanted = { address, peer, prefixLength: 24, flags: IF_ADDR.IFA_F_NOPREFIXROUTE };
    expect(decodeAddress(memory.bytes, 8, end)).toMatchObject({ ...wanted, preferredS: 7, validS: 9 });
    setPreferred(memory, end, 3);
    expect(decodeAddress(memory.bytes, 8, end)).toMatchObject({ ...wanted, preferredS: 3, validS: 9 });
    const gone = writeDeleteAddress(memory, 8, addressRequest(7, address, more));
    expect(decodeAddress(memory.bytes, 8, gone)).toMatchObject({ address, peer });
  });

  test("links that were built decode", () => {
    const memory = new Memory(512);
    const b = new MessageBuilder(memory);
    const built = (build: (b: MessageBuilder) => void) => {
      b.reset(memory, 0);
      build(b);
      return decodeLink(memory.bytes, 0, b.end());
    };
    const mac = hex("020000000001");
    expect(built((m) => buildBridge(m, "br0"))).toMatchObject({ name: "br0", kind: "bridge" });
    expect(built((m) => buildVeth(m, { name: "v0", mac }, { name: "v1" }))).toMatchObject({
      name: "v0",
      kind: "veth",
      mac,
    });
    expect(built((m) => buildMacvlan(m, "m0", 4, mac, 4))).toMatchObject({ kind: "macvlan" });
    expect(built((m) => buildIpvlan(m, "i0", 4, 1, 7))).toMatchObject({
      name: "i0",
      kind: "ipvlan",
      parentIfindex: 4,
    });
    const change = { up: true, name: "x", mtu: 1400, masterIfindex: 3 };
    expect(built((m) => buildLinkChange(m, 9, change))).toMatchObject({
      ifindex: 9,
      flags: 1,
      name: "x",
      mtu: 1400,
      masterIfindex: 3,
    });
  });

  test("a message of another family is no address and no link", () => {
    const memory = new Memory(64);
    memory.view.setUint32(0, 32, true);
    memory.bytes[16] = 7; // AF_BRIDGE: a bridge speaks about its ports this way
    expect(decodeLink(memory.bytes, 0, 32)).toBeNull();
    expect(decodeAddress(memory.bytes, 0, 32)).toBeNull();
  });

  test("texts end at their zero or at the end of the payload", () => {
    expect(payloadText(hex("616200ff"), 0, 4)).toBe("ab");
    expect(payloadText(hex("6162"), 0, 2)).toBe("ab");
    expect(payloadText(hex("6162"), 1, 1)).toBe("");
  });
});
