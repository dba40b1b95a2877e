// Packets that others accept or have sent: computed ones that tshark calls good, and captures of real daemons.
import type { Packet } from "../../../src/vrrp/advert.ts";
import type { Family } from "../../../src/vrrp/address.ts";

export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  return new Uint8Array((digits.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A whole Ethernet frame and what is in it. */
export interface Vector {
  name: string;
  frame: Uint8Array;
  family: Family;
  protocol: 112 | 51;
  version: 2 | 3;
  vrid: number;
  priority: number;
  intervalUs: number;
  authType: number;
  checksumForm: "pseudo-header" | "message-only";
  source: string;
  destination: string;
  addresses: string[];
}

const IPV4 = { family: "ipv4", protocol: 112, destination: "224.0.0.18", authType: 0 } as const;
const IPV6 = { family: "ipv6", protocol: 112, destination: "ff02::12", authType: 0 } as const;
const LAB = { vrid: 51, priority: 100, intervalUs: 1_000_000 };
const V2 = { version: 2, checksumForm: "message-only" } as const;
const V3 = { version: 3, checksumForm: "pseudo-header" } as const;
const V2_FRAME = "01005e000012 00005e000133 0800 45c00028 00000000 ff701891 c0000202 e0000012";
const V3_FRAME = "01005e000012 00005e000133 0800 45c00024 00000000 ff701895 c0000202 e0000012";

export const VECTORS: Vector[] = [
  {
    name: "A: v2, no authentication",
    frame: fromHex(`${V2_FRAME} 21 33 64 01 00 01 b8c8 c0000201 0000000000000000`),
    ...IPV4,
    ...V2,
    ...LAB,
    source: "192.0.2.2",
    addresses: ["192.0.2.1"],
  },
  {
    name: "B: v2, simple text",
    frame: fromHex(`${V2_FRAME} 21 33 64 01 01 01 7b7c c0000201 7365637265740000`),
    ...IPV4,
    ...V2,
    ...LAB,
    authType: 1,
    source: "192.0.2.2",
    addresses: ["192.0.2.1"],
  },
  {
    name: "C: v3 IPv4, pseudo-header",
    frame: fromHex(`${V3_FRAME} 31 33 64 02 0064 43c5 c0000201 c0000209`),
    ...IPV4,
    ...V3,
    ...LAB,
    source: "192.0.2.2",
    addresses: ["192.0.2.1", "192.0.2.9"],
  },
  {
    name: "D: v3 IPv4, message only",
    frame: fromHex(`${V3_FRAME} 31 33 64 02 0064 e65a c0000201 c0000209`),
    ...IPV4,
    ...V3,
    ...LAB,
    checksumForm: "message-only",
    source: "192.0.2.2",
    addresses: ["192.0.2.1", "192.0.2.9"],
  },
  {
    name: "E: v3 IPv6",
    frame: fromHex(
      `333300000012 00005e000233 86dd 6c000000 0028 70 ff
       fe800000000000000000000000000002 ff020000000000000000000000000012
       31 33 64 02 0064 3ffa fe800000000000000000000000000001 20010db8000000000000000000000001`,
    ),
    ...IPV6,
    ...V3,
    ...LAB,
    source: "fe80::2",
    addresses: ["fe80::1", "2001:db8::1"],
  },
  {
    name: "F: v3 IPv4, resignation",
    frame: fromHex(`${V3_FRAME} 31 33 00 02 0064 a7c5 c0000201 c0000209`),
    ...IPV4,
    ...V3,
    ...LAB,
    priority: 0,
    source: "192.0.2.2",
    addresses: ["192.0.2.1", "192.0.2.9"],
  },
  {
    name: "keepalived v2 PASS",
    frame: fromHex(
      "01005e000012921986f7275c080045c0002800010000ff701890c0000202e0000012" +
        "213396010101184ac00002017365637265743132",
    ),
    ...IPV4,
    ...V2,
    vrid: 51,
    priority: 150,
    intervalUs: 1_000_000,
    authType: 1,
    source: "192.0.2.2",
    addresses: ["192.0.2.1"],
  },
  {
    name: "keepalived v2 AH",
    frame: fromHex(
      "01005e000012921986f7275c080045c0004000010000ff3318b5c0000202e0000012" +
        "70040000c000020200000001de9dd8f4efbf290b1b5d4bcb" +
        "21349601020184bdc000020b0000000000000000",
    ),
    ...IPV4,
    ...V2,
    protocol: 51,
    vrid: 52,
    priority: 150,
    intervalUs: 1_000_000,
    authType: 2,
    source: "192.0.2.2",
    addresses: ["192.0.2.11"],
  },
  {
    name: "keepalived v3 IPv4",
    frame: fromHex(
      "01005e00001200005e000135080045c0002400010000ff701894c0000202e0000012" +
        "31359602003211d4c0000215c0000216",
    ),
    ...IPV4,
    ...V3,
    vrid: 53,
    priority: 150,
    intervalUs: 500_000,
    source: "192.0.2.2",
    addresses: ["192.0.2.21", "192.0.2.22"],
  },
  {
    name: "keepalived v3 IPv6",
    frame: fromHex(
      "33330000001200005e00023686dd6c0f0658002870fffe80000000000000901986fffef7275c" +
        "ff020000000000000000000000000012" +
        "313696020032d06afe80000000000000000000000000005420010db8000000000000000000000001",
    ),
    ...IPV6,
    ...V3,
    vrid: 54,
    priority: 150,
    intervalUs: 500_000,
    source: "fe80::9019:86ff:fef7:275c",
    addresses: ["fe80::54", "2001:db8::1"],
  },
  {
    name: "FRR v3 IPv4",
    frame: fromHex(
      "01005e00001200005e00013d080045c00020dcb74000ff70fbdfc0000203e0000012" +
        "313d6701003202bfc000023d",
    ),
    ...IPV4,
    ...V3,
    vrid: 61,
    priority: 103,
    intervalUs: 500_000,
    source: "192.0.2.3",
    addresses: ["192.0.2.61"],
  },
  {
    name: "FRR v3 IPv6",
    frame: fromHex(
      "33330000001200005e00023d86dd6c0a8111001870fffe800000000000000000000000060003" +
        "ff020000000000000000000000000012" +
        "313d670100323b4e20010db8000000000000000000000061",
    ),
    ...IPV6,
    ...V3,
    vrid: 61,
    priority: 103,
    intervalUs: 500_000,
    source: "fe80::6:3",
    addresses: ["2001:db8::61"],
  },
  {
    name: "FRR v3 IPv4, resignation",
    frame: fromHex(
      "01005e00001200005e00013d080045c00020e24b4000ff70f64bc0000203e0000012" +
        "313d0001003269bfc000023d",
    ),
    ...IPV4,
    ...V3,
    vrid: 61,
    priority: 0,
    intervalUs: 500_000,
    source: "192.0.2.3",
    addresses: ["192.0.2.61"],
  },
];

export function vector(name: string): Vector {
  const found = VECTORS.find((entry) => entry.name.startsWith(name));
  if (found === undefined) throw new Error(`no vector ${name}`);
  return found;
}

const ETHERNET_BYTES = 14;

/** The packet as a raw socket would deliver it; `bytes` may be a changed or cut copy of the frame. */
export function packetOf(from: Vector, bytes: Uint8Array = from.frame.slice()): Packet {
  const ipv6 = from.family === "ipv6";
  return {
    bytes,
    family: from.family,
    protocol: from.protocol,
    start: Math.min(bytes.length, ETHERNET_BYTES + (ipv6 ? 40 : 0)),
    end: bytes.length,
    hopLimit: ipv6 ? bytes[ETHERNET_BYTES + 7] ?? 0 : 0,
    sourceStart: ipv6 ? ETHERNET_BYTES + 8 : 0,
    destinationStart: ipv6 ? ETHERNET_BYTES + 24 : 0,
  };
}
