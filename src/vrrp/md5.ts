// MD5 (RFC 1321) and HMAC-MD5-96 (RFC 2104, 2403) without allocation, for VRRPv2's AH.
import { BlockHash, Hmac } from "./block_hash.ts";

const ROTATIONS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
/** Per step: rotation, and the message word it takes (RFC 1321 section 3.4). */
const ROTATE = new Int32Array(64);
const WORD = new Int32Array(64);
const SINES = new Int32Array(64);
for (let i = 0; i < 64; i++) {
  const round = i >> 4;
  ROTATE[i] = ROTATIONS[round]![i & 3]!;
  WORD[i] = (round === 0 ? i : round === 1 ? 5 * i + 1 : round === 2 ? 3 * i + 5 : 7 * i) & 15;
  SINES[i] = Math.floor(Math.abs(Math.sin(i + 1)) * 0x1_0000_0000) | 0;
}
/** A, B, C, D (RFC 1321 section 3.3). */
const INITIAL = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);

/** An MD5 computation that can be restarted at will. */
export class Md5 extends BlockHash {
  readonly #words: Int32Array = new Int32Array(16);

  constructor() {
    super(INITIAL, true);
  }

  protected override compress(): void {
    const block = this.block, words = this.#words, state = this.state;
    for (let i = 0; i < 16; i++) {
      const j = i * 4;
      words[i] = block[j]! | (block[j + 1]! << 8) | (block[j + 2]! << 16) | (block[j + 3]! << 24);
    }
    let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
    for (let i = 0; i < 64; i++) {
      let mix: number;
      if (i < 16) mix = (b & c) | (~b & d);
      else if (i < 32) mix = (b & d) | (c & ~d);
      else if (i < 48) mix = b ^ c ^ d;
      else mix = c ^ (b | ~d);
      const sum = (a + mix + SINES[i]! + words[WORD[i]!]!) | 0;
      const shift = ROTATE[i]!;
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    state[0] = state[0]! + a;
    state[1] = state[1]! + b;
    state[2] = state[2]! + c;
    state[3] = state[3]! + d;
  }
}

/** HMAC-MD5 under one key, cut to 96 bits where the caller asks for 12 bytes. */
export class HmacMd5 extends Hmac {
  /** `key`: at most 64 bytes. */
  constructor(key: Uint8Array) {
    super(new Md5(), key);
  }

  /** Writes the first `count` (at most 16) bytes of the MAC of bytes[start, end) to `into` at `offset`. */
  sign(bytes: Uint8Array, start: number, end: number, into: Uint8Array, offset: number, count: number): void {
    this.begin();
    this.hash.update(bytes, start, end);
    this.finish(into, offset, count);
  }
}
