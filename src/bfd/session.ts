// One BFD session in asynchronous mode: the state machine of RFC 5880 section 6.8, without clock, sockets or dice.
//
// Demand mode is not supported: we never ask for it, and a neighbor that does goes on getting packets.
import {
  ADMIN_DOWN,
  type ControlPacket,
  DIAGNOSTIC_ADMIN_DOWN,
  DIAGNOSTIC_EXPIRED,
  DIAGNOSTIC_NEIGHBOR_DOWN,
  DOWN,
  INIT,
  type Outgoing,
  UP,
} from "./packet.ts";

/** What a session is configured with. Times in microseconds. */
export interface SessionSettings {
  minTxUs: number;
  /** The interval while the session is not up: at least a second (RFC 5880 section 6.8.3). */
  idleTxUs: number;
  minRxUs: number;
  multiplier: number;
  passive: boolean;
}

/** What a session does to the world. */
export interface SessionEffects {
  /** A packet is to leave now, with these flags. */
  send(session: Session, poll: boolean, final: boolean): void;
  /** It has another state than `from`. */
  changed(session: Session, from: number): void;
}

/** RFC 5880 section 6.8.7: an interval is shortened by up to a quarter; with multiplier 1 by a tenth at least. */
const MOST_JITTER = 0.25;
const LEAST_JITTER_ALONE = 0.1;

/** One session. Deadlines are microseconds of whatever clock the caller has; Infinity = none. */
export class Session implements Outgoing {
  /** bfd.LocalDiscr: not 0, and no other session's. */
  readonly discriminator: number;
  state: number = DOWN;
  diagnostic = 0;
  remoteState: number = DOWN;
  remoteDiagnostic = 0;
  /** 0 = not known. */
  remoteDiscriminator = 0;
  /** What we say that we want; what counts meanwhile may differ until the neighbor has agreed. */
  desiredMinTxUs: number;
  requiredMinRxUs: number;
  multiplier: number;
  transmitDueUs = Infinity;
  detectDueUs = Infinity;
  readonly #effects: SessionEffects;
  /** 0 <= number < 1. */
  readonly #random: () => number;
  #settings: SessionSettings;
  /** bfd.RemoteMinRxInterval. */
  #remoteMinRxUs = 1;
  #remoteMinTxUs = 0;
  #remoteMultiplier = 0;
  /** The intervals that count: the others wait for the end of a poll (section 6.8.3). */
  #minTxUs: number;
  #minRxUs: number;
  #polling = false;
  /** The intervals have changed while a poll was under way: its answer may be to the old ones. */
  #pollAgain = false;
  #lastSentUs = -Infinity;

  constructor(
    discriminator: number,
    settings: SessionSettings,
    effects: SessionEffects,
    random: () => number,
  ) {
    this.discriminator = discriminator;
    this.#settings = settings;
    this.#effects = effects;
    this.#random = random;
    this.multiplier = settings.multiplier;
    this.desiredMinTxUs = this.#minTxUs = settings.idleTxUs;
    this.requiredMinRxUs = this.#minRxUs = settings.minRxUs;
  }

