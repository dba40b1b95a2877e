// Which address events say something new.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Memory } from "../../../native/memory.ts";
import { writeAddAddress, writeDeleteAddress } from "../../../native/netlink/address.ts";
import { KnownAddresses } from "../../../native/netlink/known.ts";
import { addressRequest } from "./lab.ts";

const memory = new Memory(512);

interface Event {
  address: number;
  ifindex: number;
  label: string | null;
  scope: number;
  validS: number;
  deleted: boolean;
}

function tell(known: KnownAddresses, event: Event): boolean {
  const bytes = Uint8Array.of(10, 0, event.address >> 8, event.address & 255);
  const { label, scope, validS } = event;
  const request = addressRequest(event.ifindex, bytes, { label, scope, validS, preferredS: validS });
  const end = event.deleted
    ? writeDeleteAddress(memory, 0, request)
    : writeAddAddress(memory, 0, request, "replace");
  return known.isNews(memory.view, 0, end, event.deleted);
}

test("says the same as a map of everything that was told, lifetimes left out", () => {
  const event = fc.record({
    address: fc.nat(3),
    ifindex: fc.integer({ min: 1, max: 2 }),
    label: fc.constantFrom(null, "a", "b"),
    scope: fc.constantFrom(0, 253),
    validS: fc.nat(100),
    deleted: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const known = new KnownAddresses();
      const model = new Map<string, string>();
      for (const one of events) {
        const key = `${one.address} ${one.ifindex}`;
        const value = `${one.label} ${one.scope}`;
        const news = one.deleted || model.get(key) !== value;
        if (one.deleted) model.delete(key);
        else model.set(key, value);
        expect(tell(known, one)).toBe(news);
      }
    }),
    { numRuns: 300 },
  );
});

test("more addresses than there is room for are told too often, never too seldom", () => {
  const known = new KnownAddresses();
  const event = { ifindex: 1, label: null, scope: 0, validS: 5, deleted: false };
  for (let i = 0; i < 30_000; i++) expect(tell(known, { ...event, address: i })).toBe(true);
  // Those that were told last are mostly still known; one with something new is news for certain.
  let again = 0;
  for (let i = 29_000; i < 30_000; i++) if (tell(known, { ...event, address: i })) again++;
  expect(again).toBeLessThan(300);
  for (let i = 0; i < 30_000; i += 100) expect(tell(known, { ...event, address: i, scope: 9 })).toBe(true);
});

test("a thousand addresses are all known", () => {
  const known = new KnownAddresses();
  const event = { ifindex: 3, label: null, scope: 0, validS: 5, deleted: false };
  for (let i = 0; i < 1000; i++) tell(known, { ...event, address: i });
  let again = 0;
  for (let i = 0; i < 1000; i++) if (tell(known, { ...event, address: i })) again++;
  expect(again).toBe(0);
  known.clear();
  expect(tell(known, { ...event, address: 1 })).toBe(true);
});

test("bytes that are no address message are news: the decoder judges them", () => {
  expect(new KnownAddresses().isNews(new DataView(new ArrayBuffer(20)), 0, 20, false)).toBe(true);
});
