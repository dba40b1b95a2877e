// Which instance holds which address, found by the address itself: an event, a withdrawal or the choice of a
// source costs the same however many instances there are.
import type { Holding } from "./holding.ts";
import type { Instance } from "./instance.ts";
import { addressKey } from "./links.ts";

/** An instance holds, or would hold, address `at` of its holding. */
export interface Claim {
  readonly instance: Instance;
  readonly holding: Holding;
  readonly at: number;
}

const NONE: readonly Claim[] = [];

/** The addresses of all instances. */
export class Claims {
  readonly #byAddress = new Map<string, Claim[]>();
  readonly #owners = new Map<Holding, Instance>();

  /** Enters every address of the holding. */
  add(instance: Instance, holding: Holding): void {
    this.#owners.set(holding, instance);
    for (let at = 0; at < holding.bytes.length; at++) {
      const key = addressKey(holding.bytes[at]!);
      const claims = this.#byAddress.get(key);
      if (claims === undefined) this.#byAddress.set(key, [{ instance, holding, at }]);
      else claims.push({ instance, holding, at });
    }
  }

  /** Takes a holding out again. */
  remove(holding: Holding): void {
    this.#owners.delete(holding);
    for (const bytes of holding.bytes) {
      const key = addressKey(bytes);
      const left = this.#byAddress.get(key)?.filter((claim) => claim.holding !== holding) ?? [];
      if (left.length === 0) this.#byAddress.delete(key);
      else this.#byAddress.set(key, left);
    }
  }

  /** Every claim on this address, whatever its interface. */
  on(address: Uint8Array): readonly Claim[] {
    return this.#byAddress.get(addressKey(address)) ?? NONE;
  }

  /** Whose holding it is; undefined for one that a reload has replaced. */
  owner(holding: Holding): Instance | undefined {
    return this.#owners.get(holding);
  }
}
