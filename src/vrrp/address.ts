// IP addresses as bytes: text to bytes and back, comparison, and the two kinds that VRRP asks about.

/** Address family of a virtual router. */
export type Family = "ipv4" | "ipv6";

/** Bytes of one address of the family: 4 or 16. */
export function addressLength(family: Family): number {
  return family === "ipv4" ? 4 : 16;
}

/**
 * Parses an IPv4 or IPv6 address: 4 or 16 bytes, or null when the text is anything else.
 * Strict: no zone, no prefix length, no leading zeros in IPv4, no white space.
 */
export function parseAddress(text: string): Uint8Array | null {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

const DOT = 0x2e, ZERO = 0x30;

/** Character by character: a configuration has many, and a start reads each of them more than once. */
function parseIpv4(text: string): Uint8Array | null {
  const bytes = new Uint8Array(4);
  let parts = 0;
  /** Of the part that is being read; -1 = it has no digit yet. */
  let value = -1;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : DOT;
    if (code === DOT) {
      if (value < 0 || parts === 4) return null;
      bytes[parts++] = value;
      value = -1;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || value === 0) return null;
    value = value < 0 ? digit : 10 * value + digit;
    if (value > 255) return null;
  }
  return parts === 4 ? bytes : null;
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  if (head === null) return null;
  const bytes = new Uint8Array(16);
  bytes.set(head.slice(0, 16));
  if (halves.length === 1) return head.length === 16 ? bytes : null;
  const tail = parseGroups(halves[1]!, true);
  // "::" stands for at least one group (RFC 4291 section 2.2).
  if (tail === null || head.length + tail.length > 14) return null;
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** Colon-separated groups; the last may be an IPv4 address when `ipv4Last`. */
function parseGroups(text: string, ipv4Last: boolean): number[] | null {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else if (ipv4Last && i === groups.length - 1) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === null) return null;
      bytes.push(...ipv4);
    } else return null;
  }
  return bytes;
}

/**
 * Canonical text of the address at `start`, `length` bytes long (4 or 16; RFC 5952 for IPv6).
 * Without `length` the rest of the array is taken. Any other length gives "?".
 */
export function formatAddress(bytes: Uint8Array, start = 0, length = bytes.length - start): string {
  if (start < 0 || start + length > bytes.length) return "?";
  if (length === 4) return dotted(bytes, start);
  if (length !== 16) return "?";
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[start + i]! << 8) | bytes[start + i + 1]!);
  // IPv4-mapped addresses keep their IPv4 tail readable (RFC 5952 section 5).
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${dotted(bytes, start + 12)}`;
  }
  const [from, count] = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (count < 2) return hex.join(":");
  return `${hex.slice(0, from).join(":")}::${hex.slice(from + count).join(":")}`;
}

function dotted(bytes: Uint8Array, start: number): string {
  return `${bytes[start]}.${bytes[start + 1]}.${bytes[start + 2]}.${bytes[start + 3]}`;
}

/** First of the longest runs of zero groups: [index, length]. */
function longestZeros(groups: number[]): [number, number] {
  let best = 0, bestLength = 0, run = 0;
  for (let i = 0; i < groups.length; i++) {
    run = groups[i] === 0 ? run + 1 : 0;
    if (run > bestLength) {
      bestLength = run;
      best = i - run + 1;
    }
  }
  return [best, bestLength];
}

/** Compares `n` bytes as an unsigned big-endian number: below 0, 0 or above 0. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  b: Uint8Array,
  bStart: number,
  n: number,
): number {
  for (let i = 0; i < n; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether the address at `start` is a multicast group: 224.0.0.0/4 (`length` 4) or ff00::/8 (16). */
export function isMulticast(bytes: Uint8Array, start: number, length: number): boolean {
  return length === 4 ? (bytes[start]! & 0xf0) === 0xe0 : bytes[start] === 0xff;
}

/** Whether the address at `start` is link-local: 169.254.0.0/16 (`length` 4) or fe80::/10 (16). */
export function isLinkLocal(bytes: Uint8Array, start: number, length: number): boolean {
  if (length === 4) return bytes[start] === 169 && bytes[start + 1] === 254;
  return bytes[start] === 0xfe && (bytes[start + 1]! & 0xc0) === 0x80;
}
