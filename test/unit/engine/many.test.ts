// A thousand of anything costs the engine a thousand times one, not the square: work and messages are counted.
import { plainLink } from "../../../native/netlink/link.ts";
import { expect, spyOn, test } from "bun:test";
import { ERRNO } from "../../../native/errno.ts";
import type { AddressInfo } from "../../../native/netlink/address.ts";
import type { RouteClient } from "../../../native/netlink/client.ts";
import type { MonitorHandler, RouteMonitor } from "../../../native/netlink/monitor.ts";
import type { VirtualAddress } from "../../../src/config/model.ts";
import { plainAddress } from "../../../src/config/plain.ts";
import type { Firewall } from "../../../src/engine/firewall.ts";
import { Givers } from "../../../src/engine/givers.ts";
import { ABSENT, HELD, Holding, transferAddresses } from "../../../src/engine/holding.ts";
import { Holdings } from "../../../src/engine/holdings.ts";
import { releaseInstanceSysctls } from "../../../src/engine/instance_sysctls.ts";
import { KernelWatch } from "../../../src/engine/kernel.ts";
import { Links } from "../../../src/engine/links.ts";
import type { KernelNews } from "../../../src/engine/news.ts";
import type { Parts } from "../../../src/engine/parts.ts";
import type { Readiness } from "../../../src/engine/readiness.ts";
import { Statics } from "../../../src/engine/statics.ts";
import type { Sysctls } from "../../../src/engine/sysctls.ts";
import type { FromEngine } from "../../../src/messages.ts";
import { parseAddress } from "../../../src/vrrp/address.ts";

const COUNT = 100;

function addresses(first: number, count: number): VirtualAddress[] {
  return Array.from(
    { length: count },
    (_, i) => plainAddress(`10.1.${(first + i) >> 8}.${(first + i) & 255}`, 24, "eth0"),
  );
}

function holding(first: number, count: number): Holding {
  return new Holding({ addresses: addresses(first, count), excludedAddresses: [] }, 3);
}

function info({ address, prefixLength }: VirtualAddress, protocol: number): AddressInfo {
  const forever = 0xffff_ffff;
  const bytes = parseAddress(address)!;
  return {
    family: "ipv4",
    ifindex: 1,
    address: bytes,
    prefixLength,
    flags: 0,
    scope: 0,
    protocol,
    label: null,
    preferredS: forever,
    validS: forever,
  };
}

test("addresses that a reload keeps are compared once each", () => {
  const [from, to] = [holding(0, COUNT), holding(10, COUNT)];
  from.state.fill(HELD);
  using stringify = spyOn(JSON, "stringify");
  expect(transferAddresses(from, to)).toBe(COUNT - 10);
  expect(stringify.mock.calls.length).toBe(2 * COUNT);
  expect(to.state.lastIndexOf(ABSENT)).toBe(COUNT - 1);
});

test("an address that moves is looked for where it is, and not with everybody", () => {
  const givers = new Givers();
  const all = Array.from({ length: COUNT }, (_, i) => holding(i, 1));
  for (const each of all) {
    each.state.fill(HELD);
    givers.add(each);
  }
  const [stranger, taker] = [holding(200, 1), holding(7, 1)];
  using stringify = spyOn(JSON, "stringify");
  givers.give(stranger);
  expect(stringify.mock.calls.length).toBe(0);
  givers.give(taker);
  expect(stringify.mock.calls.length).toBe(2);
  expect([taker.state[0], all[7]!.state[0], all[8]!.state[0]]).toEqual([HELD, ABSENT, HELD]);
});

test("addresses that are there although nobody knew: the kernel is asked once for all of them", () => {
  const links = new Links();
  links.update(plainLink(1, "eth0"));
  const target = holding(0, 20);
  target.build(links);
  let dumps = 0;
  const client = {
    transact(_memory: unknown, _start: number, _end: number, results: Int32Array): number {
      results.fill(-ERRNO.EEXIST);
      return results.length;
    },
    links: () => [plainLink(1, "eth0")],
    addresses: () => {
      dumps++;
      return addresses(0, 20).map((each) => info(each, target.mark));
    },
    errorText: () => "",
  };
  const nothing = () => {};
  const holdings = new Holdings({
    client: client as unknown as RouteClient,
    links,
    firewall: {} as Firewall,
    takesOver: false,
    aside: null,
    watch: nothing,
    unwatch: nothing,
  }, {
    taking: () => {},
    leaving: () => {},
    changed: () => {},
    claimed: () => false,
    refused: () => {},
  });
  holdings.want(target, true);
  holdings.finish(target);
  expect([...target.state]).toEqual(Array<number>(20).fill(HELD));
  expect(dumps).toBe(1);
});

