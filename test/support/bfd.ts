// BFD in tests: the text of bfd_instance, sessions in the status, and packets on the wire.
import type { BfdStatus } from "../../src/status/bfd.ts";
import type { Baton } from "./daemon.ts";
import { checksum } from "./craft.ts";
import type { Frame } from "./packet.ts";
import { until } from "./until.ts";
import type { Filter } from "./wire.ts";

/** A bfd_instance with 50 ms intervals and multiplier 3 unless `lines` say otherwise. */
export function session(name: string, neighbor: string, lines: string[] = []): string {
  const own = ["min_rx 50", "min_tx 50", "multiplier 3"].filter((line) =>
    !lines.some((each) => each.split(" ")[0] === line.split(" ")[0])
  );
  const all = [`neighbor_ip ${neighbor}`, ...own, ...lines];
  return `bfd_instance ${name} {\n${all.map((line) => `  ${line}\n`).join("")}}\n`;
}

/** Lines of a vrrp_instance that track these. */
export function tracking(...entries: string[]): string[] {
  return ["track_bfd {", ...entries.map((entry) => `  ${entry}`), "}"];
}

/** Awaits that the status of a session satisfies `test`; resolves with it. */
export async function bfdShows(
  baton: Baton,
  name: string,
  test: (session: BfdStatus) => boolean,
): Promise<BfdStatus> {
  let last: BfdStatus | null = null;
  return await until(
    async () => {
      last = (await baton.status().catch(() => null))?.bfd.find((each) => each.name === name) ?? null;
      return last !== null && test(last) ? last : null;
    },
    () => `the session never became as wanted, it is ${JSON.stringify(last, null, 1)}\n${baton.log}`,
  );
}

/** Awaits that a session is in this state. */
export function bfdBecomes(baton: Baton, name: string, state: BfdStatus["state"]): Promise<BfdStatus> {
  return bfdShows(baton, name, (each) => each.state === state);
}

/** A BFD packet on the wire; it shares nothing with the program under test. */
export interface BfdPacket {
  timeUs: number;
  source: string;
  family: "ipv4" | "ipv6";
  hopLimit: number;
  sourcePort: number;
  port: number;
  state: number;
  diagnostic: number;
  poll: boolean;
  final: boolean;
  multiplier: number;
  discriminator: number;
  yourDiscriminator: number;
  /** In microseconds. */
  minTx: number;
  minRx: number;
}

/** Reads a frame as BFD over UDP without IP options; null: it is something else. */
export function bfdPacket(frame: Frame): BfdPacket | null {
  const { bytes, source, timeUs } = frame;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const family = frame.kind === "other" && frame.type === 0x86dd ? "ipv6" : "ipv4";
  if (frame.kind !== "other" || (frame.type !== 0x0800 && frame.type !== 0x86dd)) return null;
  const udp = family === "ipv4" ? 34 : 54;
  if (bytes.length < udp + 32 || bytes[family === "ipv4" ? 23 : 20] !== 17) return null;
  const port = view.getUint16(udp + 2);
  if (port !== 3784 && port !== 4784) return null;
  const at = udp + 8;
  return {
    timeUs,
    source,
    family,
    hopLimit: bytes[family === "ipv4" ? 22 : 21]!,
    sourcePort: view.getUint16(udp),
    port,
    state: bytes[at + 1]! >> 6,
    diagnostic: bytes[at]! & 31,
    poll: (bytes[at + 1]! & 32) !== 0,
    final: (bytes[at + 1]! & 16) !== 0,
    multiplier: bytes[at + 2]!,
    discriminator: view.getUint32(at + 4),
    yourDiscriminator: view.getUint32(at + 8),
    minTx: view.getUint32(at + 12),
    minRx: view.getUint32(at + 16),
  };
}

/** BFD packets with all of these fields. */
export function bfdPackets(want: Partial<BfdPacket>): Filter<Frame> {
  return {
    title: `BFD packet ${JSON.stringify(want)}`,
    matches: (f): f is Frame => {
      const packet = bfdPacket(f) as Record<string, unknown> | null;
      return packet !== null && Object.entries(want).every(([key, value]) => packet[key] === value);
    },
  };
}

/** An Ethernet frame over IPv4 with a BFD packet ; what is not given is right. */
export function craftBfd(
  ends: { from: string; to: string; destinationMac: string },
  packet: {
    ttl?: number;
    state: number;
    discriminator: number;
    yourDiscriminator: number;
    payload?: number[];
  },
): Uint8Array {
  const u16 = (n: number) => [n >> 8 & 255, n & 255];
  const u32 = (n: number) => [...u16(n >>> 16), ...u16(n & 0xffff)];
  const ip4 = (text: string) => text.split(".").map(Number);
  const mac = (text: string) => text.split(":").map((part) => parseInt(part, 16));
  const { ttl = 255, state, discriminator, yourDiscriminator } = packet;
  const bfd = packet.payload ??
    [
      0x20,
      state << 6,
      3,
      24,
      ...u32(discriminator),
      ...u32(yourDiscriminator),
      ...u32(50_000),
      ...u32(50_000),
      0,
      0,
      0,
      0,
    ];
  // UDP over IPv4 may go without a checksum.
  const udp = [...u16(50_000), ...u16(3784), ...u16(8 + bfd.length), 0, 0, ...bfd];
  const header = [
    0x45,
    0xc0,
    ...u16(20 + udp.length),
    0,
    0,
    0,
    0,
    ttl,
    17,
    0,
    0,
    ...ip4(ends.from),
    ...ip4(ends.to),
  ];
  header.splice(10, 2, ...u16(checksum(header)));
  return Uint8Array.from([...mac(ends.destinationMac), 2, 0, 0, 0, 0, 0x77, 8, 0, ...header, ...udp]);
}
