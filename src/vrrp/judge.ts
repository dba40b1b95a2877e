// Whether a well-formed advert is meant for one virtual router: RFC 5798 section 7.1 with keepalived's tolerance.
import { addressLength, compareBytes, type Family, isLinkLocal } from "./address.ts";
import type { Advert, ChecksumForm, Packet } from "./advert.ts";
import { isFrom } from "./advert.ts";
import type { Authentication } from "./authentication.ts";
import {
  AUTH_AH,
  AUTH_PASS,
  authTypeOf,
  equalInConstantTime,
  IcvSigner,
  passwordBytes,
} from "./authentication.ts";
import { type HmacSettings, TrailerJudge } from "./hmac.ts";
import * as at from "./layout.ts";
import { NO_REFUSAL, REFUSAL_CODES } from "./refusal.ts";
import {
  REMARK_ADDRESS_LIST,
  REMARK_CHECKSUM_FORM,
  REMARK_FIRST_ADDRESS,
  REMARK_INTERVAL,
  REMARK_OWNER,
} from "./remark.ts";
import { SequenceTable } from "./replay.ts";
import { wireIntervalUs } from "./timers.ts";

const {
  version: VERSION,
  checksum: CHECKSUM,
  vrid: VRID,
  type: TYPE,
  count: COUNT,
  interval: INTERVAL,
  own: OWN,
} = REFUSAL_CODES;
const { auth_type: AUTH_TYPE, auth_mismatch: AUTH_MISMATCH, auth_failure: AUTH_FAILURE } = REFUSAL_CODES;
const { auth_replay: AUTH_REPLAY, first_address: FIRST_ADDRESS, address_list: ADDRESS_LIST } = REFUSAL_CODES;
const { auth_hmac: AUTH_HMAC, hmac_missing: HMAC_MISSING } = REFUSAL_CODES;
const { owner: OWNER, peer: PEER, destination: DESTINATION, peer_ttl: PEER_TTL } = REFUSAL_CODES;

/** A sender, and the TTLs or hop limits that its adverts may arrive with. */
export interface HopLimits {
  sender: Uint8Array;
  min: number;
  max: number;
}

const NO_PASSWORD = new Uint8Array(at.AUTH_DATA_BYTES);
/** The ICV that a packet should have, while it is judged. */
const ICV = new Uint8Array(at.AH_ICV_BYTES);

/** What one virtual router expects of the adverts it listens to. */
export interface JudgeSettings {
  version: 2 | 3;
  family: Family;
  vrid: number;
  advertIntervalUs: number;
  /** Base priority 255. */
  owner: boolean;
  /** An owner hears nobody. */
  ownerIgnoresAdverts?: boolean;
  /** Unicast: senders whose adverts are used only with a TTL or hop limit from `min` to `max`. */
  hopLimits?: readonly HopLimits[];
  /** By the letter of the RFCs: what else is only remarked is refused. */
  strict: boolean;
  /** Own sending address; an empty array as long as there is none. */
  source: Uint8Array;
  /** The group that is joined; null for a unicast router. */
  multicastGroup: Uint8Array | null;
  /** Unicast: addresses that may send (check_unicast_src); null = any, as keepalived does by default. */
  peers: readonly Uint8Array[] | null;
  /** Advertised addresses. */
  addresses: readonly Uint8Array[];
  /** Version 2 only. */
  authentication: Authentication | null;
  /** The auth_hmac trailer that is wanted or tolerated. */
  hmac?: HmacSettings | null;
  /** The form that we send (version 3 over IPv4). */
  checksumForm: ChecksumForm;
  /** Do not use unicast adverts with the checksum of keepalived up to 1.3.6. */
  refusesOldChecksum?: boolean;
  /** Compare the address list only when the sender changes (skip_check_adv_addr). */
  skipCheckAdvAddr: boolean;
}

/** Judges adverts for one virtual router. Nothing is allocated after construction, except by `configure`. */
export class Judge {
  settings: JudgeSettings;
  /** What is odd about the last judged advert: bits of remark.ts. */
  remarks = 0;
  /** The router leaves: even an owner wants to hear its successor. */
  leaving = false;
  /** With AH only; null until it is first configured. */
  #sequences: SequenceTable | null = null;
  #password: Uint8Array = NO_PASSWORD;
  #signer: IcvSigner | null = null;
  #trailers: TrailerJudge | null = null;
  /** Our own interval, as others read it in our adverts. */
  #intervalUs = 0;
  /** The sender whose list was compared last. */
  readonly #listedBy = new Uint8Array(16);
  #listKnown = false;

