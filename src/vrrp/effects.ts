// What a virtual router is told and what it does: its settings, its states, and the one interface of its effects.
import type { Family } from "./address.ts";
import type { Cause } from "./reason.ts";

/** The states that users see. INIT and FAULT are the RFC's Initialize: waiting, or prevented. */
export type State = "INIT" | "BACKUP" | "MASTER" | "FAULT";

/** What the protocol needs to know of an instance. */
export interface RouterSettings {
  version: 2 | 3;
  family: Family;
  vrid: number;
  /** Base priority 1..255; 255 = owner. */
  priority: number;
  advertIntervalUs: number;
  /** Adverts that may be missed (3 in the RFCs). */
  downTimerAdverts: number;
  preempt: boolean;
  /** How long a lower master is tolerated before it is preempted; 0 = not at all. */
  preemptDelayUs: number;
  /** `state MASTER`: the first timeout comes after one interval and the skew. */
  startAsMaster: boolean;
  /** Answer a losing advert with ours (RFC 9568 section 6.4.3). */
  lowerPriorityAdvert: boolean;
  /** A Master that yields sends one advert more, so that its successor announces the addresses again. */
  higherPriorityAdvert: boolean;
  /**
   * The priority of the backup that is quickest to take over: a Master that was silent for longer than that one waits
   * yields to whoever it hears then, however low. Null: it does not.
   */
  expiredPriority: number | null;
  strict: boolean;
}

/** A virtual router, as its effects see it. */
export interface RouterView {
  readonly id: number;
  readonly settings: RouterSettings;
  readonly effectivePriority: number;
  /** 16 bytes, of which IPv4 uses 4; meaningful with `hasMaster`. */
  readonly masterAddress: Uint8Array;
  readonly hasMaster: boolean;
  readonly masterPriority: number;
}

/** The sync group of a router, as the router sees it. */
export interface Companions {
  /** Whether a router whose time has come may become Master now; otherwise it waits and asks again. */
  mayLead(router: RouterView): boolean;
}

/** What the protocol does to the world. Implementations must not call back into the router. */
export interface Effects {
  /** Send an advert with this priority to the group or to all peers. */
  advertise(router: RouterView, priority: number): void;
  /** From now on the router should hold its addresses. */
  hold(router: RouterView): void;
  /** From now on it should not. */
  release(router: RouterView): void;
  /** Announce the addresses by ARP or ND: after becoming Master, or because a rival was heard. */
  announce(router: RouterView, why: "master" | "rival"): void;
  transition(router: RouterView, from: State, to: State, cause: Cause): void;
  /** The followed master or its priority changed: see hasMaster, masterAddress, masterPriority. */
  heard(router: RouterView): void;
  /** A Backup's preempt delay begins, or ends before its time: a better master is there. */
  delaying(router: RouterView, running: boolean): void;
  /** A shutdown has finished: the router can be forgotten. */
  left(router: RouterView): void;
}
