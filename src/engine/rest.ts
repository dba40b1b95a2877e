// When the engine thread may leave its loop for a moment: the runtime then collects what a plan has left behind.
//
// Nothing else would: the engine allocates nothing in steady state, so that its heap is never collected, and memory
// that is free goes back to the system only from the runtime's own loop.

/** How far the next deadline must be. A collection takes 4 to 25 ms, more where the processors are busy. */
const ROOM_US = 80_000;
/** How long an opportunity is looked for: soon afterwards the memory is locked, and nothing goes back any more. */
const PATIENCE_US = 500_000;

/** Whether a rest is to be taken: now, perhaps later, or not (any more). */
export type Answer = "now" | "later" | "no";

/** One rest at most for each time that it is asked for. */
export class Rest {
  #untilUs = -Infinity;

  /** A plan has been applied, and its garbage lies about. */
  ask(nowUs: number): void {
    this.#untilUs = nowUs + PATIENCE_US;
  }

  /** Looks for an opportunity, when nothing is due before `quietUntilUs`. "now" is said once. */
  look(nowUs: number, quietUntilUs: number): Answer {
    if (nowUs >= this.#untilUs) return "no";
    if (quietUntilUs - nowUs < ROOM_US) return "later";
    this.#untilUs = -Infinity;
    return "now";
  }
}
