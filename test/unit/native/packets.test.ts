// Real packets over a real cable, sent and received in batches.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { realtimeUs } from "../../../native/clock.ts";
import { Capture } from "../../../native/capture.ts";
import { closeDescriptor, waitReadable } from "../../../native/descriptor.ts";
import { ERRNO } from "../../../native/errno.ts";
import { Memory } from "../../../native/memory.ts";
import {
  type Family,
  joinGroup,
  leaveGroup,
  openReceiver,
  openSender,
  ReceiveBatch,
  SendBatch,
} from "../../../native/socket.ts";
import { Target } from "../../../native/target.ts";
import { addAddress, awaitFrame, awaitReadable, hex, inside, ip, Lab, push, type Side } from "./lab.ts";

const GROUP = { ipv4: ip("224.0.0.18"), ipv6: ip("ff02::12") };
/** VRRPv2 from 192.0.2.2 as a whole IPv4 packet; identification and header checksum are the kernel's. */
const IPV4 = hex(
  "45c00028 00000000 ff700000 c0000202 e0000012 21336401 0001b8c8 c0000201 0000000000000000",
);
/** VRRPv3 from fe80::2 as a whole IPv6 packet. */
const IPV6 = hex(
  "6c000000 0028 70 ff fe800000000000000000000000000002 ff020000000000000000000000000012" +
    "31 33 64 02 0064 3ffa fe800000000000000000000000000001 20010db8000000000000000000000001",
);

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

function receiver(side: Side, family: Family, join = true): number {
  const options = { family, protocol: 112, ifindex: side.ifindex, bufferBytes: 1 << 20 };
  const fd = keep(inside(side.namespace, () => openReceiver(options)));
  if (join) joinGroup(fd, family, GROUP[family], side.ifindex);
  return fd;
}

function sender(side: Side, family: Family): number {
  return keep(inside(side.namespace, () => openSender(family)));
}

function memoryOf(bytes: Uint8Array): Memory {
  const memory = new Memory(bytes.length);
  memory.bytes.set(bytes);
  return memory;
}

function received(batch: ReceiveBatch, i: number): Uint8Array {
  return batch.memory.bytes.slice(batch.start(i), batch.start(i) + batch.length(i));
}

