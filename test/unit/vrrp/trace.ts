// A router whose effects are written down, and the events to give it.
import type { Family } from "../../../src/vrrp/address.ts";
import { Advert, type Packet } from "../../../src/vrrp/advert.ts";
import { describeCause } from "../../../src/vrrp/reason.ts";
import { type Effects, Router, type RouterSettings } from "../../../src/vrrp/router.ts";
import { address } from "./packets.ts";

export const SECOND = 1_000_000;

export const SETTINGS: RouterSettings = {
  version: 3,
  family: "ipv4",
  vrid: 51,
  priority: 100,
  advertIntervalUs: SECOND,
  downTimerAdverts: 3,
  preempt: true,
  preemptDelayUs: 0,
  startAsMaster: false,
  lowerPriorityAdvert: true,
  higherPriorityAdvert: false,
  expiredPriority: null,
  strict: false,
};

/** Skew_Time and Master_Down_Interval of SETTINGS: priority 100, one second. */
export const SKEW = 609_375;
export const DOWN = 3 * SECOND + SKEW;

/** Own addresses, and others' that compare lower and higher. */
export const OWN = { ipv4: "10.0.0.5", ipv6: "fe80::5" };
export const LOW = { ipv4: "10.0.0.1", ipv6: "fe80::1" };
export const HIGH = { ipv4: "10.0.0.9", ipv6: "fe80::9" };

/** A router under test. `now` is its clock; `take()` gives the effects since the last call, a line each. */
export class Trace implements Effects {
  readonly router: Router;
  readonly family: Family;
  now = 1_000 * SECOND;
  #lines: string[] = [];

  constructor(changes: Partial<RouterSettings> = {}) {
    const settings = { ...SETTINGS, ...changes };
    this.family = settings.family;
    this.router = new Router(1, settings, this);
    this.router.source = address(OWN[settings.family]);
  }

  /** A router that has started, its first effects taken. */
  static started(changes: Partial<RouterSettings> = {}): Trace {
    const trace = new Trace(changes);
    trace.router.ready(trace.now);
    trace.take();
    return trace;
  }

  /** A router that has become Master because nobody was heard. */
  static master(changes: Partial<RouterSettings> = {}): Trace {
    const trace = Trace.started(changes);
    if (trace.router.state !== "MASTER") trace.expire();
    trace.take();
    return trace;
  }

  advertise(_: Router, priority: number): void {
    this.#lines.push(`advertise ${priority}`);
  }
  hold(): void {
    this.#lines.push("hold");
  }
  release(): void {
    this.#lines.push("release");
  }
  announce(_: Router, why: string): void {
    this.#lines.push(`announce ${why}`);
  }
  transition(_: Router, from: string, to: string, cause: Parameters<typeof describeCause>[0]): void {
    this.#lines.push(`${from} -> ${to}: ${describeCause(cause)}`);
  }
  heard(router: Router): void {
    const length = this.family === "ipv4" ? 4 : 16;
    const bytes = router.masterAddress.slice(0, length);
    this.#lines.push(router.hasMaster ? `master ${bytes.at(-1)} ${router.masterPriority}` : "no master");
  }
  delaying(_: Router, running: boolean): void {
    this.#lines.push(running ? "delay begins" : "delay ends");
  }
  left(): void {
    this.#lines.push("left");
  }

  take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** Lets time pass, without any timer. */
  wait(us: number): void {
    this.now += us;
  }

  /** Goes to the deadline, or `lateUs` after it, and lets it expire. */
  expire(lateUs = 0): string[] {
    this.now = this.router.dueUs + lateUs;
    this.router.expire(this.now);
    return this.take();
  }

  /** How long until the deadline. */
  get leftUs(): number {
    return this.router.dueUs - this.now;
  }

  /** An advert that Judge let pass. */
  hear(
    from: { ipv4: string; ipv6: string },
    priority: number,
    intervalUs = this.router.settings.advertIntervalUs,
  ): string[] {
    const source = address(from[this.family]);
    const bytes = new Uint8Array(64);
    bytes.set(source, 7);
    const advert = new Advert();
    advert.version = this.router.settings.version;
    advert.type = 1;
    advert.vrid = this.router.settings.vrid;
    advert.priority = priority;
    advert.intervalUs = intervalUs;
    advert.multicast = true;
    const packet: Packet = {
      bytes,
      family: this.family,
      protocol: 112,
      start: 0,
      end: 64,
      hopLimit: 255,
      sourceStart: 7,
      destinationStart: 30,
    };
    this.router.advert(this.now, advert, packet);
    return this.take();
  }
}
