// rtnetlink events from the real kernel.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { IF } from "../../../native/constants.ts";
import { waitReadable } from "../../../native/descriptor.ts";
import { Memory } from "../../../native/memory.ts";
import { type AddressInfo, writeAddAddress, writeDeleteAddress } from "../../../native/netlink/address.ts";
import { RouteClient } from "../../../native/netlink/client.ts";
import {
  buildBridge,
  buildLinkChange,
  buildLinkDelete,
  type LinkInfo,
} from "../../../native/netlink/link.ts";
import { RouteMonitor } from "../../../native/netlink/monitor.ts";
import { addAddress, addressRequest, awaitReadable, inside, ip, Lab } from "./lab.ts";

let lab: Lab;
let monitor: RouteMonitor;
let links: { info: LinkInfo; deleted: boolean }[] = [];
let addresses: { info: AddressInfo; deleted: boolean }[] = [];
/** The laboratory's own link-local addresses are told late, by a worker of the kernel: they do not count. */
const handler = {
  link: (info: LinkInfo, deleted: boolean) => void links.push({ info, deleted }),
  address: (info: AddressInfo, deleted: boolean) => {
    if (info.address[0] !== 0xfe) addresses.push({ info, deleted });
  },
};
const memory = new Memory(1 << 20);
const results = new Int32Array(8192);

beforeEach(() => {
  lab = new Lab();
  monitor = inside(lab.a.namespace, () => new RouteMonitor());
  links = [];
  addresses = [];
});
afterEach(() => {
  monitor.close();
  lab[Symbol.dispose]();
});

/**
 * Reads until there is nothing more. Events are there when the command returns, except that of a new IPv6
 * address: a worker of the kernel sends it.
 */
function drain(of = monitor): ("done" | "overrun")[] {
  const answers: ("done" | "overrun")[] = [];
  while (waitReadable(of.fd, 0)) answers.push(of.receive(handler));
  return answers;
}

/** Reads until the monitor has told of so many addresses. */
function awaitAddresses(count: number): void {
  while (addresses.length < count) {
    awaitReadable(monitor.fd);
    drain();
  }
}

function request(text: string, more = {}) {
  return addressRequest(lab.a.ifindex, ip(text), more);
}

test("nothing happens: receive returns at once", () => {
  expect(monitor.receive(handler)).toBe("done");
  expect([links.length, addresses.length]).toEqual([0, 0]);
});

test("addresses of both families come and go", () => {
  addAddress(lab.a, "192.0.2.1", { protocol: 0x70 });
  addAddress(lab.a, "2001:db8::1", { validS: 60, preferredS: 60 });
  awaitAddresses(2);
  expect(addresses.map(({ info, deleted }) => [info.address.toHex(), info.ifindex, deleted])).toEqual([
    ["c0000201", lab.a.ifindex, false],
    [ip("2001:db8::1").toHex(), lab.a.ifindex, false],
  ]);
  expect(addresses[0]?.info.protocol).toBe(0x70);
  addresses = [];
  let end = writeDeleteAddress(memory, 0, request("192.0.2.1"));
  end = writeDeleteAddress(memory, end, request("2001:db8::1"));
  lab.a.client.transact(memory, 0, end, results);
  expect([results[0], results[1]]).toEqual([0, 0]);
  drain();
  expect(addresses.map(({ info, deleted }) => [info.family, deleted])).toEqual([["ipv4", true], [
    "ipv6",
    true,
  ]]);
});

test("links: down, renamed, created, deleted", () => {
  const { client, ifindex } = lab.a;
  client.request((b) => buildLinkChange(b, ifindex, { up: false }));
  drain();
  const down = links.filter(({ info }) => info.ifindex === ifindex).at(-1);
  expect((down?.info.flags ?? 0) & IF.IFF_UP).toBe(0);
  links = [];
  client.request((b) => buildLinkChange(b, ifindex, { name: "wan" }));
  drain();
  expect(links.at(-1)?.info).toMatchObject({ ifindex, name: "wan" });
  client.request((b) => buildBridge(b, "br7"));
  drain();
  const made = links.at(-1);
  expect(made?.info).toMatchObject({ name: "br7", kind: "bridge" });
  expect(made?.deleted).toBe(false);
  client.request((b) => buildLinkDelete(b, made?.info.ifindex ?? 0));
  drain();
  expect(links.at(-1)).toMatchObject({ deleted: true, info: { name: "br7" } });
});

test("the peer goes down: this end stops running", () => {
  lab.b.client.request((b) => buildLinkChange(b, lab.b.ifindex, { up: false }));
  awaitReadable(monitor.fd);
  while (!links.some(({ info }) => (info.flags & IF.IFF_RUNNING) === 0)) {
    awaitReadable(monitor.fd);
    drain();
  }
  const last = links.filter(({ info }) => info.ifindex === lab.a.ifindex).at(-1);
  expect((last?.info.flags ?? 0) & (IF.IFF_UP | IF.IFF_RUNNING | IF.IFF_LOWER_UP)).toBe(IF.IFF_UP);
});

test("an address that nobody renews goes, and its end is an event", () => {
  addAddress(lab.a, "192.0.2.50", { validS: 1, preferredS: 1 });
  while (!addresses.some(({ deleted }) => deleted)) {
    awaitReadable(monitor.fd);
    drain();
  }
  expect(addresses.at(-1)).toMatchObject({ deleted: true, info: { address: ip("192.0.2.50") } });
});

