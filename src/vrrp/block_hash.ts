// What MD5 and SHA-256 share: blocks of 64 bytes, the padding with the length, and HMAC (RFC 2104). No allocation.

/** Bytes of a block of both. */
export const BLOCK_BYTES = 64;

/** A hash of 64-byte blocks and 32-bit words that can be restarted at will. */
export abstract class BlockHash {
  readonly state: Int32Array;
  /** The block that is being filled, or compressed. */
  protected readonly block: Uint8Array = new Uint8Array(BLOCK_BYTES);
  readonly #initial: Int32Array;
  readonly #littleEndian: boolean;
  #filled = 0;
  #totalBytes = 0;

  /** `initial`: the state before the first block; `littleEndian`: the order of bytes in length and digest. */
  constructor(initial: Int32Array, littleEndian: boolean) {
    this.#initial = initial;
    this.#littleEndian = littleEndian;
    this.state = Int32Array.from(initial);
  }

  /** Takes `block` into the state. */
  protected abstract compress(): void;

  /** Begins a new computation. */
  reset(): void {
    this.resume(this.#initial, 0);
  }

  /** Goes on from a state that was reached after `totalBytes`, a multiple of 64. */
  resume(state: Int32Array, totalBytes: number): void {
    for (let i = 0; i < state.length; i++) this.state[i] = state[i]!;
    this.#filled = 0;
    this.#totalBytes = totalBytes;
  }

  /** Takes in bytes[start, end). */
  update(bytes: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.#push(bytes[i]!);
    this.#totalBytes += end - start;
  }

  /** Takes in `count` bytes of zero. */
  zeros(count: number): void {
    for (let i = 0; i < count; i++) this.#push(0);
    this.#totalBytes += count;
  }

  /** Pads and writes the first `count` bytes of the digest to `into` at `offset`. */
  digest(into: Uint8Array, offset: number, count: number): void {
    const totalBytes = this.#totalBytes;
    this.#push(0x80);
    while (this.#filled !== BLOCK_BYTES - 8) this.#push(0);
    // The length in bits, 64 bits.
    const low = totalBytes << 3, high = Math.floor(totalBytes / 0x2000_0000);
    for (let i = 0; i < 8; i++) {
      const at = this.#littleEndian ? i : 7 - i;
      this.#push(((at < 4 ? low : high) >>> (8 * (at & 3))) & 0xff);
    }
    for (let i = 0; i < count; i++) {
      into[offset + i] = this.state[i >> 2]! >>> (8 * (this.#littleEndian ? i & 3 : 3 - (i & 3)));
    }
  }

  #push(byte: number): void {
    this.block[this.#filled++] = byte;
    if (this.#filled === BLOCK_BYTES) {
      this.compress();
      this.#filled = 0;
    }
  }
}

/** HMAC under one key: `begin`, then updates of `hash`, then `finish`. */
export class Hmac {
  /** Takes in the message. */
  readonly hash: BlockHash;
  /** States after the block of key and pad: they are the same for every message. */
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;
  readonly #digest: Uint8Array;

  /** `key`: at most 64 bytes. */
  constructor(hash: BlockHash, key: Uint8Array) {
    if (key.length > BLOCK_BYTES) throw new RangeError("an HMAC key is at most 64 bytes long");
    this.hash = hash;
    this.#digest = new Uint8Array(hash.state.byteLength);
    this.#inner = this.#absorb(key, 0x36);
    this.#outer = this.#absorb(key, 0x5c);
  }

  #absorb(key: Uint8Array, pad: number): Int32Array {
    const block = new Uint8Array(BLOCK_BYTES).fill(pad);
    for (let i = 0; i < key.length; i++) block[i] = key[i]! ^ pad;
    this.hash.reset();
    this.hash.update(block, 0, BLOCK_BYTES);
    return this.hash.state.slice();
  }

  /** A new message. */
  begin(): void {
    this.hash.resume(this.#inner, BLOCK_BYTES);
  }

  /** Writes the first `count` bytes of the MAC to `into` at `offset`. */
  finish(into: Uint8Array, offset: number, count: number): void {
    const digest = this.#digest;
    this.hash.digest(digest, 0, digest.length);
    this.hash.resume(this.#outer, BLOCK_BYTES);
    this.hash.update(digest, 0, digest.length);
    this.hash.digest(into, offset, count);
  }
}
