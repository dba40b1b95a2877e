// What the service manager is told (sd_notify(3)): ready, reloading, stopping, a line of status, the watchdog.
//
// Without $NOTIFY_SOCKET nobody is told anything. Its variables are taken out of the environment: scripts must not
// speak for the daemon.
import { monotonicUs } from "../../native/clock.ts";
import { ERRNO } from "../../native/errno.ts";
import { UnixDatagram } from "../../native/unix_datagram.ts";

/** sd_watchdog_enabled(3) advises half of the limit; a quarter leaves room for a slow control thread. */
const FEEDS_PER_LIMIT = 4;
/** A queue that is full is tried again after this time. */
const RETRY_MS = 100;

/** What is known of the engine's life. */
export interface Pulse {
  /** Asks the engine for a sign of life. */
  wake(): void;
  /** A number that grows with each sign. */
  beats(): number;
}

/** The service manager, or nobody. */
export class Supervisor {
  readonly #socket: UnixDatagram | null;
  readonly #watchdogUs: number;
  #feeding: ReturnType<typeof setInterval> | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  /** Lines that the manager's queue had no room for. */
  #unsent = "";
  #status = "";
  #ready = false;
  #reloading = false;

  private constructor(socket: UnixDatagram | null, watchdogUs: number) {
    this.#socket = socket;
    this.#watchdogUs = watchdogUs;
  }

  /**
   * Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment and uses them. `remark` hears a
   * sentence when they make no sense; the daemon runs all the same.
   */
  static take(env: Record<string, string | undefined>, remark: (text: string) => void): Supervisor {
    const { NOTIFY_SOCKET: path, WATCHDOG_USEC: limit, WATCHDOG_PID: pid } = env;
    for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[name];
    if (path === undefined || path === "") return new Supervisor(null, 0);
    if (!/^[/@]./.test(path)) {
      remark(
        `NOTIFY_SOCKET=${path} is neither a path nor an abstract name: the service manager hears nothing; ` +
          "use Type=simple",
      );
      return new Supervisor(null, 0);
    }
    const mine = pid === undefined || pid === "" || Number(pid) === process.pid;
    const watchdogUs = mine && /^[1-9]\d*$/.test(limit ?? "") ? Number(limit) : 0;
    try {
      return new Supervisor(new UnixDatagram(path, "tell the service manager"), watchdogUs);
    } catch (error) {
      remark(error instanceof Error ? error.message : String(error));
      return new Supervisor(null, 0);
    }
  }

  /** Everything that was asked for is in force: at the start, and after a reload. Later calls say nothing new. */
  ready(): void {
    if (this.#ready && !this.#reloading) return;
    this.#ready = true;
    this.#reloading = false;
    this.#send(`READY=1\n${this.#statusLine()}`);
  }

  /** A reload begins; `ready` ends it, whether it was refused or not. */
  reloading(): void {
    if (!this.#ready) return;
    this.#reloading = true;
    this.#send(`RELOADING=1\nMONOTONIC_USEC=${Math.floor(monotonicUs())}\n`);
  }

  /** The start may take up to `limitUs` from now on, whatever the manager's own limit. */
  extend(limitUs: number): void {
    this.#send(`EXTEND_TIMEOUT_USEC=${Math.ceil(limitUs)}\n`);
  }

  /** The stop begins; it may take up to `limitUs`, whatever the manager's own limit. */
  stopping(limitUs: number): void {
    this.stopFeeding();
    this.#send(`STOPPING=1\nEXTEND_TIMEOUT_USEC=${Math.ceil(limitUs)}\n`);
  }

  /** One line for people who ask the manager; sent when it differs from the last one. */
  status(text: string): void {
    const line = text.replaceAll("\n", " ");
    if (line === this.#status) return;
    this.#status = line;
    if (this.#ready && this.#unsent === "") this.#send(this.#statusLine());
  }

  /**
   * Feeds the watchdog, if there is one, as long as the engine shows signs of life: a control thread that lives
   * is not enough.
   */
  feed(pulse: Pulse): void {
    if (this.#watchdogUs === 0 || this.#socket === null) return;
    let seen = pulse.beats();
    pulse.wake();
    this.#feeding = setInterval(() => {
      const beats = pulse.beats();
      if (beats !== seen && this.#unsent === "") this.#send("WATCHDOG=1\n");
      seen = beats;
      pulse.wake();
    }, this.#watchdogUs / 1000 / FEEDS_PER_LIMIT);
    this.#feeding.unref();
  }

  /** Ends the feeding. */
  stopFeeding(): void {
    if (this.#feeding !== null) clearInterval(this.#feeding);
    this.#feeding = null;
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.stopFeeding();
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#socket?.close();
  }

  #statusLine(): string {
    return this.#status === "" ? "" : `STATUS=${this.#status}\n`;
  }

  #send(lines: string): void {
    if (this.#socket === null) return;
    const text = this.#unsent + lines;
    if (this.#socket.send(new TextEncoder().encode(text)) !== -ERRNO.EAGAIN) {
      this.#unsent = "";
      return;
    }
    this.#unsent = text;
    if (this.#retry !== null) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#send(this.#statusLine());
    }, RETRY_MS);
    this.#retry.unref();
  }
}