describe("adverts", () => {
  test("IPv4: the whole packet arrives, with the kernel's identification and checksum", () => {
    const fd = receiver(lab.b, "ipv4");
    const batch = new SendBatch();
    const memory = memoryOf(IPV4);
    const target = Target.ip("ipv4", GROUP.ipv4, lab.a.ifindex);
    expect(push(batch, memory, target)).toBe(0);
    expect(batch.count).toBe(1);
    expect(batch.flush(sender(lab.a, "ipv4"))).toBe(1);
    expect(batch.count).toBe(0);
    awaitReadable(fd);
    const receive = new ReceiveBatch();
    expect(receive.receive(fd)).toBe(1);
    const packet = received(receive, 0);
    expect(packet.slice(20)).toEqual(IPV4.slice(20));
    expect(packet[8]).toBe(255);
    expect(packet[1]).toBe(0xc0);
    const source = receive.sourceStart(0);
    expect(receive.memory.bytes.slice(source, source + 4)).toEqual(ip("192.0.2.2"));
    expect(receive.truncated(0)).toBe(false);
    expect(receive.hopLimit(0)).toBe(-1);
    expect(receive.destinationStart(0)).toBe(-1);
    expect(receive.receive(fd)).toBe(0);
  });

  test("the kernel's time of arrival comes beside, not the time of reading", () => {
    const fd = receiver(lab.b, "ipv4");
    const memory = memoryOf(IPV4);
    const batch = new SendBatch();
    const receive = new ReceiveBatch();
    const from = sender(lab.a, "ipv4");
    // The kernel begins to stamp packets some time after the first socket has asked for it: until then it stamps
    // them as they are read.
    let early = false;
    for (let tries = 0; !early && tries < 500; tries++) {
      const beforeUs = realtimeUs();
      push(batch, memory, Target.ip("ipv4", GROUP.ipv4, lab.a.ifindex));
      expect(batch.flush(from)).toBe(1);
      awaitReadable(fd);
      const readableUs = realtimeUs();
      expect(receive.receive(fd)).toBe(1);
      expect(receive.stampUs(0)).toBeGreaterThanOrEqual(beforeUs);
      early = receive.stampUs(0) <= readableUs;
    }
    expect(early).toBe(true);
  });

  test("IPv6: the packet goes out as it was built; hop limit, source and destination come beside it", () => {
    const fd = receiver(lab.b, "ipv6");
    const capture = inside(lab.b.namespace, () => new Capture(lab.b.ifindex));
    const batch = new SendBatch();
    const memory = memoryOf(IPV6);
    const target = Target.ip("ipv6", GROUP.ipv6, lab.a.ifindex);
    push(batch, memory, target);
    expect(batch.flush(sender(lab.a, "ipv6"))).toBe(1);
    awaitReadable(fd);
    const receive = new ReceiveBatch();
    expect(receive.receive(fd)).toBe(1);
    expect(received(receive, 0)).toEqual(IPV6.slice(40));
    expect(receive.hopLimit(0)).toBe(255);
    const { bytes } = receive.memory;
    const destination = receive.destinationStart(0);
    const source = receive.sourceStart(0);
    expect(bytes.slice(destination, destination + 16)).toEqual(GROUP.ipv6);
    expect(bytes.slice(source, source + 16)).toEqual(ip("fe80::2"));
    expect(awaitFrame(capture, 14, IPV6).frame.length).toBe(14 + IPV6.length);
    capture.close();
  });

  test("unicast reaches the peer, with its source told for IPv6 too", () => {
    const fd4 = receiver(lab.b, "ipv4", false);
    const fd6 = receiver(lab.b, "ipv6", false);
    const four = memoryOf(IPV4);
    four.bytes.set(ip("192.0.2.3"), 16);
    const six = memoryOf(IPV6);
    six.bytes.set(ip("fe80::b"), 24);
    const batch = new SendBatch();
    push(batch, four, Target.ip("ipv4", ip("192.0.2.3"), lab.a.ifindex));
    expect(batch.flush(sender(lab.a, "ipv4"))).toBe(1);
    push(batch, four, Target.ip("ipv4", ip("192.0.2.3"), 0));
    expect(batch.flush(sender(lab.a, "ipv4"))).toBe(1);
    push(batch, six, Target.ip("ipv6", ip("fe80::b"), lab.a.ifindex));
    expect(batch.flush(sender(lab.a, "ipv6"))).toBe(1);
    const receive = new ReceiveBatch();
    awaitReadable(fd4);
    let n = receive.receive(fd4);
    while (n < 2) {
      awaitReadable(fd4);
      n += receive.receive(fd4);
    }
    expect(n).toBe(2);
    awaitReadable(fd6);
    expect(receive.receive(fd6)).toBe(1);
    const destination = receive.destinationStart(0);
    expect(receive.memory.bytes.slice(destination, destination + 16)).toEqual(ip("fe80::b"));
  });

  test("a batch of many arrives whole and in order, in as many receives as there are slots for", () => {
    const fd = receiver(lab.b, "ipv4");
    const batch = new SendBatch(100);
    const target = Target.ip("ipv4", GROUP.ipv4, lab.a.ifindex);
    const memories = Array.from({ length: 100 }, (_, i) => {
      const memory = memoryOf(IPV4);
      memory.bytes[21] = i;
      return memory;
    });
    memories.forEach((memory, i) => expect(push(batch, memory, target)).toBe(i));
    expect(batch.full).toBe(true);
    expect(push(batch, memories[0] as Memory, target)).toBe(-1);
    expect(batch.flush(sender(lab.a, "ipv4"))).toBe(100);
    const receive = new ReceiveBatch(32);
    const vrids: number[] = [];
    while (vrids.length < 100) {
      awaitReadable(fd);
      const n = receive.receive(fd);
      expect(n).toBeLessThanOrEqual(32);
      for (let i = 0; i < n; i++) vrids.push(receive.memory.bytes[receive.start(i) + 21] as number);
    }
    expect(vrids).toEqual(memories.map((_, i) => i));
  });

  test("a message that the kernel refuses is skipped and named; the others go", () => {
    const fd = receiver(lab.b, "ipv4");
    const batch = new SendBatch();
    const memory = memoryOf(IPV4);
    const good = Target.ip("ipv4", GROUP.ipv4, lab.a.ifindex);
    const noDevice = Target.ip("ipv4", GROUP.ipv4, 4711);
    const huge = new Memory(3000);
    huge.bytes.set(IPV4);
    push(batch, memory, noDevice);
    push(batch, memory, good);
    push(batch, memory, good);
    push(batch, huge, good);
    push(batch, memory, good);
    push(batch, memory, noDevice);
    expect(batch.flush(sender(lab.a, "ipv4"))).toBe(3);
    const errors = [0, 1, 2, 3, 4, 5].map((slot) => batch.error(slot));
    expect(errors).toEqual([ERRNO.ENODEV, 0, 0, ERRNO.EMSGSIZE, 0, ERRNO.ENODEV]);
    const receive = new ReceiveBatch();
    let n = 0;
    while (n < 3) {
      awaitReadable(fd);
      n += receive.receive(fd);
    }
    expect(n).toBe(3);
    push(batch, memory, good);
    expect(batch.flush(sender(lab.a, "ipv4"))).toBe(1);
    expect(batch.error(0)).toBe(0); // of the last flush, not of the one before
  });

  test("a packet that is longer than a slot is cut, and says so", () => {
    const fd = receiver(lab.b, "ipv4");
    const batch = new SendBatch();
    push(batch, memoryOf(IPV4), Target.ip("ipv4", GROUP.ipv4, lab.a.ifindex));
    batch.flush(sender(lab.a, "ipv4"));
    awaitReadable(fd);
    const receive = new ReceiveBatch(4, 24);
    expect(receive.receive(fd)).toBe(1);
    expect(receive.length(0)).toBe(24);
    expect(receive.truncated(0)).toBe(true);
  });

  test("lengths that the kernel wrote do not shorten the next receive", () => {
    const fd4 = receiver(lab.b, "ipv4");
    const fd6 = receiver(lab.b, "ipv6");
    const receive = new ReceiveBatch(4);
    const batch = new SendBatch();
    for (let round = 0; round < 5; round++) {
      push(batch, memoryOf(IPV4), Target.ip("ipv4", GROUP.ipv4, lab.a.ifindex));
      batch.flush(sender(lab.a, "ipv4"));
      push(batch, memoryOf(IPV6), Target.ip("ipv6", GROUP.ipv6, lab.a.ifindex));
      batch.flush(sender(lab.a, "ipv6"));
      awaitReadable(fd4);
      expect(receive.receive(fd4)).toBe(1);
      awaitReadable(fd6);
      expect(receive.receive(fd6)).toBe(1);
      expect(receive.hopLimit(0)).toBe(255);
      expect(receive.destinationStart(0)).toBeGreaterThan(0);
    }
  });

  test("who did not join the group, or left it, does not hear it (IPv4) or sees whom it was for (IPv6)", () => {
    const joined = { ipv4: receiver(lab.b, "ipv4"), ipv6: receiver(lab.b, "ipv6") };
    const stranger = { ipv4: receiver(lab.b, "ipv4", false), ipv6: receiver(lab.b, "ipv6", false) };
    const left = { ipv4: receiver(lab.b, "ipv4"), ipv6: receiver(lab.b, "ipv6") };
    for (const family of ["ipv4", "ipv6"] as const) {
      leaveGroup(left[family], family, GROUP[family], lab.b.ifindex);
      leaveGroup(left[family], family, GROUP[family], lab.b.ifindex); // again: no error
      joinGroup(joined[family], family, GROUP[family], lab.b.ifindex); // again: no error
      const batch = new SendBatch();
      const packet = memoryOf(family === "ipv4" ? IPV4 : IPV6);
      push(batch, packet, Target.ip(family, GROUP[family], lab.a.ifindex));
      expect(batch.flush(sender(lab.a, family))).toBe(1);
      awaitReadable(joined[family]);
      for (const fd of [stranger[family], left[family]]) {
        const receive = new ReceiveBatch();
        if (family === "ipv4") expect(receive.receive(fd)).toBe(0);
        else if (receive.receive(fd) > 0) {
          const at = receive.destinationStart(0);
          expect(receive.memory.bytes.slice(at, at + 16)).toEqual(GROUP.ipv6);
        }
      }
    }
  });

  test("what a sender sends is not looped back to this host, and senders hear nothing", () => {
    const own = { ipv4: receiver(lab.a, "ipv4"), ipv6: receiver(lab.a, "ipv6") };
    const peer = { ipv4: receiver(lab.b, "ipv4"), ipv6: receiver(lab.b, "ipv6") };
    for (const family of ["ipv4", "ipv6"] as const) {
      const fd = sender(lab.a, family);
      const batch = new SendBatch();
      const packet = memoryOf(family === "ipv4" ? IPV4 : IPV6);
      push(batch, packet, Target.ip(family, GROUP[family], lab.a.ifindex));
      expect(batch.flush(fd)).toBe(1);
      awaitReadable(peer[family]);
      expect(waitReadable(own[family], 0)).toBe(false);
      expect(waitReadable(fd, 0)).toBe(false);
    }
  });
});

