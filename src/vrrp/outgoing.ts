// The adverts we send: whole IP packets, built once and patched in place.
import { addressLength, type Family, isMulticast } from "./address.ts";
import { AUTH_PASS, type Authentication, authTypeOf, IcvSigner, passwordBytes } from "./authentication.ts";
import { addWords, checksumOf, fold, pseudoHeader4, pseudoHeader6 } from "./checksum.ts";
import { type HmacSettings, Stamps, TrailerSigner } from "./hmac.ts";
import * as at from "./layout.ts";
import { wireInterval } from "./timers.ts";

/** What an advert says and where it goes. */
export interface OutgoingSpec {
  version: 2 | 3;
  family: Family;
  vrid: number;
  priority: number;
  advertIntervalUs: number;
  /** At most 255, each of the family's length. */
  addresses: readonly Uint8Array[];
  source: Uint8Array;
  /** The multicast group or the unicast peer. */
  destination: Uint8Array;
  /** Version 2 only; ignored in version 3. */
  authentication: Authentication | null;
  /** Version 3 over IPv4 only; the other versions have one form. */
  checksumForm: "pseudo-header" | "message-only";
  /** The pseudo-header names this address instead of the destination (old_unicast_checksum); IPv4 only. */
  checksumDestination?: Uint8Array;
  /** TTL or hop limit; missing = 255, as multicast demands. */
  hopLimit?: number;
  /** The auth_hmac trailer; not together with AH. */
  hmac?: HmacSettings | null;
}

/** What the length of an advert depends on. */
export interface AdvertShape extends Pick<OutgoingSpec, "version" | "family" | "authentication"> {
  addresses: { readonly length: number };
  hmac?: Pick<HmacSettings, "mode"> | null;
}

/** Whether a trailer is sent. */
function signs(spec: Pick<AdvertShape, "hmac">): boolean {
  return spec.hmac != null && spec.hmac.mode !== "receive-only";
}

function usesAh(spec: Pick<OutgoingSpec, "version" | "authentication">): boolean {
  return spec.version === 2 && spec.authentication?.type === "AH";
}

/** Length in bytes of the packet that a spec describes, IP header included. */
export function outgoingLength(spec: AdvertShape): number {
  const header = spec.family === "ipv4" ? at.IPV4_HEADER_BYTES : at.IPV6_HEADER_BYTES;
  const message = at.messageLength(spec.version, addressLength(spec.family), spec.addresses.length);
  return header + (usesAh(spec) ? at.AH_BYTES : 0) + message + (signs(spec) ? at.HMAC_TRAILER_BYTES : 0);
}

/** How many addresses fit into one advert on a link with this MTU (bytes), at most 255. */
export function maxAddresses(version: 2 | 3, family: Family, mtu: number, ah = false): number {
  const addresses: Uint8Array[] = [];
  const authentication: Authentication | null = ah ? { type: "AH", password: "" } : null;
  const room = mtu - outgoingLength({ version, family, addresses, authentication });
  return Math.max(0, Math.min(255, Math.floor(room / addressLength(family))));
}

/**
 * One advert in the caller's memory, ready to be sent through a raw socket with its IP header included. The kernel
 * fills in the IPv4 header checksum and, where it is zero, the identification.
 */
export class OutgoingAdvert {
  readonly bytes: Uint8Array;
  readonly length: number;
  /** AH: the sequence number of the last packet; 0 before the first. */
  sequence = 0;
  readonly #messageStart: number;
  readonly #ahStart: number;
  readonly #multicast: boolean;
  readonly #signer: IcvSigner | null;
  readonly #family: Family;
  readonly #trailer: TrailerSigner | null;
  /** First byte of the trailer, and the end of the message. */
  readonly #messageEnd: number;
  /** The stamps of the trailers; to be handed on to the advert that takes this one's place. */
  stamps = new Stamps();
  readonly #slackUs: number;
  /** Sum of everything under the VRRP checksum but the priority. */
  readonly #sum: number;
  /** AH: IPv4 identification. */
  #id = 0;

