// The BFD sessions of the engine: their deadlines, and which packet is whose.
//
// It shares the engine's loop and thread: a session that goes down changes priorities in the same turn.
import { monotonicUs, realtimeUs } from "../../native/clock.ts";
import { ReceiveBatch } from "../../native/receive.ts";
import { destinationOf, ttlOf } from "../../native/udp.ts";
import {
  BFD_REFUSAL_CODES,
  BFD_REFUSALS,
  ControlPacket,
  describeBfdRefusal,
  NO_BFD_REFUSAL,
  UP,
} from "../bfd/packet.ts";
import { Session, type SessionEffects, type SessionSettings } from "../bfd/session.ts";
import { type BfdConfig, sameEnds } from "../config/sessions.ts";
import type { Family } from "../config/virtual.ts";
import type { EngineBfd } from "../messages.ts";
import { compareBytes, formatAddress } from "../vrrp/address.ts";
import { waitedUs } from "./arrival.ts";
import { BfdLink, DOWNS, type LinkHost, portOf, UPS } from "./bfd_link.ts";
import { BfdReceivers, type Receiver, type SocketHost } from "./bfd_sockets.ts";
import { RefusalLimiter } from "./refusals.ts";
import { TimerQueue } from "./timers.ts";

/** Packets are 24 bytes, or some more with authentication. */
const SLOT_BYTES = 128;
const SLOTS = 32;
/** Batches read from one socket before the deadlines get their turn, and before a silence is believed. */
const BATCHES_PER_WAKE = 4;
const BATCHES_PER_DRAIN = 128;
/** Scopes of the limiter of refusals: packets of no session, and those of the session at place 0. */
const NOBODY = 0;
const FIRST_PLACE = 1;

/** Timer slots: place of the link * 2 + kind. */
const TIMER_KINDS = 2;
const TRANSMIT = 0;
const DETECT = 1;

/** What the sessions do to the engine. */
export interface BfdHost extends SocketHost, LinkHost {
  /** A packet that belongs to no session. */
  unmatched(): void;
}

/** All sessions. */
export class BfdLinks implements SessionEffects {
  readonly #host: BfdHost;
  readonly #clock: () => number;
  readonly #timers = new TimerQueue();
  /** A removed session leaves a hole that the next one fills. */
  readonly #places: (BfdLink | null)[] = [];
  readonly #byName = new Map<string, BfdLink>();
  readonly #byDiscriminator = new Map<number, BfdLink>();
  readonly #ofSession = new Map<Session, BfdLink>();
  readonly #receivers: BfdReceivers;
  /** Reading is rare enough for one batch; made with the first session. */
  #batch: ReceiveBatch | null = null;
  readonly #packet = new ControlPacket();
  readonly #changed = new Set<string>();
  readonly #limiter = new RefusalLimiter();

  /** Tokens of the poller from `firstToken` on are its own. `clock`: what the deadlines count by. */
  constructor(host: BfdHost, firstToken: number, clock: () => number = monotonicUs) {
    this.#clock = clock;
    this.#host = host;
    this.#receivers = new BfdReceivers(host, firstToken);
  }

  /** Whether a session of this name is up. */
  isUp(name: string): boolean {
    return this.#byName.get(name)?.session.state === UP;
  }

