// interface_up_down_delays: an interface that comes or goes is believed only once that has lasted.
import type { InterfaceDelay } from "../config/model.ts";

/** An interface, as far as this matters. */
export interface Bouncing {
  readonly name: string;
  /** Whether it counts as working. */
  operational: boolean;
}

/** The changes that wait. */
export class Debounce {
  /** When the first of them counts; Infinity: none waits. */
  dueUs = Infinity;
  readonly #delays = new Map<string, InterfaceDelay>();
  readonly #waiting = new Map<Bouncing, number>();

  /** Takes over the delays of a configuration. What waits already, waits as long as it was to. */
  configure(delays: readonly InterfaceDelay[]): void {
    this.#delays.clear();
    for (const delay of delays) this.#delays.set(delay.interface, delay);
  }

  /** The kernel says whether an interface works. */
  observe(link: Bouncing, works: boolean, nowUs: number): void {
    if (works === link.operational) this.#waiting.delete(link);
    else if (!this.#waiting.has(link)) {
      const delay = this.#delays.get(link.name);
      const delayUs = delay === undefined ? 0 : works ? delay.upUs : delay.downUs;
      if (delayUs === 0) link.operational = works;
      else this.#waiting.set(link, nowUs + delayUs);
    }
    this.#arm();
  }

  /** An interface has gone for good. */
  forget(link: Bouncing): void {
    this.#waiting.delete(link);
    this.#arm();
  }

  /** What has waited long enough counts from now on. Returns whether anything did. */
  expire(nowUs: number): boolean {
    if (nowUs < this.dueUs) return false;
    for (const [link, dueUs] of this.#waiting) {
      if (dueUs > nowUs) continue;
      link.operational = !link.operational;
      this.#waiting.delete(link);
    }
    this.#arm();
    return true;
  }

  #arm(): void {
    this.dueUs = Math.min(Infinity, ...this.#waiting.values());
  }
}
