// Where the fields are: VRRP messages (RFC 2338, 3768, 5798, 9568), and the headers that carry them.

/** IP protocol number and IPv6 next header of VRRP (IANA). */
export const IPPROTO_VRRP = 112;
/** IP protocol number of the Authentication Header (RFC 2402). */
export const IPPROTO_AH = 51;
/** TTL or hop limit of every advert; a smaller one has crossed a router (RFC 5798 section 5.1.1.3). */
export const VRRP_TTL = 255;
/** TOS or traffic class of adverts: CS6, network control. */
export const VRRP_TOS = 0xc0;
/** The only message type. */
export const TYPE_ADVERTISEMENT = 1;
/** Priority of a master that resigns. */
export const PRIORITY_RESIGN = 0;
/** Priority of the router whose own addresses are the virtual ones. */
export const PRIORITY_OWNER = 255;

// VRRP message, both versions.
export const VERSION_TYPE = 0;
export const VRID = 1;
export const PRIORITY = 2;
export const COUNT = 3;
export const CHECKSUM = 6;
export const ADDRESSES = 8;
/** Shortest message that has a checksum to look at. */
export const MESSAGE_MIN_BYTES = 8;
// Version 2: two bytes of their own (RFC 2338 section 5.1).
export const AUTH_TYPE = 4;
export const ADVERT_SECONDS = 5;
/** Authentication data at the end of every version 2 message. */
export const AUTH_DATA_BYTES = 8;
// Version 3: 4 bits reserved, 12 bits of centiseconds (RFC 5798 section 5.1).
export const ADVERT_CENTISECONDS = 4;

// IPv4 header (RFC 791).
export const IPV4_HEADER_BYTES = 20;
export const IPV4_TOS = 1;
export const IPV4_TOTAL_LENGTH = 2;
export const IPV4_ID = 4;
export const IPV4_FRAGMENT = 6;
export const IPV4_TTL = 8;
export const IPV4_PROTOCOL = 9;
export const IPV4_CHECKSUM = 10;
export const IPV4_SOURCE = 12;
export const IPV4_DESTINATION = 16;

// IPv6 header (RFC 8200).
export const IPV6_HEADER_BYTES = 40;
export const IPV6_PAYLOAD_LENGTH = 4;
export const IPV6_NEXT_HEADER = 6;
export const IPV6_HOP_LIMIT = 7;
export const IPV6_SOURCE = 8;
export const IPV6_DESTINATION = 24;

// Authentication Header with a 96-bit ICV (RFC 2402 section 2, RFC 2403).
export const AH_BYTES = 24;
export const AH_NEXT_HEADER = 0;
export const AH_LENGTH = 1;
/** Length of the header in 32-bit words, minus 2. */
export const AH_LENGTH_VALUE = 4;
export const AH_SPI = 4;
export const AH_SEQUENCE = 8;
export const AH_ICV = 12;
export const AH_ICV_BYTES = 12;

/** Trailer of keepalived's HMAC extension (draft-cassen-vrrp-auth-hmac), after the message. */
export const HMAC_TRAILER_BYTES = 28;
/** Its first byte. */
export const HMAC_TRAILER_TYPE = 1;
export const HMAC_KEY_ID = 1;
export const HMAC_SECONDS = 4;
/** 1/65536 of a second. */
export const HMAC_FRACTION = 8;
export const HMAC_COUNTER = 10;
export const HMAC_TAG = 12;
/** HMAC-SHA-256, cut. */
export const HMAC_TAG_BYTES = 16;

/** A CARP message: 36 bytes with `authlen` 7 where VRRP counts addresses. */
export const CARP_BYTES = 36;
export const CARP_AUTH_LENGTH = 7;

/** Length of a VRRP message without trailer, in bytes. */
export function messageLength(version: number, addressBytes: number, count: number): number {
  return ADDRESSES + count * addressBytes + (version === 2 ? AUTH_DATA_BYTES : 0);
}
