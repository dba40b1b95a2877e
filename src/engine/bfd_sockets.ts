// The sockets of the BFD sessions: a receiver for each port and family that has some, a sender for each session.
import { closeDescriptor } from "../../native/descriptor.ts";
import { SyscallError } from "../../native/errno.ts";
import type { Memory } from "../../native/memory.ts";
import { openUdpReceiver, UdpSender } from "../../native/udp.ts";
import type { Family } from "../config/virtual.ts";

/** UDP ports of single hop (RFC 5881 section 4) and multihop (RFC 5883 section 5) sessions. */
export const PORT_SINGLE_HOP = 3784;
export const PORT_MULTIHOP = 4784;
/** Source ports are from here up (RFC 5881 section 4). */
const FIRST_SOURCE_PORT = 49_152;
const SOURCE_PORTS = 0x1_0000 - FIRST_SOURCE_PORT;
/** So many of them are tried. */
const PORT_ATTEMPTS = 64;
/** Some 1,000 packets that wait while the process is not scheduled. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
/** A socket that cannot be opened is tried again after this. */
const RETRY_US = 1_000_000;

/** What a session listens to. */
export interface Listening {
  family: Family;
  port: number;
}

/** A socket that hears one port of one family. */
export interface Receiver extends Listening {
  fd: number;
}

/** Who polls the sockets, and hears what is wrong with them. */
export interface SocketHost {
  /** Registers a socket with the poller under `token`, and takes it out again. */
  watch(fd: number, token: number): void;
  unwatch(fd: number): void;
  log(level: "warning" | "error", text: string): void;
}

/** All receivers. */
export class BfdReceivers {
  readonly #host: SocketHost;
  readonly #firstToken: number;
  /** By port and family: see `placeOf`. */
  readonly all: (Receiver | null)[] = [null, null, null, null];
  /** Of each, what was told last: it is told once. */
  readonly #troubles: string[] = ["", "", "", ""];
  /** When those that could not be opened are to be tried again. */
  retryUs = Infinity;

  /** Tokens of the poller from `firstToken` on are their own. */
  constructor(host: SocketHost, firstToken: number) {
    this.#host = host;
    this.#firstToken = firstToken;
  }

  /** The one with this token, or null once it is closed. */
  withToken(token: number): Receiver | null {
    return this.all[token - this.#firstToken] ?? null;
  }

  /** Opens what the sessions need, and closes the rest; what is refused is to be tried again. */
  open(sessions: Iterable<Listening>, nowUs: number): void {
    this.retryUs = Infinity;
    const needed = new Set<number>();
    for (const { family, port } of sessions) {
      const place = placeOf(family, port);
      needed.add(place);
      if (this.all[place] == null) this.#open(place, family, port, nowUs);
    }
    for (const [place, receiver] of this.all.entries()) {
      if (receiver === null || needed.has(place)) continue;
      this.#host.unwatch(receiver.fd);
      closeDescriptor(receiver.fd);
      this.all[place] = null;
    }
  }

  #open(place: number, family: Family, port: number, nowUs: number): void {
    try {
      const fd = openUdpReceiver(family, port, RECEIVE_BUFFER_BYTES);
      this.all[place] = { family, port, fd };
      this.#host.watch(fd, this.#firstToken + place);
      this.#troubles[place] = "";
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.retryUs = nowUs + RETRY_US;
      if (this.#troubles[place] === error.message) return;
      this.#troubles[place] = error.message;
      this.#host.log("error", `BFD sessions stay down: ${error.message}`);
    }
  }
}

/** The ends of a session and the TTL of its packets. */
export interface SenderEnds {
  family: Family;
  source: Uint8Array | null;
  destination: Uint8Array;
  port: number;
  ttl: number;
}

/** A sender with a source port of its own, for the packet in `memory`. Throws SyscallError. */
export function openBfdSender(ends: SenderEnds, memory: Memory): UdpSender {
  const first = Math.floor(Math.random() * SOURCE_PORTS);
  return new UdpSender(
    ends,
    memory,
    (attempt) => attempt < PORT_ATTEMPTS ? FIRST_SOURCE_PORT + (first + attempt) % SOURCE_PORTS : -1,
  );
}

function placeOf(family: Family, port: number): number {
  return (family === "ipv6" ? 1 : 0) + (port === PORT_MULTIHOP ? 2 : 0);
}
