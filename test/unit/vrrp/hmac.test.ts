// The auth_hmac trailer: its bytes beside an implementation of its own, what is refused, and what is not.
// keepalived 2.4 is not packaged and publishes no vectors: the layout is that of the reference's description.
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Advert, inspect, type Packet } from "../../../src/vrrp/advert.ts";
import type { HmacSettings } from "../../../src/vrrp/hmac.ts";
import { Judge } from "../../../src/vrrp/judge.ts";
import type { OutgoingAdvert, OutgoingSpec } from "../../../src/vrrp/outgoing.ts";
import { refusalName } from "../../../src/vrrp/refusal.ts";
import { address, build, IPV6_SPEC, received, V2_SPEC, V3_SPEC } from "./packets.ts";

const [ONE, TWO] = ["11".repeat(32), "a2".repeat(64)];
const NOW_US = 1_790_000_000.25e6;
const HMAC: HmacSettings = {
  keys: [{ id: 7, secret: ONE }, { id: 8, secret: TWO }],
  activeKey: 7,
  timeWindowUs: 5_000_000,
  antiReplay: "time",
  mode: "enforce",
};
const SPECS: [string, OutgoingSpec][] = [
  ["version 2", V2_SPEC],
  ["version 2 with a password", { ...V2_SPEC, authentication: { type: "PASS", password: "secret" } }],
  ["version 3", V3_SPEC],
  ["IPv6", IPV6_SPEC],
];

function judgeFor(spec: OutgoingSpec, hmac: HmacSettings | null): Judge {
  return new Judge({
    ...spec,
    hmac,
    owner: false,
    strict: false,
    multicastGroup: spec.destination,
    peers: null,
    source: new Uint8Array(0),
    skipCheckAdvAddr: false,
  });
}

function verdict(judge: Judge, packet: Packet, nowUs = NOW_US): string | null {
  const advert = new Advert();
  return refusalName(inspect(packet, advert) || judge.judge(packet, advert, nowUs));
}

/** A signed packet as it arrives. */
function signed(spec: OutgoingSpec, hmac = HMAC, atUs = NOW_US): Packet {
  const outgoing = build({ ...spec, hmac });
  outgoing.prepare(0, atUs);
  return received(outgoing, spec);
}

/** The trailer by the description: written without a line of src/vrrp. */
function expectedTrailer(spec: OutgoingSpec, plain: OutgoingAdvert, counter: number): string {
  const ipv6 = spec.family === "ipv6";
  const message = Buffer.from(plain.bytes.subarray(ipv6 ? 40 : 20, plain.length));
  message.writeUInt16BE(0, 6);
  const head = Buffer.alloc(28);
  head[0] = 1;
  head[1] = 7;
  head.writeUInt32BE(1_790_000_000, 4);
  head.writeUInt16BE(65_536 / 4, 8);
  head.writeUInt16BE(counter, 10);
  const pseudo = Buffer.alloc(20);
  pseudo[0] = ipv6 ? 6 : 4;
  pseudo[1] = spec.version;
  pseudo[2] = spec.vrid;
  pseudo.set(spec.source, 4);
  const tag = createHmac("sha256", Buffer.from(ONE, "hex")).update(pseudo).update(message).update(head)
    .digest();
  return Buffer.concat([head.subarray(0, 12), tag.subarray(0, 16)]).toString("hex");
}

