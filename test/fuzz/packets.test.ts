// Received packets: no bytes and no offsets make the parser or the judge throw, or read past the packet.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Advert, inspect, type Packet } from "../../src/vrrp/advert.ts";
import { Judge } from "../../src/vrrp/judge.ts";
import { NO_REFUSAL, refusalName } from "../../src/vrrp/refusal.ts";
import { address, build, IPV6_SPEC, received, V2_SPEC, V3_SPEC } from "../unit/vrrp/packets.ts";
import { PATIENCE, RUNS } from "./runs.ts";

const SPECS = [V2_SPEC, V3_SPEC, IPV6_SPEC];
const judges = SPECS.map((spec) =>
  new Judge({
    ...spec,
    owner: false,
    strict: false,
    source: address(spec.family === "ipv4" ? "192.0.2.99" : "fe80::99"),
    multicastGroup: spec.destination,
    peers: null,
    skipCheckAdvAddr: false,
  })
);
const advert = new Advert();

/** Goes the way of a received packet. An advert that is taken lies inside its packet. */
function receive(packet: Packet): void {
  const refusal = inspect(packet, advert);
  if (refusal !== NO_REFUSAL) {
    expect(refusalName(refusal)).toBeString();
    return;
  }
  expect(advert.messageStart).toBeGreaterThanOrEqual(packet.start);
  expect(advert.messageEnd).toBeLessThanOrEqual(packet.end);
  expect(advert.addressesStart + advert.count * (packet.family === "ipv4" ? 4 : 16))
    .toBeLessThanOrEqual(advert.messageEnd);
  for (const judge of judges) {
    if (judge.settings.family === packet.family) judge.judge(packet, advert);
  }
}

const family = fc.constantFrom("ipv4" as const, "ipv6" as const);
const protocol = fc.constantFrom(112 as const, 51 as const);

describe("packets", () => {
  test("any bytes with any offsets", () => {
    const offset = fc.oneof(fc.integer({ min: -4, max: 200 }), fc.constantFrom(NaN, 0.5, Infinity, 2 ** 31));
    const packet = fc.record({
      bytes: fc.uint8Array({ maxLength: 160 }),
      family,
      protocol,
      start: offset,
      end: offset,
      hopLimit: fc.nat(255),
      sourceStart: offset,
      destinationStart: offset,
    });
    fc.assert(fc.property(packet, (each) => receive(each)), { numRuns: RUNS });
  }, PATIENCE);

  test("a right packet with bytes changed and ends cut", () => {
    const change = fc.tuple(fc.nat(120), fc.nat(255));
    const damage = fc.record({
      which: fc.nat(SPECS.length - 1),
      changes: fc.array(change, { maxLength: 4 }),
      cut: fc.integer({ min: -8, max: 60 }),
    });
    let taken = 0;
    fc.assert(
      fc.property(damage, ({ which, changes, cut }) => {
        const spec = SPECS[which] as (typeof SPECS)[number];
        const packet = received(build(spec), spec);
        for (const [at, value] of changes) if (at < packet.bytes.length) packet.bytes[at] = value;
        packet.end = Math.min(packet.bytes.length, packet.end - Math.max(0, cut));
        receive(packet);
        if (changes.length === 0 && cut <= 0) taken += inspect(packet, advert) === NO_REFUSAL ? 1 : 0;
      }),
      { numRuns: RUNS },
    );
    // The undamaged ones are taken: what is tested is not only the first check.
    expect(taken).toBeGreaterThan(0);
  }, PATIENCE);
});