test("static addresses that go together are one message", () => {
  const posted: FromEngine[] = [];
  const links = new Links();
  links.update(plainLink(1, "eth0"));
  const nothing = () => {};
  const statics = new Statics({
    links,
    holdings: { want: nothing, finish: nothing, lost: () => true },
    routes: { want: nothing, finish: nothing },
    client: { links: () => [plainLink(1, "eth0")], addresses: () => [] },
    roster: { size: 0 },
    post: (message: FromEngine) => posted.push(message),
    log: nothing,
  } as unknown as Parts);
  const list = addresses(0, COUNT);
  statics.apply({ addresses: list, routes: [], rules: [] });
  for (const each of list) statics.addressGone(info(each, 0), 0);
  expect(posted).toEqual([]);
  statics.tell();
  statics.tell();
  expect(posted).toEqual([{ type: "static_addresses", held: [], there: Array<boolean>(COUNT).fill(false) }]);
});

test("instances that leave together give their kernel parameters back in one step", () => {
  const steps: unknown[] = [];
  releaseInstanceSysctls({ wantAll: (wanted: unknown) => steps.push(wanted) } as unknown as Sysctls, [1, 2]);
  expect(steps).toEqual([new Map([["instance 1", []], ["instance 2", []]])]);
});

/** The watch of a kernel that reports what `events` says, and what it has others do. */
function watch(links: Links, leaving: number[], events: (handler: MonitorHandler) => void) {
  const done: string[] = [];
  const instance = { holding: { addresses: addresses(0, 1) } };
  const parts = {
    links,
    client: { portId: 1, link: () => done.push("asked") },
    holdings: { renewalPort: 2 },
    roster: { all: () => [instance] },
    routes: { recheck: () => done.push("recheck"), clearUp: () => {} },
    sysctls: { interfaceGone: (name: string) => done.push(`no ${name}`), retry: () => {} },
    vmacs: {
      isLeaving: (ifindex: number) => leaving.includes(ifindex),
      gone: (ifindex: number) => done.push(`gone ${ifindex}`),
      changed: () => {},
    },
  } as unknown as Parts;
  const readiness = { rebuildFrames: () => done.push("rebuilt"), evaluateAll: () => done.push("evaluated") };
  const monitor = {
    watchRouting: () => {},
    ignorePorts: () => {},
    receive: (handler: MonitorHandler) => {
      events(handler);
      return "done";
    },
  };
  const statics = { linkChanged: () => {} };
  const news = { link: () => {} };
  new KernelWatch(
    parts,
    readiness as unknown as Readiness,
    statics as unknown as Statics,
    monitor as unknown as RouteMonitor,
    news as unknown as KernelNews,
  ).read(0);
  return done;
}

test("interfaces that change together are followed once", () => {
  const links = new Links();
  const done = watch(links, [], (handler) => {
    for (let i = 1; i <= COUNT; i++) handler.link(plainLink(i, `eth${i - 1}`), false);
  });
  expect(done).toEqual(["recheck", "rebuilt", "asked", "evaluated"]);
});

test("VMACs that are deleted: the kernel is asked for nothing, it is busy with them", () => {
  const links = new Links();
  for (const ifindex of [1, 2]) links.update(plainLink(ifindex, `v${ifindex}`));
  links.names.length = 0;
  const done = watch(links, [1, 2], (handler) => {
    for (const ifindex of [1, 2]) handler.link(plainLink(ifindex, `v${ifindex}`, 0), false);
    for (const ifindex of [1, 2]) handler.link(plainLink(ifindex, `v${ifindex}`, 0), true);
  });
  expect(done).toEqual(["gone 1", "gone 2", "no v1", "no v2", "evaluated"]);
  expect(links.indexed(1)).toBeUndefined();
});
