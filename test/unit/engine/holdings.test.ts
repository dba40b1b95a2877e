// Renewals of address lifetimes against a real kernel: several holdings in one transaction, each with its own answers.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { waitReadable } from "../../../native/descriptor.ts";
import { AsideClient } from "../../../native/netlink/aside.ts";
import type { RouteClient } from "../../../native/netlink/client.ts";
import { plainAddress } from "../../../src/config/plain.ts";
import type { Firewall } from "../../../src/engine/firewall.ts";
import { HELD, Holding } from "../../../src/engine/holding.ts";
import { Holdings } from "../../../src/engine/holdings.ts";
import { Links } from "../../../src/engine/links.ts";
import { inside, Lab } from "../native/lab.ts";

const LEASE_S = 1000;
let lab: Lab;
beforeAll(() => void (lab = new Lab()));
afterAll(() => lab[Symbol.dispose]());

/** Instance `n` with this many addresses, 10.N.0.0 and on. */
function holding(n: number, count: number): Holding {
  const addresses = Array.from({ length: count }, (_, i) => plainAddress(`10.${n}.0.${i}`, 32, "va"));
  return new Holding({ addresses, excludedAddresses: [] }, LEASE_S);
}

/** Holdings over the lab's kernel, with what was refused and how many transactions there were on this thread. */
function stage(aside: AsideClient | null = null) {
  const { client } = lab.a;
  const links = new Links();
  links.resync(client.links(), client.addresses());
  const refused: string[] = [];
  let transactions = 0;
  const counting = {
    transact: (...message: Parameters<RouteClient["transact"]>) => {
      transactions++;
      return client.transact(...message);
    },
    errorText: (i: number) => client.errorText(i),
  } as unknown as RouteClient;
  const means = { client: counting, links, firewall: {} as Firewall, takesOver: false, aside };
  const watched: number[] = [];
  const watch = (fd: number) => void watched.push(fd);
  const holdings = new Holdings({ ...means, watch, unwatch: () => void (watched.length = 0) }, {
    taking: () => {},
    leaving: () => {},
    changed: () => {},
    claimed: () => false,
    refused: (_, text) => refused.push(text),
  });
  const count = () => {
    const before = transactions;
    transactions = 0;
    return before;
  };
  return { holdings, refused, count, watched };
}

/** Seconds that an address of the lab has left; null if it is not there. */
function secondsLeft(text: string): number | null {
  const bytes = Uint8Array.from(text.split("."), Number).toHex();
  return lab.a.client.addresses().find(({ address }) => address.toHex() === bytes)?.validS ?? null;
}

test("ten holdings of one address are renewed with one transaction, and what fails is told of its own address", () => {
  const { holdings, refused, count } = stage();
  const ten = Array.from({ length: 10 }, (_, n) => holding(n + 1, 1));
  for (const one of ten) holdings.want(one, true);
  expect(holdings.pump(Infinity)).toBe(false);
  expect(ten.map(({ state }) => state[0])).toEqual(Array(10).fill(HELD));
  count();
  for (const one of ten) {
    one.leaseS = 5000;
    one.build(linksOfLab());
    holdings.renew(one);
  }
  // An interface that has gone, although the model has not heard of it.
  redirect(ten[6]!, 4711);
  expect(holdings.pump(0)).toBe(false);
  expect(count()).toBe(1);
  expect(refused).toEqual(["10.7.0.0/32 cannot be renewed on va: ENODEV, ipv4: Device not found"]);
  for (const n of [1, 2, 10]) expect(secondsLeft(`10.${n}.0.0`)).toBeGreaterThan(LEASE_S);
  expect(secondsLeft("10.7.0.0")).toBeLessThanOrEqual(LEASE_S);
  // The next one gets the answers of its own messages.
  for (const one of ten.slice(0, 3)) holdings.renew(one);
  expect(holdings.pump(0)).toBe(false);
  expect(count()).toBe(1);
  expect(refused.length).toBe(1);
  ten[6]!.build(linksOfLab());
  for (const one of ten) {
    holdings.want(one, false);
    holdings.finish(one);
  }
  expect(secondsLeft("10.1.0.0")).toBeNull();
});