describe("errors", () => {
  test("an interface that is not there is a sentence", () => {
    const options = { family: "ipv4", protocol: 112, ifindex: 4711, bufferBytes: 4096 } as const;
    expect(() => inside(lab.a.namespace, () => openReceiver(options))).toThrow(
      "cannot bind a raw socket to the interface with index 4711 (if_indextoname: ENXIO): " +
        "check that the interface still exists",
    );
  });

  test("joining what is no group is a sentence", () => {
    const fd = receiver(lab.b, "ipv4", false);
    expect(() => joinGroup(fd, "ipv4", ip("192.0.2.1"), lab.b.ifindex)).toThrow(
      `cannot join a multicast group on the interface with index ${lab.b.ifindex} (setsockopt: EINVAL): ` +
        "name a multicast address",
    );
  });

  test("receiving from a bad descriptor is an error number", () => {
    expect(new ReceiveBatch(1).receive(-1)).toBe(-ERRNO.EBADF);
    const batch = new SendBatch();
    push(batch, memoryOf(IPV4), Target.ip("ipv4", GROUP.ipv4, 1));
    expect(batch.flush(-1)).toBe(0);
    expect(batch.error(0)).toBe(ERRNO.EBADF);
  });

  test("who may not open raw sockets is told what to do", () => {
    const code = `process.setgroups([]); process.setgid(65534); process.setuid(65534);
      const { openSender } = await import("./native/socket.ts");
      try { openSender("ipv4"); } catch (error) { console.log(error.message); }`;
    const run = Bun.spawnSync([process.execPath, "-e", code], { cwd: `${import.meta.dir}/../../..` });
    expect(run.stdout.toString().trim()).toBe(
      "cannot open a raw IPv4 socket (socket: EPERM): run as root or grant CAP_NET_RAW and CAP_NET_ADMIN",
    );
  });
});
