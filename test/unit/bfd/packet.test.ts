// BFD packets byte by byte (RFC 5880 section 4.1), and the reasons to refuse one (section 6.8.6).
import { expect, test } from "bun:test";
import {
  BFD_REFUSAL_CODES,
  type BfdRefusal,
  ControlPacket,
  diagnosticName,
  NO_BFD_REFUSAL,
  PACKET_BYTES,
  writePacket,
} from "../../../src/bfd/packet.ts";

/** As keepalived 2.2.7 sends it when it has come up: poll, discriminators, 50 ms both ways, multiplier 5. */
const VECTOR = "20e0051817366b3302267c180000c3500000c35000000000";

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));

function read(bytes: Uint8Array): { code: number; packet: ControlPacket } {
  const packet = new ControlPacket();
  const code = packet.read(new DataView(bytes.buffer), 0, bytes.length);
  return { code, packet };
}

test("a packet of keepalived is read, and written with the same bytes", () => {
  const { code, packet } = read(bytesOf(VECTOR));
  expect(code).toBe(NO_BFD_REFUSAL);
  expect({ ...packet }).toEqual({
    diagnostic: 0,
    state: 3,
    poll: true,
    final: false,
    demand: false,
    multiplier: 5,
    discriminator: 0x17366b33,
    yourDiscriminator: 0x02267c18,
    desiredMinTxUs: 50_000,
    requiredMinRxUs: 50_000,
  });
  const view = new DataView(new ArrayBuffer(PACKET_BYTES));
  writePacket(view, { ...packet, remoteDiscriminator: packet.yourDiscriminator }, true, false);
  expect(new Uint8Array(view.buffer).toHex()).toBe(VECTOR);
});

test("each reason to refuse a packet, and what is just right", () => {
  const rows: [BfdRefusal | null, at: number, bytes: number[]][] = [
    [null, 0, []],
    ["version", 0, [0x00]],
    ["version", 0, [0x40]],
    ["length", 3, [23]],
    ["length", 3, [25]],
    ["multiplier", 2, [0]],
    ["multipoint", 1, [0xe1]],
    ["discriminator", 4, [0, 0, 0, 0]],
    // Your Discriminator may be 0 in Down and AdminDown only.
    ["state", 8, [0, 0, 0, 0]],
    ["state", 1, [0x80, 5, 24, 0, 0, 0, 1, 0, 0, 0, 0]],
    [null, 1, [0x40, 5, 24, 0, 0, 0, 1, 0, 0, 0, 0]],
    [null, 1, [0x00, 5, 24, 0, 0, 0, 1, 0, 0, 0, 0]],
    // The authentication bit needs its section; there is no key for one that is there.
    ["length", 1, [0xe4]],
  ];
  for (const [refusal, at, bytes] of rows) {
    const packet = bytesOf(VECTOR);
    packet.set(bytes, at);
    expect(read(packet).code).toBe(refusal === null ? NO_BFD_REFUSAL : BFD_REFUSAL_CODES[refusal]);
  }
  const signed = new Uint8Array(PACKET_BYTES + 2);
  signed.set(bytesOf(VECTOR));
  signed.set([0xe4, 5, 26], 1);
  expect(read(signed).code).toBe(BFD_REFUSAL_CODES.authentication);
  expect(read(bytesOf(VECTOR).subarray(0, 23).slice()).code).toBe(BFD_REFUSAL_CODES.length);
});

test("diagnostics have the RFC's names", () => {
  expect([0, 1, 3, 7, 31].map(diagnosticName)).toEqual([
    "No Diagnostic",
    "Control Detection Time Expired",
    "Neighbor Signaled Session Down",
    "Administratively Down",
    "Diagnostic 31",
  ]);
});
