// How fast announcements may follow each other on an interface, and on those that share its limit (garp_group).
import type { PacingConfig } from "../config/pacing.ts";

/** One limit; allocated with its interface. */
export class Pace {
  /** Smallest gap between two gratuitous ARPs, where a garp_group names one; null = as the instance says. */
  readonly garpIntervalUs: number | null;
  readonly gnaIntervalUs: number | null;
  /** When the next announcement may leave. */
  nextUs = 0;

  constructor(garpIntervalUs: number | null, gnaIntervalUs: number | null) {
    this.garpIntervalUs = garpIntervalUs;
    this.gnaIntervalUs = gnaIntervalUs;
  }
}

/** The limits of all interfaces, by name. */
export class Pacing {
  readonly #shared = new Map<string, Pace>();

  /** Takes other groups, after a reload. */
  configure(groups: readonly PacingConfig[]): void {
    this.#shared.clear();
    for (const { interfaces, garpIntervalUs, gnaIntervalUs } of groups) {
      const pace = new Pace(garpIntervalUs, gnaIntervalUs);
      for (const name of interfaces) this.#shared.set(name, pace);
    }
  }

  /** The limit of an interface: that of its group, or one of its own. */
  of(name: string): Pace {
    return this.#shared.get(name) ?? new Pace(null, null);
  }
}
