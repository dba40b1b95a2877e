// Why a packet is not used: at once error, counter and metric label. On the hot path a small number.

/** Every reason, in the order of its code minus 1. */
export const REFUSALS = [
  "ttl",
  "length",
  "carp",
  "version",
  "checksum",
  "vrid",
  "type",
  "count",
  "auth_type",
  "auth_hmac",
  "auth_mismatch",
  "auth_failure",
  "auth_replay",
  "hmac_missing",
  "hmac_key",
  "hmac_tag",
  "hmac_stale",
  "hmac_replay",
  "interval",
  "first_address",
  "address_list",
  "owner",
  "peer",
  "peer_ttl",
  "destination",
  "protocol",
  "own",
] as const;

/** A reason not to use a packet. */
export type Refusal = (typeof REFUSALS)[number];

/** Code of "nothing wrong". */
export const NO_REFUSAL = 0;

/** Code of each reason: 1..REFUSALS.length. */
export const REFUSAL_CODES = Object.freeze(
  Object.fromEntries(REFUSALS.map((name, index) => [name, index + 1])),
) as Readonly<Record<Refusal, number>>;

/** The reason behind a code; null for NO_REFUSAL and for numbers that are no code. */
export function refusalName(code: number): Refusal | null {
  return REFUSALS[code - 1] ?? null;
}

const SENTENCES: Readonly<Record<Refusal, string>> = {
  ttl: "its TTL or hop limit is not 255, so it was not sent on this link",
  length: "its length does not fit its contents",
  carp: "it is CARP, not VRRP: both use IP protocol 112; give one of them another link",
  version: "its VRRP version is not ours; set the same vrrp_version on all routers",
  checksum: "its checksum is wrong",
  vrid: "no virtual router with its virtual_router_id is configured here",
  type: "its type is not ADVERTISEMENT, the only one there is",
  count: "it carries no address",
  auth_type: "its authentication type is unknown",
  auth_hmac:
    "it carries the auth_hmac trailer, and no auth_hmac is configured here; set the same on all routers",
  auth_mismatch: "its authentication type is not ours; set the same auth_type on all routers",
  auth_failure: "its authentication is wrong; set the same auth_pass on all routers",
  auth_replay: "its sequence number was used before",
  hmac_missing: "it is not signed, and auth_hmac demands that; set the same auth_hmac on all routers",
  hmac_key: "it is signed with a key whose id is not in auth_hmac; set the same keys on all routers",
  hmac_tag: "its HMAC is wrong; set the same auth_hmac keys on all routers",
  hmac_stale: "its time stamp is outside of time_window; set the clocks of all routers by NTP",
  hmac_replay: "its time stamp is not later than that of its sender's last advert",
  interval: "its advertisement interval is not ours; set the same advert_int on all routers",
  first_address: "its first address is not link-local, as RFC 9568 demands",
  address_list: "its addresses are not ours; set the same virtual_ipaddress on all routers",
  owner: "this router owns the addresses (priority 255) and listens to nobody",
  peer: "its sender is not in unicast_peer",
  peer_ttl: "its TTL or hop limit is outside of min_ttl and max_ttl of that unicast_peer",
  destination: "it was sent to another destination: one router uses multicast, the other unicast_peer",
  protocol: "it is an IPsec packet that carries no VRRP",
  own: "it comes from our own address: our packet came back, or another machine has this address too",
};

/** What is wrong with the packet and the cure: a clause to put after "ignored an advert from A: ". */
export function describeRefusal(refusal: Refusal): string {
  return SENTENCES[refusal];
}

/** Counters of RFC 8347 that a refusal moves: of the virtual router, or of the whole system. */
export type RefusalCounter =
  | {
    scope: "instance";
    counter: "packet_length_errors" | "invalid_type_pkts_rcvd" | "interval_errors" | "address_list_errors";
  }
  | { scope: "global"; counter: "checksum_errors" | "version_errors" | "vrid_errors" | "ip_ttl_errors" };

/** RFC 8347's counter for each refusal; null: it has none. */
export const REFUSAL_COUNTERS: Readonly<Record<Refusal, RefusalCounter | null>> = {
  ttl: { scope: "global", counter: "ip_ttl_errors" },
  length: { scope: "instance", counter: "packet_length_errors" },
  carp: null,
  version: { scope: "global", counter: "version_errors" },
  checksum: { scope: "global", counter: "checksum_errors" },
  vrid: { scope: "global", counter: "vrid_errors" },
  type: { scope: "instance", counter: "invalid_type_pkts_rcvd" },
  count: { scope: "instance", counter: "packet_length_errors" },
  auth_type: null,
  auth_hmac: { scope: "instance", counter: "packet_length_errors" },
  auth_mismatch: null,
  auth_failure: null,
  auth_replay: null,
  hmac_missing: null,
  hmac_key: null,
  hmac_tag: null,
  hmac_stale: null,
  hmac_replay: null,
  interval: { scope: "instance", counter: "interval_errors" },
  first_address: { scope: "instance", counter: "address_list_errors" },
  address_list: { scope: "instance", counter: "address_list_errors" },
  owner: null,
  peer: null,
  peer_ttl: { scope: "global", counter: "ip_ttl_errors" },
  destination: null,
  protocol: null,
  own: null,
};
