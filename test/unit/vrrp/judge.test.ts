// Which adverts one virtual router uses, which it refuses, and what it remarks on.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Advert, inspect } from "../../../src/vrrp/advert.ts";
import { Judge, type JudgeSettings } from "../../../src/vrrp/judge.ts";
import type { OutgoingSpec } from "../../../src/vrrp/outgoing.ts";
import { NO_REFUSAL, type Refusal, refusalName, REFUSALS } from "../../../src/vrrp/refusal.ts";
import { remarkNames } from "../../../src/vrrp/remark.ts";
import { address, arrival, build, IPV6_SPEC, received, V2_SPEC, V3_SPEC } from "./packets.ts";
import { packetOf, vector } from "./vectors.ts";

/** A judge for the router beside the sender of `spec`: the same configuration, another address. */
function settingsFor(spec: OutgoingSpec, changes: Partial<JudgeSettings> = {}): JudgeSettings {
  const unicast = spec.destination[0] !== 224 && spec.destination[0] !== 0xff;
  return {
    version: spec.version,
    family: spec.family,
    vrid: spec.vrid,
    advertIntervalUs: spec.advertIntervalUs,
    owner: false,
    strict: false,
    source: address(spec.family === "ipv4" ? "192.0.2.99" : "fe80::99"),
    multicastGroup: unicast ? null : spec.destination,
    peers: unicast ? [address("192.0.2.7"), spec.source] : [],
    addresses: spec.addresses,
    authentication: spec.authentication,
    checksumForm: spec.checksumForm,
    skipCheckAdvAddr: false,
    ...changes,
  };
}

/** The verdict on an advert of `sent` by a judge who expects `spec` with `changes`. */
function verdict(
  spec: OutgoingSpec,
  sent: Partial<OutgoingSpec> = {},
  changes: Partial<JudgeSettings> = {},
): { refusal: Refusal | null; remarks: string[] } {
  const judge = new Judge(settingsFor(spec, changes));
  const { packet, advert } = arrival({ ...spec, ...sent });
  const refusal = refusalName(judge.judge(packet, advert));
  return { refusal, remarks: remarkNames(judge.remarks) };
}

const FINE = { refusal: null, remarks: [] };
const PASS = { type: "PASS", password: "secret12" } as const;
const AH = { type: "AH", password: "secret12" } as const;
const UNICAST: OutgoingSpec = { ...V3_SPEC, destination: address("192.0.2.99") };

describe("a judge lets pass", () => {
  test("what the same configuration sends", () => {
    for (const spec of [V2_SPEC, V3_SPEC, IPV6_SPEC, UNICAST]) expect(verdict(spec)).toEqual(FINE);
    for (const authentication of [PASS, AH]) expect(verdict({ ...V2_SPEC, authentication })).toEqual(FINE);
    for (const priority of [0, 1, 254, 255]) expect(verdict(V3_SPEC, { priority })).toEqual(FINE);
  });

  test("the frames of real daemons", () => {
    for (
      const [name, authentication] of [["keepalived v2 PASS", PASS], ["keepalived v2 AH", AH]] as const
    ) {
      const from = vector(name), packet = packetOf(from), advert = new Advert();
      expect(inspect(packet, advert)).toBe(NO_REFUSAL);
      const spec = { ...V2_SPEC, vrid: from.vrid, addresses: from.addresses.map(address), authentication };
      const judge = new Judge(settingsFor(spec));
      expect([name, refusalName(judge.judge(packet, advert))]).toEqual([name, null]);
      expect(judge.remarks).toBe(0);
    }
  });

  test("addresses in another order", () => {
    const addresses = [address("192.0.2.1"), address("192.0.2.2"), address("192.0.2.3")];
    expect(verdict({ ...V3_SPEC, addresses }, { addresses: addresses.toReversed() })).toEqual(FINE);
  });

  test("version 2 without addresses", () => {
    expect(verdict({ ...V2_SPEC, addresses: [] })).toEqual(FINE);
  });

  test("an interval that is ours once it is rounded as on the wire", () => {
    expect(verdict({ ...V3_SPEC, advertIntervalUs: 14_000 })).toEqual(FINE);
  });
});

