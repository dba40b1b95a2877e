// VMACs that nobody uses any more: for a while they can be taken back; then the control thread deletes them, for the
// kernel takes tens of milliseconds; they are there until the kernel tells of their end.
import type { FromEngine, LeavingVmac } from "../messages.ts";
import type { Instance } from "./instance.ts";
import type { Device } from "./vmac_device.ts";

/** The successor of an instance, after a reload, takes the VMAC over as it is: so long there is time for that. */
const PATIENCE_US = 100_000;
/** What could not be deleted, but is in somebody's way, is tried again this often. */
const AGAIN_EVERY_US = 1_000_000;

/** One that is being deleted. */
interface Departure {
  device: Device;
  askedUs: number;
  /** Why it could not be deleted, a clause; null: nothing is known against it. */
  error: string | null;
  /** Those that need its name. */
  waiting: Set<Instance>;
}

/** All VMACs that are on their way out. */
export class Departures {
  readonly #post: (message: FromEngine) => void;
  /** When each is to go: in that order, as all have the same patience. */
  readonly #planned = new Map<Device, number>();
  /** By index: what the control thread was asked to delete. */
  readonly #begun = new Map<number, Departure>();
  #asked: LeavingVmac[] = [];

  constructor(post: (message: FromEngine) => void) {
    this.#post = post;
  }

  /** The device is to go, unless somebody takes it back soon. */
  plan(device: Device, nowUs: number): void {
    if (!this.#planned.has(device)) this.#planned.set(device, nowUs + PATIENCE_US);
  }

  /** Somebody needs it as it is. Only for what has not begun to go. */
  recall(device: Device): void {
    this.#planned.delete(device);
  }

  /** It has to go now. */
  begin(device: Device, nowUs: number): void {
    this.#planned.delete(device);
    if (this.#begun.has(device.ifindex)) return;
    const departure = { device, askedUs: nowUs, error: null, waiting: new Set<Instance>() };
    this.#begun.set(device.ifindex, departure);
    this.#ask(departure);
  }

  #ask({ device: { ifindex, config: { name, mac } } }: Departure): void {
    this.#asked.push({ ifindex, name, mac });
  }

  /** Whether it has begun to go. */
  has(device: Device): boolean {
    return this.#begun.has(device.ifindex);
  }

  /** Whether the interface with this index is one that has begun to go. */
  hasIndex(ifindex: number): boolean {
    return this.#begun.has(ifindex);
  }

  /** The indexes of all that have begun to go. */
  indexes(): number[] {
    return [...this.#begun.keys()];
  }

  /** Asks for what is due, in one message. Returns when it wants to be called again. */
  pump(nowUs: number): number {
    // Nearly always: not even an iterator is made.
    if (this.#planned.size + this.#asked.length === 0) return Infinity;
    let nextUs = Infinity;
    for (const [device, dueUs] of this.#planned) {
      nextUs = dueUs;
      if (dueUs > nowUs) break;
      nextUs = Infinity;
      this.begin(device, nowUs);
    }
    if (this.#asked.length > 0) {
      this.#post({ type: "delete_vmacs", vmacs: this.#asked });
      this.#asked = [];
    }
    return nextUs;
  }

  /** The instance needs the name of this one, which has begun to go. Returns why it does not go, or null. */
  wait(device: Device, instance: Instance, nowUs: number): string | null {
    const departure = this.#begun.get(device.ifindex)!;
    departure.waiting.add(instance);
    if (departure.error !== null && nowUs >= departure.askedUs + AGAIN_EVERY_US) {
      departure.askedUs = nowUs;
      this.#ask(departure);
    }
    return departure.error;
  }

  /** These could not be deleted. Returns those that wait for them. */
  failed(indexes: readonly number[], error: string): Instance[] {
    return indexes.flatMap((ifindex) => {
      const departure = this.#begun.get(ifindex);
      if (departure === undefined) return [];
      departure.error = error;
      return [...departure.waiting];
    });
  }

  /** The kernel tells that it is gone. Returns what it was and who waits for its name. */
  gone(ifindex: number): { device: Device; waiting: Iterable<Instance> } | undefined {
    const departure = this.#begun.get(ifindex);
    this.#begun.delete(ifindex);
    return departure;
  }

  /** Forgets all of them: they are deleted. */
  clear(): void {
    this.#planned.clear();
    this.#begun.clear();
    this.#asked = [];
  }
}