test("slices are filled, whoever the addresses belong to", () => {
  const { holdings, refused, count } = stage();
  const all = [holding(11, 20), holding(12, 20), holding(13, 40), holding(14, 1)];
  for (const one of all) {
    holdings.want(one, true);
    holdings.finish(one);
  }
  // The second address of the second one is in nobody's hands: it is not renewed.
  all[1]!.state[1] = 0;
  count();
  for (const one of all) {
    one.leaseS = 5000;
    one.build(linksOfLab());
    holdings.renew(one);
  }
  // Never more than one slice where time is up.
  const work: number[] = [];
  for (let more = true; more;) {
    more = holdings.pump(0);
    work.push(count());
  }
  expect(work).toEqual([1, 1, 1]);
  expect(refused).toEqual([]);
  for (const text of ["10.11.0.19", "10.12.0.0", "10.12.0.19", "10.13.0.39", "10.14.0.0"]) {
    expect(secondsLeft(text)).toBeGreaterThan(LEASE_S);
  }
  expect(secondsLeft("10.12.0.1")).toBeLessThanOrEqual(LEASE_S);
  all[1]!.state[1] = HELD;
  for (const one of all) {
    holdings.want(one, false);
    holdings.finish(one);
  }
});

test("beside this thread: a thousand addresses in four batches, and none of them is sent by this thread", () => {
  const aside = inside(lab.a.namespace, () => AsideClient.open());
  // A machine that allows none.
  if (aside === null) return;
  const { holdings, refused, count, watched } = stage(aside);
  expect(holdings.renewalPort).toBe(aside.portId);
  const [large, small] = [holding(20, 250), holding(21, 1)];
  const all = [large, holding(22, 250), holding(23, 250), holding(24, 250), small];
  for (const one of all) {
    holdings.want(one, true);
    holdings.finish(one);
    one.leaseS = 5000;
    one.build(linksOfLab());
    expect(holdings.renew(one)).toBe(true);
  }
  redirect(small, 4711);
  count();
  let batches = 0;
  for (; all.some(({ renewal }) => renewal !== "none"); batches++) {
    expect(holdings.pump(Infinity)).toBe(false);
    // While something waits, the loop is woken for the end of a batch.
    expect(watched).toEqual(small.renewal === "queued" ? [aside.endedFd] : []);
    if (watched.length > 0) expect(waitReadable(aside.endedFd, 5000)).toBe(true);
    else if (aside.busy) aside.wait();
  }
  expect(batches).toBe(5);
  expect(count()).toBe(0);
  expect(refused).toEqual(["10.21.0.0/32 cannot be renewed on va: ENODEV, ipv4: Device not found"]);
  for (const text of ["10.20.0.0", "10.20.0.249", "10.22.0.6", "10.24.0.249"]) {
    expect(secondsLeft(text)).toBeGreaterThan(LEASE_S);
  }
  small.build(linksOfLab());
  for (const one of all) {
    // One that is under way does not bring back what is removed.
    holdings.renew(one);
    holdings.pump(Infinity);
    holdings.want(one, false);
    holdings.finish(one);
  }
  holdings.settle();
  expect(lab.a.client.addresses().filter(({ validS }) => validS < 2 * 5000)).toEqual([]);
  holdings.close();
});

function linksOfLab(): Links {
  const links = new Links();
  links.resync(lab.a.client.links(), lab.a.client.addresses());
  return links;
}

/** Puts another interface index into the renewal of address 0 (struct ifaddrmsg behind struct nlmsghdr). */
function redirect(one: Holding, ifindex: number): void {
  one.memory.view.setUint32(one.bound("renew", 0) + 16 + 4, ifindex, true);
}
