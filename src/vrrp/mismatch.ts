// The numbers behind a refusal: what a packet says, and what was expected of it.
import type { Advert, Packet } from "./advert.ts";
import { authTypeOf } from "./authentication.ts";
import type { JudgeSettings } from "./judge.ts";
import * as at from "./layout.ts";
import type { Refusal } from "./refusal.ts";

/**
 * What was received, and what was expected. Intervals: seconds in version 2, centiseconds in version 3. Lengths: with
 * an IPv4 header, without an IPv6 header, as the sockets have them.
 */
export interface Mismatch {
  received: number;
  expected: number;
}

const SECOND_US = 1_000_000;
const CENTISECOND_US = 10_000;

/** The numbers of this refusal of the last packet that `inspect` read into `advert`; null: it has none. */
export function mismatchOf(
  refusal: Refusal,
  packet: Packet,
  advert: Advert,
  settings: JudgeSettings,
): Mismatch | null {
  switch (refusal) {
    case "ttl":
      return { received: advert.hopLimit, expected: at.VRRP_TTL };
    case "version":
      return { received: advert.version, expected: settings.version };
    case "length":
      return {
        received: advert.messageEnd - packet.start,
        expected: advert.messageStart - packet.start + expectedLength(packet, advert),
      };
    case "auth_type":
    case "auth_mismatch":
      return { received: advert.authType, expected: authTypeOf(settings.authentication) };
    case "interval": {
      const unitUs = settings.version === 2 ? SECOND_US : CENTISECOND_US;
      return {
        received: Math.round(advert.intervalUs / unitUs),
        expected: Math.round(settings.advertIntervalUs / unitUs),
      };
    }
    default:
      return null;
  }
}

/** Of the VRRP message; the least there is when its own words could not be read. */
function expectedLength({ family }: Packet, { addressesStart, version, count }: Advert): number {
  if (addressesStart === 0 || (version !== 2 && version !== 3)) return at.MESSAGE_MIN_BYTES;
  return at.messageLength(version, family === "ipv4" ? 4 : 16, count);
}
