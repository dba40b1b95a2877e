// Packets for tests, made by the real encoder and read by the real parser.
import { parseAddress } from "../../../src/vrrp/address.ts";
import { Advert, inspect, type Packet } from "../../../src/vrrp/advert.ts";
import { OutgoingAdvert, outgoingLength, type OutgoingSpec } from "../../../src/vrrp/outgoing.ts";
import { NO_REFUSAL, refusalName } from "../../../src/vrrp/refusal.ts";

/** The bytes of an address that is known to be right. */
export function address(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (bytes === null) throw new Error(`${text} is no address`);
  return bytes;
}

export const V2_SPEC: OutgoingSpec = {
  version: 2,
  family: "ipv4",
  vrid: 51,
  priority: 100,
  advertIntervalUs: 1_000_000,
  addresses: [address("192.0.2.1")],
  source: address("192.0.2.2"),
  destination: address("224.0.0.18"),
  authentication: null,
  checksumForm: "pseudo-header",
};

export const V3_SPEC: OutgoingSpec = { ...V2_SPEC, version: 3 };

export const IPV6_SPEC: OutgoingSpec = {
  ...V3_SPEC,
  family: "ipv6",
  addresses: [address("fe80::1"), address("2001:db8::1")],
  source: address("fe80::2"),
  destination: address("ff02::12"),
};

/** A spec as bytes; memory is filled with rubbish before. */
export function build(spec: OutgoingSpec): OutgoingAdvert {
  return new OutgoingAdvert(new Uint8Array(outgoingLength(spec)).fill(0xa5), spec);
}

/** The packet as a raw socket would deliver it to the receiver. */
export function received(outgoing: OutgoingAdvert, spec: OutgoingSpec): Packet {
  const ipv6 = spec.family === "ipv6", bytes = outgoing.bytes.slice();
  return {
    bytes,
    family: spec.family,
    protocol: bytes[ipv6 ? 6 : 9] === 51 ? 51 : 112,
    start: ipv6 ? 40 : 0,
    end: outgoing.length,
    hopLimit: ipv6 ? bytes[7]! : 0,
    sourceStart: ipv6 ? 8 : 0,
    destinationStart: ipv6 ? 24 : 0,
  };
}

/** A packet and what inspect read in it; throws when it refuses. */
export function arrival(spec: OutgoingSpec, sequence = 0): { packet: Packet; advert: Advert } {
  const outgoing = build(spec);
  outgoing.prepare(sequence);
  const packet = received(outgoing, spec), advert = new Advert();
  const code = inspect(packet, advert);
  if (code !== NO_REFUSAL) throw new Error(`inspect refused: ${refusalName(code)}`);
  return { packet, advert };
}