  /** Interval between our packets before jitter; Infinity = none are to be sent. */
  get transmitUs(): number {
    if (this.#remoteMinRxUs === 0) return Infinity;
    if (this.#settings.passive && this.remoteDiscriminator === 0) return Infinity;
    return Math.max(this.#minTxUs, this.#remoteMinRxUs);
  }

  /** So long the neighbor may be silent; 0 = it has not been heard yet. */
  get detectionUs(): number {
    return this.#remoteMultiplier * Math.max(this.#minRxUs, this.#remoteMinTxUs);
  }

  /** Whether a poll waits for its answer. */
  get polling(): boolean {
    return this.#polling;
  }

  /** Begins. A passive session waits to be spoken to. */
  start(nowUs: number): void {
    if (this.transmitUs !== Infinity) this.transmit(nowUs);
  }

  /** The transmit deadline has come: sends, and sets the next one. */
  transmit(nowUs: number): void {
    this.#send(nowUs, false);
    this.#schedule(nowUs);
  }

  /** The neighbor has been silent for too long, if the deadline has come. */
  expire(nowUs: number): void {
    if (nowUs < this.detectDueUs) return;
    this.detectDueUs = Infinity;
    // Section 6.8.1: it may have forgotten us.
    this.remoteDiscriminator = 0;
    this.#remoteMinRxUs = 1;
    this.#polling = this.#pollAgain = false;
    if (this.state === INIT || this.state === UP) this.#become(DOWN, DIAGNOSTIC_EXPIRED, nowUs);
    this.#schedule(nowUs);
  }

  /**
   * A packet that is this session's and was not refused (section 6.8.6, from the state variables on). The silence
   * counts from its arrival, which is before `nowUs` where it had to wait to be read.
   */
  receive(packet: ControlPacket, nowUs: number, arrivedUs = nowUs): void {
    if (this.state === ADMIN_DOWN) return;
    const intervalBeforeUs = this.transmitUs;
    this.remoteDiscriminator = packet.discriminator;
    this.remoteState = packet.state;
    this.remoteDiagnostic = packet.diagnostic;
    this.#remoteMinRxUs = packet.requiredMinRxUs;
    this.#remoteMinTxUs = packet.desiredMinTxUs;
    this.#remoteMultiplier = packet.multiplier;
    if (packet.final && this.#polling) this.#pollEnds();
    this.#follow(packet.state, nowUs);
    this.detectDueUs = arrivedUs + this.detectionUs;
    if (packet.poll) this.#send(nowUs, true);
    // A passive session has found its neighbor, or the neighbor wants another pace.
    if (this.transmitUs !== intervalBeforeUs || this.transmitDueUs === Infinity) this.#schedule(nowUs);
  }

  /** Takes over other settings without a change of state. */
  configure(settings: SessionSettings, nowUs: number): void {
    this.#settings = settings;
    this.multiplier = settings.multiplier;
    this.#announceIntervals();
    this.#rest(nowUs);
    this.#schedule(nowUs);
  }

  /** Ends by our own will: says so once, and is silent. */
  shutdown(nowUs: number): void {
    if (this.state === ADMIN_DOWN) return;
    this.transmitDueUs = this.detectDueUs = Infinity;
    const from = this.state;
    this.state = ADMIN_DOWN;
    this.diagnostic = DIAGNOSTIC_ADMIN_DOWN;
    this.#polling = false;
    if (this.transmitUs !== Infinity) this.#send(nowUs, false);
    this.#effects.changed(this, from);
  }

  /** The table of section 6.2. */
  #follow(remote: number, nowUs: number): void {
    if (remote === ADMIN_DOWN) {
      if (this.state !== DOWN) this.#become(DOWN, DIAGNOSTIC_NEIGHBOR_DOWN, nowUs);
    } else if (this.state === DOWN) {
      if (remote === DOWN) this.#become(INIT, this.diagnostic, nowUs);
      else if (remote === INIT) this.#become(UP, 0, nowUs);
    } else if (this.state === INIT) {
      if (remote !== DOWN) this.#become(UP, 0, nowUs);
    } else if (remote === DOWN) this.#become(DOWN, DIAGNOSTIC_NEIGHBOR_DOWN, nowUs);
  }

  /** Another state is told at once (section 6.8.7): waiting for the next interval would cost a second. */
  #become(state: number, diagnostic: number, nowUs: number): void {
    const from = this.state;
    this.state = state;
    this.diagnostic = diagnostic;
    this.#announceIntervals();
    if (this.transmitUs !== Infinity) {
      this.#send(nowUs, false);
      this.#schedule(nowUs);
    }
    this.#effects.changed(this, from);
  }

  /** Says which intervals are wanted in this state; while up, a poll asks for the neighbor's agreement. */
  #announceIntervals(): void {
    const { idleTxUs, minTxUs, minRxUs } = this.#settings;
    const wantedTxUs = this.state === UP ? minTxUs : idleTxUs;
    const same = wantedTxUs === this.desiredMinTxUs && minRxUs === this.requiredMinRxUs;
    this.desiredMinTxUs = wantedTxUs;
    this.requiredMinRxUs = minRxUs;
    if (this.state !== UP) {
      this.#minTxUs = wantedTxUs;
      this.#minRxUs = minRxUs;
      this.#polling = this.#pollAgain = false;
      return;
    }
    // Faster sending and slower expectations hold at once, the reverse must be known over there first.
    this.#minTxUs = Math.min(this.#minTxUs, wantedTxUs);
    this.#minRxUs = Math.max(this.#minRxUs, minRxUs);
    if (same) return;
    this.#pollAgain = this.#polling;
    this.#polling = true;
  }

  #pollEnds(): void {
    this.#polling = this.#pollAgain;
    this.#pollAgain = false;
    if (this.#polling) return;
    this.#minTxUs = this.desiredMinTxUs;
    this.#minRxUs = this.requiredMinRxUs;
  }

  /** After a change of the expectations: the silence so far counts by the new ones. */
  #rest(nowUs: number): void {
    if (this.detectDueUs !== Infinity) {
      this.detectDueUs = Math.max(this.detectDueUs, nowUs + this.detectionUs);
    }
  }

  #send(nowUs: number, final: boolean): void {
    // Section 6.5: a packet never carries both.
    this.#effects.send(this, this.#polling && !final, final);
    if (!final) this.#lastSentUs = nowUs;
  }

  /** The next packet, counted from the last one. */
  #schedule(nowUs: number): void {
    const intervalUs = this.transmitUs;
    if (intervalUs === Infinity) {
      this.transmitDueUs = Infinity;
      return;
    }
    const least = this.multiplier === 1 ? LEAST_JITTER_ALONE : 0;
    const jitter = least + (MOST_JITTER - least) * this.#random();
    this.transmitDueUs = Math.max(nowUs, this.#lastSentUs + intervalUs * (1 - jitter));
  }
}
