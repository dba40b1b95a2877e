// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) without allocation, for the auth_hmac trailer.
import { BlockHash, Hmac } from "./block_hash.ts";

export const SHA256_BYTES = 32;

/**
 * The first 32 bits of the fraction of a number below 32: a double has 48 bits of it. Every start computes these, so
 * they are computed without garbage.
 */
function fractionBits(root: number): number {
  return Math.floor((root - Math.floor(root)) * 0x1_0000_0000) | 0;
}

const PRIMES: number[] = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p !== 0)) PRIMES.push(n);
/** FIPS 180-4 sections 5.3.3 and 4.2.2. */
const INITIAL = Int32Array.from(PRIMES.slice(0, 8), (p) => fractionBits(Math.sqrt(p)));
const ROUND = Int32Array.from(PRIMES, (p) => fractionBits(Math.cbrt(p)));

/** A SHA-256 computation that can be restarted at will. */
export class Sha256 extends BlockHash {
  readonly #words = new Int32Array(64);

  constructor() {
    super(INITIAL, false);
  }

  protected override compress(): void {
    const block = this.block, words = this.#words, state = this.state;
    for (let i = 0; i < 16; i++) {
      const j = i * 4;
      words[i] = (block[j]! << 24) | (block[j + 1]! << 16) | (block[j + 2]! << 8) | block[j + 3]!;
    }
    for (let i = 16; i < 64; i++) {
      const x = words[i - 15]!, y = words[i - 2]!;
      const small0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const small1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      words[i] = words[i - 16]! + small0 + words[i - 7]! + small1;
    }
    let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
    let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
    for (let i = 0; i < 64; i++) {
      const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const first = (h + big1 + ((e & f) ^ (~e & g)) + ROUND[i]! + words[i]!) | 0;
      const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] = state[0]! + a;
    state[1] = state[1]! + b;
    state[2] = state[2]! + c;
    state[3] = state[3]! + d;
    state[4] = state[4]! + e;
    state[5] = state[5]! + f;
    state[6] = state[6]! + g;
    state[7] = state[7]! + h;
  }
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** HMAC-SHA-256 under one key. */
export class HmacSha256 extends Hmac {
  /** `key`: at most 64 bytes. */
  constructor(key: Uint8Array) {
    super(new Sha256(), key);
  }
}
