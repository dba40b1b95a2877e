// Two sessions and a line between them in made-up time: what leaves one arrives at the other, unless the line is cut.
import { ControlPacket, NO_BFD_REFUSAL, PACKET_BYTES, writePacket } from "../../../src/bfd/packet.ts";
import { Session, type SessionSettings } from "../../../src/bfd/session.ts";

/** 50 ms both ways, three packets may be missed. */
export const SETTINGS: SessionSettings = {
  minTxUs: 50_000,
  idleTxUs: 1_000_000,
  minRxUs: 50_000,
  multiplier: 3,
  passive: false,
};

/** What left a session. */
export interface Sent {
  atUs: number;
  from: "a" | "b";
  state: number;
  poll: boolean;
  final: boolean;
  minTxUs: number;
}

/** How a pair is not as usual. */
export interface PairOptions {
  a?: Partial<SessionSettings>;
  b?: Partial<SessionSettings>;
  /** 0..1. Default: always 0.5. */
  random?: () => number;
  latencyUs?: number;
}

/** A pair of sessions. */
export class Pair {
  nowUs = 1_000_000_000;
  readonly a: Session;
  readonly b: Session;
  readonly sent: Sent[] = [];
  readonly changes: string[] = [];
  /** Whether a packet that leaves now gets through. */
  passes: (from: "a" | "b") => boolean = () => true;
  readonly #latencyUs: number;
  readonly #wire: { dueUs: number; to: Session; bytes: Uint8Array<ArrayBuffer> }[] = [];
  readonly #packet = new ControlPacket();

  constructor(options: PairOptions = {}) {
    const { random = () => 0.5, latencyUs = 1000 } = options;
    this.#latencyUs = latencyUs;
    const effects = (from: "a" | "b") => ({
      send: (session: Session, poll: boolean, final: boolean) => this.#send(from, session, poll, final),
      changed: (session: Session, before: number) => {
        this.changes.push(`${from} ${before} -> ${session.state} (${session.diagnostic})`);
      },
    });
    this.a = new Session(0xaaaa_aaaa, { ...SETTINGS, ...options.a }, effects("a"), random);
    this.b = new Session(0xbbbb_bbbb, { ...SETTINGS, ...options.b }, effects("b"), random);
  }

  start(): this {
    this.a.start(this.nowUs);
    this.b.start(this.nowUs);
    return this;
  }

  /** Lets time pass until `test` holds; fails after `limitUs`. */
  until(test: () => boolean, limitUs = 20_000_000): void {
    const endUs = this.nowUs + limitUs;
    while (!test()) {
      const dueUs = this.#nextDueUs();
      if (dueUs > endUs) throw new Error(`it never came true; ${this.changes.join(", ")}`);
      this.#step(dueUs);
    }
  }

  /** Lets this much time pass. */
  pass(us: number): void {
    const endUs = this.nowUs + us;
    for (let dueUs = this.#nextDueUs(); dueUs <= endUs; dueUs = this.#nextDueUs()) this.#step(dueUs);
    this.nowUs = endUs;
  }

  #nextDueUs(): number {
    const { a, b } = this;
    const wire = this.#wire[0]?.dueUs ?? Infinity;
    return Math.min(a.transmitDueUs, b.transmitDueUs, a.detectDueUs, b.detectDueUs, wire);
  }

  #step(dueUs: number): void {
    this.nowUs = Math.max(this.nowUs, dueUs);
    while ((this.#wire[0]?.dueUs ?? Infinity) <= this.nowUs) {
      const { to, bytes } = this.#wire.shift()!;
      const code = this.#packet.read(new DataView(bytes.buffer), 0, bytes.length);
      if (code !== NO_BFD_REFUSAL) throw new Error(`a session sent what is refused: ${code}`);
      to.receive(this.#packet, this.nowUs);
    }
    for (const session of [this.a, this.b]) {
      if (session.detectDueUs <= this.nowUs) session.expire(this.nowUs);
      if (session.transmitDueUs <= this.nowUs) session.transmit(this.nowUs);
    }
  }

  #send(from: "a" | "b", session: Session, poll: boolean, final: boolean): void {
    const { state, desiredMinTxUs: minTxUs } = session;
    this.sent.push({ atUs: this.nowUs, from, state, poll, final, minTxUs });
    if (!this.passes(from)) return;
    const bytes = new Uint8Array(new ArrayBuffer(PACKET_BYTES));
    writePacket(new DataView(bytes.buffer), session, poll, final);
    this.#wire.push({ dueUs: this.nowUs + this.#latencyUs, to: from === "a" ? this.b : this.a, bytes });
  }
}