  /** The earliest deadline, Infinity for none. */
  nextDueUs(): number {
    return Math.min(this.#timers.nextDueUs(), this.#receivers.retryUs);
  }

  /** Brings the sessions to this list. One whose ends stay the same goes on, with other values if need be. */
  apply(wanted: readonly EngineBfd[], nowUs: number): void {
    const names = new Map(wanted.map((each) => [each.config.name, each]));
    for (const link of [...this.#byName.values()]) {
      const next = names.get(link.config.name);
      if (next === undefined || !sameEnds(next.config, link.config)) this.#remove(link, nowUs);
    }
    // Once for all of them, and before the first one speaks.
    this.#listen(wanted.map(({ config }) => config), nowUs);
    for (const each of wanted) {
      const link = this.#byName.get(each.config.name);
      if (link === undefined) this.#add(each, nowUs);
      else this.#change(link, each.config, nowUs);
    }
  }

  /** A socket of these is readable. */
  onSocket(token: number, nowUs: number): void {
    const receiver = this.#receivers.withToken(token);
    if (receiver !== null) this.#read(receiver, BATCHES_PER_WAKE, nowUs);
  }

  /** Reads everything that waits: after a standstill, or before a silence is believed. */
  drain(nowUs: number): void {
    const { all } = this.#receivers;
    for (let i = 0; i < all.length; i++) {
      const receiver = all[i]!;
      if (receiver !== null) this.#read(receiver, BATCHES_PER_DRAIN, nowUs);
    }
  }

  /** Serves the deadlines up to `nowUs`. */
  due(nowUs: number): void {
    if (this.#receivers.retryUs <= nowUs) this.#listen(this.#configs(), nowUs);
    let drained = false;
    for (let slot = this.#timers.takeDue(nowUs); slot >= 0; slot = this.#timers.takeDue(nowUs)) {
      const link = this.#places[slot >> 1];
      if (link == null) continue;
      const { session } = link;
      if (slot % TIMER_KINDS === TRANSMIT) session.transmit(nowUs);
      else {
        // A late process must not call a neighbor dead whose packets wait in the queue.
        if (!drained) this.drain(nowUs);
        drained = true;
        session.expire(nowUs);
      }
      this.#rearm(link);
    }
  }

  /** Whether sessions have come up or gone down since `takeChanged`. */
  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** The sessions that have come up or gone down since the last call. */
  takeChanged(): string[] {
    const names = [...this.#changed];
    this.#changed.clear();
    return names;
  }

  /** Ends all sessions, and tells their neighbors. */
  shutdown(nowUs: number): void {
    for (const link of [...this.#byName.values()]) this.#remove(link, nowUs);
    this.#listen([], nowUs);
  }

  // --- SessionEffects

  send(session: Session, poll: boolean, final: boolean): void {
    this.#ofSession.get(session)!.send(poll, final);
  }

  changed(session: Session, from: number): void {
    const link = this.#ofSession.get(session)!;
    const { state } = session;
    if (state === UP) link.count(UPS);
    else if (from === UP) link.count(DOWNS);
    if (state === UP || from === UP) this.#changed.add(link.config.name);
    link.report();
  }

  // --- sessions

  #add(entry: EngineBfd, nowUs: number): void {
    const free = this.#places.indexOf(null);
    const place = free < 0 ? this.#places.length : free;
    const { config } = entry;
    const session = new Session(this.#newDiscriminator(), settingsOf(config), this, Math.random);
    const link = new BfdLink(place, entry, session, this.#host);
    this.#places[place] = link;
    this.#byName.set(config.name, link);
    this.#byDiscriminator.set(session.discriminator, link);
    this.#ofSession.set(session, link);
    this.#timers.reserve(this.#places.length * TIMER_KINDS);
    session.start(nowUs);
    // Of a name that had another session until now, another state is known.
    link.report();
    this.#rearm(link);
  }

  #change(link: BfdLink, config: BfdConfig, nowUs: number): void {
    if (Bun.deepEquals(link.config, config, true)) return;
    link.configure(config);
    link.session.configure(settingsOf(config), nowUs);
    link.gauge();
    this.#rearm(link);
  }

  #remove(link: BfdLink, nowUs: number): void {
    const { session, config: { name }, place } = link;
    session.shutdown(nowUs);
    link.close();
    for (let kind = 0; kind < TIMER_KINDS; kind++) this.#timers.clear(place * TIMER_KINDS + kind);
    this.#places[place] = null;
    this.#byName.delete(name);
    this.#byDiscriminator.delete(session.discriminator);
    this.#ofSession.delete(session);
  }

  #newDiscriminator(): number {
    const number = new Uint32Array(1);
    do crypto.getRandomValues(number); while (number[0] === 0 || this.#byDiscriminator.has(number[0]!));
    return number[0]!;
  }

  #rearm({ place, session }: BfdLink): void {
    this.#timers.set(place * TIMER_KINDS + TRANSMIT, session.transmitDueUs);
    this.#timers.set(place * TIMER_KINDS + DETECT, session.detectDueUs);
  }

  // --- packets

  #read(receiver: Receiver, batches: number, nowUs: number): void {
    const batch = this.#batch!;
    for (let round = 0; round < batches; round++) {
      const count = batch.receive(receiver.fd);
      // In this order: what comes between the two readings can only make a wait look shorter than it was.
      const realUs = realtimeUs();
      const readUs = this.#clock();
      for (let i = 0; i < count; i++) {
        this.#consider(receiver, i, nowUs, readUs - waitedUs(realUs - batch.stampUs(i)));
      }
      if (count < SLOTS) return;
    }
  }

  #consider({ family, port }: Receiver, i: number, nowUs: number, arrivedUs: number): void {
    const batch = this.#batch!;
    const packet = this.#packet;
    const start = batch.start(i);
    const end = start + batch.length(i);
    let code = packet.read(batch.memory.view, start, end);
    const source = batch.sourceStart(i);
    const byAddress = this.#find(family, port, source, destinationOf(batch, family, i));
    const your = packet.yourDiscriminator;
    const link = your === 0 ? byAddress : this.#byDiscriminator.get(your) ?? null;
    if (code === NO_BFD_REFUSAL && link === null) code = BFD_REFUSAL_CODES.discriminator;
    if (code === NO_BFD_REFUSAL && link !== byAddress) code = BFD_REFUSAL_CODES.address;
    if (code === NO_BFD_REFUSAL && ttlOf(batch, family, i) < link!.config.lowestTtl) {
      code = BFD_REFUSAL_CODES.ttl;
    }
    if (code !== NO_BFD_REFUSAL) {
      this.#refused(link ?? byAddress, code, family, source);
      return;
    }
    link!.heard(packet);
    link!.session.receive(packet, nowUs, arrivedUs);
    link!.gauge();
    this.#rearm(link!);
  }

  /** Counts a packet that is not used, and tells of it unless its like was just told of. */
  #refused(link: BfdLink | null, code: number, family: Family, source: number): void {
    if (link === null) this.#host.unmatched();
    else link.countRefusal(code);
    const { bytes } = this.#batch!.memory;
    const length = family === "ipv4" ? 4 : 16;
    if (source < 0) return;
    const scope = link === null ? NOBODY : FIRST_PLACE + link.place;
    if (!this.#limiter.admit(scope, code, bytes, source, length, monotonicUs())) return;
    const from = `ignored a BFD packet from ${formatAddress(bytes, source, length)}`;
    const refusal = BFD_REFUSALS[code - 1]!;
    if (link === null) this.#host.log("warning", `${from}: it belongs to no bfd_instance`);
    else this.#host.log("warning", `(${link.config.name}) ${from}: ${describeBfdRefusal(refusal)}`);
  }

  /** The session with this neighbor. There are few of them. */
  #find(family: Family, port: number, source: number, destination: number): BfdLink | null {
    if (source < 0) return null;
    const { bytes } = this.#batch!.memory;
    const length = family === "ipv4" ? 4 : 16;
    for (let i = 0; i < this.#places.length; i++) {
      const link = this.#places[i]!;
      if (link === null || link.port !== port || link.config.family !== family) continue;
      if (compareBytes(link.neighbor, 0, bytes, source, length) !== 0) continue;
      if (link.source === null) return link;
      if (destination >= 0 && compareBytes(link.source, 0, bytes, destination, length) === 0) return link;
    }
    return null;
  }

  // --- sockets

  #configs(): BfdConfig[] {
    return Array.from(this.#byName.values(), ({ config }) => config);
  }

  /** Opens the receivers of these sessions, and closes the others. */
  #listen(configs: readonly BfdConfig[], nowUs: number): void {
    if (configs.length > 0) this.#batch ??= new ReceiveBatch(SLOTS, SLOT_BYTES);
    this.#receivers.open(configs.map((config) => ({ family: config.family, port: portOf(config) })), nowUs);
  }
}

function settingsOf({ minTxUs, idleTxUs, minRxUs, multiplier, passive }: BfdConfig): SessionSettings {
  return { minTxUs, idleTxUs, minRxUs, multiplier, passive };
}