  /**
   * Writes the packet at the start of `bytes`. Throws RangeError when the memory is too small, when there are more
   * than 255 addresses, or when an address has the wrong length: the caller's mistakes, not the user's.
   */
  constructor(bytes: Uint8Array, spec: OutgoingSpec) {
    const size = addressLength(spec.family);
    this.bytes = bytes;
    this.length = outgoingLength(spec);
    if (bytes.length < this.length) {
      throw new RangeError(`an advert of ${this.length} bytes needs more memory`);
    }
    if (spec.addresses.length > 255) throw new RangeError("an advert carries at most 255 addresses");
    for (const address of [spec.source, spec.destination, ...spec.addresses]) {
      if (address.length !== size) throw new RangeError(`an ${spec.family} address has ${size} bytes`);
    }
    if (spec.family === "ipv6" && spec.version === 2) throw new RangeError("VRRPv2 knows no IPv6");
    const ah = usesAh(spec);
    bytes.fill(0, 0, this.length);
    this.#multicast = isMulticast(spec.destination, 0, size);
    this.#signer = ah ? new IcvSigner(spec.authentication!.password) : null;
    const headerEnd = writeIpHeader(bytes, spec, this.length, ah);
    this.#ahStart = ah ? headerEnd : -1;
    this.#messageStart = headerEnd + (ah ? at.AH_BYTES : 0);
    if (ah) writeAuthenticationHeader(bytes, headerEnd, spec.source);
    const hmac = signs(spec) ? spec.hmac! : null;
    const key = hmac?.keys.find(({ id }) => id === hmac.activeKey);
    this.#family = spec.family;
    this.#slackUs = hmac?.timeWindowUs ?? 0;
    this.#trailer = key === undefined ? null : new TrailerSigner(key.secret);
    this.#messageEnd = this.length - (hmac === null ? 0 : at.HMAC_TRAILER_BYTES);
    writeMessage(bytes, this.#messageStart, this.#messageEnd, spec);
    this.#sum = fold(checksumBase(bytes, this.#messageStart, this.#messageEnd, spec));
    if (key !== undefined) {
      bytes[this.#messageEnd] = at.HMAC_TRAILER_TYPE;
      bytes[this.#messageEnd + at.HMAC_KEY_ID] = key.id;
    }
    this.setPriority(spec.priority);
  }

  /** Puts a priority (0..255) into the packet and corrects the VRRP checksum. With AH, `prepare` must follow. */
  setPriority(priority: number): void {
    const start = this.#messageStart, bytes = this.bytes;
    bytes[start + at.PRIORITY] = priority;
    // The priority is the upper byte of its word.
    const checksum = checksumOf(this.#sum + ((priority & 0xff) << 8));
    bytes[start + at.CHECKSUM] = checksum >> 8;
    bytes[start + at.CHECKSUM + 1] = checksum & 0xff;
  }

  /** The priority in the packet. */
  get priority(): number {
    return this.bytes[this.#messageStart + at.PRIORITY]!;
  }

  /**
   * To be called before each send. AH: the next sequence number, above `heard` (Judge.highestSequence: keepalived
   * keeps one count for what it sends and hears, and would take a lower number for a replay), and a new ICV.
   * auth_hmac: a stamp of the time `realtimeUs` (since 1970), and a new tag. Does nothing without either.
   */
  prepare(heard = 0, realtimeUs = 0): void {
    if (this.#trailer !== null) this.#sign(this.#trailer, realtimeUs);
    if (this.#signer === null) return;
    const bytes = this.bytes, ah = this.#ahStart;
    this.sequence = Math.min(0xffff_ffff, Math.max(this.sequence, heard) + 1);
    for (let i = 0; i < 4; i++) bytes[ah + at.AH_SEQUENCE + i] = this.sequence >>> (24 - 8 * i);
    // The ICV covers the identification: it must not be left for the kernel, which fills it in when it is zero.
    this.#id = (this.#id % 0xffff) + 1;
    bytes[at.IPV4_ID] = this.#id >> 8;
    bytes[at.IPV4_ID + 1] = this.#id & 0xff;
    this.#signer.sign(bytes, 0, this.length, ah, this.#multicast, bytes, ah + at.AH_ICV);
  }

  /**
   * Fills in what the kernel fills in for a raw socket: to be called after `prepare` when the packet goes out in a
   * frame of our own. IPv6 needs nothing.
   */
  complete(): void {
    if (this.#family === "ipv6") return;
    const bytes = this.bytes;
    if (this.#signer === null) {
      this.#id = (this.#id % 0xffff) + 1;
      bytes[at.IPV4_ID] = this.#id >> 8;
      bytes[at.IPV4_ID + 1] = this.#id & 0xff;
    }
    bytes[at.IPV4_CHECKSUM] = bytes[at.IPV4_CHECKSUM + 1] = 0;
    const checksum = checksumOf(addWords(0, bytes, 0, at.IPV4_HEADER_BYTES));
    bytes[at.IPV4_CHECKSUM] = checksum >> 8;
    bytes[at.IPV4_CHECKSUM + 1] = checksum & 0xff;
  }

  #sign(signer: TrailerSigner, realtimeUs: number): void {
    const bytes = this.bytes, trailer = this.#messageEnd;
    const source = this.#family === "ipv4" ? at.IPV4_SOURCE : at.IPV6_SOURCE;
    this.stamps.write(bytes, trailer, realtimeUs, this.#slackUs);
    signer.sign(bytes, this.#family, source, this.#messageStart, trailer, bytes, trailer + at.HMAC_TAG);
  }
}

/** Writes the IP header at 0; returns where it ends. */
function writeIpHeader(bytes: Uint8Array, spec: OutgoingSpec, length: number, ah: boolean): number {
  const protocol = ah ? at.IPPROTO_AH : at.IPPROTO_VRRP;
  if (spec.family === "ipv4") {
    bytes[0] = 0x45; // version 4, 5 words
    bytes[at.IPV4_TOS] = at.VRRP_TOS;
    writeUint16(bytes, at.IPV4_TOTAL_LENGTH, length);
    bytes[at.IPV4_TTL] = spec.hopLimit ?? at.VRRP_TTL;
    bytes[at.IPV4_PROTOCOL] = protocol;
    bytes.set(spec.source, at.IPV4_SOURCE);
    bytes.set(spec.destination, at.IPV4_DESTINATION);
    return at.IPV4_HEADER_BYTES;
  }
  bytes[0] = 0x60 | (at.VRRP_TOS >> 4); // version 6, then 8 bits of traffic class, then the flow label
  bytes[1] = (at.VRRP_TOS << 4) & 0xff;
  writeUint16(bytes, at.IPV6_PAYLOAD_LENGTH, length - at.IPV6_HEADER_BYTES);
  bytes[at.IPV6_NEXT_HEADER] = protocol;
  bytes[at.IPV6_HOP_LIMIT] = spec.hopLimit ?? at.VRRP_TTL;
  bytes.set(spec.source, at.IPV6_SOURCE);
  bytes.set(spec.destination, at.IPV6_DESTINATION);
  return at.IPV6_HEADER_BYTES;
}

/** AH header without sequence number and ICV: those are `prepare`'s. */
function writeAuthenticationHeader(bytes: Uint8Array, start: number, source: Uint8Array): void {
  bytes[start + at.AH_NEXT_HEADER] = at.IPPROTO_VRRP;
  bytes[start + at.AH_LENGTH] = at.AH_LENGTH_VALUE;
  bytes.set(source, start + at.AH_SPI);
}

/** The VRRP message with priority and checksum still zero. */
function writeMessage(bytes: Uint8Array, start: number, end: number, spec: OutgoingSpec): void {
  const interval = wireInterval(spec.version, spec.advertIntervalUs);
  bytes[start + at.VERSION_TYPE] = (spec.version << 4) | at.TYPE_ADVERTISEMENT;
  bytes[start + at.VRID] = spec.vrid;
  bytes[start + at.COUNT] = spec.addresses.length;
  if (spec.version === 2) {
    const authType = authTypeOf(spec.authentication);
    bytes[start + at.AUTH_TYPE] = authType;
    bytes[start + at.ADVERT_SECONDS] = interval;
    if (authType === AUTH_PASS) {
      bytes.set(passwordBytes(spec.authentication!.password), end - at.AUTH_DATA_BYTES);
    }
  } else writeUint16(bytes, start + at.ADVERT_CENTISECONDS, interval);
  let offset = start + at.ADDRESSES;
  for (const address of spec.addresses) {
    bytes.set(address, offset);
    offset += address.length;
  }
}

/** Sum of the pseudo-header, where there is one, and of the message. */
function checksumBase(bytes: Uint8Array, start: number, end: number, spec: OutgoingSpec): number {
  const message = addWords(0, bytes, start, end);
  if (spec.family === "ipv6") {
    return message + pseudoHeader6(bytes, at.IPV6_SOURCE, at.IPV6_DESTINATION, end - start);
  }
  if (spec.version === 2 || spec.checksumForm === "message-only") return message;
  if (spec.checksumDestination !== undefined) {
    const pair = Uint8Array.from([...spec.source, ...spec.checksumDestination]);
    return message + pseudoHeader4(pair, 0, 4, end - start);
  }
  return message + pseudoHeader4(bytes, at.IPV4_SOURCE, at.IPV4_DESTINATION, end - start);
}

function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >> 8;
  bytes[offset + 1] = value & 0xff;
}