describe("a judge refuses", () => {
  const cases: [
    Refusal,
    string,
    OutgoingSpec,
    Partial<OutgoingSpec>,
    Partial<JudgeSettings>?,
  ][] = [
    ["version", "version 3 where 2 is configured", V2_SPEC, { version: 3 }],
    ["version", "version 2 where 3 is configured", V3_SPEC, { version: 2 }],
    ["vrid", "another VRID", V3_SPEC, { vrid: 52 }],
    ["count", "version 3 without addresses", V3_SPEC, { addresses: [] }],
    ["auth_mismatch", "a password where none is configured", V2_SPEC, { authentication: PASS }],
    ["auth_mismatch", "AH where none is configured", V2_SPEC, { authentication: AH }],
    ["auth_mismatch", "no password", { ...V2_SPEC, authentication: PASS }, { authentication: null }],
    ["auth_mismatch", "a password instead of AH", { ...V2_SPEC, authentication: AH }, {
      authentication: PASS,
    }],
    ["auth_mismatch", "AH instead of a password", { ...V2_SPEC, authentication: PASS }, {
      authentication: AH,
    }],
    ["auth_failure", "another password", { ...V2_SPEC, authentication: PASS }, {
      authentication: { type: "PASS", password: "secret13" },
    }],
    ["auth_failure", "a shorter password", { ...V2_SPEC, authentication: PASS }, {
      authentication: { type: "PASS", password: "secret1" },
    }],
    ["auth_failure", "another AH key", { ...V2_SPEC, authentication: AH }, {
      authentication: { type: "AH", password: "secret1" },
    }],
    ["interval", "another interval in version 2", V2_SPEC, { advertIntervalUs: 2_000_000 }],
    ["first_address", "a global IPv6 address first, strictly", IPV6_SPEC, {
      addresses: IPV6_SPEC.addresses.toReversed(),
    }, { strict: true }],
    ["address_list", "another list, strictly", V3_SPEC, { addresses: [address("192.0.2.5")] }, {
      strict: true,
    }],
    ["owner", "everything, when we own the addresses and are told so", V3_SPEC, {}, {
      owner: true,
      ownerIgnoresAdverts: true,
    }],
    ["peer_ttl", "a peer that is farther away than it should be", UNICAST, {}, {
      hopLimits: [{ sender: UNICAST.source, min: 250, max: 254 }],
    }],
    ["peer", "a stranger", UNICAST, { source: address("192.0.2.66") }],
    ["destination", "multicast where unicast is configured", UNICAST, { destination: address("224.0.0.18") }],
    ["destination", "unicast where multicast is configured", V3_SPEC, { destination: address("192.0.2.99") }],
    ["destination", "another group", V3_SPEC, { destination: address("224.0.0.19") }],
    ["destination", "another IPv6 group", IPV6_SPEC, { destination: address("ff02::13") }],
    ["own", "our own address", V3_SPEC, { source: address("192.0.2.99") }],
    ["own", "our own IPv6 address", IPV6_SPEC, { source: address("fe80::99") }],
  ];
  for (const [refusal, what, spec, sent, changes] of cases) {
    test(`${refusal}: ${what}`, () => expect(verdict(spec, sent, changes).refusal).toBe(refusal));
  }

  test("a stranger is heard when nobody is named as a sender (no check_unicast_src)", () => {
    const stranger = { source: address("192.0.2.66") };
    expect(verdict(UNICAST, stranger, { peers: null }).refusal).toBeNull();
  });

  test("type: anything but an advertisement", () => {
    const { packet, advert } = arrival(V3_SPEC);
    advert.type = 2;
    expect(refusalName(new Judge(settingsFor(V3_SPEC)).judge(packet, advert))).toBe("type");
  });

  test("vrid: the other address family", () => {
    const { packet, advert } = arrival(IPV6_SPEC);
    expect(refusalName(new Judge(settingsFor(V3_SPEC)).judge(packet, advert))).toBe("vrid");
  });

  test("auth_type: a type that does not exist", () => {
    const { packet, advert } = arrival(V2_SPEC);
    for (const authType of [3, 255]) {
      advert.authType = authType;
      expect(refusalName(new Judge(settingsFor(V2_SPEC)).judge(packet, advert))).toBe("auth_type");
    }
  });

  test("interval: 0 in version 3", () => {
    const { packet, advert } = arrival(V3_SPEC);
    advert.intervalUs = 0;
    expect(refusalName(new Judge(settingsFor(V3_SPEC)).judge(packet, advert))).toBe("interval");
  });

  test("auth_mismatch: version 3 behind AH", () => {
    const { packet, advert } = arrival(V3_SPEC);
    advert.ahStart = 0;
    expect(refusalName(new Judge(settingsFor(V3_SPEC)).judge(packet, advert))).toBe("auth_mismatch");
  });

  test("nothing that is not in the list, and everything that is in it and not inspect's", () => {
    const inspects = ["ttl", "length", "carp", "checksum", "protocol"];
    // See hmac.test.ts.
    const trailers = ["auth_hmac", "hmac_missing", "hmac_key", "hmac_tag", "hmac_stale", "hmac_replay"];
    const tested = new Set<string>([
      ...cases.map(([refusal]) => refusal),
      "type",
      "auth_type",
      "auth_replay",
    ]);
    expect([...tested, ...inspects, ...trailers].toSorted()).toEqual([...REFUSALS].toSorted());
  });
});

