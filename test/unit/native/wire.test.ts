// Frames and pings over a real cable: gratuitous ARP, unsolicited NA, capture, ICMP echo.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Capture } from "../../../native/capture.ts";
import { realtimeUs } from "../../../native/clock.ts";
import { closeDescriptor } from "../../../native/descriptor.ts";
import { ERRNO, SyscallError } from "../../../native/errno.ts";
import { GARP_BYTES, NA_BYTES, writeGratuitousArp, writeUnsolicitedNa } from "../../../native/frames.ts";
import { openPing, receiveEcho, sendEcho } from "../../../native/icmp.ts";
import { Memory } from "../../../native/memory.ts";
import { buildLinkChange } from "../../../native/netlink/link.ts";
import { openFrameSocket, SendBatch } from "../../../native/socket.ts";
import { Target } from "../../../native/target.ts";
import { addAddress, awaitFrame, awaitReadable, inside, ip, Lab, MAC_A, push } from "./lab.ts";

let lab: Lab;
const open: number[] = [];

beforeAll(() => {
  lab = new Lab();
  addAddress(lab.a, "192.0.2.2");
  addAddress(lab.b, "192.0.2.3");
});
afterAll(() => {
  open.forEach(closeDescriptor);
  lab[Symbol.dispose]();
});

function keep(fd: number): number {
  open.push(fd);
  return fd;
}

describe("frames", () => {
  test("gratuitous ARP and unsolicited NA go out in one batch, and the neighbour learns from them", () => {
    const capture = inside(lab.b.namespace, () => new Capture(lab.b.ifindex));
    const fd = keep(inside(lab.a.namespace, openFrameSocket));
    const garp = new Memory(GARP_BYTES);
    const na = new Memory(NA_BYTES);
    writeGratuitousArp(garp.bytes, 0, MAC_A, ip("192.0.2.1"));
    writeUnsolicitedNa(na.bytes, 0, MAC_A, ip("2001:db8::1"), false);
    const batch = new SendBatch();
    const target = Target.frame(lab.a.ifindex);
    push(batch, garp, target);
    push(batch, na, target);
    const before = realtimeUs();
    expect(batch.flush(fd)).toBe(2);
    const first = awaitFrame(capture, 0, garp.bytes);
    const second = awaitFrame(capture, 0, na.bytes);
    expect(first.outgoing).toBe(false);
    expect(first.timeUs).toBeGreaterThanOrEqual(before);
    expect(second.timeUs).toBeGreaterThanOrEqual(first.timeUs);
    capture.close();
  });

  test("an interface that is down refuses its frame; the frame of another still goes", () => {
    using other = new Lab();
    const capture = inside(other.b.namespace, () => new Capture(other.b.ifindex));
    const fd = keep(inside(other.a.namespace, openFrameSocket));
    const garp = new Memory(GARP_BYTES);
    writeGratuitousArp(garp.bytes, 0, MAC_A, ip("192.0.2.1"));
    const loopback = other.a.client.links().find((link) => link.name === "lo");
    other.a.client.request((m) => buildLinkChange(m, loopback?.ifindex ?? 0, { up: false }));
    const batch = new SendBatch();
    push(batch, garp, Target.frame(loopback?.ifindex ?? 0));
    push(batch, garp, Target.frame(4711));
    push(batch, garp, Target.frame(other.a.ifindex));
    expect(batch.flush(fd)).toBe(1);
    expect([batch.error(0), batch.error(1), batch.error(2)]).toEqual([ERRNO.ENETDOWN, ERRNO.ENXIO, 0]);
    expect(awaitFrame(capture, 0, garp.bytes).frame).toEqual(garp.bytes);
    capture.close();
  });

  test("a capture sees what this host sends, and marks it", () => {
    const capture = inside(lab.a.namespace, () => new Capture(lab.a.ifindex));
    const fd = keep(inside(lab.a.namespace, openFrameSocket));
    const garp = new Memory(GARP_BYTES);
    writeGratuitousArp(garp.bytes, 0, MAC_A, ip("192.0.2.77"));
    const batch = new SendBatch();
    push(batch, garp, Target.frame(lab.a.ifindex));
    batch.flush(fd);
    expect(awaitFrame(capture, 0, garp.bytes).outgoing).toBe(true);
    capture.close();
    expect(() => inside(lab.a.namespace, () => new Capture(4711))).toThrow(SyscallError);
  });
});

describe("pings", () => {
  for (const [family, address] of [["ipv4", "192.0.2.3"], ["ipv6", "fe80::b"]] as const) {
    test(`${family}: a reply carries the sequence number`, () => {
      if (family === "ipv6") {
        addAddress(lab.a, "2001:db8::a");
        addAddress(lab.b, "2001:db8::b");
      }
      const to = family === "ipv4" ? ip(address) : ip("2001:db8::b");
      const fd = keep(inside(lab.a.namespace, () => openPing(family)));
      expect(receiveEcho(fd, 7, family)).toBe(-1);
      expect(sendEcho(fd, to, 7, 40_000)).toBe(0);
      let sequence = -1;
      while (sequence < 0) {
        awaitReadable(fd);
        sequence = receiveEcho(fd, 7, family);
      }
      expect(sequence).toBe(40_000);
    });
  }

  test("a host that cannot be reached is an error number", () => {
    const fd = keep(inside(lab.a.namespace, openPing));
    expect(sendEcho(fd, ip("203.0.113.1"), 1, 1)).toBe(-ERRNO.ENETUNREACH);
  });
});
