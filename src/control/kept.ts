// What the engine has put into the kernel beside the addresses of the instances: for the state file.
import type { FromEngine, HeldAddress, KeptRoute, KeptVmac } from "../messages.ts";

/** Static addresses, the routes and rules of all owners, VMACs, the nftables table. */
export class Kept {
  #addresses: HeldAddress[] = [];
  /** Of the static entries: whether each is there. */
  staticAddresses: boolean[] = [];
  staticRoutes: boolean[] = [];
  readonly #vmacs = new Map<string, KeptVmac>();
  readonly #routes = new Map<number | null, KeptRoute[]>();
  #table: string | null = null;

  /** Takes over what a message says. Returns whether it was one of these. */
  update(message: FromEngine): boolean {
    if (message.type === "static_addresses") {
      this.#addresses = message.held;
      this.staticAddresses = message.there;
    } else if (message.type === "table") this.#table = message.name;
    else if (message.type === "kept_vmacs") {
      for (const name of message.gone) this.#vmacs.delete(name);
      for (const vmac of message.made) this.#vmacs.set(vmac.name, vmac);
    } else if (message.type === "kept_routes") {
      if (message.id === null) this.staticRoutes = message.there;
      if (message.kept.length === 0) this.#routes.delete(message.id);
      else this.#routes.set(message.id, message.kept);
    } else return false;
    return true;
  }

  get addresses(): HeldAddress[] {
    return this.#addresses;
  }

  /** The nftables table that would outlive this process, or null. */
  get table(): string | null {
    return this.#table;
  }

  get vmacs(): KeptVmac[] {
    return [...this.#vmacs.values()];
  }

  get routes(): KeptRoute[] {
    return [...this.#routes.values()].flat();
  }
}
