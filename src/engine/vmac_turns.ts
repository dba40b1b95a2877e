// Which instances look at their VMACs again, and when: making one takes 0.4 ms, so a few are made in each turn of the
// loop, and what cannot be made yet is tried again later.
import type { Instance } from "./instance.ts";

/** Made in one turn of the loop: adverts of others fall due meanwhile. */
const MADE_PER_TURN = 8;
const NONE: readonly Instance[] = [];

/** The instances that are waiting for their turn. */
export class VmacTurns {
  readonly #next = new Set<Instance>();
  readonly #waiting = new Set<Instance>();
  #waitingUs = Infinity;
  /** The turn of the loop, by its time, and how many were made in it. */
  #turnUs = 0;
  #made = 0;

  /** Whether one more may be made in the turn that began at `nowUs`. */
  take(nowUs: number): boolean {
    if (nowUs !== this.#turnUs) {
      this.#turnUs = nowUs;
      this.#made = 0;
    }
    return ++this.#made <= MADE_PER_TURN;
  }

  /** The instance has its turn as soon as possible. */
  soon(instance: Instance): void {
    this.#next.add(instance);
  }

  /** The instance has a turn at that time, or before. */
  at(instance: Instance, untilUs: number): void {
    this.#waiting.add(instance);
    this.#waitingUs = Math.min(this.#waitingUs, untilUs);
  }

  /** When some have their turn; Infinity: nobody waits. */
  get nextDueUs(): number {
    return this.#next.size > 0 ? 0 : this.#waitingUs;
  }

  /** Those who have their turn now. */
  due(nowUs: number): readonly Instance[] {
    if (nowUs < this.nextDueUs) return NONE;
    const due: Instance[] = [];
    for (const instance of this.#next) {
      if (due.length === MADE_PER_TURN) break;
      due.push(instance);
      this.#next.delete(instance);
    }
    if (nowUs < this.#waitingUs) return due;
    due.push(...this.#waiting);
    this.#waiting.clear();
    this.#waitingUs = Infinity;
    return due;
  }
}
