// BFD packets: no bytes make the reader or the state machine throw, and what is written is read again.
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  BFD_REFUSALS,
  ControlPacket,
  NO_BFD_REFUSAL,
  PACKET_BYTES,
  STATES,
  writePacket,
} from "../../src/bfd/packet.ts";
import { Session } from "../../src/bfd/session.ts";
import { SETTINGS } from "../unit/bfd/pair.ts";
import { PATIENCE, RUNS } from "./runs.ts";

const packet = new ControlPacket();

/** Goes the way of a received packet; the session stays one that can go on. */
function receive(session: Session, bytes: Uint8Array, start: number, end: number, nowUs: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const code = packet.read(view, start, end);
  if (code !== NO_BFD_REFUSAL) {
    expect(BFD_REFUSALS[code - 1]).toBeString();
    return;
  }
  session.receive(packet, nowUs);
  expect(STATES[session.state]).toBeString();
  for (const dueUs of [session.transmitDueUs, session.detectDueUs]) {
    expect(dueUs).toBeGreaterThanOrEqual(nowUs);
  }
  // Nothing makes us send faster than we want to (RFC 5880 section 6.8.7).
  expect(session.transmitUs).toBeGreaterThanOrEqual(SETTINGS.minTxUs);
}

function newSession(): Session {
  return new Session(1, SETTINGS, { send: () => {}, changed: () => {} }, () => 0);
}

test("any bytes with any offsets", () => {
  const offset = fc.oneof(fc.integer({ min: -4, max: 90 }), fc.constantFrom(NaN, 0.5, Infinity, 2 ** 31));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), offset, offset, (bytes, start, end) => {
      receive(newSession(), bytes, start, end, 0);
    }),
    { numRuns: RUNS },
  );
}, PATIENCE);

test("one session and many packets that are nearly right", () => {
  const u32 = fc.oneof(fc.constantFrom(0, 1, 50_000, 0xffff_ffff), fc.nat(0xffff_ffff));
  const each = fc.record({
    first: fc.oneof(fc.constant(0x20), fc.nat(255)),
    second: fc.nat(255),
    multiplier: fc.nat(255),
    length: fc.oneof(fc.constant(24), fc.nat(255)),
    numbers: fc.tuple(u32, u32, u32, u32, u32),
    gapUs: fc.nat(3_000_000),
  });
  fc.assert(
    fc.property(fc.array(each, { maxLength: 12 }), (packets) => {
      const session = newSession();
      session.start(0);
      let nowUs = 0;
      for (const { first, second, multiplier, length, numbers, gapUs } of packets) {
        nowUs += gapUs;
        session.expire(nowUs);
        if (session.transmitDueUs <= nowUs) session.transmit(nowUs);
        const bytes = new Uint8Array(PACKET_BYTES);
        bytes.set([first, second, multiplier, length]);
        numbers.forEach((n, i) => new DataView(bytes.buffer).setUint32(4 + 4 * i, n));
        receive(session, bytes, 0, bytes.length, nowUs);
      }
    }),
    { numRuns: RUNS },
  );
}, PATIENCE);

test("what is written is read again", () => {
  const u32 = fc.integer({ min: 1, max: 0xffff_ffff });
  const fields = fc.record({
    diagnostic: fc.nat(31),
    state: fc.nat(3),
    multiplier: fc.integer({ min: 1, max: 255 }),
    discriminator: u32,
    remoteDiscriminator: u32,
    desiredMinTxUs: u32,
    requiredMinRxUs: u32,
  });
  fc.assert(
    fc.property(fields, fc.boolean(), fc.boolean(), (from, poll, final) => {
      const view = new DataView(new ArrayBuffer(PACKET_BYTES));
      writePacket(view, from, poll, final);
      expect(packet.read(view, 0, PACKET_BYTES)).toBe(NO_BFD_REFUSAL);
      const { remoteDiscriminator: yourDiscriminator, ...rest } = from;
      expect(packet).toMatchObject({ ...rest, yourDiscriminator, poll, final, demand: false });
    }),
    { numRuns: RUNS },
  );
}, PATIENCE);
