// Which VMACs and ipvlans there are, by name, and what the control thread's record has not been told of them yet.
import type { FromEngine, KeptVmac } from "../messages.ts";
import type { Instance } from "./instance.ts";
import type { Device } from "./vmac_device.ts";

/** The register of this process. */
export class VmacRegister {
  /** What there is, until it is gone. */
  readonly #devices = new Map<string, Device>();
  /** What has changed since the control thread was told: null = it is gone. */
  readonly #changes = new Map<string, KeptVmac | null>();
  readonly #post: (message: FromEngine) => void;

  constructor(post: (message: FromEngine) => void) {
    this.#post = post;
  }

  get(name: string): Device | undefined {
    return this.#devices.get(name);
  }

  all(): Device[] {
    return [...this.#devices.values()];
  }

  /** The instance's VMAC number i, or null while there is none that is its own. */
  own(instance: Instance, i: number): Device | null {
    const device = this.#devices.get(instance.config.vmacs[i]!.name);
    return device?.owner === instance ? device : null;
  }

  enter(device: Device): void {
    const { name, mac } = device.config;
    this.#devices.set(name, device);
    this.#changes.set(name, { name, mac });
  }

  forget({ config: { name } }: Device): void {
    this.#devices.delete(name);
    this.#changes.set(name, null);
  }

  /** Tells the control thread what is to be taken away should this process die, if that has changed. */
  tell(): void {
    if (this.#changes.size > 0) this.#tell();
  }

  /** Not in `tell`: a function with a closure in it allocates with each call, whether it gets there or not. */
  #tell(): void {
    const made = [...this.#changes.values()].filter((vmac) => vmac !== null);
    const gone = [...this.#changes].flatMap(([name, vmac]) => vmac === null ? [name] : []);
    this.#changes.clear();
    this.#post({ type: "kept_vmacs", made, gone });
  }
}
