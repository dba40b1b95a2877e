// BFD control packets (RFC 5880 section 4.1): read without copies, written in place.

/** The mandatory section; no authentication section is ever sent. */
export const PACKET_BYTES = 24;
const VERSION = 1;
/** With the smallest authentication section. */
const AUTHENTICATED_BYTES = 26;

/** Session states, by their numbers on the wire. */
export const STATES = ["AdminDown", "Down", "Init", "Up"] as const;
export type BfdState = (typeof STATES)[number];
export const ADMIN_DOWN = 0;
export const DOWN = 1;
export const INIT = 2;
export const UP = 3;

/** Diagnostic codes, by their numbers on the wire. */
export const DIAGNOSTICS = [
  "No Diagnostic",
  "Control Detection Time Expired",
  "Echo Function Failed",
  "Neighbor Signaled Session Down",
  "Forwarding Plane Reset",
  "Path Down",
  "Concatenated Path Down",
  "Administratively Down",
  "Reverse Concatenated Path Down",
] as const;
export const DIAGNOSTIC_EXPIRED = 1;
export const DIAGNOSTIC_NEIGHBOR_DOWN = 3;
export const DIAGNOSTIC_ADMIN_DOWN = 7;

/** The name of a diagnostic code; a number that has none is shown. */
export function diagnosticName(code: number): string {
  return DIAGNOSTICS[code] ?? `Diagnostic ${code}`;
}

/** Flags of the second byte. */
const POLL = 0x20;
const FINAL = 0x10;
const AUTHENTICATION = 0x04;
const DEMAND = 0x02;
const MULTIPOINT = 0x01;

/** Why a packet is not used. */
export const BFD_REFUSALS = [
  "length",
  "version",
  "multiplier",
  "multipoint",
  "discriminator",
  "state",
  "authentication",
  "ttl",
  "address",
] as const;
export type BfdRefusal = (typeof BFD_REFUSALS)[number];
const DESCRIPTIONS: Record<BfdRefusal, string> = {
  length: "its length is wrong",
  version: "it is not of BFD version 1",
  multiplier: "its detection multiplier is 0",
  multipoint: "it is for many receivers",
  discriminator: "its discriminators are not those of the session",
  state: "it names no session in a state that needs one",
  authentication: "it is signed, and there is no key",
  ttl: "its TTL is too low, so it comes from too far away (ttl, max_hops)",
  address: "it does not come from the neighbor of the session that it names",
};

/** The refusal as a clause for people. */
export function describeBfdRefusal(refusal: BfdRefusal): string {
  return DESCRIPTIONS[refusal];
}

/** Code of a packet that passed. */
export const NO_BFD_REFUSAL = 0;
/** Refusal -> code; codes count from 1. */
export const BFD_REFUSAL_CODES = Object.fromEntries(BFD_REFUSALS.map((name, i) => [name, i + 1])) as Record<
  BfdRefusal,
  number
>;

/** The fields of a received packet. Times in microseconds. */
export class ControlPacket {
  diagnostic = 0;
  state = 0;
  poll = false;
  final = false;
  demand = false;
  multiplier = 0;
  /** My Discriminator: the sender's. */
  discriminator = 0;
  /** Your Discriminator: ours, as far as the sender knows it; 0 = not yet. */
  yourDiscriminator = 0;
  desiredMinTxUs = 0;
  requiredMinRxUs = 0;

  /**
   * Reads the payload of a datagram. Returns NO_BFD_REFUSAL or the code of what RFC 5880 section 6.8.6 objects to
   * before the session is looked up. Your Discriminator is read whenever it is there.
   */
  read(view: DataView, start: number, end: number): number {
    this.yourDiscriminator = 0;
    const known = Number.isInteger(start) && start >= 0 && end <= view.byteLength;
    if (!known || !(end - start >= PACKET_BYTES)) return BFD_REFUSAL_CODES.length;
    const first = view.getUint8(start), second = view.getUint8(start + 1);
    this.yourDiscriminator = view.getUint32(start + 8);
    if (first >> 5 !== VERSION) return BFD_REFUSAL_CODES.version;
    const authenticated = (second & AUTHENTICATION) !== 0;
    const length = view.getUint8(start + 3);
    if (length < (authenticated ? AUTHENTICATED_BYTES : PACKET_BYTES) || length > end - start) {
      return BFD_REFUSAL_CODES.length;
    }
    this.diagnostic = first & 0x1f;
    this.state = second >> 6;
    this.poll = (second & POLL) !== 0;
    this.final = (second & FINAL) !== 0;
    this.demand = (second & DEMAND) !== 0;
    this.multiplier = view.getUint8(start + 2);
    this.discriminator = view.getUint32(start + 4);
    this.desiredMinTxUs = view.getUint32(start + 12);
    this.requiredMinRxUs = view.getUint32(start + 16);
    if (this.multiplier === 0) return BFD_REFUSAL_CODES.multiplier;
    if ((second & MULTIPOINT) !== 0) return BFD_REFUSAL_CODES.multipoint;
    if (this.discriminator === 0) return BFD_REFUSAL_CODES.discriminator;
    if (this.yourDiscriminator === 0 && this.state > DOWN) return BFD_REFUSAL_CODES.state;
    // There is no key that it could be checked with.
    if (authenticated) return BFD_REFUSAL_CODES.authentication;
    return NO_BFD_REFUSAL;
  }
}

/** What a packet to be sent says. Times in microseconds. */
export interface Outgoing {
  diagnostic: number;
  state: number;
  multiplier: number;
  discriminator: number;
  remoteDiscriminator: number;
  desiredMinTxUs: number;
  requiredMinRxUs: number;
}

/** Writes a packet of PACKET_BYTES at the start of `view`. Neither demand mode nor echoes are offered. */
export function writePacket(view: DataView, from: Outgoing, poll: boolean, final: boolean): void {
  view.setUint8(0, VERSION << 5 | from.diagnostic);
  view.setUint8(1, from.state << 6 | (poll ? POLL : 0) | (final ? FINAL : 0));
  view.setUint8(2, from.multiplier);
  view.setUint8(3, PACKET_BYTES);
  view.setUint32(4, from.discriminator);
  view.setUint32(8, from.remoteDiscriminator);
  view.setUint32(12, from.desiredMinTxUs);
  view.setUint32(16, from.requiredMinRxUs);
  view.setUint32(20, 0);
}
