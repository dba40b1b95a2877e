// One BFD session with what it needs of the kernel: its sender, and the memory in which the status reads about it.
import { monotonicUs, realtimeUs } from "../../native/clock.ts";
import { errnoName, SyscallError } from "../../native/errno.ts";
import { Memory } from "../../native/memory.ts";
import type { UdpSender } from "../../native/udp.ts";
import { type ControlPacket, PACKET_BYTES, writePacket } from "../bfd/packet.ts";
import type { Session } from "../bfd/session.ts";
import type { BfdConfig } from "../config/sessions.ts";
import { BFD_COUNTERS, BFD_GAUGES, type EngineBfd, type FromEngine } from "../messages.ts";
import { parseAddress } from "../vrrp/address.ts";
import { openBfdSender, PORT_MULTIHOP, PORT_SINGLE_HOP } from "./bfd_sockets.ts";

/** The same trouble with sending is told again after this. */
const TROUBLE_EVERY_US = 60_000_000;

/** Slots of BFD_COUNTERS. */
export const [RECEIVED, SENT, SEND_ERRORS, UPS, DOWNS] = BFD_COUNTERS.map((_, i) => i) as [
  number,
  number,
  number,
  number,
  number,
];
/** Behind the counters: the slots of BFD_GAUGES, in their order, and those of BFD_REFUSALS. */
const GAUGES = BFD_COUNTERS.length;
const [
  DISCRIMINATOR,
  REMOTE_DISCRIMINATOR,
  REMOTE_STATE,
  TRANSMIT_US,
  DETECTION_US,
  REMOTE_MIN_TX_US,
  REMOTE_MIN_RX_US,
  REMOTE_MULTIPLIER,
  HEARD_US,
  POLLING,
] = BFD_GAUGES.map((_, i) => GAUGES + i) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const REFUSALS = GAUGES + BFD_GAUGES.length;

/** Who hears of a session. */
export interface LinkHost {
  post(message: FromEngine): void;
  log(level: "warning" | "error", text: string): void;
}

/** A session and its ends. */
export class BfdLink {
  readonly place: number;
  readonly session: Session;
  readonly neighbor: Uint8Array;
  readonly source: Uint8Array | null;
  readonly port: number;
  config: BfdConfig;
  readonly #host: LinkHost;
  readonly #counters: Float64Array;
  readonly #memory = new Memory(PACKET_BYTES);
  #sender: UdpSender | null = null;
  /** The trouble last told, and when. */
  #trouble = "";
  #troubleUs = -Infinity;

  /** `place`: its number among all sessions. */
  constructor(place: number, { config, counters }: EngineBfd, session: Session, host: LinkHost) {
    this.place = place;
    this.session = session;
    this.config = config;
    this.neighbor = parseAddress(config.neighbor)!;
    this.source = config.source === null ? null : parseAddress(config.source)!;
    this.port = portOf(config);
    this.#host = host;
    this.#counters = new Float64Array(counters);
  }

  /** Takes other values; the session itself is told by the caller. */
  configure(config: BfdConfig): void {
    // The TTL is the socket's; it is opened again with the next packet.
    if (this.config.ttl !== config.ttl) this.close();
    this.config = config;
  }

  /** Sends the session's packet. */
  send(poll: boolean, final: boolean): void {
    if (this.#sender === null && !this.#open()) return this.count(SEND_ERRORS);
    writePacket(this.#memory.view, this.session, poll, final);
    const result = this.#sender!.send();
    this.count(result === 0 ? SENT : SEND_ERRORS);
    if (result !== 0) this.#tell(errnoName(-result));
  }

  /** The packet is the neighbor's: remembers what it says of itself. */
  heard(packet: ControlPacket): void {
    this.count(RECEIVED);
    const counters = this.#counters;
    counters[REMOTE_MIN_TX_US] = packet.desiredMinTxUs;
    counters[REMOTE_MIN_RX_US] = packet.requiredMinRxUs;
    counters[REMOTE_MULTIPLIER] = packet.multiplier;
    counters[HEARD_US] = realtimeUs();
  }

  /** Counts in this slot. */
  count(slot: number): void {
    this.#counters[slot] = this.#counters[slot]! + 1;
  }

  /** Counts a packet that was refused for the reason with this code. */
  countRefusal(code: number): void {
    this.count(REFUSALS + code - 1);
  }

  /** What the status shows, in memory that the control thread reads. */
  gauge(): void {
    const { session } = this;
    const { transmitUs } = session;
    const counters = this.#counters;
    counters[DISCRIMINATOR] = session.discriminator;
    counters[REMOTE_DISCRIMINATOR] = session.remoteDiscriminator;
    counters[REMOTE_STATE] = session.remoteState;
    counters[TRANSMIT_US] = transmitUs === Infinity ? 0 : transmitUs;
    counters[DETECTION_US] = session.detectionUs;
    counters[POLLING] = session.polling ? 1 : 0;
  }

  /** Tells the control thread of the session's state. */
  report(): void {
    this.gauge();
    const { config: { name }, session: { state, diagnostic, remoteDiagnostic } } = this;
    this.#host.post({ type: "bfd", name, state, diagnostic, remoteDiagnostic, atUs: realtimeUs() });
  }

  /** Closes its socket; the next packet opens another. */
  close(): void {
    this.#sender?.close();
    this.#sender = null;
  }

  #open(): boolean {
    const { config: { family, ttl }, source, neighbor: destination, port } = this;
    try {
      this.#sender = openBfdSender({ family, source, destination, port, ttl }, this.#memory);
      return true;
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.#tell(error.message);
      return false;
    }
  }

  #tell(trouble: string): void {
    const nowUs = monotonicUs();
    if (this.#trouble === trouble && nowUs - this.#troubleUs < TROUBLE_EVERY_US) return;
    this.#trouble = trouble;
    this.#troubleUs = nowUs;
    const { name, neighbor } = this.config;
    this.#host.log("warning", `(${name}) a BFD packet to ${neighbor} was not sent: ${trouble}`);
  }
}

/** The UDP port of a session. */
export function portOf({ multihop }: BfdConfig): number {
  return multihop ? PORT_MULTIHOP : PORT_SINGLE_HOP;
}