describe.each(SPECS)("%s", (_, spec) => {
  test("the trailer is as described, and the message before it is the unsigned one", () => {
    const plain = build(spec), outgoing = build({ ...spec, hmac: HMAC });
    expect(outgoing.length).toBe(plain.length + 28);
    // The second within a tick: the counter tells them apart.
    for (const counter of [0, 1]) {
      outgoing.prepare(0, NOW_US);
      const trailer = outgoing.bytes.slice(plain.length, outgoing.length);
      expect(Buffer.from(trailer).toString("hex")).toBe(expectedTrailer(spec, plain, counter));
    }
    const header = spec.family === "ipv6" ? 40 : 20;
    expect(outgoing.bytes.slice(header, plain.length)).toEqual(plain.bytes.slice(header, plain.length));
  });

  test("it is accepted, under either key, and priority 0 too", () => {
    const judge = judgeFor(spec, HMAC);
    expect(judge.needsTime).toBe(true);
    const outgoing = build({ ...spec, hmac: { ...HMAC, activeKey: 8 } });
    for (const priority of [100, 0]) {
      outgoing.setPriority(priority);
      outgoing.prepare(0, NOW_US);
      expect(verdict(judge, received(outgoing, spec))).toBeNull();
    }
  });

  test("no changed byte of message or trailer passes, but for the padding of another layer", () => {
    const packet = signed(spec), start = spec.family === "ipv6" ? 40 : 20;
    fc.assert(
      fc.property(
        fc.integer({ min: start, max: packet.end - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          const bytes = packet.bytes.slice();
          bytes[at]! ^= flip;
          expect(verdict(judgeFor(spec, HMAC), { ...packet, bytes })).not.toBeNull();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("refused", () => {
  test("a message whose checksum was made right again", () => {
    // The checksum proves nothing; the tag does not cover it, only what it covers.
    const packet = signed(V3_SPEC), higher = signed({ ...V3_SPEC, priority: 200 });
    higher.bytes.set(packet.bytes.subarray(packet.end - 28, packet.end), packet.end - 28);
    expect(verdict(judgeFor(V3_SPEC, HMAC), higher)).toBe("hmac_tag");
  });

  test("the trailer of another router, VRID or family", () => {
    const packet = signed({ ...V3_SPEC, source: address("192.0.2.77") });
    packet.bytes.set(V3_SPEC.source, 12);
    // The pseudo-header of the checksum holds the source too: the other form does not.
    const form = { checksumForm: "message-only" as const };
    const moved = signed({ ...V3_SPEC, ...form, source: address("192.0.2.77") });
    moved.bytes.set(V3_SPEC.source, 12);
    expect(verdict(judgeFor(V3_SPEC, HMAC), packet)).toBe("checksum");
    expect(verdict(judgeFor(V3_SPEC, HMAC), moved)).toBe("hmac_tag");
  });

  test("an unknown key, another secret, no trailer, a trailer that nobody asked for", () => {
    const other = (keys: HmacSettings["keys"]) => judgeFor(V3_SPEC, { ...HMAC, keys });
    expect(verdict(other([{ id: 9, secret: ONE }]), signed(V3_SPEC))).toBe("hmac_key");
    expect(verdict(other([{ id: 7, secret: TWO }]), signed(V3_SPEC))).toBe("hmac_tag");
    const unsigned = received(build(V3_SPEC), V3_SPEC);
    expect(verdict(judgeFor(V3_SPEC, HMAC), unsigned)).toBe("hmac_missing");
    expect(verdict(judgeFor(V3_SPEC, null), signed(V3_SPEC))).toBe("auth_hmac");
  });

  test("stamps outside of the window, in both directions; not with monotonic", () => {
    for (
      const [offsetUs, refusal] of [
        [-5_000_100, "hmac_stale"],
        [5_000_100, "hmac_stale"],
        [-4_999_900, null],
        [
          4_999_900,
          null,
        ],
      ] as const
    ) {
      const packet = signed(V3_SPEC, HMAC, NOW_US + offsetUs);
      expect(verdict(judgeFor(V3_SPEC, HMAC), packet)).toBe(refusal);
      expect(verdict(judgeFor(V3_SPEC, { ...HMAC, antiReplay: "monotonic" }), packet)).toBeNull();
    }
  });

  test("a packet that was heard already, or is older than that, also after a reload; not another sender's", () => {
    for (const antiReplay of ["time", "monotonic"] as const) {
      const judge = judgeFor(V3_SPEC, { ...HMAC, antiReplay });
      const outgoing = build({ ...V3_SPEC, hmac: HMAC });
      const packets = [0, 0, 100_000].map((laterUs) => {
        outgoing.prepare(0, NOW_US + laterUs);
        return received(outgoing, V3_SPEC);
      });
      expect(packets.map((packet) => verdict(judge, packet))).toEqual([null, null, null]);
      judge.configure({ ...judge.settings, advertIntervalUs: V3_SPEC.advertIntervalUs });
      for (const packet of packets) expect(verdict(judge, packet)).toBe("hmac_replay");
      const other = signed({ ...V3_SPEC, source: address("192.0.2.78") });
      expect(verdict(judge, other)).toBeNull();
      expect(verdict(judge, other)).toBe("hmac_replay");
    }
  });

  test("a forged stamp does not push the real one out", () => {
    const judge = judgeFor(V3_SPEC, HMAC), forged = signed(V3_SPEC);
    forged.bytes[forged.end - 28 + 8] = 0xff;
    expect(verdict(judge, forged)).toBe("hmac_tag");
    expect(verdict(judge, signed(V3_SPEC))).toBeNull();
  });
});

describe("modes", () => {
  const sends = (mode: HmacSettings["mode"]) => {
    const spec = { ...V2_SPEC, hmac: { ...HMAC, mode } }, outgoing = build(spec);
    outgoing.prepare(0, NOW_US);
    return received(outgoing, spec);
  };
  test("who hears whom on the way from none to enforce", () => {
    const modes = ["receive-only", "permissive", "enforce"] as const;
    const heard = modes.map((listener) =>
      modes.map((speaker) => verdict(judgeFor(V2_SPEC, { ...HMAC, mode: listener }), sends(speaker)))
    );
    expect(heard).toEqual([[null, null, null], [null, null, null], ["hmac_missing", null, null]]);
  });

  test("what is signed wrongly is refused in every mode", () => {
    const packet = sends("enforce");
    packet.bytes[packet.end - 1]! ^= 1;
    for (const mode of ["receive-only", "permissive", "enforce"] as const) {
      expect(verdict(judgeFor(V2_SPEC, { ...HMAC, mode }), packet)).toBe("hmac_tag");
    }
  });
});

test("stamps grow while the clock stands still or steps back a little, and follow it when it steps back far", () => {
  const outgoing = build({ ...V3_SPEC, hmac: HMAC });
  const stamp = (atUs: number) => {
    outgoing.prepare(0, atUs);
    return Buffer.from(outgoing.bytes.slice(outgoing.length - 24, outgoing.length - 16)).readBigUInt64BE();
  };
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1_000_000, max: 20 }), { minLength: 2, maxLength: 20 }),
      (steps) => {
        outgoing.stamps.write(outgoing.bytes, outgoing.length - 28, 0, 0);
        let last = stamp(NOW_US);
        for (const step of steps) {
          const next = stamp(NOW_US + step);
          expect(next).toBeGreaterThan(last);
          last = next;
        }
      },
    ),
  );
  let last = stamp(NOW_US);
  for (let i = 0; i < 70_000; i++) {
    const next = stamp(NOW_US);
    if (next <= last) throw new Error("a stamp was used twice");
    last = next;
  }
  expect(stamp(NOW_US - 3_600_000_000)).toBeLessThan(last);
});