test("at most 64 datagrams a call; the rest stays readable", () => {
  let end = 0;
  for (let i = 0; i < 100; i++) end = writeAddAddress(memory, end, request(`10.0.0.${i}`), "exclusive");
  lab.a.client.transact(memory, 0, end, results);
  expect(monitor.receive(handler)).toBe("done");
  expect(addresses.length).toBeLessThanOrEqual(64);
  expect(addresses.length).toBeGreaterThan(60);
  expect(waitReadable(monitor.fd, 0)).toBe(true);
  drain();
  expect(addresses.map(({ info }) => info.address[3])).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

describe("our own changes", () => {
  test("of the port that is ours are passed over; those of others are not", () => {
    monitor.ignorePorts(lab.a.client.portId);
    drain();
    addAddress(lab.a, "192.0.2.1");
    // Not even queued: a thousand renewals would be a thousand wake-ups.
    const woken = waitReadable(monitor.fd, 0);
    drain();
    expect([woken, addresses]).toEqual([false, []]);
    const other = inside(lab.a.namespace, () => new RouteClient());
    const end = writeDeleteAddress(memory, 0, request("192.0.2.1"));
    other.transact(memory, 0, end, results);
    expect(results[0]).toBe(0);
    drain();
    expect(addresses.map(({ deleted }) => deleted)).toEqual([true]);
    other.close();
  });

  test("both ports may be ours", () => {
    const [second, other] = [0, 1].map(() => inside(lab.a.namespace, () => new RouteClient()));
    monitor.ignorePorts(lab.a.client.portId, second!.portId);
    drain();
    addAddress(lab.a, "192.0.2.1");
    second!.transact(memory, 0, writeDeleteAddress(memory, 0, request("192.0.2.1")), results);
    expect([results[0], waitReadable(monitor.fd, 0)]).toEqual([0, false]);
    other!.transact(memory, 0, writeAddAddress(memory, 0, request("192.0.2.1"), "exclusive"), results);
    expect([results[0], waitReadable(monitor.fd, 0)]).toEqual([0, true]);
    drain();
    expect(addresses.map(({ deleted }) => deleted)).toEqual([false]);
    for (const client of [second!, other!]) client.close();
  });
});

describe("renewals", () => {
  function command(end: number, client = lab.a.client): void {
    expect(client.transact(memory, 0, end, results)).toBe(1);
    expect(results[0]).toBe(0);
  }

  function lease(text: string, seconds: number, more = {}): void {
    const wanted = request(text, { validS: seconds, preferredS: seconds, ...more });
    command(writeAddAddress(memory, 0, wanted, "replace"));
  }

  for (const text of ["192.0.2.1", "2001:db8::1"]) {
    test(`${text}: told once; new lifetimes alone are no event`, () => {
      lease(text, 100);
      awaitAddresses(1);
      for (let i = 0; i < 5; i++) lease(text, 200 + i);
      drain();
      expect(addresses.length).toBe(1);
    });

    test(`${text}: anything else is one`, () => {
      lease(text, 100);
      awaitAddresses(1);
      lease(text, 0xffff_ffff); // becomes permanent: another flag
      lease(text, 0xffff_ffff, { protocol: 0x71 }); // another mark
      lease(text, 0xffff_ffff, { protocol: 0x71 });
      drain();
      const told = addresses.map(({ info }) => [info.flags & 0x80, info.protocol]);
      expect(told).toEqual([[0, 0], [0x80, 0], [0x80, 0x71]]);
    });

    test(`${text}: taken away and put back, it is told each time`, () => {
      const other = inside(lab.a.namespace, () => new RouteClient());
      // Of one's own changes only those of IPv6 addresses are told.
      monitor.ignorePorts(lab.a.client.portId);
      const ownIsTold = text.includes(":");
      const expected: ("add" | "delete")[] = [];
      for (let i = 0; i < 3; i++) {
        lease(text, 100);
        if (ownIsTold) expected.push("add");
        awaitAddresses(expected.length);
        command(writeDeleteAddress(memory, 0, request(text)), other);
        expected.push("delete");
        awaitAddresses(expected.length);
        command(writeAddAddress(memory, 0, request(text), "exclusive"), other);
        expected.push("add");
        awaitAddresses(expected.length);
        command(writeDeleteAddress(memory, 0, request(text)));
        if (ownIsTold) expected.push("delete");
        awaitAddresses(expected.length);
        drain();
        expect(addresses.map(({ deleted }) => deleted ? "delete" : "add")).toEqual(expected);
      }
      other.close();
    });
  }
});

describe("overrun", () => {
  test("a reader that is too slow is told, and a dump then shows the truth", () => {
    const small = inside(lab.a.namespace, () => new RouteMonitor(4096));
    let end = 0;
    for (let i = 0; i < 200; i++) end = writeAddAddress(memory, end, request(`10.0.0.${i}`), "exclusive");
    expect(lab.a.client.transact(memory, 0, end, results)).toBe(200);
    expect(drain(small)).toEqual(["overrun"]);
    // What still waited was older than what was lost, so it is thrown away.
    expect(addresses).toEqual([]);
    expect(lab.a.client.addresses().filter((info) => info.address[0] === 10).length).toBe(200);
    // From here on it hears again.
    addAddress(lab.a, "192.0.2.1");
    drain(small);
    expect(addresses.map(({ info }) => info.address.toHex())).toEqual(["c0000201"]);
    small.close();
  });
});
