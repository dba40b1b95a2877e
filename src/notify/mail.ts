// The queue of mails: one after the other, tried again while the server is away, nothing lost in silence.
import type { MailSettings } from "../mail_settings.ts";
import { type Mail, MailError, sendMail } from "./smtp.ts";
import type { Level } from "./queue.ts";
import type { NotifyState, Subject } from "./script.ts";

export interface MailQueueOptions {
  /** Pause after the first failure; doubled each time, up to a minute. Default 5000. */
  retryMs?: number;
  /** A mail older than this is given up. Default 15 minutes. */
  lifetimeMs?: number;
  /** Mails that may wait; beyond it the oldest one is dropped, and the log says so. Default 100. */
  capacity?: number;
}

interface Waiting {
  mail: Mail;
  config: MailSettings;
  sinceMs: number;
}

const LONGEST_RETRY_MS = 60_000;

const TITLES: Record<Exclude<NotifyState, "MASTER_RX_LOWER_PRI">, string> = {
  MASTER: "Entering MASTER state",
  BACKUP: "Entering BACKUP state",
  FAULT: "Entering FAULT state",
  STOP: "Stopping",
  DELETED: "Deleted",
};

/** The mail about an event, with keepalived's subject; `reason`: its cause in words, or empty. */
export function mailAbout(
  routerId: string,
  { kind, name }: Subject,
  state: Exclude<NotifyState, "MASTER_RX_LOWER_PRI">,
  reason: string,
  date: Date,
): Mail {
  const what = kind === "GROUP" ? "Group" : "Instance";
  const holds = kind === "GROUP"
    ? `All instances of the VRRP group ${name} are in ${state} state now`
    : state === "MASTER"
    ? `VRRP instance ${name} is now owning the VRRP VIPs`
    : `VRRP instance ${name} is no longer owning the VRRP VIPs`;
  const because = reason === "" ? "" : `\nCause: ${reason}\n`;
  return {
    subject: `[${routerId}] VRRP ${what} ${name} - ${TITLES[state]}`,
    text: `=> ${holds} <=\n${because}`,
    date,
  };
}

/** One serial queue for all mail of the daemon. */
export class MailQueue {
  readonly #log: (level: Level, text: string) => void;
  readonly #retryMs: number;
  readonly #lifetimeMs: number;
  readonly #capacity: number;
  #waiting: Waiting[] = [];
  #busy: Promise<void> | null = null;
  /** Ends the pause between two attempts. */
  #wake: (() => void) | null = null;
  #closed = false;
  #cut = false;
  readonly #breakOff = new AbortController();

  constructor(log: (level: Level, text: string) => void, options: MailQueueOptions = {}) {
    this.#log = log;
    this.#retryMs = options.retryMs ?? 5000;
    this.#lifetimeMs = options.lifetimeMs ?? 15 * 60_000;
    this.#capacity = options.capacity ?? 100;
  }

  /** Adds a mail at the end. */
  push(config: MailSettings, mail: Mail): void {
    if (this.#cut) return this.#drop({ mail, config, sinceMs: 0 }, "the time for the stop is over");
    this.#waiting.push({ mail, config, sinceMs: performance.now() });
    if (this.#waiting.length > this.#capacity) {
      // The first one is being sent.
      const [oldest] = this.#waiting.splice(this.#busy === null ? 0 : 1, 1);
      if (oldest !== undefined) this.#drop(oldest, `more than ${this.#capacity} mails wait`);
    }
    this.#busy ??= this.#work().finally(() => this.#busy = null);
  }

  /** Resolves when nothing is sent or waits. */
  async idle(): Promise<void> {
    while (this.#busy !== null) await this.#busy;
  }

  /** Tries what waits once more, for at most `timeoutMs`; what is left is named in the log. */
  async drain(timeoutMs: number): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    await Promise.race([this.idle(), promise]);
    clearTimeout(timer);
    this.#cut = true;
    this.#breakOff.abort();
    for (const each of this.#waiting.splice(0)) this.#drop(each, "the time for the stop is over");
  }

  async #work(): Promise<void> {
    // Also keeps push() from sending anything before it has returned.
    await Promise.resolve();
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      await this.#deliver(first);
      if (this.#waiting[0] === first) this.#waiting.shift();
    }
  }

  /** Returns when the mail is sent or given up. */
  async #deliver(waiting: Waiting): Promise<void> {
    const { mail, config, sinceMs } = waiting;
    for (let pauseMs = this.#retryMs;; pauseMs = Math.min(2 * pauseMs, LONGEST_RETRY_MS)) {
      const startedMs = performance.now();
      try {
        const refused = await sendMail(config, mail, this.#breakOff.signal);
        if (this.#cut) return;
        this.#sent(waiting, refused, (performance.now() - startedMs) / 1000);
        return;
      } catch (error) {
        if (this.#cut) return;
        const text = error instanceof Error ? error.message : String(error);
        if (error instanceof MailError && error.final) return this.#drop(waiting, text);
        if (this.#closed) return this.#drop(waiting, `${text}, and the daemon stops`);
        if (performance.now() + pauseMs - sinceMs > this.#lifetimeMs) {
          return this.#drop(waiting, `${text}, for ${this.#lifetimeMs / 60_000} minutes`);
        }
        this.#log("warning", `mail "${mail.subject}": ${text}; it is tried again in ${pauseMs / 1000} s`);
      }
      await this.#pause(pauseMs);
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = resolve;
    await promise;
    this.#wake = null;
    clearTimeout(timer);
  }

  #sent({ mail, config }: Waiting, refused: string[], seconds: number): void {
    const count = config.to.length - refused.length;
    const to = `${count} ${count === 1 ? "recipient" : "recipients"}`;
    this.#log(
      "info",
      `SMTP alert successfully sent to ${to} after ${seconds.toFixed(3)} s: "${mail.subject}"`,
    );
    for (const address of refused) {
      this.#log(
        "warning",
        `mail "${mail.subject}" is not sent to ${address}: the mail server refuses the address`,
      );
    }
  }

  #drop({ mail }: Waiting, reason: string): void {
    this.#log("error", `mail "${mail.subject}" is not sent: ${reason}`);
  }
}
