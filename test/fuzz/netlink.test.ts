// Answers of netlink: no bytes make the readers throw, loop, or read outside the message.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NETLINK, RTNETLINK } from "../../native/constants.ts";
import { Memory } from "../../native/memory.ts";
import { decodeAddress, FOREVER, writeAddAddress } from "../../native/netlink/address.ts";
import { KnownAddresses } from "../../native/netlink/known.ts";
import { decodeLink } from "../../native/netlink/link.ts";
import { eachAttribute, eachMessage, findAttribute, messageType } from "../../native/netlink/message.ts";
import { acknowledgementText } from "../../native/netlink/netfilter.ts";
import { PATIENCE, RUNS } from "./runs.ts";

const known = new KnownAddresses();

/** Reads a datagram as the dump and the monitor do. Returns how many messages it held. */
function read(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let messages = 0;
  eachMessage(view, 0, bytes.length, (start, end) => {
    messages++;
    expect(end).toBeGreaterThan(start);
    expect(end).toBeLessThanOrEqual(bytes.length);
    let attributes = 0;
    eachAttribute(view, start, end, (_type, from, to) => {
      attributes++;
      expect(from <= to && to <= end).toBe(true);
    });
    expect(attributes).toBeLessThanOrEqual((end - start) / 4);
    findAttribute(view, start, end, messageType(view, start));
    const address = decodeAddress(bytes, start, end);
    if (address !== null) expect(address.address.length).toBe(address.family === "ipv4" ? 4 : 16);
    const link = decodeLink(bytes, start, end);
    if (link !== null) expect(link.name).toBeString();
    known.isNews(view, start, end, messages % 2 === 0);
  });
  expect(messages).toBeLessThanOrEqual(bytes.length / 16);
  known.clear();
  return messages;
}

/** A message of the kernel's kind: a length near the truth, a known type, a body of attributes. */
const message = fc.record({
  type: fc.constantFrom(
    RTNETLINK.RTM_NEWADDR,
    RTNETLINK.RTM_DELADDR,
    RTNETLINK.RTM_NEWLINK,
    RTNETLINK.RTM_DELLINK,
    2,
    3,
  ),
  family: fc.constantFrom(2, 10, 0, 255),
  body: fc.uint8Array({ maxLength: 24 }),
  attributes: fc.array(
    fc.record({
      type: fc.oneof(fc.nat(60), fc.nat(65_535)),
      payload: fc.uint8Array({ maxLength: 24 }),
      lie: fc.constantFrom(0, 0, 0, 0, -8, -2, 1, 4, 400, 65_000),
    }),
    { maxLength: 8 },
  ),
  lie: fc.constantFrom(0, 0, 0, 0, 0, -20, -4, 1, 4, 1000, 2 ** 31),
});

function bytesOf(
  { type, family, body, attributes, lie }: typeof message extends fc.Arbitrary<infer T> ? T : never,
): number[] {
  const u16 = (value: number) => [value & 0xff, value >> 8 & 0xff];
  const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
  const padded = (bytes: number[]) => [...bytes, ...new Array<number>((4 - bytes.length % 4) % 4).fill(0)];
  const content = padded([family, ...body]);
  for (const { type, payload, lie } of attributes) {
    content.push(...padded([...u16((payload.length + 4 + lie) & 0xffff), ...u16(type), ...payload]));
  }
  return [
    ...u32((16 + content.length + lie) >>> 0),
    ...u16(type),
    ...u16(0),
    ...u32(1),
    ...u32(0),
    ...content,
  ];
}

describe("netlink answers", () => {
  test("any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void read(bytes)), { numRuns: RUNS });
  }, PATIENCE);

  test("messages with lengths that lie", () => {
    let whole = 0;
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (messages) => {
        whole += read(Uint8Array.from(messages.flatMap(bytesOf)));
      }),
      { numRuns: RUNS },
    );
    expect(whole).toBeGreaterThan(0);
  }, PATIENCE);

  test("an address of the kernel with bytes changed", () => {
    const memory = new Memory(512);
    const end = writeAddAddress(memory, 0, {
      family: "ipv4",
      ifindex: 2,
      address: Uint8Array.of(192, 0, 2, 1),
      prefixLength: 24,
      scope: 0,
      broadcast: Uint8Array.of(192, 0, 2, 255),
      label: "eth0:1",
      protocol: 0,
      noDad: false,
      preferredS: FOREVER,
      validS: FOREVER,
    }, "replace");
    const right = memory.bytes.slice(0, end);
    expect(decodeAddress(right, 0, end)?.label).toBe("eth0:1");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(end - 1), fc.nat(255)), { maxLength: 5 }), (changes) => {
        const bytes = right.slice();
        for (const [at, value] of changes) bytes[at] = value;
        read(bytes);
      }),
      { numRuns: RUNS },
    );
  }, PATIENCE);

  test("the sentence of an nf_tables answer", () => {
    const answer = fc.uint8Array({ minLength: 36, maxLength: 120 });
    fc.assert(
      fc.property(answer, fc.boolean(), (bytes, capped) => {
        const flags = NETLINK.NLM_F_ACK_TLVS | (capped ? NETLINK.NLM_F_CAPPED : 0);
        new DataView(bytes.buffer).setUint16(6, flags, true);
        expect(acknowledgementText(bytes, 0, bytes.length).length).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: RUNS },
    );
  }, PATIENCE);
});
