// keepalived's words for refusals that no test beside keepalived meets.
import { expect, test } from "bun:test";
import { keepalivedPhrase, type Side } from "../../../src/control/phrases.ts";
import type { Refusal } from "../../../src/vrrp/refusal.ts";

function phrase(refusal: Refusal, side: Partial<Side>, received = 0, expected = 0): string | null {
  const mismatch = { received, expected };
  return keepalivedPhrase({ refusal, peer: "10.0.0.9", mismatch }, { version: 3, unicast: false, ...side });
}

test("who sends to the wrong kind of address, and with another version or interval", () => {
  expect(phrase("destination", { unicast: true })).toBe(
    "Expected unicast packet but received multicast packet from 10.0.0.9",
  );
  expect(phrase("destination", {})).toBe(
    "Expected multicast packet but received unicast packet from 10.0.0.9",
  );
  expect(phrase("version", {}, 2, 3)).toBe("wrong VRRP version from 10.0.0.9. Received 2 and expect 3");
  expect(phrase("interval", {}, 0, 100)).toBe(
    "advertisement interval mismatch with 10.0.0.9 ours = 100 centi-sec rcv'd=0 centi-sec",
  );
  expect(phrase("carp", {})).toBeNull();
});
