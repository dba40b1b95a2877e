// Turns single runs of a script into a result: the rise and fall counting of keepalived.

/**
 * One count that moves between 0 and rise + fall - 1. Good at `rise` and above. The first run of a script with
 * no result yet decides at once; later `rise` consecutive successes or `fall` consecutive failures do.
 */
export class RiseFall {
  readonly #rise: number;
  readonly #fall: number;
  #count: number;
  #ok: boolean | null;

  /** `initial` null: no result until the first run. */
  constructor(rise: number, fall: number, initial: boolean | null) {
    this.#rise = Math.max(1, rise);
    this.#fall = Math.max(1, fall);
    this.#ok = initial;
    this.#count = initial === null ? this.#rise - 1 : initial ? this.#rise + this.#fall - 1 : 0;
  }

  /** The result so far; null = none yet. */
  get ok(): boolean | null {
    return this.#ok;
  }

  /** 0..rise + fall - 1; good at `rise` and above. */
  get count(): number {
    return this.#count;
  }

  /** Counts one run. True when the result has changed by it. */
  record(success: boolean): boolean {
    const before = this.#ok;
    if (success) {
      if (this.#count < this.#rise - 1) this.#count += 1;
      else this.#count = this.#rise + this.#fall - 1;
    } else {
      this.#count = this.#count > this.#rise ? this.#count - 1 : 0;
    }
    // Climbing from "no result" cannot stop half-way: that count starts one step below good.
    this.#ok = this.#count >= this.#rise;
    return this.#ok !== before;
  }
}
