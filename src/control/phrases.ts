// keepalived's words for an advert that is refused: people and their alarms look for them in the log.
import type { FromEngine } from "../messages.ts";

/** What the words depend on besides the refusal: what the virtual router here is set to. */
export interface Side {
  version: 2 | 3;
  /** It has unicast peers. */
  unicast: boolean;
}

/**
 * What keepalived (a later one than 2.2.7: it names the sender) says of such an advert to a router of this kind; null:
 * nothing of its own.
 */
export function keepalivedPhrase(
  { refusal, peer, mismatch }: Pick<
    Extract<FromEngine, { type: "refused" }>,
    "refusal" | "peer" | "mismatch"
  >,
  { version, unicast }: Side,
): string | null {
  const { received, expected } = mismatch ?? { received: 0, expected: 0 };
  switch (refusal) {
    case "ttl":
      return `invalid TTL/HL from ${peer}. Received ${received} and expect ${expected}`;
    case "peer_ttl":
      return `invalid TTL/HL from ${peer}`;
    case "version":
      return `wrong VRRP version from ${peer}. Received ${received} and expect ${expected}`;
    case "length": {
      const way = received < expected ? "short" : "long";
      return `vrrp packet from ${peer} too ${way}, length ${received} and expect ${expected}`;
    }
    case "checksum":
      return `Invalid VRRPv${version} checksum from ${peer}`;
    case "auth_type":
      return `Invalid auth type from ${peer}: ${received}`;
    case "auth_mismatch":
      return `received a ${received} auth from ${peer}, expecting ${expected}!`;
    case "auth_failure":
      return `received an invalid passwd from ${peer}!`;
    case "interval":
      return version === 2
        ? `advertisement interval mismatch with ${peer} mine=${expected} sec rcv'd=${received} sec`
        : `advertisement interval mismatch with ${peer} ours = ${expected} centi-sec rcv'd=${received} centi-sec`;
    case "destination": {
      const [ours, theirs] = unicast ? ["unicast", "multicast"] : ["multicast", "unicast"];
      return `Expected ${ours} packet but received ${theirs} packet from ${peer}`;
    }
    case "peer":
      return `unicast source address ${peer} not a unicast peer`;
    case "own":
      return "WARNING - equal priority advert received from remote host with our IP address.";
    default:
      return null;
  }
}