  constructor(settings: JudgeSettings) {
    this.settings = settings;
    this.configure(settings);
  }

  /** Takes new settings after a reload; the sequence numbers of the senders stay known. */
  configure(settings: JudgeSettings): void {
    this.settings = settings;
    this.#listKnown = false;
    const { authentication, version, hmac } = settings;
    if (hmac == null) this.#trailers = null;
    else if (this.#trailers === null) this.#trailers = new TrailerJudge(hmac);
    else this.#trailers.configure(hmac);
    this.#intervalUs = wireIntervalUs(version, settings.advertIntervalUs);
    this.#signer = null;
    if (version === 2 && authentication?.type === "AH") {
      this.#signer = new IcvSigner(authentication.password);
      this.#sequences ??= new SequenceTable();
    }
    if (version === 2 && authentication?.type === "PASS") {
      this.#password = passwordBytes(authentication.password);
    }
  }

  /** The highest AH sequence number accepted from anybody: our own adverts go on from there. */
  get highestSequence(): number {
    return this.#sequences?.highest ?? 0;
  }

  /**
   * Judges an advert that `inspect` found well formed. Returns a refusal code or NO_REFUSAL, and sets `remarks`.
   * A refused advert leaves no trace, except that an authentic AH sequence number or auth_hmac stamp counts as used.
   * `realtimeUs`: the time since 1970, for auth_hmac only.
   */
  judge(packet: Packet, advert: Advert, realtimeUs = 0): number {
    const settings = this.settings;
    this.remarks = 0;
    if (advert.version !== settings.version) return VERSION;
    if (advert.vrid !== settings.vrid || packet.family !== settings.family) return VRID;
    if (advert.type !== at.TYPE_ADVERTISEMENT) return TYPE;
    if (advert.checksumForm === "old-unicast" && settings.refusesOldChecksum === true) return CHECKSUM;
    // Version 2 without addresses exists (no_virtual_ipaddress); RFC 9568 section 7.1 forbids it in version 3.
    if (advert.version === 3 && advert.count === 0) return COUNT;
    const unsigned = this.#judgeTrailer(packet, advert, realtimeUs);
    if (unsigned !== NO_REFUSAL) return unsigned;
    const refusal = this.#authenticate(packet, advert);
    if (refusal !== NO_REFUSAL) return refusal;
    if (advert.version === 2) {
      if (advert.intervalUs !== this.#intervalUs) return INTERVAL;
    } else {
      if (advert.intervalUs === 0) return INTERVAL;
      if (advert.intervalUs !== this.#intervalUs) this.remarks |= REMARK_INTERVAL;
    }
    return this.#judgeContents(packet, advert);
  }

  #judgeContents(packet: Packet, advert: Advert): number {
    const settings = this.settings;
    if (packet.family === "ipv6" && !isLinkLocal(packet.bytes, advert.addressesStart, 16)) {
      if (settings.strict) return FIRST_ADDRESS;
      this.remarks |= REMARK_FIRST_ADDRESS;
    }
    if (this.#listToCompare(packet) && !this.#sameAddresses(packet, advert)) {
      // A list that differs is taken from an owner even by the letter (RFC 3768 section 7.1).
      if (settings.strict && advert.priority !== at.PRIORITY_OWNER) return ADDRESS_LIST;
      this.remarks |= REMARK_ADDRESS_LIST;
    }
    if (settings.owner && settings.ownerIgnoresAdverts === true && !this.leaving) return OWNER;
    if (settings.owner && advert.priority === at.PRIORITY_OWNER) this.remarks |= REMARK_OWNER;
    if (settings.multicastGroup === null) {
      if (!this.#isPeer(packet)) return PEER;
      if (advert.multicast) return DESTINATION;
      if (!this.#withinHops(packet, advert)) return PEER_TTL;
    } else {
      const group = settings.multicastGroup;
      if (compareBytes(packet.bytes, packet.destinationStart, group, 0, group.length) !== 0) {
        return DESTINATION;
      }
    }
    if (settings.source.length !== 0 && isFrom(packet, settings.source)) return OWN;
    if (advert.version === 3 && packet.family === "ipv4" && advert.checksumForm !== settings.checksumForm) {
      this.remarks |= REMARK_CHECKSUM_FORM;
    }
    if (settings.skipCheckAdvAddr) this.#noteListed(packet);
    return NO_REFUSAL;
  }

  /** Whether the clock is needed: `judge` may be called without the time where it is not. */
  get needsTime(): boolean {
    return this.#trailers !== null;
  }

  #judgeTrailer(packet: Packet, advert: Advert, realtimeUs: number): number {
    const { messageStart: start, trailerStart: trailer } = advert;
    if (this.#trailers === null) return trailer === -1 ? NO_REFUSAL : AUTH_HMAC;
    if (trailer === -1) return this.settings.hmac!.mode === "enforce" ? HMAC_MISSING : NO_REFUSAL;
    const { bytes, family, sourceStart } = packet;
    return this.#trailers.judge(bytes, family, sourceStart, start, trailer, realtimeUs);
  }

  /** RFC 2338 section 5.3.6 and 7.1; the names of the failures are those of RFC 2787. */
  #authenticate(packet: Packet, advert: Advert): number {
    if (advert.version === 3) return advert.ahStart === -1 ? NO_REFUSAL : AUTH_MISMATCH;
    if (advert.authType > AUTH_AH) return AUTH_TYPE;
    const wanted = authTypeOf(this.settings.authentication);
    if (advert.authType !== wanted || (advert.ahStart !== -1) !== (wanted === AUTH_AH)) return AUTH_MISMATCH;
    if (wanted === AUTH_PASS) {
      const same = equalInConstantTime(packet.bytes, advert.authStart, this.#password, 0, at.AUTH_DATA_BYTES);
      return same ? NO_REFUSAL : AUTH_FAILURE;
    }
    return this.#signer === null ? NO_REFUSAL : this.#authenticateHeader(this.#signer, packet, advert);
  }

  /** AH: the ICV first, then SPI = source address, then a sequence number that grows. */
  #authenticateHeader(signer: IcvSigner, packet: Packet, advert: Advert): number {
    const bytes = packet.bytes, ah = advert.ahStart;
    signer.sign(bytes, packet.start, advert.messageEnd, ah, advert.multicast, ICV, 0);
    if (!equalInConstantTime(bytes, ah + at.AH_ICV, ICV, 0, at.AH_ICV_BYTES)) return AUTH_FAILURE;
    if (compareBytes(bytes, ah + at.AH_SPI, bytes, packet.sourceStart, 4) !== 0) return AUTH_FAILURE;
    const s = ah + at.AH_SEQUENCE;
    const sequence = ((bytes[s]! << 24) | (bytes[s + 1]! << 16) | (bytes[s + 2]! << 8) | bytes[s + 3]!) >>> 0;
    return this.#sequences!.accept(bytes, packet.sourceStart, sequence) ? NO_REFUSAL : AUTH_REPLAY;
  }

  #isPeer(packet: Packet): boolean {
    const peers = this.settings.peers;
    if (peers === null) return true;
    for (let i = 0; i < peers.length; i++) if (isFrom(packet, peers[i]!)) return true;
    return false;
  }

  /** Whether it came as near or far as its sender should be. */
  #withinHops(packet: Packet, { hopLimit }: Advert): boolean {
    const limits = this.settings.hopLimits;
    if (limits === undefined) return true;
    for (let i = 0; i < limits.length; i++) {
      const { sender, min, max } = limits[i]!;
      if (isFrom(packet, sender)) return hopLimit >= min && hopLimit <= max;
    }
    return true;
  }

  #listToCompare(packet: Packet): boolean {
    if (!this.settings.skipCheckAdvAddr || !this.#listKnown) return true;
    const length = addressLength(packet.family);
    return compareBytes(packet.bytes, packet.sourceStart, this.#listedBy, 0, length) !== 0;
  }

  #noteListed(packet: Packet): void {
    const length = addressLength(packet.family);
    for (let i = 0; i < length; i++) this.#listedBy[i] = packet.bytes[packet.sourceStart + i]!;
    this.#listKnown = true;
  }

  /** Whether the advert lists exactly our addresses, in any order. */
  #sameAddresses(packet: Packet, advert: Advert): boolean {
    const addresses = this.settings.addresses, length = addressLength(packet.family);
    if (advert.count !== addresses.length) return false;
    for (let i = 0; i < addresses.length; i++) {
      const address = addresses[i]!;
      // The same place first: routers that share a configuration share its order.
      if (compareBytes(packet.bytes, advert.addressesStart + i * length, address, 0, length) === 0) continue;
      let found = false;
      for (let j = 0; j < advert.count && !found; j++) {
        found = compareBytes(packet.bytes, advert.addressesStart + j * length, address, 0, length) === 0;
      }
      if (!found) return false;
    }
    return true;
  }
}
