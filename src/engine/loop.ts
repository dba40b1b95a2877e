// The engine's loop: one blocking wait, then packets, then deadlines, then everything that they caused, in
// one flush: adverts, addresses, announcements. Shortly before a takeover it does not sleep any more.
import { Poller } from "../../native/epoll.ts";
import { drainEventfd } from "../../native/eventfd.ts";
import { Timerfd } from "../../native/timerfd.ts";
import { monotonicUs } from "../../native/clock.ts";

const TOKEN_WAKE = 0;
const TOKEN_TIMER = 1;
const TOKEN_KERNEL = 2;
export const TOKEN_STOP = 3;
/** The kernel has done something beside this thread: the flush looks after it. */
export const TOKEN_ASIDE = 4;
/** Tokens from here on belong to the receiving sockets. */
export const TOKEN_FIRST_SOCKET = 5;
/** And from here on to those of BFD. */
export const TOKEN_FIRST_BFD = 0x1000_0000;

/** What the loop drives. */
export interface LoopBody {
  /** Messages of the control thread may be waiting. */
  onWake(nowUs: number): void;
  /** A signal asks for the end. */
  onStop(nowUs: number): void;
  /** The kernel reports changes of interfaces or addresses. */
  onKernel(nowUs: number): void;
  /** A receiving socket is readable. */
  onSocket(token: number, nowUs: number): void;
  /** Deadlines up to `nowUs` are to be served. */
  onDue(nowUs: number): void;
  /** Sends what the tick has caused. Returns when to come back by itself: 0 = at once, Infinity = never. */
  flush(nowUs: number): number;
  /** The earliest deadline, Infinity for none. */
  nextDueUs(): number;
  /** How long before that deadline the loop is to stop sleeping; 0 = wake with it. */
  leadUs(): number;
  /** The wait is over: something has come. */
  onEvents(): void;
  /** The earliest deadline has passed by `lateUs`; called before it is served. */
  onLate(lateUs: number): void;
  /** A turn is over: the body may take turns of its own. */
  between(): void;
  readonly finished: boolean;
  /** The loop is to be left, and run again afterwards. */
  readonly resting: boolean;
}

/** A wake-up this much after its deadline is counted as late. */
const LATE_US = 1000;

/** Waits for what comes first, serves it, and sleeps again. */
export class Loop {
  readonly #poller = new Poller();
  readonly #timer = new Timerfd();
  readonly #wakeFd: number;
  #armedUs = Infinity;
  /** When the body wants to be called again by itself; 0 = at once. */
  #againUs = Infinity;

  constructor(wakeFd: number, stopFd: number, kernelFd: number) {
    this.#wakeFd = wakeFd;
    this.#poller.add(wakeFd, TOKEN_WAKE);
    this.#poller.add(this.#timer.fd, TOKEN_TIMER);
    this.#poller.add(kernelFd, TOKEN_KERNEL);
    this.#poller.add(stopFd, TOKEN_STOP);
  }

  /** Adds a receiving socket under a token of TOKEN_FIRST_SOCKET or more. */
  watch(fd: number, token: number): void {
    this.#poller.add(fd, token);
  }

  /** Takes a socket out again, before it is closed. */
  unwatch(fd: number): void {
    this.#poller.remove(fd);
  }

  /** Runs until the body is finished, or rests. */
  run(body: LoopBody): void {
    this.#againUs = body.flush(monotonicUs());
    while (!body.finished) {
      if (body.resting) return;
      this.turn(body);
      body.between();
    }
    this.close();
  }

  /** Gives back what it waits with; it is not run again. */
  close(): void {
    this.#timer.close();
    this.#poller.close();
  }

  /** Waits once, and serves what came. */
  turn(body: LoopBody): void {
    // Before an event moves the deadline that was missed; any event can be the first after a standstill. And before
    // the wait: whatever is looked up after it keeps the packets waiting.
    const dueUs = body.nextDueUs();
    const count = this.#poller.wait(this.#maySleep(body, dueUs) ? -1 : 0);
    if (count > 0) body.onEvents();
    const nowUs = monotonicUs();
    let lateUs = nowUs - dueUs;
    for (let i = 0; i < count; i++) {
      const token = this.#poller.token(i);
      if (token >= TOKEN_FIRST_SOCKET) body.onSocket(token, nowUs);
      else if (token === TOKEN_KERNEL) body.onKernel(nowUs);
      else if (token === TOKEN_TIMER) this.#expired();
      else if (token === TOKEN_STOP) body.onStop(nowUs);
      else if (token === TOKEN_WAKE) {
        // Emptied before the messages are read: one that comes later wakes the loop again.
        drainEventfd(this.#wakeFd);
        body.onWake(nowUs);
      }
    }
    const servedUs = monotonicUs();
    // A standstill may also begin in the middle of a turn: what came in it has not been read.
    if (servedUs - nowUs > LATE_US) lateUs = Math.max(lateUs, servedUs - body.nextDueUs());
    if (lateUs > LATE_US) body.onLate(lateUs);
    body.onDue(servedUs);
    this.#againUs = body.flush(monotonicUs());
  }

  /** When the body has something to do again by itself; Infinity = never. */
  quietUntilUs(body: LoopBody): number {
    return this.#quietUntilUs(body, body.nextDueUs());
  }

  #quietUntilUs(body: LoopBody, dueUs: number): number {
    return this.#againUs === 0 ? 0 : Math.min(dueUs - body.leadUs(), this.#againUs);
  }

  /** Arms the timer for what comes next; false = that is now, or so near that waking up would take too long. */
  #maySleep(body: LoopBody, dueUs: number): boolean {
    if (this.#againUs === 0) return false;
    const wakeUs = this.#quietUntilUs(body, dueUs);
    if (wakeUs === this.#armedUs) return true;
    if (wakeUs <= monotonicUs()) return false;
    this.#arm(wakeUs);
    return true;
  }

  #arm(dueUs: number): void {
    this.#armedUs = dueUs;
    if (dueUs === Infinity) this.#timer.disarm();
    else this.#timer.arm(dueUs);
  }

  #expired(): void {
    this.#timer.drain();
    this.#armedUs = Infinity;
  }
}
