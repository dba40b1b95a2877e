// The rehearsals of an engine: when there is one, and what they take from it.
import { monotonicUs } from "../../native/clock.ts";
import { closeDescriptor } from "../../native/descriptor.ts";
import { drainEventfd, openEventfd, signalEventfd } from "../../native/eventfd.ts";
import type { Advert, Packet } from "../vrrp/advert.ts";
import type { Instance } from "./instance.ts";
import type { Parts } from "./parts.ts";
import type { Readiness } from "./readiness.ts";
import { rehearse } from "./rehearsal.ts";
import { type Answer, Rest } from "./rest.ts";

/** What a rehearsal takes from the engine besides its parts. */
export interface RehearsalMeans {
  readiness: Readiness;
  accepted(instance: Instance, advert: Advert, packet: Packet, remarks: number, arrivedUs: number): void;
  /** One turn of the loop; blocks until a deadline comes. */
  turn(): void;
  flush(): void;
}

/** All rehearsals. */
export class Rehearsals {
  /** Stands for the descriptor that tells of a signal. */
  readonly stopFd = openEventfd();
  /** One is under way: what concerns the real instances waits for its end. */
  active = false;
  readonly #parts: Parts;
  readonly #means: RehearsalMeans;
  readonly #rest = new Rest();
  #wanted = false;
  /** Who is to leave in the one that is under way. */
  #leaving: readonly Instance[] = [];

  constructor(parts: Parts, means: RehearsalMeans) {
    this.#parts = parts;
    this.#means = means;
  }

  /** Asks for one, after a rest. */
  ask(nowUs: number): void {
    this.#wanted = true;
    this.#rest.ask(nowUs);
  }

  /** Whether one was asked for that has not been. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Whether the engine is to rest first, while nothing is due before `quietUntilUs`. "no": it may rehearse. */
  rest(nowUs: number, quietUntilUs: number): Answer {
    return this.#rest.look(nowUs, quietUntilUs);
  }

  /** Rehearses. Blocks for some milliseconds. */
  run(): void {
    const { links, roster, effects, transport, firewall } = this.#parts;
    const { readiness, accepted, turn, flush } = this.#means;
    this.#wanted = false;
    this.active = true;
    rehearse({
      enter: (entry, link) => {
        links.update(link);
        const actor = roster.add(entry, effects);
        readiness.rebuild(actor);
        return actor;
      },
      leave: (actor, link) => {
        this.#leaving = [actor];
        signalEventfd(this.stopFd);
        while (roster.get(actor.id) !== undefined) turn();
        links.remove(link.ifindex);
      },
      accepted: (instance, advert, packet, remarks) => {
        accepted(instance, advert, packet, remarks, monotonicUs());
      },
      receive: (endpoint) => transport.receive(endpoint),
      block: (actor) => firewall.rehearse(actor.holding),
      rearm: (instance) => roster.rearm(instance),
      turn,
      flush,
    });
    this.active = false;
  }

  /** Who is to leave now that `stopFd` or a signal has come: nobody where that was in vain. */
  takeLeaving(): readonly Instance[] {
    const leaving = this.#leaving;
    this.#leaving = [];
    drainEventfd(this.stopFd);
    return leaving;
  }

  close(): void {
    closeDescriptor(this.stopFd);
  }
}
