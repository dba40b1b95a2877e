// Renewals that the kernel carries out beside the engine's thread: what waits for them, and what does not.
import { expect, test } from "bun:test";
import { ERRNO } from "../../../native/errno.ts";
import { plainLink } from "../../../native/netlink/link.ts";
import { plainAddress } from "../../../src/config/plain.ts";
import type { Firewall } from "../../../src/engine/firewall.ts";
import { HELD, Holding } from "../../../src/engine/holding.ts";
import { type HoldingMeans, Holdings } from "../../../src/engine/holdings.ts";
import { Links } from "../../../src/engine/links.ts";

const LEASE_S = 3;
const RING = 77;

/** Holdings over a kernel that does nothing: what was done to it, and a batch that ends when the test says so. */
function stage({ refuses = 0 } = {}) {
  const done: string[] = [];
  const links = new Links();
  links.update(plainLink(1, "eth0"));
  const client = {
    transact: (_memory: unknown, _start: number, _end: number, results: Int32Array) => {
      done.push("transact");
      results.fill(0);
      return results.length;
    },
    errorText: () => "",
  };
  const aside = {
    endedFd: RING,
    busy: false,
    ended: false,
    answer: 0,
    /** What the system call has returned. */
    sent: 1,
    begin: () => {
      done.push("begin");
      if (refuses !== 0) return -refuses;
      aside.busy = true;
      return 1;
    },
    wait: () => {
      done.push("wait");
      aside.ended = true;
    },
    conclude: (results: Int32Array) => {
      done.push("conclude");
      aside.busy = aside.ended = false;
      results.fill(aside.answer);
      return aside.sent;
    },
    forget: () => done.push("forget"),
    errorText: () => "so says the kernel",
  };
  const means = { client, aside, links, firewall: {} as Firewall, takesOver: false };
  const holdings = new Holdings(
    { ...means, watch: () => {}, unwatch: () => {} } as unknown as HoldingMeans,
    {
      taking: () => {},
      leaving: () => {},
      changed: () => {},
      claimed: () => false,
      refused: (_, text) => done.push(text),
    },
  );
  const holding = new Holding(
    { addresses: [plainAddress("10.0.0.1", 32, "eth0")], excludedAddresses: [] },
    LEASE_S,
  );
  holding.build(links);
  holding.wanted = true;
  holding.state[0] = HELD;
  return { holdings, holding, aside, done };
}

test("this thread begins it, goes on, and takes the answers when it comes by again", () => {
  const { holdings, holding, aside, done } = stage();
  expect(holdings.renew(holding)).toBe(true);
  expect(holdings.pump(Infinity)).toBe(false);
  expect(holdings.pump(Infinity)).toBe(false);
  expect(done).toEqual(["begin"]);
  aside.ended = true;
  aside.answer = -ERRNO.ENODEV;
  expect(holdings.pump(Infinity)).toBe(false);
  expect(done.slice(1)).toEqual([
    "conclude",
    "10.0.0.1/32 cannot be renewed on eth0: ENODEV, so says the kernel",
  ]);
});

test("the next renewal is put off while one is under way, and not once that has ended", () => {
  const { holdings, holding, aside, done } = stage();
  holdings.renew(holding);
  holdings.pump(Infinity);
  expect(holdings.renew(holding)).toBe(false);
  aside.ended = true;
  expect(holdings.renew(holding)).toBe(true);
  holdings.pump(Infinity);
  expect(done).toEqual(["begin", "conclude", "begin"]);
});

test("one that is under way for half a lifetime is not waited for any longer: this thread renews", () => {
  const { holdings, holding, done } = stage();
  holdings.renew(holding);
  holdings.pump(Infinity);
  holding.renewingSinceUs -= LEASE_S * 1_000_000 / 2;
  expect(holdings.renew(holding)).toBe(true);
  holdings.pump(Infinity);
  expect(done).toEqual(["begin", "transact"]);
});

test("an address is removed after its renewal, never before", () => {
  const { holdings, holding, done } = stage();
  holdings.renew(holding);
  holdings.pump(Infinity);
  holdings.want(holding, false);
  holdings.pump(Infinity);
  expect(done).toEqual(["begin", "wait", "conclude", "transact"]);
  // Nothing is waited for that is not under way.
  holdings.want(holding, true);
  holdings.pump(Infinity);
  holdings.renew(holding);
  holdings.want(holding, false);
  holdings.pump(Infinity);
  expect(done.slice(4)).toEqual(["transact", "transact"]);
});

test("a kernel that refuses to begin leaves the renewal to this thread", () => {
  const { holdings, holding, done } = stage({ refuses: ERRNO.EAGAIN });
  holdings.renew(holding);
  expect(holdings.pump(Infinity)).toBe(false);
  expect(done).toEqual(["begin", "transact"]);
  expect(holding.renewal).toBe("none");
});

test("what has ended without anything done is done by this thread", () => {
  const { holdings, holding, aside, done } = stage();
  holdings.renew(holding);
  holdings.pump(Infinity);
  aside.ended = true;
  aside.sent = -ERRNO.EINVAL;
  holdings.pump(Infinity);
  expect(done).toEqual(["begin", "conclude", "transact"]);
  expect(holding.renewal).toBe("none");
});
