// VRRPv2 authentication (RFC 2338 section 5.3.6): the simple password, and AH with HMAC-MD5-96 as keepalived does it.
import * as at from "./layout.ts";
import { HmacMd5 } from "./md5.ts";

/** How the adverts of a version 2 router are authenticated. The password counts up to 8 bytes of UTF-8. */
export interface Authentication {
  type: "PASS" | "AH";
  password: string;
}

/** Values of the auth type field (RFC 2338 section 5.3.6). */
export const AUTH_NONE = 0;
export const AUTH_PASS = 1;
export const AUTH_AH = 2;

/** The auth type field that a router with this authentication sends and expects. */
export function authTypeOf(authentication: Authentication | null): number {
  if (authentication === null) return AUTH_NONE;
  return authentication.type === "PASS" ? AUTH_PASS : AUTH_AH;
}

/** The password as it travels and as it is used as a key: 8 bytes, cut or filled with zeros. */
export function passwordBytes(password: string): Uint8Array {
  const bytes = new Uint8Array(at.AUTH_DATA_BYTES);
  bytes.set(new TextEncoder().encode(password).slice(0, at.AUTH_DATA_BYTES));
  return bytes;
}

/** Compares `count` bytes in a time that does not depend on where they differ. */
export function equalInConstantTime(
  a: Uint8Array,
  aStart: number,
  b: Uint8Array,
  bStart: number,
  count: number,
) {
  let difference = 0;
  for (let i = 0; i < count; i++) difference |= a[aStart + i]! ^ b[bStart + i]!;
  return difference === 0;
}

/** Longest packet: an IPv4 header with all options, AH, and a message with 255 addresses. */
const SCRATCH_BYTES = 60 + at.AH_BYTES + at.ADDRESSES + 4 * 255 + at.AUTH_DATA_BYTES;

/** Computes the ICV of AH packets under one password; nothing is allocated after construction. */
export class IcvSigner {
  readonly #hmac: HmacMd5;
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);

  constructor(password: string) {
    this.#hmac = new HmacMd5(passwordBytes(password));
  }

  /**
   * Writes the 12-byte ICV of the IPv4 packet bytes[start, end), whose AH header is at `ahStart`, to `into`.
   * The mutable fields count as zero: TOS, flags and fragment offset, header checksum, the ICV itself. The TTL
   * counts as it is for multicast (every receiver demands 255) and as zero for unicast, as keepalived has it.
   */
  sign(
    bytes: Uint8Array,
    start: number,
    end: number,
    ahStart: number,
    multicast: boolean,
    into: Uint8Array,
    offset: number,
  ): void {
    const scratch = this.#scratch, length = Math.min(end - start, SCRATCH_BYTES);
    for (let i = 0; i < length; i++) scratch[i] = bytes[start + i]!;
    scratch[at.IPV4_TOS] = 0;
    scratch[at.IPV4_FRAGMENT] = scratch[at.IPV4_FRAGMENT + 1] = 0;
    scratch[at.IPV4_CHECKSUM] = scratch[at.IPV4_CHECKSUM + 1] = 0;
    if (!multicast) scratch[at.IPV4_TTL] = 0;
    const icv = ahStart - start + at.AH_ICV;
    for (let i = 0; i < at.AH_ICV_BYTES; i++) scratch[icv + i] = 0;
    this.#hmac.sign(scratch, 0, length, into, offset, at.AH_ICV_BYTES);
  }
}
