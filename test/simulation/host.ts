// A machine with one virtual router: the real state machine, judge and codec, a clock that drifts, and a kernel that
// holds addresses for as long as they were granted.
import { Advert, inspect, type Packet } from "../../src/vrrp/advert.ts";
import type { Group } from "../../src/vrrp/group.ts";
import { Judge } from "../../src/vrrp/judge.ts";
import { OutgoingAdvert, outgoingLength, type OutgoingSpec } from "../../src/vrrp/outgoing.ts";
import { type Cause, describeCause } from "../../src/vrrp/reason.ts";
import { type Effects, Router, type RouterSettings, type State } from "../../src/vrrp/router.ts";
import { leaseSeconds } from "../../src/vrrp/timers.ts";
import type { Agenda } from "./agenda.ts";
import type { Lan, Listener } from "./lan.ts";
import type { Random } from "./random.ts";

/** Longest time from "something is due" to "the process runs". */
export const MAX_LATENCY_US = 300;
/** Packets that wait while nobody reads. */
const RECEIVE_QUEUE = 200;

/** A machine's monotonic clock: it starts anywhere and drifts. */
export class Clock {
  readonly #offsetUs: number;
  readonly #rate: number;

  constructor(random: Random) {
    this.#offsetUs = random.between(0, 1e12);
    this.#rate = 1 + random.between(-200e-6, 200e-6);
  }

  localUs(globalUs: number): number {
    return this.#offsetUs + globalUs * this.#rate;
  }

  globalUs(localUs: number): number {
    return (localUs - this.#offsetUs) / this.#rate;
  }
}

/** What the hosts tell the world. */
export interface Watcher {
  log(host: Host, text: string): void;
  fail(text: string): never;
  transition(host: Host, from: State, to: State, cause: Cause): void;
}

/** Ways to be wrong on purpose: each must be noticed. */
export type Sabotage = "deaf" | "mute" | "keeps addresses" | "hasty" | "stubborn";

export interface HostConfig {
  name: string;
  settings: RouterSettings;
  spec: OutgoingSpec;
  /** An owner hears nobody. */
  ownerIgnoresAdverts?: boolean;
  sabotage?: Sabotage;
}

export class Host implements Effects, Listener {
  readonly config: HostConfig;
  router: Router;
  /** The process exists. */
  running = false;
  frozen = false;
  /** The interface is up and has its address. */
  linkUp = true;
  /** What the router wants. */
  wanted = false;
  /** The kernel holds the addresses until then. */
  heldUntilUs = -Infinity;
  /** When the last advert went out, in simulated time. */
  sentUs = -Infinity;
  refused = 0;
  readonly #agenda: Agenda;
  readonly #lan: Lan;
  readonly #random: Random;
  readonly #watcher: Watcher;
  readonly #clock: Clock;
  /** The sync group of this machine, or null. */
  readonly #group: Group | null;
  readonly #advert = new Advert();
  #judge!: Judge;
  #outgoing!: OutgoingAdvert;
  #queue: { bytes: Uint8Array; corrupted: boolean }[] = [];
  #wakeAtUs = Infinity;

  constructor(
    config: HostConfig,
    agenda: Agenda,
    lan: Lan,
    random: Random,
    watcher: Watcher,
    clock: Clock = new Clock(random),
    group: Group | null = null,
  ) {
    this.config = config;
    this.#agenda = agenda;
    this.#lan = lan;
    this.#random = random;
    this.#watcher = watcher;
    this.#clock = clock;
    this.#group = group;
    this.router = new Router(0, config.settings, this);
    lan.parts.set(this, 0);
  }

  /** This machine's monotonic clock. */
  get localUs(): number {
    return this.#clock.localUs(this.#agenda.nowUs);
  }

  get held(): boolean {
    return this.#agenda.nowUs < this.heldUntilUs;
  }

  /** Takes part in elections. */
  get able(): boolean {
    return this.running && !this.frozen && this.linkUp && !this.router.lingering;
  }

  start(): void {
    this.load();
    this.go();
  }

