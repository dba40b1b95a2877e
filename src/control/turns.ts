// Reloads take turns: one after the other, none before the start is done, and none that fails stops the next one.
import type { ReloadAnswer } from "./steps.ts";

/** The reloads of one daemon. */
export class Turns {
  readonly #reload: () => Promise<ReloadAnswer>;
  readonly #failed: (error: unknown) => ReloadAnswer;
  /** Ends with the last one that was asked for. */
  #last: Promise<unknown>;

  /** `failed` makes the answer of a reload that throws. */
  constructor(
    started: Promise<void>,
    reload: () => Promise<ReloadAnswer>,
    failed: (error: unknown) => ReloadAnswer,
  ) {
    this.#last = started;
    this.#reload = reload;
    this.#failed = failed;
  }

  /** Reloads when its turn has come. Never rejects. */
  next(): Promise<ReloadAnswer> {
    const answer = this.#last.then(this.#reload).catch(this.#failed);
    this.#last = answer;
    return answer;
  }
}
