// Routes and rules as netlink messages: bytes, any requests and any bytes, and the real kernel's answers.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FIB_RULES, RTNETLINK } from "../../../native/constants.ts";
import { Memory } from "../../../native/memory.ts";
import { RouteMonitor } from "../../../native/netlink/monitor.ts";
import {
  decodeRoute,
  type Encapsulation,
  routeKey,
  routeMessageBytes,
  type RouteRequest,
  writeDumped,
  writeRoute,
} from "../../../native/netlink/route.ts";
import { decodeRule, RULE_MESSAGE_BYTES, type RuleRequest, writeRule } from "../../../native/netlink/rule.ts";
import { hex, inside, ip, Lab } from "./lab.ts";

const MARK = 112;
const results = new Int32Array(8);

const ROUTE: RouteRequest = {
  family: "ipv4",
  destination: ip("198.51.100.0"),
  prefixLength: 24,
  gateway: null,
  ifindex: 7,
  source: null,
  protocol: MARK,
};
const RULE: RuleRequest = {
  family: "ipv4",
  priority: 500,
  protocol: MARK,
  action: FIB_RULES.FR_ACT_TO_TBL,
  table: 100,
  target: null,
  l3mdev: false,
  not: false,
  from: null,
  to: null,
  tos: 0,
  inInterface: null,
  outInterface: null,
  mark: null,
  markMask: null,
  realms: 0,
  tunnelId: null,
  uidRange: null,
  ipProtocol: null,
  sourcePorts: null,
  destinationPorts: null,
  suppressPrefixLength: null,
  suppressGroup: null,
};

function written(route: RouteRequest, command: "add" | "delete" = "add"): Uint8Array {
  const memory = new Memory(routeMessageBytes(route.hops?.length ?? 1));
  return memory.bytes.slice(0, writeRoute(memory, 0, route, command));
}

describe("bytes", () => {
  test("a stack of labels: bottom of stack at the last, big-endian (RFC 3032 section 2.1)", () => {
    const encapsulation: Encapsulation = { kind: "mpls", labels: [200, 300], ttl: 9 };
    expect(written({ ...ROUTE, encapsulation }).toHex()).toContain(
      hex("0600 1500 0100 0000" + "1800 1680" + "0c00 0100 000c8000 0012c100" + "0500 0200 09 000000")
        .toHex(),
    );
  });

  test("a locator as `ip -6 route add ... encap ila 2001:db8:1:2` sends it", () => {
    const encapsulation: Encapsulation = { kind: "ila", locator: ip("2001:db8:1:2::").subarray(0, 8) };
    expect(written({ ...ROUTE, encapsulation }).toHex()).toContain(
      hex("0600 1500 0300 0000" + "1000 1680" + "0c00 0100 20010db8 00010002").toHex(),
    );
  });

  test("a gateway of the other family travels in RTA_VIA", () => {
    expect(written({ ...ROUTE, gateway: ip("fe80::9") }).toHex()).toContain(
      hex("1600 1200 0a00 fe80000000000000 0000000000000009").toHex(),
    );
  });

  test("hops: length, flags, weight - 1, index, then their attributes", () => {
    const hops = [
      { gateway: ip("10.0.0.9"), ifindex: 3, weight: 5, onlink: true },
      { gateway: null, ifindex: 4 },
    ];
    expect(written({ ...ROUTE, hops }).toHex()).toContain(
      hex("1c00 0900" + "1000 04 04 03000000" + "0800 0500 0a000009" + "0800 00 00 04000000").toHex(),
    );
  });
});

