// keepalived's words for an advert that is refused: people and their alarms look for them in the log.
import type { Refusal } from "../vrrp/refusal.ts";

/** What keepalived (a later one than 2.2.7: it names the sender) says of such an advert from `peer` to a router of this version; null: nothing of its own. */
export function keepalivedPhrase(refusal: Refusal, peer: string, version: 2 | 3): string | null {
  switch (refusal) {
    case "ttl":
    case "peer_ttl":
      return `invalid TTL/HL from ${peer}`;
    case "version":
      return `wrong VRRP version from ${peer}`;
    case "checksum":
      return `Invalid VRRPv${version} checksum from ${peer}`;
    case "auth_type":
      return `Invalid auth type from ${peer}`;
    case "auth_failure":
      return `received an invalid passwd from ${peer}!`;
    case "interval":
      return `advertisement interval mismatch with ${peer}`;
    case "peer":
      return `unicast source address ${peer} not a unicast peer`;
    default:
      return null;
  }
}
