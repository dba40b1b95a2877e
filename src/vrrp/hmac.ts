// The auth_hmac trailer after a VRRP message (draft-cassen-vrrp-auth-hmac as keepalived 2.4.2 sends it): a time
// stamp and a tag, made under one of several keys; who may still be believed, and who repeats old packets.
import { compareBytes, type Family } from "./address.ts";
import { equalInConstantTime } from "./authentication.ts";
import * as at from "./layout.ts";
import { NO_REFUSAL, REFUSAL_CODES } from "./refusal.ts";
import { HmacSha256 } from "./sha256.ts";

const { hmac_key: KEY, hmac_tag: TAG, hmac_stale: STALE, hmac_replay: REPLAY } = REFUSAL_CODES;

/** One key. */
export interface HmacKey {
  /** 1..255. */
  id: number;
  /** 32..64 bytes in hexadecimal. */
  secret: string;
}

/** How the adverts of a router are signed and verified. */
export interface HmacSettings {
  keys: readonly HmacKey[];
  /** The key that signs. */
  activeKey: number;
  /** Tolerated age or clock skew. */
  timeWindowUs: number;
  /** "monotonic": stamps must only grow, whatever our clock says. */
  antiReplay: "time" | "monotonic";
  /** "permissive": signs, takes unsigned adverts too. "receive-only": so does this one, but does not sign. */
  mode: "enforce" | "permissive" | "receive-only";
}

/** Family, version, VRID, 0, then the source address in 16 bytes. */
const PSEUDO_BYTES = 20;
const PSEUDO_ADDRESS = 4;
/** Senders that are remembered. Only those that know a key enter. */
const SENDERS = 32;
const ADDRESS_BYTES = 16;
/** Ticks of the stamp in a second: seconds and 1/65536 of them. */
const TICKS_PER_SECOND = 65_536;
const TICKS_PER_US = TICKS_PER_SECOND / 1_000_000;

/** Makes tags under one key; nothing is allocated after construction. */
export class TrailerSigner {
  readonly #hmac: HmacSha256;
  readonly #pseudo = new Uint8Array(PSEUDO_BYTES);

  constructor(secret: string) {
    this.#hmac = new HmacSha256(Uint8Array.fromHex(secret));
  }

  /**
   * Writes the 16-byte tag of the message bytes[start, trailer) and its trailer to `into`. The checksum of the
   * message and the tag itself count as zero. `source`: offset of the source address in `bytes`.
   */
  sign(
    bytes: Uint8Array,
    family: Family,
    source: number,
    start: number,
    trailer: number,
    into: Uint8Array,
    offset: number,
  ): void {
    const pseudo = this.#pseudo, length = family === "ipv4" ? 4 : 16;
    pseudo[0] = family === "ipv4" ? 4 : 6;
    pseudo[1] = bytes[start + at.VERSION_TYPE]! >> 4;
    pseudo[2] = bytes[start + at.VRID]!;
    for (let i = 0; i < ADDRESS_BYTES; i++) {
      pseudo[PSEUDO_ADDRESS + i] = i < length ? bytes[source + i]! : 0;
    }
    const { hash } = this.#hmac;
    this.#hmac.begin();
    hash.update(pseudo, 0, PSEUDO_BYTES);
    hash.update(bytes, start, start + at.CHECKSUM);
    hash.zeros(2);
    hash.update(bytes, start + at.CHECKSUM + 2, trailer + at.HMAC_TAG);
    hash.zeros(at.HMAC_TAG_BYTES);
    this.#hmac.finish(into, offset, at.HMAC_TAG_BYTES);
  }
}

/** The stamps of our own adverts: each is later than the one before. */
export class Stamps {
  #ticks = 0;
  #counter = 0;

