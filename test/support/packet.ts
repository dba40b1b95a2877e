// Decodes the frames that the tests look at. It shares nothing with the program under test.

/** What every frame has. */
interface Base {
  timeUs: number;
  bytes: Uint8Array;
  /** MAC addresses, `02:00:00:00:00:01`. */
  source: string;
  destination: string;
}

/** An advert (RFC 3768 section 5.1, RFC 5798 section 5.1). */
export interface AdvertFrame extends Base {
  kind: "advert";
  family: "ipv4" | "ipv6";
  version: number;
  vrid: number;
  priority: number;
  authType: number;
  authenticated: boolean;
  intervalMs: number;
  from: string;
  to: string;
  hopLimit: number;
  addresses: string[];
}

export interface GarpFrame extends Base {
  kind: "garp";
  operation: number;
  /** Sender protocol address = target protocol address. */
  address: string;
  hardware: string;
}

/** A neighbour advertisement (RFC 4861 section 4.4). */
export interface NaFrame extends Base {
  kind: "na";
  address: string;
  from: string;
  to: string;
  flags: number;
  hardware: string | null;
}

export interface OtherFrame extends Base {
  kind: "other";
  type: number;
}

export type Frame = AdvertFrame | GarpFrame | NaFrame | OtherFrame;

export function decode(timeUs: number, bytes: Uint8Array): Frame {
  const base: Base = { timeUs, bytes, destination: mac(bytes, 0), source: mac(bytes, 6) };
  const type = u16(bytes, 12);
  const frame = type === 0x0806
    ? decodeArp(base)
    : type === 0x0800
    ? decodeIpv4(base)
    : type === 0x86dd
    ? decodeIpv6(base)
    : null;
  return frame ?? { ...base, kind: "other", type };
}

function decodeArp(base: Base): GarpFrame | null {
  const b = base.bytes;
  const address = ipv4(b, 28);
  if (b.length < 42 || address !== ipv4(b, 38)) return null;
  return { ...base, kind: "garp", operation: u16(b, 20), address, hardware: mac(b, 22) };
}

function decodeIpv4(base: Base): AdvertFrame | null {
  const b = base.bytes;
  let at = 14 + (b[14]! & 15) * 4;
  const end = 14 + u16(b, 16);
  const protocol = b[23];
  // AH (RFC 2338 section 5.3.6.3): 24 bytes between IP and VRRP.
  if (protocol === 51) at += 24;
  else if (protocol !== 112) return null;
  if (end > b.length || end - at < 8) return null;
  return advert(base, "ipv4", at, {
    authenticated: protocol === 51,
    from: ipv4(b, 26),
    to: ipv4(b, 30),
    hopLimit: b[22]!,
  });
}

function decodeIpv6(base: Base): AdvertFrame | NaFrame | null {
  const b = base.bytes;
  const next = b[20], at = 54;
  const ends = { from: ipv6(b, 22), to: ipv6(b, 38) };
  if (next === 112) {
    return advert(base, "ipv6", at, { ...ends, authenticated: false, hopLimit: b[21]! });
  }
  if (next !== 58 || b[at] !== 136) return null;
  const hardware = b[at + 24] === 2 ? mac(b, at + 26) : null;
  return { ...base, kind: "na", address: ipv6(b, at + 8), ...ends, flags: b[at + 4]! >> 5, hardware };
}

function advert(
  base: Base,
  family: "ipv4" | "ipv6",
  at: number,
  rest: Pick<AdvertFrame, "authenticated" | "from" | "to" | "hopLimit">,
): AdvertFrame {
  const b = base.bytes;
  const version = b[at]! >> 4, count = b[at + 3]!;
  const addresses = Array.from(
    { length: count },
    (_, i) => family === "ipv4" ? ipv4(b, at + 8 + 4 * i) : ipv6(b, at + 8 + 16 * i),
  );
  return {
    ...base,
    kind: "advert",
    family,
    version,
    vrid: b[at + 1]!,
    priority: b[at + 2]!,
    authType: version === 2 ? b[at + 4]! : 0,
    intervalMs: version === 2 ? b[at + 5]! * 1000 : (u16(b, at + 4) & 0xfff) * 10,
    addresses,
    ...rest,
  };
}

function u16(b: Uint8Array, at: number): number {
  return (b[at]! << 8) | b[at + 1]!;
}

function mac(b: Uint8Array, at: number): string {
  return Array.from(b.subarray(at, at + 6), (x) => x.toString(16).padStart(2, "0")).join(":");
}

function ipv4(b: Uint8Array, at: number): string {
  return b.subarray(at, at + 4).join(".");
}

/** RFC 5952. */
function ipv6(b: Uint8Array, at: number): string {
  const text = Array.from({ length: 8 }, (_, i) => u16(b, at + 2 * i).toString(16)).join(":");
  const runs = text.match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? [];
  const longest = runs.reduce((a, x) => (x.length > a.length ? x : a), "");
  if (longest === "") return text;
  const [head, ...tail] = text.split(longest);
  return `${head}::${tail.join(longest).replace(/^:/, "")}`;
}
