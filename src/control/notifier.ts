// Tells the world of events: scripts, FIFOs, mail, in this order.
import type { Config, NotifyConfig } from "../config/model.ts";
import { fifoLine, NotifyFifo } from "../notify/fifo.ts";
import { mailAbout, MailQueue } from "../notify/mail.ts";
import { NotifyQueue, type Prepared } from "../notify/queue.ts";
import type { Command } from "../command.ts";
import { jobsFor, type NotifyState, type Subject } from "../notify/script.ts";
import type { Log } from "./log.ts";

/** What is known of an instance or sync group when something happens to it. */
export interface Event {
  subject: Subject;
  notify: NotifyConfig;
  state: NotifyState;
  /** The effective priority; 0 for a group. */
  priority: number;
  /** The cause in words, for people; may be empty. */
  reason: string;
}

/** The notifications of a running daemon. `prepare` says as whom a program runs and whether it may. */
export class Notifier {
  readonly #log: Log;
  readonly #prepare: (command: Command) => Prepared;
  /** One queue per instance or group; it outlives a reload, so that nothing overtakes what runs. */
  readonly #queues = new Map<string, NotifyQueue>();
  readonly #mail: MailQueue;
  /** The state that the last mail about an instance or group was about. */
  readonly #mailed = new Map<string, NotifyState>();
  #fifos: NotifyFifo[] = [];
  /** FIFOs that a reload took away, until their readers have ended. */
  readonly #closing = new Set<Promise<void>>();
  #config: Config;

  constructor(config: Config, prepare: (command: Command) => Prepared, log: Log) {
    this.#config = config;
    this.#prepare = prepare;
    this.#log = log;
    this.#mail = new MailQueue((level, text) => log.write(level, text));
    this.#openFifos();
  }

  /** After a reload: FIFOs that are the same stay open with their readers, and nothing is lost. */
  reload(config: Config): void {
    this.#config = config;
    this.#openFifos();
  }

  /** Something has happened. */
  tell({ subject, notify, state, priority, reason }: Event): void {
    const key = `${subject.kind} ${subject.name}`;
    const jobs = jobsFor(notify, subject, state, priority);
    if (jobs.length > 0) this.#queue(key, subject).push(...jobs);
    this.#write(fifoLine(subject, state, priority));
    const { routerId, notifications: { mail } } = this.#config.global;
    if (state === "MASTER_RX_LOWER_PRI" || this.#mailed.get(key) === state) return;
    this.#mailed.set(key, state);
    if (mail === null || !notify.mail || (state === "FAULT" && !mail.faults)) return;
    this.#mail.push(mail, mailAbout(routerId, subject, state, reason, new Date()));
  }

  /** The effective priority has changed, in this state. */
  priorityChanged(subject: Subject, notify: NotifyConfig, state: string, priority: number): void {
    if (!notify.priorityChanges || (state !== "MASTER" && state !== "BACKUP")) return;
    this.#write(fifoLine(subject, `${state}_PRIORITY`, priority));
  }

  /** The FIFOs hear the state again, if they are to (fifo_write_vrrp_states_on_reload). */
  repeatState(subject: Subject, state: string, priority: number): void {
    if (!this.#config.global.notifications.statesOnReload || state === "INIT") return;
    this.#write(fifoLine(subject, state, priority));
  }

  /** Lets what waits or runs come to its end, for a bounded time. */
  async drain(): Promise<void> {
    const limitMs = this.#config.daemon.stopLimitUs / 1000;
    await Promise.all([
      ...[...this.#queues.values()].map((queue) => queue.drain(limitMs)),
      ...this.#fifos.map((fifo) => fifo.close()),
      ...this.#closing,
      this.#mail.drain(limitMs),
    ]);
  }

  #write(line: string): void {
    for (const fifo of this.#fifos) fifo.write(line);
  }

  #queue(key: string, { name }: Subject): NotifyQueue {
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue = new NotifyQueue(name, this.#prepare, (level, text) => this.#log.write(level, text));
    this.#queues.set(key, queue);
    return queue;
  }

  #openFifos(): void {
    const wanted = this.#config.global.notifications.fifos;
    for (const fifo of this.#fifos) {
      if (wanted.some(({ path }) => path === fifo.path)) continue;
      const closing = fifo.close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
    this.#fifos = wanted.map((config) => {
      const known = this.#fifos.find(({ path }) => path === config.path);
      known?.update(config);
      return known ?? new NotifyFifo(config, this.#prepare, (level, text) => this.#log.write(level, text));
    });
  }
}
