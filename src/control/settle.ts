// Memory after a start or a reload: what it has left behind goes back to the system, then the rest is locked.
import { lockMemory } from "../../native/schedule.ts";
import { trimCode } from "../../native/trim.ts";

/** After a plan is applied: when its garbage is collected, and how much later the memory is locked. */
const COLLECT_AFTER_MS = 500;
const LOCK_AFTER_MS = 1500;

/** Settles the memory of the process; what is locked does not go back any more, so the locking comes last. */
export class Settling {
  readonly #rehearse: () => void;
  readonly #warn: (text: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refused = false;

  /** `rehearse`: has the engine go through a takeover, so that its code is in memory when that is locked. */
  constructor(rehearse: () => void, warn: (text: string) => void) {
    this.#rehearse = rehearse;
    this.#warn = warn;
  }

  /** A plan has been applied: begins, or begins anew. Keeps no process alive. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      Bun.gc(true);
      // What the start has compiled goes as well, once this thread is idle; most of it never runs again. That alone
      // would collect too, but too late for the free memory to go back: 39 instead of 26 MiB with 1,000 instances.
      Bun.shrink();
      // The code of the start goes; what a takeover needs comes back.
      trimCode();
      this.#rehearse();
      this.#timer = setTimeout(() => this.#lock(), LOCK_AFTER_MS).unref();
    }, COLLECT_AFTER_MS).unref();
  }

  #lock(): void {
    const why = lockMemory();
    if (why !== null && !this.#refused) this.#warn(why);
    this.#refused = why !== null;
  }
}
