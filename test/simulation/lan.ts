// The wire between the hosts: loss, duplication, delay (which reorders), corruption, partitions.
import type { Agenda } from "./agenda.ts";
import type { Random } from "./random.ts";

/** Who hears: a host on the wire. */
export interface Listener {
  receive(bytes: Uint8Array, corrupted: boolean): void;
}

/** A packet is delayed by at least and by at most this. */
export const MIN_DELAY_US = 20;
export const MAX_DELAY_US = 500;

/** A link that carries whole IP packets to everybody else in the sender's part. */
export class Lan {
  lossRate = 0;
  duplicateRate = 0;
  corruptRate = 0;
  /** Longest delay of a packet; above MAX_DELAY_US the wire counts as disturbed. */
  maxDelayUs = MAX_DELAY_US;
  /** When the last packet arrives that was delayed for longer than MAX_DELAY_US. */
  slowUntilUs = 0;
  /** Part of the wire that each listener is in; all 0: nobody is cut off. */
  readonly parts = new Map<Listener, number>();
  readonly #agenda: Agenda;
  readonly #random: Random;

  constructor(agenda: Agenda, random: Random) {
    this.#agenda = agenda;
    this.#random = random;
  }

  send(from: Listener, bytes: Uint8Array): void {
    for (const [listener, part] of this.parts) {
      if (listener === from || part !== this.parts.get(from)) continue;
      if (this.#random.chance(this.lossRate)) continue;
      this.#deliver(listener, bytes);
      if (this.#random.chance(this.duplicateRate)) this.#deliver(listener, bytes);
    }
  }

  #deliver(listener: Listener, bytes: Uint8Array): void {
    const copy = bytes.slice();
    const corrupted = this.#random.chance(this.corruptRate);
    // One bit of the last 8 bytes: VRRP in every version. The IP header has the kernel's own check.
    if (corrupted) copy[copy.length - this.#random.integer(1, 8)]! ^= 1 << this.#random.integer(0, 7);
    const delayUs = this.#random.between(MIN_DELAY_US, this.maxDelayUs);
    const arrivalUs = this.#agenda.nowUs + delayUs;
    if (delayUs > MAX_DELAY_US) this.slowUntilUs = Math.max(this.slowUntilUs, arrivalUs);
    this.#agenda.at(arrivalUs, () => listener.receive(copy, corrupted));
  }
}
