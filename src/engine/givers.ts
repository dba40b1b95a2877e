// Who gives up an address with a plan: whoever gets it finds the giver by the address itself, however many there are.
import { ABSENT, type Holding, transferAddresses } from "./holding.ts";
import { addressKey } from "./links.ts";

const NOBODY: readonly Holding[] = [];

/** The holdings whose time is over, by their addresses. */
export class Givers {
  readonly #byAddress = new Map<string, Holding[]>();

  /** Enters what this holding still holds. */
  add(holding: Holding): void {
    for (let i = 0; i < holding.bytes.length; i++) {
      if (holding.state[i] === ABSENT) continue;
      const key = addressKey(holding.bytes[i]!);
      const others = this.#byAddress.get(key);
      if (others === undefined) this.#byAddress.set(key, [holding]);
      else others.push(holding);
    }
  }

  /** Gives the holding what it lacks and another one has. */
  give(to: Holding): void {
    if (this.#byAddress.size === 0) return;
    for (let i = 0; i < to.bytes.length; i++) {
      if (to.state[i] !== ABSENT) continue;
      for (const giver of this.#byAddress.get(addressKey(to.bytes[i]!)) ?? NOBODY) {
        transferAddresses(giver, to);
      }
    }
  }
}
