// The engine: all its parts put together as the body of the loop. Allocates nothing in steady state, never waits
// for anything but the next packet or deadline, never logs.
import { monotonicUs } from "../../native/clock.ts";
import { SIGNAL } from "../../native/constants.ts";
import { closeDescriptor } from "../../native/descriptor.ts";
import { drainEventfd, signalEventfd } from "../../native/eventfd.ts";
import { RouteMonitor } from "../../native/netlink/monitor.ts";
import { setRealtime } from "../../native/schedule.ts";
import { openSignalfd } from "../../native/signalfd.ts";
import {
  type EngineBeginning,
  type EngineStart,
  type EngineTuning,
  FLAG_STOP,
  type FromEngine,
  GLOBAL_COUNTERS,
  type ToEngine,
} from "../messages.ts";
import type { Advert, Packet } from "../vrrp/advert.ts";
import { assemble } from "./assemble.ts";
import { Ending } from "./ending.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Instance } from "./instance.ts";
import { KernelWatch } from "./kernel.ts";
import { KernelNews } from "./news.ts";
import { Loop, type LoopBody, TOKEN_FIRST_BFD, TOKEN_FIRST_SOCKET, TOKEN_STOP } from "./loop.ts";
import type { Parts } from "./parts.ts";
import { Plans } from "./plans.ts";
import { Readiness } from "./readiness.ts";
import { Reception } from "./reception.ts";
import { ACTOR_ID } from "./rehearsal.ts";
import { Rehearsals } from "./rehearsals.ts";
import { Statics } from "./statics.ts";
import { Tuning } from "./tuning.ts";
import { EXTRA, PROTOCOL, REFRESH, RENEWAL, RESTORE, SECOND_BURST, SETTLE, TIMER_KINDS } from "./timers.ts";
import type { Receiver } from "./transport.ts";

/** Batches read from one socket before the deadlines get their turn. */
const BATCHES_PER_WAKE = 4;
/** Batches read before a down timer is believed: more than the receive buffer can hold. */
const BATCHES_PER_DRAIN = 128;
/**
 * The loop is awake this long before a down timer: an idle processor takes 50 to 100 us to wake, and more to be warm.
 * It is time of one processor that only a master's silence costs.
 */
const LEAD_US = 500;
const NETLINK_OVERRUNS = GLOBAL_COUNTERS.indexOf("netlink_overruns");
const WAKEUPS = GLOBAL_COUNTERS.indexOf("wakeups");
const BFD_UNMATCHED = GLOBAL_COUNTERS.indexOf("bfd_unmatched");
const LATE_WAKEUPS = GLOBAL_COUNTERS.indexOf("late_wakeups");

/** How the engine talks to the control thread. */
export interface Mailbox {
  post(message: FromEngine): void;
  take(): ToEngine | undefined;
}

/** All instances of this process. */
export class Engine implements LoopBody, Receiver {
  resting = false;
  readonly #mailbox: Mailbox;
  readonly #flags: Int32Array;
  readonly #counters: Float64Array;
  readonly #monitor = new RouteMonitor();
  readonly #loop: Loop;
  readonly #parts: Parts;
  readonly #reception: Reception;
  readonly #readiness: Readiness;
  readonly #kernel: KernelWatch;
  readonly #plans: Plans;
  readonly #statics: Statics;
  readonly #tuning: Tuning;
  readonly #ending: Ending;
  readonly #rehearsals: Rehearsals;
  /** By token - TOKEN_FIRST_SOCKET. */
  readonly #endpoints: (Endpoint<Instance> | null)[] = [];
  readonly #wakeFd: number;
  readonly #stopFd: number;
  /** Tells of the signals that stop the daemon, a little earlier than `#stopFd`. */
  readonly #signalFd = openSignalfd([SIGNAL.SIGTERM, SIGNAL.SIGINT]);
  readonly #outbox: FromEngine[] = [];