describe("a judge remarks on", () => {
  test("another address list", () => {
    for (const addresses of [["192.0.2.5"], ["192.0.2.1", "192.0.2.5"], []]) {
      const sent = { addresses: addresses.map(address) };
      expect(verdict(V2_SPEC, sent)).toEqual({ refusal: null, remarks: ["address_list"] });
    }
    // Each of ours is there, one of them twice: still not the same list.
    const two = { ...V3_SPEC, addresses: [address("192.0.2.1"), address("192.0.2.2")] };
    const doubled = { addresses: [address("192.0.2.1"), address("192.0.2.1")] };
    expect(verdict(two, doubled).remarks).toEqual(["address_list"]);
  });

  test("another list from an owner, even strictly", () => {
    const sent = { addresses: [address("192.0.2.5")], priority: 255 };
    expect(verdict(V3_SPEC, sent, { strict: true })).toEqual({ refusal: null, remarks: ["address_list"] });
  });

  test("a first IPv6 address that is not link-local", () => {
    const spec = { ...IPV6_SPEC, addresses: [address("2001:db8::61")] };
    expect(verdict(spec)).toEqual({ refusal: null, remarks: ["first_address"] });
  });

  test("another interval in version 3", () => {
    expect(verdict(V3_SPEC, { advertIntervalUs: 500_000 })).toEqual({ refusal: null, remarks: ["interval"] });
  });

  test("the other checksum form", () => {
    expect(verdict(V3_SPEC, { checksumForm: "message-only" })).toEqual({
      refusal: null,
      remarks: ["checksum_form"],
    });
    const ours = { ...V3_SPEC, checksumForm: "message-only" as const };
    expect(verdict(ours, { checksumForm: "pseudo-header" })).toEqual({
      refusal: null,
      remarks: ["checksum_form"],
    });
    // Version 2 and IPv6 have one form only.
    expect(verdict({ ...V2_SPEC, checksumForm: "pseudo-header" })).toEqual(FINE);
    expect(verdict({ ...IPV6_SPEC, checksumForm: "message-only" })).toEqual(FINE);
  });

  test("a second owner", () => {
    expect(verdict(V3_SPEC, { priority: 255 }, { owner: true })).toEqual({
      refusal: null,
      remarks: ["owner"],
    });
    expect(verdict(V3_SPEC, { priority: 254 }, { owner: true })).toEqual(FINE);
  });

  test("the address list only when the sender changes, under skip_check_adv_addr", () => {
    const judge = new Judge(settingsFor(V3_SPEC, { skipCheckAdvAddr: true }));
    const other = { ...V3_SPEC, addresses: [address("192.0.2.5")] };
    const remarks = (spec: OutgoingSpec): string[] => {
      const { packet, advert } = arrival(spec);
      expect(judge.judge(packet, advert)).toBe(NO_REFUSAL);
      return remarkNames(judge.remarks);
    };
    expect(remarks(other)).toEqual(["address_list"]);
    expect(remarks(other)).toEqual([]);
    expect(remarks({ ...other, source: address("192.0.2.3") })).toEqual(["address_list"]);
    expect(remarks(other)).toEqual(["address_list"]);
  });
});