describe("any request", () => {
  const address = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes });
  const number = (max: number) => fc.integer({ min: 0, max });
  const route = fc.constantFrom("ipv4", "ipv6").chain((family) => {
    const own = address(family === "ipv4" ? 4 : 16);
    return fc.record({
      family: fc.constant(family),
      destination: own,
      prefixLength: number(family === "ipv4" ? 32 : 128),
      gateway: fc.option(own),
      ifindex: number(0x7fff_ffff),
      source: fc.option(own),
      protocol: number(255),
      type: number(9),
      table: fc.integer({ min: 1, max: 0xffff_ffff }),
      tos: number(255),
      metric: fc.integer({ min: 1, max: 0xffff_ffff }),
      metrics: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 17 }), number(0xffff_ffff)), {
        selector: ([attribute]) => attribute,
      }),
      congestionControl: fc.option(fc.string({ maxLength: 15 })),
      hops: fc.array(fc.record({ gateway: fc.option(own), ifindex: number(99), realms: number(99) }), {
        maxLength: 9,
      }),
    });
  });

  test("a route fits into what it is given, and decodes to what tells it from others", () => {
    fc.assert(fc.property(route, (wanted) => {
      for (const command of ["add", "delete"] as const) {
        const bytes = written(wanted as RouteRequest, command);
        const info = decodeRoute(bytes, 0, bytes.length)!;
        const { family, type, table, destination, prefixLength, tos, metric, protocol } = wanted;
        expect(info).toMatchObject({ family, type, table, destination, prefixLength, tos, metric, protocol });
        expect(info.message).toEqual(bytes);
      }
    }));
  });

  test("a rule fits, and the request to add it has the key of the one to delete it", () => {
    const pair = (max: number) => fc.option(fc.tuple(number(max), number(max)));
    const prefix = fc.option(fc.record({ address: address(16), prefixLength: number(128) }));
    const rule = fc.record({
      family: fc.constant("ipv6"),
      priority: fc.integer({ min: 1, max: 0xffff_ffff }),
      protocol: number(255),
      action: number(8),
      table: number(0xffff_ffff),
      target: fc.option(number(0xffff_ffff)),
      l3mdev: fc.boolean(),
      not: fc.boolean(),
      from: prefix,
      to: prefix,
      tos: number(255),
      inInterface: fc.option(fc.string({ minLength: 1, maxLength: 5 })),
      outInterface: fc.option(fc.string({ minLength: 1, maxLength: 5 })),
      mark: fc.option(number(0xffff_ffff)),
      markMask: fc.option(number(0xffff_ffff)),
      realms: number(0xffff_ffff),
      tunnelId: fc.option(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn })),
      uidRange: pair(0xffff_ffff),
      ipProtocol: fc.option(number(255)),
      sourcePorts: pair(65535),
      destinationPorts: pair(65535),
      suppressPrefixLength: fc.option(number(128)),
      suppressGroup: fc.option(number(0xffff_ffff)),
    });
    fc.assert(fc.property(rule, (wanted) => {
      const keys = (["add", "delete"] as const).map((command) => {
        const memory = new Memory(RULE_MESSAGE_BYTES);
        const end = writeRule(memory, 0, wanted as RuleRequest, command);
        const info = decodeRule(memory.bytes, 0, end)!;
        expect(info).toMatchObject({ family: "ipv6", priority: wanted.priority, protocol: wanted.protocol });
        return info.key;
      });
      expect(keys[0]).toBe(keys[1]!);
    }));
  });

  test("any bytes decode to nothing or to what lies inside them", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      if (bytes.length > 16) bytes[16] = bytes[16]! % 2 === 0 ? 2 : 10;
      const route = decodeRoute(bytes, 0, bytes.length);
      if (route !== null) expect(route.destination.length).toBe(route.family === "ipv4" ? 4 : 16);
      decodeRule(bytes, 0, bytes.length);
    }));
    expect(decodeRoute(new Uint8Array(27), 0, 27)).toBeNull();
    expect(decodeRule(new Uint8Array(27), 0, 27)).toBeNull();
  });
});

