// All instances of the engine, by place, by id, and by what they hold.
import type { EngineInstance, FromEngine } from "../messages.ts";
import type { Effects } from "../vrrp/router.ts";
import { Claims } from "./claims.ts";
import { ABSENT, HELD, type Holding } from "./holding.ts";
import { Instance } from "./instance.ts";
import { PROTOCOL, TIMER_KINDS, type TimerQueue } from "./timers.ts";

/** The instances and their timer slots: place * TIMER_KINDS + kind. */
export class Roster {
  readonly #timers: TimerQueue;
  /** A removed instance leaves a hole that the next one fills. */
  readonly #places: (Instance | null)[] = [];
  readonly #free: number[] = [];
  readonly #byId = new Map<number, Instance>();
  readonly claims = new Claims();

  constructor(timers: TimerQueue) {
    this.#timers = timers;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** All instances and holes. An instance that leaves becomes a hole: the others keep their places meanwhile. */
  get places(): readonly (Instance | null)[] {
    return this.#places;
  }

  /** A copy: instances may leave while they are gone through. */
  all(): Instance[] {
    return [...this.#byId.values()];
  }

  /** The instance with this id, or undefined once it has left. */
  get(id: number): Instance | undefined {
    return this.#byId.get(id);
  }

  /** The instance that a timer slot belongs to, or null. */
  ofSlot(slot: number): Instance | null {
    return this.#places[Math.floor(slot / TIMER_KINDS)] ?? null;
  }

  /** Makes an instance and gives it a place. */
  add(entry: EngineInstance, effects: Effects): Instance {
    const place = this.#free.pop() ?? this.#places.length;
    const instance = new Instance(place, entry, effects);
    this.#places[place] = instance;
    this.#byId.set(entry.id, instance);
    this.claims.add(instance, instance.holding);
    this.#timers.reserve(this.#places.length * TIMER_KINDS);
    return instance;
  }

  /** Forgets an instance and its timers. */
  remove(instance: Instance): void {
    for (let kind = 0; kind < TIMER_KINDS; kind++) this.#timers.clear(instance.index * TIMER_KINDS + kind);
    this.#places[instance.index] = null;
    this.#free.push(instance.index);
    this.claims.remove(instance.holding);
    this.#byId.delete(instance.id);
  }

  /** Moves the protocol's deadline to what the router says now. */
  rearm(instance: Instance): void {
    // An instance that has just left has no timers any more.
    if (this.#places[instance.index] !== instance) return;
    this.#timers.set(instance.index * TIMER_KINDS + PROTOCOL, instance.router.dueUs);
  }

  /** Whether an address is a virtual one of any instance: it is never a source. */
  readonly isVirtual = (address: Uint8Array): boolean => this.claims.on(address).length > 0;

  /** Gives the instance another holding, as a reload does. */
  replaceHolding(instance: Instance, holding: Holding): void {
    this.claims.remove(instance.holding);
    instance.holding = holding;
    this.claims.add(instance, holding);
  }

  /** Whether another instance holds the same address: one moved by a reload stays where it is. */
  claimed(holding: Holding, i: number): boolean {
    for (const { holding: other, at } of this.claims.on(holding.bytes[i]!)) {
      if (other === holding || !other.wanted || other.state[at] !== HELD) continue;
      if (other.ifindex[at] !== holding.ifindex[i]) continue;
      if (other.addresses[at]!.prefixLength === holding.addresses[i]!.prefixLength) return true;
    }
    return false;
  }
}

/** What the control thread is told of an instance's addresses. */
export function holdingMessage(instance: Instance): FromEngine {
  const { holding } = instance;
  const held = Array.from(holding.state, (state) => holding.wanted && state !== ABSENT);
  return { type: "holding", id: instance.id, held };
}
