// The demo's client: a ping each 10 ms, and how long none was answered.
import { monotonicUs } from "../../../native/clock.ts";
import { closeDescriptor } from "../../../native/descriptor.ts";
import { openPing, receiveEcho, sendEcho } from "../../../native/icmp.ts";

/** Time from one ping to the next. */
export const PING_INTERVAL_US = 10_000;
/** A ping without an answer counts as lost after this time. */
export const LOST_AFTER_US = 200_000;
/** The newest pings, which nobody can call lost yet. */
const ON_THEIR_WAY = 2;
const ID = 0xba70;

/** One ping. */
export interface Ping {
  /** CLOCK_MONOTONIC. */
  sentUs: number;
  answered: boolean;
}

/** What a client misses. */
export interface Outage {
  /** Pings that were never answered. */
  lost: number;
  /** From the last answered ping before the longest loss to the first one after it; 0 if none was lost. */
  gapUs: number;
}

/**
 * What was lost of the pings that were sent in [fromUs, toUs). A loss that is not over ends at toUs; one
 * that follows no answer begins with its first ping.
 */
export function outage(pings: readonly Ping[], fromUs: number, toUs: number): Outage {
  let lost = 0;
  let gapUs = 0;
  let startUs: number | null = null;
  let lastAnsweredUs: number | null = null;
  for (const { sentUs, answered } of pings) {
    if (sentUs >= toUs) break;
    if (answered) {
      if (startUs !== null) gapUs = Math.max(gapUs, sentUs - startUs);
      startUs = null;
      lastAnsweredUs = sentUs;
    } else if (sentUs >= fromUs) {
      lost++;
      startUs ??= lastAnsweredUs ?? sentUs;
    }
  }
  if (startUs !== null) gapUs = Math.max(gapUs, toUs - startUs);
  return { lost, gapUs };
}

/**
 * The pings as a line of `cells` characters, the newest at the right: "|" all answered, ":" some, "." none,
 * " " before the first. Each stands for the same pings at every call, and the last few pings, whose answers may
 * be on their way, are left out: the line moves, it does not flicker.
 */
export function bar(pings: readonly Ping[], cells: number, pingsPerCell: number): string {
  const whole = Math.floor((pings.length - ON_THEIR_WAY) / pingsPerCell);
  let line = "";
  for (let cell = Math.max(0, whole - cells); cell < whole; cell++) {
    const part = pings.slice(cell * pingsPerCell, (cell + 1) * pingsPerCell);
    const answered = part.filter((ping) => ping.answered).length;
    line += answered === part.length ? "|" : answered === 0 ? "." : ":";
  }
  return line.padStart(cells);
}

/** Sends pings until it is closed. */
export class Pings {
  readonly all: Ping[] = [];
  readonly #fd: number;
  readonly #address: Uint8Array;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #nextUs = 0;

  /** Call it inside the client's network namespace. `address`: 4 bytes. Throws SyscallError. */
  constructor(address: Uint8Array) {
    this.#fd = openPing("ipv4");
    this.#address = address;
  }

  start(): void {
    this.#nextUs = monotonicUs();
    this.#tick();
  }

  #tick(): void {
    this.#receive();
    const nowUs = monotonicUs();
    const sequence = this.all.length & 0xffff;
    this.all.push({ sentUs: nowUs, answered: false });
    sendEcho(this.#fd, this.#address, ID, sequence); // what cannot be sent counts as lost
    // After a stall the rhythm starts anew: the missed pings are not sent in a bundle.
    this.#nextUs = Math.max(this.#nextUs + PING_INTERVAL_US, nowUs + 1000);
    this.#timer = setTimeout(() => this.#tick(), (this.#nextUs - nowUs) / 1000);
  }

  #receive(): void {
    for (;;) {
      const sequence = receiveEcho(this.#fd, ID);
      if (sequence < 0) return;
      // The newest ping with these 16 bits.
      const newest = this.all.length - 1;
      const ping = this.all[newest - ((newest - sequence) & 0xffff)];
      if (ping !== undefined) ping.answered = true;
    }
  }

  /** Whether a ping that was sent at or after that time (CLOCK_MONOTONIC) has been answered. */
  answeredSince(sinceUs: number): boolean {
    this.#receive();
    for (let i = this.all.length - 1; i >= 0; i--) {
      const { sentUs, answered } = this.all[i]!;
      if (sentUs < sinceUs) return false;
      if (answered) return true;
    }
    return false;
  }

  /** What was lost since then, of the pings whose answer is not still awaited. */
  outageSince(sinceUs: number): Outage {
    this.#receive();
    return outage(this.all, sinceUs, monotonicUs() - LOST_AFTER_US);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    closeDescriptor(this.#fd);
  }
}