  /** Writes a stamp for the time `realtimeUs` into the trailer. A clock that was set back is followed after `slackUs`. */
  write(bytes: Uint8Array, trailer: number, realtimeUs: number, slackUs: number): void {
    const nowTicks = Math.floor(realtimeUs * TICKS_PER_US);
    if (nowTicks > this.#ticks || this.#ticks - nowTicks > slackUs * TICKS_PER_US) {
      this.#ticks = nowTicks;
      this.#counter = 0;
    } else if (++this.#counter > 0xffff) {
      this.#ticks++;
      this.#counter = 0;
    }
    const seconds = Math.floor(this.#ticks / TICKS_PER_SECOND);
    const fraction = this.#ticks % TICKS_PER_SECOND;
    for (let i = 0; i < 4; i++) bytes[trailer + at.HMAC_SECONDS + i] = (seconds >>> (24 - 8 * i)) & 0xff;
    bytes[trailer + at.HMAC_FRACTION] = fraction >> 8;
    bytes[trailer + at.HMAC_FRACTION + 1] = fraction & 0xff;
    bytes[trailer + at.HMAC_COUNTER] = this.#counter >> 8;
    bytes[trailer + at.HMAC_COUNTER + 1] = this.#counter & 0xff;
  }
}

/** Verifies trailers for one virtual router. Nothing is allocated after construction, except by `configure`. */
export class TrailerJudge {
  #settings: HmacSettings;
  /** By key id. */
  readonly #signers: (TrailerSigner | null)[] = new Array<TrailerSigner | null>(256).fill(null);
  readonly #tag = new Uint8Array(at.HMAC_TAG_BYTES);
  readonly #addresses = new Uint8Array(SENDERS * ADDRESS_BYTES);
  readonly #ticks = new Float64Array(SENDERS).fill(-1);
  readonly #counters = new Float64Array(SENDERS);
  /** When each was last heard, in accepted packets: the oldest makes room. */
  readonly #heard = new Float64Array(SENDERS);
  #clock = 0;

  constructor(settings: HmacSettings) {
    this.#settings = settings;
    this.configure(settings);
  }

  /** Takes new keys and rules after a reload; the last stamp of each sender stays known. */
  configure(settings: HmacSettings): void {
    this.#settings = settings;
    this.#signers.fill(null);
    for (const { id, secret } of settings.keys) this.#signers[id] = new TrailerSigner(secret);
  }

  /** Judges the message bytes[start, trailer) with its trailer. Returns a refusal code or NO_REFUSAL. */
  judge(
    bytes: Uint8Array,
    family: Family,
    source: number,
    start: number,
    trailer: number,
    realtimeUs: number,
  ): number {
    const signer = this.#signers[bytes[trailer + at.HMAC_KEY_ID]!] ?? null;
    if (signer === null) return KEY;
    signer.sign(bytes, family, source, start, trailer, this.#tag, 0);
    if (!equalInConstantTime(bytes, trailer + at.HMAC_TAG, this.#tag, 0, at.HMAC_TAG_BYTES)) return TAG;
    const ticks = stampTicks(bytes, trailer);
    if (this.#settings.antiReplay === "time") {
      const windowTicks = this.#settings.timeWindowUs * TICKS_PER_US;
      if (Math.abs(realtimeUs * TICKS_PER_US - ticks) > windowTicks) return STALE;
    }
    const c = trailer + at.HMAC_COUNTER;
    const counter = (bytes[c]! << 8) | bytes[c + 1]!;
    return this.#accept(bytes, source, family === "ipv4" ? 4 : 16, ticks, counter) ? NO_REFUSAL : REPLAY;
  }

  /** Whether the stamp is later than the last one of its sender; notes it when it is. */
  #accept(bytes: Uint8Array, source: number, length: number, ticks: number, counter: number): boolean {
    let slot = 0;
    for (let i = 0; i < SENDERS; i++) {
      if (
        this.#ticks[i] !== -1 &&
        compareBytes(this.#addresses, i * ADDRESS_BYTES, bytes, source, length) === 0
      ) {
        const last = this.#ticks[i]!;
        if (ticks < last || (ticks === last && counter <= this.#counters[i]!)) return false;
        slot = i;
        break;
      }
      if (this.#heard[i]! < this.#heard[slot]!) slot = i;
    }
    for (let i = 0; i < length; i++) this.#addresses[slot * ADDRESS_BYTES + i] = bytes[source + i]!;
    this.#ticks[slot] = ticks;
    this.#counters[slot] = counter;
    this.#heard[slot] = ++this.#clock;
    return true;
  }
}

function stampTicks(bytes: Uint8Array, trailer: number): number {
  const s = trailer + at.HMAC_SECONDS, f = trailer + at.HMAC_FRACTION;
  const seconds = ((bytes[s]! << 24) | (bytes[s + 1]! << 16) | (bytes[s + 2]! << 8) | bytes[s + 3]!) >>> 0;
  return seconds * TICKS_PER_SECOND + ((bytes[f]! << 8) | bytes[f + 1]!);
}
