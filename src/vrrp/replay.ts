// The last AH sequence number of each sender: a number that does not grow is a replayed packet (RFC 2402 section 3.4.3).
import { compareBytes } from "./address.ts";

/** Senders that are remembered; more routers than that do not share a VRID. */
const SENDERS = 32;

/** A bounded table of IPv4 senders. Only senders that proved to know the key may enter. */
export class SequenceTable {
  readonly #addresses = new Uint8Array(SENDERS * 4);
  readonly #sequences = new Float64Array(SENDERS).fill(-1);
  /** When each was last heard, in accepted packets: the oldest makes room. */
  readonly #heard = new Float64Array(SENDERS);
  #clock = 0;
  /** The highest sequence number accepted from anybody. */
  highest = 0;

  /** Whether `sequence` is new for the IPv4 address at `start`; notes it when it is. */
  accept(bytes: Uint8Array, start: number, sequence: number): boolean {
    let slot = 0;
    for (let i = 0; i < SENDERS; i++) {
      if (this.#sequences[i] !== -1 && compareBytes(this.#addresses, i * 4, bytes, start, 4) === 0) {
        if (sequence <= this.#sequences[i]!) return false;
        this.#note(i, sequence);
        return true;
      }
      if (this.#heard[i]! < this.#heard[slot]!) slot = i;
    }
    for (let i = 0; i < 4; i++) this.#addresses[slot * 4 + i] = bytes[start + i]!;
    this.#note(slot, sequence);
    return true;
  }

  #note(slot: number, sequence: number): void {
    this.#sequences[slot] = sequence;
    this.#heard[slot] = ++this.#clock;
    if (sequence > this.highest) this.highest = sequence;
  }
}
