// Counts every refused packet, and reports at most one per peer and refusal a minute.
//
// The table of what was reported has a fixed size: a flood from forged addresses overwrites the oldest
// entries instead of growing memory.
import { REFUSALS } from "../vrrp/refusal.ts";

const REPORT_EVERY_US = 60_000_000;
const ENTRIES = 128;

/** Decides which refusals are worth a line. Allocates nothing. */
export class RefusalLimiter {
  readonly #key = new Float64Array(ENTRIES).fill(-1);
  readonly #atUs = new Float64Array(ENTRIES).fill(-Infinity);
  #oldest = 0;
  #burst = 0;
  #burstUs = -Infinity;

  /**
   * Whether to report this refusal now. `scope` tells sockets or instances apart; the peer is the address
   * at `start` in `bytes`.
   */
  admit(
    scope: number,
    code: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    nowUs: number,
  ): boolean {
    let hash = scope * (REFUSALS.length + 1) + code;
    for (let i = 0; i < length; i++) hash = (hash * 31 + bytes[start + i]!) % 9007199254740881;
    for (let i = 0; i < ENTRIES; i++) {
      if (this.#key[i] !== hash) continue;
      if (nowUs - this.#atUs[i]! < REPORT_EVERY_US) return false;
      this.#atUs[i] = nowUs;
      return true;
    }
    // Forged sources make every packet a new peer: at most ENTRIES new ones a minute get a line.
    if (nowUs - this.#burstUs > REPORT_EVERY_US) {
      this.#burstUs = nowUs;
      this.#burst = 0;
    }
    if (++this.#burst > ENTRIES) return false;
    this.#key[this.#oldest] = hash;
    this.#atUs[this.#oldest] = nowUs;
    this.#oldest = (this.#oldest + 1) % ENTRIES;
    return true;
  }
}