describe("the kernel", () => {
  let lab: Lab;
  beforeAll(() => void (lab = new Lab()));
  afterAll(() => lab[Symbol.dispose]());

  const memory = new Memory(4096);

  function send(end: number): number {
    expect(lab.a.client.transact(memory, 0, end, results)).toBe(1);
    return results[0]!;
  }

  test("a route comes back with its key; the dump's own message deletes it and puts it back", () => {
    const wanted = {
      ...ROUTE,
      ifindex: lab.a.ifindex,
      table: 70000,
      metrics: [[RTNETLINK.RTAX_MTU, 1400]] as const,
    };
    const end = writeRoute(memory, 0, wanted, "add");
    const key = routeKey(decodeRoute(memory.bytes, 0, end)!);
    expect(send(end)).toBe(0);
    const dumped = () => lab.a.client.routes("ipv4", 70000, 0);
    expect(dumped().map(routeKey)).toEqual([key]);
    const { message } = dumped()[0]!;
    expect(send(writeDumped(memory, 0, message, "delete"))).toBe(0);
    expect(dumped()).toEqual([]);
    expect(send(writeDumped(memory, 0, message, "add"))).toBe(0);
    expect(dumped()[0]!.message.slice(16).toHex()).toBe(message.slice(16).toHex());
    expect(send(writeRoute(memory, 0, wanted, "delete"))).toBe(0);
    expect(lab.a.client.routes("ipv4", 4242, 0)).toEqual([]);
  });

  test("dumps of one table and one protocol hold nothing else", () => {
    expect(send(writeRoute(memory, 0, { ...ROUTE, ifindex: lab.a.ifindex }, "add"))).toBe(0);
    const ours = lab.a.client.routes("ipv4", 0, MARK);
    expect(ours.map((info) => info.destination)).toEqual([ip("198.51.100.0")]);
    expect(lab.a.client.routes("ipv4", 0, 0).length).toBeGreaterThan(1);
    expect(send(writeRoute(memory, 0, { ...ROUTE, ifindex: lab.a.ifindex }, "delete"))).toBe(0);
  });

  test("a rule comes back with its key, whatever the kernel adds to it", () => {
    const rules: RuleRequest[] = [
      RULE,
      { ...RULE, priority: 501, mark: 16, from: { address: ip("192.0.2.0"), prefixLength: 24 } },
      {
        ...RULE,
        priority: 502,
        uidRange: [5, 9],
        ipProtocol: 6,
        sourcePorts: [1, 2],
        table: 70000,
        not: true,
      },
      { ...RULE, priority: 503, action: FIB_RULES.FR_ACT_GOTO, table: 0, target: 600, inInterface: "lo" },
      { ...RULE, priority: 504, tunnelId: 7n, suppressPrefixLength: 0, suppressGroup: 5, realms: 0x5_0006 },
      { ...RULE, priority: 505, family: "ipv6", table: 0, l3mdev: true },
    ];
    for (const rule of rules) {
      const end = writeRule(memory, 0, rule, "add");
      const { key } = decodeRule(memory.bytes, 0, end)!;
      expect(send(end)).toBe(0);
      expect(send(writeRule(memory, 0, rule, "add"))).toBe(-17);
      const found = lab.a.client.rules().filter(({ protocol }) => protocol === MARK);
      expect(found.map((info) => info.key)).toEqual([key]);
      expect(send(writeDumped(memory, 0, found[0]!.message, "delete"))).toBe(0);
    }
  });

  test("the monitor hears the loss of our routes and of rules, and of no others'", () => {
    const monitor = inside(lab.a.namespace, () => new RouteMonitor());
    monitor.watchRouting(MARK);
    const other = { ...ROUTE, destination: ip("203.0.113.0"), protocol: 4, ifindex: lab.a.ifindex };
    const ours = { ...ROUTE, ifindex: lab.a.ifindex };
    for (const route of [other, ours]) expect(send(writeRoute(memory, 0, route, "add"))).toBe(0);
    expect(send(writeRule(memory, 0, RULE, "add"))).toBe(0);
    for (const route of [other, ours]) expect(send(writeRoute(memory, 0, route, "delete"))).toBe(0);
    expect(send(writeRule(memory, 0, RULE, "delete"))).toBe(0);
    const heard: string[] = [];
    const handler = {
      link: () => {},
      address: () => {},
      routeGone: (info: { destination: Uint8Array }) => void heard.push(info.destination.join(".")),
      ruleGone: (info: { priority: number }) => void heard.push(`rule ${info.priority}`),
    };
    expect(monitor.receive(handler)).toBe("done");
    expect(heard).toEqual(["198.51.100.0", "rule 500"]);
    monitor.ignorePorts(lab.a.client.portId);
    expect(send(writeRoute(memory, 0, ours, "add"))).toBe(0);
    expect(send(writeRoute(memory, 0, ours, "delete"))).toBe(0);
    monitor.receive(handler);
    expect(heard.length).toBe(2);
    monitor.close();
  });
});
