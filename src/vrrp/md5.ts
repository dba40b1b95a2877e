// MD5 (RFC 1321) and HMAC-MD5-96 (RFC 2104, 2403) without allocation, for VRRPv2's AH.

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
const BLOCK_BYTES = 64;

/** An MD5 computation that can be restarted at will. */
export class Md5 {
  /** A, B, C, D. */
  readonly state: Int32Array = new Int32Array(4);
  readonly #block: Uint8Array = new Uint8Array(BLOCK_BYTES);
  readonly #words: Int32Array = new Int32Array(16);
  #filled = 0;
  #totalBytes = 0;

  constructor() {
    this.reset();
  }

  reset(): void {
    const state = this.state;
    state[0] = 0x67452301;
    state[1] = 0xefcdab89;
    state[2] = 0x98badcfe;
    state[3] = 0x10325476;
    this.#filled = 0;
    this.#totalBytes = 0;
  }

  /** Goes on from a state that was reached after `totalBytes`, a multiple of 64. */
  resume(state: Int32Array, totalBytes: number): void {
    for (let i = 0; i < 4; i++) this.state[i] = state[i]!;
    this.#filled = 0;
    this.#totalBytes = totalBytes;
  }

  /** Takes in bytes[start, end). */
  update(bytes: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.#push(bytes[i]!);
    this.#totalBytes += end - start;
  }

  /** Pads and writes the first `count` (at most 16) bytes of the digest to `into` at `offset`. */
  digest(into: Uint8Array, offset: number, count: number): void {
    const totalBytes = this.#totalBytes;
    this.#push(0x80);
    while (this.#filled !== 56) this.#push(0);
    // The length in bits, 64 bits little-endian.
    const low = totalBytes << 3, high = Math.floor(totalBytes / 0x2000_0000);
    for (let i = 0; i < 4; i++) this.#push((low >>> (8 * i)) & 0xff);
    for (let i = 0; i < 4; i++) this.#push((high >>> (8 * i)) & 0xff);
    for (let i = 0; i < count; i++) into[offset + i] = this.state[i >> 2]! >>> (8 * (i & 3));
  }

  #push(byte: number): void {
    this.#block[this.#filled++] = byte;
    if (this.#filled === BLOCK_BYTES) {
      this.#compress();
      this.#filled = 0;
    }
  }

  #compress(): void {
    const block = this.#block, words = this.#words, state = this.state;
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
export class HmacMd5 {
  readonly #md5 = new Md5();
  /** MD5 states after the block of key and pad: they are the same for every message. */
  readonly #inner = new Int32Array(4);
  readonly #outer = new Int32Array(4);
  readonly #digest = new Uint8Array(16);

  /** `key`: at most 64 bytes. */
  constructor(key: Uint8Array) {
    if (key.length > BLOCK_BYTES) throw new RangeError("an HMAC key is at most 64 bytes long");
    this.#absorb(key, 0x36, this.#inner);
    this.#absorb(key, 0x5c, this.#outer);
  }

  #absorb(key: Uint8Array, pad: number, into: Int32Array): void {
    const block = new Uint8Array(BLOCK_BYTES).fill(pad);
    for (let i = 0; i < key.length; i++) block[i] = key[i]! ^ pad;
    this.#md5.reset();
    this.#md5.update(block, 0, BLOCK_BYTES);
    into.set(this.#md5.state);
  }

  /** Writes the first `count` (at most 16) bytes of the MAC of bytes[start, end) to `into` at `offset`. */
  sign(bytes: Uint8Array, start: number, end: number, into: Uint8Array, offset: number, count: number): void {
    this.#md5.resume(this.#inner, BLOCK_BYTES);
    this.#md5.update(bytes, start, end);
    this.#md5.digest(this.#digest, 0, 16);
    this.#md5.resume(this.#outer, BLOCK_BYTES);
    this.#md5.update(this.#digest, 0, 16);
    this.#md5.digest(into, offset, count);
  }
}
