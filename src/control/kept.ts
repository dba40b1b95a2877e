// What the engine has put into the kernel beside the addresses of the instances: for the state file.
import type { FromEngine, HeldAddress, KeptRoute, KeptVmac } from "../messages.ts";

/** Static addresses, the routes and rules of all owners, and VMACs. */
export class Kept {
  #addresses: HeldAddress[] = [];
  vmacs: readonly KeptVmac[] = [];
  readonly #routes = new Map<number | null, KeptRoute[]>();

  /** Takes over what a message says. Returns whether it was one of these. */
  update(message: FromEngine): boolean {
    if (message.type === "static_addresses") this.#addresses = message.held;
    else if (message.type === "kept_vmacs") this.vmacs = message.vmacs;
    else if (message.type === "kept_routes") {
      if (message.kept.length === 0) this.#routes.delete(message.id);
      else this.#routes.set(message.id, message.kept);
    } else return false;
    return true;
  }

  get addresses(): HeldAddress[] {
    return this.#addresses;
  }

  get routes(): KeptRoute[] {
    return [...this.#routes.values()].flat();
  }
}