  /** The process has read its configuration. */
  load(): void {
    const { settings, spec } = this.config;
    this.running = true;
    this.frozen = false;
    this.wanted = false;
    this.#queue = [];
    // A start cleans up after a crash.
    this.heldUntilUs = -Infinity;
    this.router = new Router(0, settings, this);
    this.router.source = spec.source;
    this.#judge = new Judge({
      ...spec,
      owner: settings.priority === 255,
      ownerIgnoresAdverts: this.config.ownerIgnoresAdverts ?? false,
      strict: settings.strict,
      multicastGroup: spec.destination,
      peers: [],
      skipCheckAdvAddr: false,
    });
    this.#rebuild(spec);
    this.#group?.join(this.router, this.config.name);
  }

  /** The process looks at its interface for the first time. */
  go(): void {
    if (this.linkUp) this.#ready();
    else if (this.#group !== null) this.setLink(false, false);
    this.#wake();
  }

  #ready(): void {
    if (this.#group === null) this.router.ready(this.localUs);
    else this.#group.ready(this.localUs, this.router);
  }

  #rebuild(spec: OutgoingSpec): void {
    this.#outgoing = new OutgoingAdvert(new Uint8Array(outgoingLength(spec)), spec);
  }

  /** SIGKILL: what the kernel holds, it holds until the time is up. */
  crash(): void {
    this.running = false;
    this.wanted = false;
    this.#queue = [];
    this.#group?.leave(this.router);
  }

  /** SIGSTOP or a host that is not scheduled. */
  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    if (this.running) this.#wake();
  }

  stop(): void {
    this.#group?.leave(this.router);
    this.#judge.leaving = true;
    this.router.shutdown(this.localUs, { kind: "shutdown" });
    this.#wake();
  }

  setLink(up: boolean, canSend: boolean): void {
    this.linkUp = up;
    if (!this.running) return;
    const cause: Cause = { kind: "script_failed", script: "s" };
    if (up) this.#ready();
    else if (this.#group === null) this.router.unready(this.localUs, cause, "FAULT", canSend);
    else this.#group.unready(this.localUs, this.router, cause, "FAULT", canSend);
    this.#wake();
  }

  setPriority(priority: number): void {
    this.router.setPriority(this.localUs, priority);
    this.settle();
    this.#wake();
  }

  /** A reload; an interval may change in version 3 only. */
  reload(changes: Partial<RouterSettings>): void {
    const settings = { ...this.config.settings, ...changes };
    this.config.settings = settings;
    this.config.spec = { ...this.config.spec, advertIntervalUs: settings.advertIntervalUs };
    if (!this.running) return;
    const sequence = this.#outgoing.sequence;
    this.#rebuild(this.config.spec);
    this.#outgoing.sequence = sequence;
    this.#judge.configure({ ...this.#judge.settings, advertIntervalUs: settings.advertIntervalUs });
    this.router.change(this.localUs, settings);
    this.settle();
    this.#wake();
  }

  receive(bytes: Uint8Array, corrupted: boolean): void {
    if (!this.running || !this.linkUp || this.#queue.length >= RECEIVE_QUEUE) return;
    this.#queue.push({ bytes, corrupted });
    this.#wakeAt(this.#agenda.nowUs);
  }

  /** What has happened to this router may move the others of its group. */
  settle(): void {
    this.#group?.settle(this.localUs);
  }

  /** The group has moved this router: what it waits for may come sooner. */
  rearm(): void {
    if (this.running && !this.frozen && this.router.dueUs !== Infinity) {
      this.#wakeAt(this.#clock.globalUs(this.router.dueUs));
    }
  }

  #wakeAt(atUs: number): void {
    const wakeUs = Math.max(atUs, this.#agenda.nowUs) + this.#random.between(1, MAX_LATENCY_US);
    if (wakeUs >= this.#wakeAtUs) return;
    this.#wakeAtUs = wakeUs;
    this.#agenda.at(wakeUs, () => {
      if (this.#wakeAtUs === wakeUs) this.#wake();
    });
  }

  /** One turn of the loop: every waiting packet first, then the timers, then the addresses. */
  #wake(): void {
    this.#wakeAtUs = Infinity;
    if (!this.running || this.frozen) return;
    const queue = this.#queue;
    this.#queue = [];
    for (const { bytes, corrupted } of queue) this.#process(bytes, corrupted);
    this.router.expire(this.localUs);
    this.settle();
    if (this.wanted) {
      this.heldUntilUs = this.#agenda.nowUs + leaseSeconds(this.router.masterDownIntervalUs) * 1e6;
    }
    this.rearm();
  }

  #process(bytes: Uint8Array, corrupted: boolean): void {
    const ipv6 = this.config.spec.family === "ipv6", advert = this.#advert;
    const packet: Packet = {
      bytes,
      family: this.config.spec.family,
      protocol: bytes[ipv6 ? 6 : 9] === 51 ? 51 : 112,
      start: ipv6 ? 40 : 0,
      end: bytes.length,
      hopLimit: ipv6 ? bytes[7]! : 0,
      sourceStart: 8,
      destinationStart: 24,
    };
    const code = inspect(packet, advert) || this.#judge.judge(packet, advert);
    if (code !== 0) this.refused++;
    else if (corrupted) this.#watcher.fail(`${this.config.name} used a corrupted advert`);
    else if (this.config.sabotage === "deaf" && advert.priority < 255) return;
    else if (this.config.sabotage === "stubborn" && this.router.state === "MASTER") return;
    else this.router.advert(this.localUs, advert, packet);
    this.settle();
  }

  advertise(router: Router, priority: number): void {
    if (this.config.sabotage === "mute" && this.#random.chance(0.9)) return;
    this.#watcher.log(this, `advertises ${priority}`);
    this.sentUs = this.#agenda.nowUs;
    this.#outgoing.setPriority(priority);
    this.#outgoing.prepare(this.#judge.highestSequence);
    if (priority !== 0 && priority !== router.effectivePriority) {
      this.#watcher.fail("an advert with a wrong priority");
    }
    if (this.linkUp || priority === 0) this.#lan.send(this, this.#outgoing.bytes);
    if (this.config.sabotage === "hasty") router.dueUs -= 0.7 * router.settings.advertIntervalUs;
  }

  hold(): void {
    if (this.wanted) this.#watcher.fail(`${this.config.name} holds what it holds`);
    this.wanted = true;
  }

  release(): void {
    if (!this.wanted) this.#watcher.fail(`${this.config.name} releases what it does not hold`);
    this.wanted = this.config.sabotage === "keeps addresses";
    if (!this.wanted) this.heldUntilUs = -Infinity;
  }

  announce(): void {
    if (!this.wanted) this.#watcher.fail(`${this.config.name} announces what it does not hold`);
  }

  transition(_: Router, from: State, to: State, cause: Cause): void {
    this.#watcher.log(this, `${from} -> ${to}: ${describeCause(cause)}`);
    this.#watcher.transition(this, from, to, cause);
  }

  heard(): void {}

  delaying(): void {}

  left(): void {
    this.#watcher.log(this, "left");
    this.running = false;
  }
}
