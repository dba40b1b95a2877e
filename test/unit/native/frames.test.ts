// Gratuitous ARP and unsolicited NA, byte for byte.
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  GARP_BYTES,
  NA_BYTES,
  writeGratuitousArp,
  writeMulticastHeader,
  writeUnsolicitedNa,
} from "../../../native/frames.ts";
import { hex, ip } from "./lab.ts";

const GARP = hex(
  "ffffffffffff 00005e000133 0806 0001 0800 06 04 0001 00005e000133 c0000201 ffffffffffff c0000201",
);
const NA = hex(
  "333300000001 00005e000233 86dd 60000000 0020 3a ff 20010db8000000000000000000000001" +
    "ff020000000000000000000000000001 88 00 1af8 a0000000 20010db8000000000000000000000001 02 01 00005e000233",
);

/** Writes into the middle of a buffer full of 0xa5; the bytes around must stay. */
function written(length: number, write: (bytes: Uint8Array, start: number) => void): Uint8Array {
  const bytes = new Uint8Array(length + 20).fill(0xa5);
  write(bytes, 10);
  expect([...bytes.slice(0, 10), ...bytes.slice(10 + length)]).toEqual(Array<number>(20).fill(0xa5));
  return bytes.slice(10, 10 + length);
}

test("gratuitous ARP, request form", () => {
  const frame = written(GARP_BYTES, (bytes, start) => {
    writeGratuitousArp(bytes, start, hex("00005e000133"), ip("192.0.2.1"));
  });
  expect(frame).toEqual(GARP);
});

test("unsolicited NA of a router", () => {
  const frame = written(NA_BYTES, (bytes, start) => {
    writeUnsolicitedNa(bytes, start, hex("00005e000233"), ip("2001:db8::1"), true);
  });
  expect(frame).toEqual(NA);
});

test("unsolicited NA of a host: no Router flag, and the checksum follows", () => {
  const frame = written(NA_BYTES, (bytes, start) => {
    writeUnsolicitedNa(bytes, start, hex("00005e000233"), ip("2001:db8::1"), false);
  });
  expect(frame[58]).toBe(0x20);
  // Without the flag 0x8000 the sum is smaller by it, so its complement is larger by it.
  expect(new DataView(frame.buffer).getUint16(56)).toBe(0x1af8 + 0x8000);
});

test("the checksum of every NA is good", () => {
  const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
  fc.assert(fc.property(bytes(6), bytes(16), fc.boolean(), (mac, address, router) => {
    const frame = new Uint8Array(NA_BYTES);
    writeUnsolicitedNa(frame, 0, mac, address, router);
    // Pseudo-header: both addresses, length 32, next header 58; then the message itself (RFC 8200 section 8.1).
    const view = new DataView(frame.buffer);
    let sum = 32 + 58;
    for (let at = 22; at < NA_BYTES; at += 2) sum += view.getUint16(at);
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    expect(sum).toBe(0xffff);
  }));
});

test("the Ethernet header of a packet to a multicast group", () => {
  const header = (group: string) =>
    written(14, (bytes, start) => writeMulticastHeader(bytes, start, hex("00005e000133"), ip(group))).toHex();
  expect(header("224.0.0.18")).toBe("01005e00001200005e0001330800");
  // RFC 1112 section 6.4: the low 23 bits.
  expect(header("239.129.2.3")).toBe("01005e01020300005e0001330800");
  expect(header("ff02::12")).toBe("33330000001200005e00013386dd");
  expect(header("ff15::dead:beef")).toBe("3333deadbeef00005e00013386dd");
});