  /** Makes all parts and rehearses with them. Nothing may run before `begin`. */
  constructor(start: EngineStart, mailbox: Mailbox) {
    this.#mailbox = mailbox;
    this.#flags = new Int32Array(start.flags);
    this.#counters = new Float64Array(start.globalCounters);
    const monitor = this.#monitor;
    this.#wakeFd = start.wakeFd;
    this.#stopFd = start.stopFd;
    this.#loop = new Loop(start.wakeFd, start.stopFd, monitor.fd);
    this.#parts = assemble(start, {
      receiver: this,
      // What the actor of a rehearsal does is no news.
      post: (message) => {
        if (!("id" in message) || message.id !== ACTOR_ID) this.#outbox.push(message);
      },
      watch: (fd, token) => this.#loop.watch(fd, token),
      unwatch: (fd) => this.#loop.unwatch(fd),
      unmatched: () => count(this.#counters, BFD_UNMATCHED),
      left: (instance) => this.#ending.left(instance),
      statics: () => this.#statics,
    });
    this.#reception = new Reception(this.#counters, this.#parts.post);
    this.#statics = new Statics(this.#parts);
    this.#tuning = new Tuning({ commandFd: this.#parts.client.fd, monitorFd: monitor.fd });
    this.#readiness = new Readiness(this.#parts, this.#statics);
    const news = new KernelNews(this.#parts, start.watchAddresses);
    this.#kernel = new KernelWatch(this.#parts, this.#readiness, this.#statics, monitor, news);
    this.#plans = new Plans(this.#parts, this.#readiness, this.#statics);
    this.#ending = new Ending(this.#parts, {
      readiness: this.#readiness,
      plans: this.#plans,
      statics: this.#statics,
      reception: this.#reception,
      keep: start.keep,
      flags: this.#flags,
      deliver: () => this.#deliver(),
    });
    this.#rehearsals = new Rehearsals(this.#parts, {
      readiness: this.#readiness,
      accepted: (...heard) => this.accepted(...heard),
      turn: () => this.#loop.turn(this),
      flush: () => this.flush(monotonicUs()),
    });
    this.#loop.watch(this.#rehearsals.stopFd, TOKEN_STOP);
    if (this.#signalFd >= 0) this.#loop.watch(this.#signalFd, TOKEN_STOP);
    this.#rehearsals.run();
  }

  /**
   * What a run depends on, and the kernel as it is now. Returns what was refused, a sentence each. Real time from here
   * on: what comes before, the rehearsal above all, must not keep other masters waiting.
   */
  begin({ realtimePriority, tuning, startDelayUs, leftovers, sysctlRecord }: EngineBeginning): string[] {
    this.#readiness.delay(startDelayUs, monotonicUs());
    this.#plans.inherit(leftovers);
    this.#parts.sysctls.keepRecord(sysctlRecord);
    this.#counters.fill(0);
    this.#kernel.begin();
    const refused = realtimePriority > 0 ? setRealtime(realtimePriority) : null;
    return [...this.#tune(tuning), ...(refused === null ? [] : [refused])];
  }

  /** Instead of `begin`: it is not needed. Its sockets would outlive the thread. */
  leave(): void {
    const { client, transport, announcer, holdings } = this.#parts;
    transport.endFrames();
    announcer.close();
    client.close();
    holdings.close();
    this.#loop.close();
    this.#monitor.close();
    closeDescriptor(this.#signalFd);
    this.#rehearsals.close();
  }

  /** How the calling thread is to run; returns what was refused, a sentence each. */
  #tune(tuning: EngineTuning): string[] {
    return this.#tuning.apply(tuning);
  }

  /**
   * Runs until stopped, or until it rests: then it is to be run again soon. Throws only where the engine itself is
   * broken; the addresses are withdrawn then too.
   */
  run(): void {
    // A rehearsal may wait for the end of the rest.
    if (this.resting) signalEventfd(this.#wakeFd);
    this.resting = false;
    try {
      // What came during the rehearsal woke nobody.
      this.onWake(monotonicUs());
      this.#loop.run(this);
    } finally {
      if (!this.resting) this.#ending.withdraw();
    }
  }

  // --- LoopBody

  get finished(): boolean {
    return this.#ending.finished;
  }

  /** Has the loop end with this turn: nobody is waited for. */
  finish(): void {
    this.#ending.finished = true;
  }

  nextDueUs(): number {
    const { timers, links, routes, bfd, vmacs } = this.#parts;
    const startsUs = this.#rehearsals.active ? Infinity : this.#readiness.startsUs;
    const ofLinks = Math.min(links.debounce.dueUs, vmacs.nextDueUs);
    const ofRoutes = Math.min(routes.nextDueUs, this.#statics.nextDueUs);
    return Math.min(timers.nextDueUs(), bfd.nextDueUs(), ofLinks, ofRoutes, startsUs);
  }

  leadUs(): number {
    const { timers, roster, bfd } = this.#parts;
    const slot = timers.nextSlot();
    // What comes before it needs no lead.
    if (bfd.nextDueUs() < timers.nextDueUs()) return 0;
    if (slot < 0 || slot % TIMER_KINDS !== PROTOCOL) return 0;
    return roster.ofSlot(slot)?.router.state === "BACKUP" ? LEAD_US : 0;
  }

  onEvents(): void {
    count(this.#counters, WAKEUPS);
  }

  onLate(lateUs: number): void {
    count(this.#counters, LATE_WAKEUPS);
    const raised = this.#rehearsals.active ? null : this.#tuning.late(lateUs);
    if (raised !== null) this.#parts.post({ type: "log", id: null, ...raised });
    // After a standstill the queues tell what has happened meanwhile: a lifetime that ran out, a new master.
    this.onKernel(monotonicUs());
    for (let i = 0; i < this.#endpoints.length; i++) {
      const endpoint = this.#endpoints[i];
      if (endpoint != null) this.#read(endpoint, BATCHES_PER_DRAIN);
    }
    this.#parts.bfd.drain(monotonicUs());
  }

  onWake(nowUs: number): void {
    if (this.#rehearsals.active) return;
    for (let message = this.#mailbox.take(); message !== undefined; message = this.#mailbox.take()) {
      if (message.type === "apply") {
        // A signal can overtake a reload.
        if (!this.#readiness.stopping) this.#plans.apply(message.plan, nowUs);
      } else if (message.type === "rehearse") this.#rehearsals.ask(nowUs);
      else if (message.type === "realtime") this.#setRealtime(message.priority);
      else if (message.type === "linkbeat") {
        if (this.#parts.links.linkbeat(message.interface, message.up, nowUs)) {
          this.#readiness.evaluateAll(nowUs);
        }
      } else if (message.type === "tuning") {
        for (const text of this.#tune(message.tuning)) this.#parts.log("warning", null, text);
      } else if (message.type === "script") this.#readiness.scriptResult(message.name, message.ok, nowUs);
      else if (message.type === "tracked") {
        this.#readiness.tracked(message.kind, message.name, message.value, nowUs);
      } else if (message.type === "vmacs_stay") this.#parts.vmacs.stay(message.indexes, message.error);
      else this.#ending.stop(nowUs);
    }
    // The control thread is about to exit and will not wait for the successor.
    if (Atomics.load(this.#flags, FLAG_STOP) === 1) this.finish();
  }

  #setRealtime(priority: number): void {
    const refused = setRealtime(priority);
    if (refused !== null) this.#parts.log("warning", null, refused);
  }

  between(): void {
    // Priority 0 is out and the others are counting: time that the end of the process would take otherwise.
    if (this.#readiness.stopping && !this.finished) {
      this.#parts.transport.endFrames();
      this.#parts.announcer.close();
    }
    if (!this.#rehearsals.wanted) return;
    // A daemon that leaves takes nothing over any more.
    if (this.#readiness.stopping) return;
    // The rest first: what a takeover needs is in memory afterwards.
    const rest = this.#rehearsals.rest(monotonicUs(), this.#loop.quietUntilUs(this));
    this.resting = rest === "now";
    if (rest !== "no") return;
    this.#rehearsals.run();
    // What came meanwhile woke nobody.
    signalEventfd(this.#wakeFd);
  }

  onStop(nowUs: number): void {
    // A signal that comes during a rehearsal wakes the loop until it is served, after it.
    if (this.#rehearsals.active) return this.#ending.stop(nowUs, this.#rehearsals.takeLeaving());
    this.#ending.stop(nowUs);
    drainEventfd(this.#stopFd);
    // It may be readable until the control thread is awake.
    this.#loop.unwatch(this.#signalFd);
    this.#parts.post({ type: "stopping" });
  }

  onKernel(nowUs: number): void {
    if (this.#rehearsals.active) return;
    if (!this.#kernel.read(nowUs)) count(this.#counters, NETLINK_OVERRUNS);
  }

  onSocket(token: number, nowUs: number): void {
    if (token >= TOKEN_FIRST_BFD) {
      this.#parts.bfd.onSocket(token, nowUs);
      this.#followBfd(nowUs);
      return;
    }
    const endpoint = this.#endpoints[token - TOKEN_FIRST_SOCKET];
    if (endpoint != null) this.#read(endpoint, BATCHES_PER_WAKE);
  }

  onDue(nowUs: number): void {
    const { timers, roster, effects, links, bfd, vmacs } = this.#parts;
    // Before what is decided by it.
    if (bfd.nextDueUs() <= nowUs) bfd.due(nowUs);
    this.#followBfd(nowUs);
    for (const instance of vmacs.due(nowUs)) this.#readiness.evaluate(instance, nowUs);
    if (links.debounce.dueUs <= nowUs && links.debounce.expire(nowUs)) this.#readiness.evaluateAll(nowUs);
    if (this.#readiness.startsUs <= nowUs && !this.#rehearsals.active) this.#readiness.begin(nowUs);
    for (let slot = timers.takeDue(nowUs); slot >= 0; slot = timers.takeDue(nowUs)) {
      const instance = roster.ofSlot(slot);
      if (instance === null) continue;
      const kind = slot % TIMER_KINDS;
      if (kind === PROTOCOL) this.#protocolDue(instance, nowUs);
      else if (kind === SECOND_BURST) effects.secondBurst(instance);
      else if (kind === REFRESH) effects.refresh(instance, nowUs);
      else if (kind === RENEWAL) effects.renew(instance, nowUs);
      else if (kind === RESTORE) this.#kernel.restore(instance, nowUs);
      else if (kind === EXTRA) effects.extra(instance, nowUs);
      else if (kind === SETTLE) effects.settled(instance);
    }
  }

  flush(nowUs: number): number {
    // The old master must stop before our ARP goes out, so the advert comes first.
    const { transport, holdings, routes, effects, announcer, vmacs } = this.#parts;
    transport.flush();
    this.#statics.due(nowUs);
    // Routes leave before their addresses, and come after them.
    routes.pump(nowUs, this.#punctualUs());
    // A thousand addresses take longer than an interval of 10 ms: they are set in slices, between the adverts.
    const more = holdings.pump(this.#punctualUs());
    effects.startBursts(nowUs);
    const againUs = announcer.pump(nowUs);
    let moreRoutes = routes.pump(nowUs, this.#punctualUs());
    if (this.#statics.takeChanged()) {
      // The kernel does not report what we do ourselves.
      this.#kernel.resync();
      this.#readiness.evaluateAll(nowUs);
      moreRoutes = true;
    } else if (this.#statics.takeTried()) this.#readiness.evaluateAll(nowUs);
    // What takes the kernel long comes last, in a gap between the deadlines.
    const vmacUs = more || moreRoutes ? 0 : vmacs.pump(monotonicUs(), this.#punctualUs());
    this.#ending.flush();
    this.#deliver();
    return more || moreRoutes ? 0 : Math.min(againUs, vmacUs);
  }

  // --- Receiver

  accepted(instance: Instance, advert: Advert, packet: Packet, remarks: number, arrivedUs: number): void {
    this.#reception.accepted(instance, advert, packet, remarks);
    this.#parts.effects.deciding(packet, advert.priority);
    // Timers run from the arrival: how late we wake must not add to them.
    instance.router.advert(arrivedUs, advert, packet);
    this.#parts.groups.settle(instance, arrivedUs);
  }

  refused(
    endpoint: Endpoint<Instance>,
    instance: Instance | null,
    code: number,
    packet: Packet,
    advert: Advert,
  ): void {
    this.#reception.refused(endpoint, instance, code, packet, advert);
  }

  sendFailed(instance: Instance, errno: number, place: number): void {
    this.#reception.sendFailed(instance, errno, place);
  }

  watch(endpoint: Endpoint<Instance>): void {
    const free = this.#endpoints.indexOf(null);
    const at = free < 0 ? this.#endpoints.length : free;
    this.#endpoints[at] = endpoint;
    endpoint.token = TOKEN_FIRST_SOCKET + at;
    this.#loop.watch(endpoint.fd, endpoint.token);
  }

  unwatch(endpoint: Endpoint<Instance>): void {
    this.#endpoints[endpoint.token - TOKEN_FIRST_SOCKET] = null;
    this.#loop.unwatch(endpoint.fd);
  }

  /** The next deadline that must not be missed for work that can wait. */
  #punctualUs(): number {
    return Math.min(this.#parts.timers.nextDueUs(), this.#parts.bfd.nextDueUs());
  }

  /** What the sessions' changes mean for the instances; a rehearsal is not disturbed by it. */
  #followBfd(nowUs: number): void {
    const { bfd } = this.#parts;
    if (bfd.hasChanged && !this.#rehearsals.active) this.#readiness.bfdChanged(bfd.takeChanged(), nowUs);
  }

  // --- deadlines

  #protocolDue(instance: Instance, nowUs: number): void {
    const { router, attachment } = instance;
    if (router.state !== "MASTER" && attachment !== null) {
      // A late process must not take over from a master whose adverts are waiting in its queue.
      this.#read(attachment.endpoint, BATCHES_PER_DRAIN);
      if (instance.group !== null) this.#readMembers(instance);
    }
    if (router.dueUs <= nowUs) router.expire(nowUs);
    if (router.state === "MASTER") this.#parts.effects.renewWithAdvert(instance, nowUs);
    this.#parts.groups.settle(instance, nowUs);
  }

  /** The others of a sync group become Master with this one: what waits for them counts as well. */
  #readMembers({ group, router }: Instance): void {
    for (let i = 0; i < group!.size; i++) {
      const other = group!.router(i);
      if (other === router) continue;
      const attachment = this.#parts.roster.get(other.id)?.attachment ?? null;
      if (attachment !== null) this.#read(attachment.endpoint, BATCHES_PER_DRAIN);
    }
  }

  /** Reads a socket until it is empty, or so many batches have been read. */
  #read(endpoint: Endpoint<Instance>, batches: number): void {
    const { transport } = this.#parts;
    for (let i = 0; i < batches; i++) if (transport.receive(endpoint) < transport.batchSize) return;
  }

  /** Posts what was kept until the wire had been served: posting costs more than a takeover. */
  #deliver(): void {
    this.#parts.vmacs.tell();
    this.#statics.tell();
    for (let i = 0; i < this.#outbox.length; i++) this.#mailbox.post(this.#outbox[i]!);
    this.#outbox.length = 0;
  }
}

function count(counters: Float64Array, slot: number): void {
  counters[slot] = counters[slot]! + 1;
}