describe("AH", () => {
  const spec: OutgoingSpec = { ...V2_SPEC, authentication: AH };

  test("a sequence number must grow, for each sender on its own", () => {
    const judge = new Judge(settingsFor(spec));
    const judged = (source: string, sequence: number) => {
      const { packet, advert } = arrival({ ...spec, source: address(source) }, sequence - 1);
      return refusalName(judge.judge(packet, advert));
    };
    expect(judged("192.0.2.2", 5)).toBeNull();
    expect(judged("192.0.2.2", 5)).toBe("auth_replay");
    expect(judged("192.0.2.2", 4)).toBe("auth_replay");
    expect(judged("192.0.2.3", 1)).toBeNull();
    expect(judged("192.0.2.2", 6)).toBeNull();
    expect(judged("192.0.2.2", 0xffff_ffff)).toBeNull();
    expect(judge.highestSequence).toBe(0xffff_ffff);
    judge.configure({ ...settingsFor(spec), advertIntervalUs: 1_000_000 });
    expect(judged("192.0.2.2", 7)).toBe("auth_replay");
  });

  test("a forged packet does not use up a number", () => {
    const judge = new Judge(settingsFor(spec));
    const forged = arrival({ ...spec, authentication: { type: "AH", password: "guess" } }, 1000);
    expect(refusalName(judge.judge(forged.packet, forged.advert))).toBe("auth_failure");
    expect(judge.highestSequence).toBe(0);
    const genuine = arrival(spec);
    expect(judge.judge(genuine.packet, genuine.advert)).toBe(NO_REFUSAL);
  });

  test("more senders than the table holds: the longest silent one makes room", () => {
    const judge = new Judge(settingsFor(spec));
    const judged = (last: number) => {
      const { packet, advert } = arrival({ ...spec, source: address(`192.0.2.${last}`) }, 10);
      return refusalName(judge.judge(packet, advert));
    };
    for (let last = 100; last < 140; last++) expect(judged(last)).toBeNull();
    expect(judged(139)).toBe("auth_replay");
    expect(judged(108)).toBe("auth_replay");
    expect(judged(107)).toBeNull();
  });

  test("every bit but those that routers change is under the ICV", () => {
    const from = vector("keepalived v2 AH");
    const genuine = packetOf(from), advert = new Advert();
    inspect(genuine, advert);
    const settings = settingsFor({ ...spec, vrid: from.vrid, addresses: from.addresses.map(address) });
    // TOS, flags and fragment offset, header checksum (RFC 2402 section 3.3.3.1.1.1).
    const mutable = new Set([15, 20, 21, 24, 25]);
    for (let offset = 14; offset < from.frame.length; offset++) {
      const packet = packetOf(from);
      packet.bytes[offset] = packet.bytes[offset]! ^ 0x10;
      packet.sourceStart = genuine.sourceStart;
      packet.destinationStart = genuine.destinationStart;
      // The advert of the genuine bytes: only the authentication is asked.
      const refusal = refusalName(new Judge(settings).judge(packet, advert));
      expect([offset, refusal === "auth_failure"]).toEqual([offset, !mutable.has(offset)]);
    }
  });

  test("the SPI must be the source address", () => {
    const outgoing = build(spec);
    outgoing.bytes[20 + 4] = 10;
    outgoing.prepare();
    const packet = received(outgoing, spec), advert = new Advert();
    expect(inspect(packet, advert)).toBe(NO_REFUSAL);
    expect(refusalName(new Judge(settingsFor(spec)).judge(packet, advert))).toBe("auth_failure");
  });

  test("the TTL counts for multicast only", () => {
    const unicast = { ...spec, destination: address("192.0.2.99") };
    const { packet, advert } = arrival(unicast);
    packet.bytes[8] = 12;
    expect(refusalName(new Judge(settingsFor(unicast)).judge(packet, advert))).toBeNull();
  });
});

test("no advert that inspect lets pass makes a judge throw", () => {
  const advert = new Advert();
  const authentication = fc.constantFrom(null, PASS, AH);
  fc.assert(
    fc.property(
      fc.constantFrom(V2_SPEC, V3_SPEC, IPV6_SPEC, UNICAST),
      fc.array(fc.tuple(fc.nat({ max: 90 }), fc.nat({ max: 255 })), { maxLength: 3 }),
      fc.boolean(),
      fc.boolean(),
      authentication,
      (spec, changes, strict, owner, wanted) => {
        const packet = received(build(spec), spec);
        for (const [offset, value] of changes) if (offset < packet.end) packet.bytes[offset] = value;
        inspect(packet, advert);
        const judge = new Judge(settingsFor({ ...spec, authentication: wanted }, { strict, owner }));
        const code = judge.judge(packet, advert);
        expect(code >= 0 && code <= REFUSALS.length && Number.isInteger(code)).toBe(true);
      },
    ),
    { numRuns: 5000 },
  );
});
