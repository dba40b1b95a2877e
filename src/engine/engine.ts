// The engine: all its parts put together as the body of the loop. Allocates nothing in steady state, never waits
// for anything but the next packet or deadline, never logs.
import { monotonicUs } from "../../native/clock.ts";
import { drainEventfd, signalEventfd } from "../../native/eventfd.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import { RouteMonitor } from "../../native/netlink/monitor.ts";
import { setRealtime } from "../../native/schedule.ts";
import { openFrameSocket } from "../../native/socket.ts";
import {
  type EngineStart,
  type EngineTuning,
  type FromEngine,
  GLOBAL_COUNTERS,
  type ToEngine,
} from "../messages.ts";
import type { Advert, Packet } from "../vrrp/advert.ts";
import type { Cause } from "../vrrp/reason.ts";
import { Announcer } from "./announce.ts";
import { BfdLinks } from "./bfd.ts";
import { RouterEffects } from "./effects.ts";
import { Firewall } from "./firewall.ts";
import type { Endpoint } from "./endpoint.ts";
import { Groups } from "./groups.ts";
import { Holdings } from "./holdings.ts";
import type { Instance } from "./instance.ts";
import { KernelWatch } from "./kernel.ts";
import { Links } from "./links.ts";
import { KernelNews } from "./news.ts";
import { Loop, type LoopBody, TOKEN_FIRST_BFD, TOKEN_FIRST_SOCKET } from "./loop.ts";
import type { Parts } from "./parts.ts";
import { Plans } from "./plans.ts";
import { Readiness } from "./readiness.ts";
import { Reception } from "./reception.ts";
import { ACTOR_ID, rehearse } from "./rehearsal.ts";
import { holdingMessage, Roster } from "./roster.ts";
import { Rest } from "./rest.ts";
import { Routes } from "./routes.ts";
import { Statics } from "./statics.ts";
import { Tuning } from "./tuning.ts";
import { Vmacs } from "./vmacs.ts";
import { wantInstanceSysctls } from "./instance_sysctls.ts";
import { Sysctls } from "./sysctls.ts";
import {
  EXTRA,
  PROTOCOL,
  REFRESH,
  RENEWAL,
  RESTORE,
  SECOND_BURST,
  SETTLE,
  TIMER_KINDS,
  TimerQueue,
} from "./timers.ts";
import { type Receiver, Transport } from "./transport.ts";

/** Batches read from one socket before the deadlines get their turn. */
const BATCHES_PER_WAKE = 4;
/** Batches read before a down timer is believed: more than the receive buffer can hold. */
const BATCHES_PER_DRAIN = 128;
/**
 * The loop is awake this long before a down timer: an idle processor takes 50 to 100 us to wake, and more to be warm.
 * It is time of one processor that only a master's silence costs.
 */
const LEAD_US = 500;
/** Flags shared with the control thread: it wants an immediate end; everything is withdrawn. */
const FLAG_STOP = 0;
const FLAG_STOPPED = 1;

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
  finished = false;
  resting = false;
  readonly #mailbox: Mailbox;
  readonly #flags: Int32Array;
  readonly #counters: Float64Array;
  readonly #loop: Loop;
  readonly #parts: Parts;
  readonly #reception: Reception;
  readonly #readiness: Readiness;
  readonly #kernel: KernelWatch;
  readonly #plans: Plans;
  readonly #statics: Statics;
  readonly #tuning: Tuning;
  readonly #rest = new Rest();
  /** By token - TOKEN_FIRST_SOCKET. */
  readonly #endpoints: (Endpoint<Instance> | null)[] = [];
  readonly #wakeFd: number;
  readonly #stopFd: number;
  readonly #outbox: FromEngine[] = [];
  readonly #start: EngineStart;
  #rehearsing = false;
  #rehearsalWanted = false;

  constructor(start: EngineStart, mailbox: Mailbox) {
    this.#mailbox = mailbox;
    this.#start = start;
    this.#flags = new Int32Array(start.flags);
    this.#counters = new Float64Array(start.globalCounters);
    const monitor = new RouteMonitor();
    this.#wakeFd = start.wakeFd;
    this.#stopFd = start.stopFd;
    this.#loop = new Loop(start.wakeFd, start.stopFd, monitor.fd);
    this.#parts = this.#assemble(start.sysctlRecord);
    this.#reception = new Reception(this.#counters, this.#parts.post);
    this.#statics = new Statics(this.#parts);
    this.#tuning = new Tuning({ commandFd: this.#parts.client.fd, monitorFd: monitor.fd });
    this.#readiness = new Readiness(this.#parts, this.#statics);
    this.#readiness.delay(start.startDelayUs, monotonicUs());
    const leftovers = {
      addresses: start.leftovers,
      routes: start.leftoverRoutes,
      vmacs: start.leftoverVmacs,
      table: start.leftoverTable,
    };
    const news = new KernelNews(this.#parts, start.watchAddresses);
    this.#kernel = new KernelWatch(this.#parts, this.#readiness, this.#statics, monitor, news);
    this.#plans = new Plans(this.#parts, this.#readiness, this.#statics, leftovers);
    this.#rehearse();
    this.#counters.fill(0);
    this.#kernel.resync();
  }

  /** How the calling thread is to run; returns what was refused, a sentence each. */
  tune(tuning: EngineTuning): string[] {
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
      if (!this.resting) this.#withdrawAll();
    }
  }

  // --- LoopBody

  nextDueUs(): number {
    const { timers, links, routes, bfd, vmacs } = this.#parts;
    const startsUs = this.#rehearsing ? Infinity : this.#readiness.startsUs;
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
    const raised = this.#rehearsing ? null : this.#tuning.late(lateUs);
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
    if (this.#rehearsing) return;
    for (let message = this.#mailbox.take(); message !== undefined; message = this.#mailbox.take()) {
      if (message.type === "apply") {
        // A signal can overtake a reload.
        if (!this.#readiness.stopping) this.#plans.apply(message.plan, nowUs);
      } else if (message.type === "rehearse") {
        this.#rehearsalWanted = true;
        this.#rest.ask(nowUs);
      } else if (message.type === "realtime") this.#setRealtime(message.priority);
      else if (message.type === "linkbeat") {
        if (this.#parts.links.linkbeat(message.interface, message.up, nowUs)) {
          this.#readiness.evaluateAll(nowUs);
        }
      } else if (message.type === "tuning") {
        for (const text of this.tune(message.tuning)) this.#parts.log("warning", null, text);
      } else if (message.type === "script") this.#readiness.scriptResult(message.name, message.ok, nowUs);
      else if (message.type === "tracked") {
        this.#readiness.tracked(message.kind, message.name, message.value, nowUs);
      } else this.#stop(nowUs);
    }
    // The control thread is about to exit and will not wait for the successor.
    if (Atomics.load(this.#flags, FLAG_STOP) === 1) this.finished = true;
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
    if (!this.#rehearsalWanted) return;
    // A daemon that leaves takes nothing over any more.
    if (this.#readiness.stopping) return;
    // The rest first: what a takeover needs is in memory afterwards.
    const rest = this.#rest.look(monotonicUs(), this.#loop.quietUntilUs(this));
    this.resting = rest === "now";
    if (rest !== "no") return;
    this.#rehearsalWanted = false;
    this.#rehearse();
    // What came meanwhile woke nobody.
    signalEventfd(this.#wakeFd);
  }

  onStop(nowUs: number): void {
    if (this.#rehearsing) return;
    drainEventfd(this.#stopFd);
    this.#stop(nowUs);
    this.#parts.post({ type: "stopping" });
  }

  onKernel(nowUs: number): void {
    if (this.#rehearsing) return;
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
    if (this.#readiness.startsUs <= nowUs && !this.#rehearsing) this.#readiness.begin(nowUs);
    for (let slot = timers.takeDue(nowUs); slot >= 0; slot = timers.takeDue(nowUs)) {
      const instance = roster.ofSlot(slot);
      if (instance === null) continue;
      const kind = slot % TIMER_KINDS;
      if (kind === PROTOCOL) this.#protocolDue(instance, nowUs);
      else if (kind === SECOND_BURST) effects.secondBurst(instance);
      else if (kind === REFRESH) effects.refresh(instance, nowUs);
      else if (kind === RENEWAL) effects.renew(instance);
      else if (kind === RESTORE) this.#kernel.restore(instance, nowUs);
      else if (kind === EXTRA) effects.extra(instance, nowUs);
      else if (kind === SETTLE) effects.settled(instance);
    }
  }

  flush(nowUs: number): number {
    // The old master must stop before our ARP goes out, so the advert comes first.
    const { transport, holdings, routes, effects, announcer, vmacs, timers } = this.#parts;
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
    const vmacUs = more || moreRoutes ? 0 : vmacs.pump(monotonicUs(), timers.nextDueUs());
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
    if (bfd.hasChanged && !this.#rehearsing) this.#readiness.bfdChanged(bfd.takeChanged(), nowUs);
  }

  // --- the parts

  #assemble(sysctlRecord: string): Parts {
    // What the actor of a rehearsal does is no news.
    const post = (message: FromEngine) => {
      if (!("id" in message) || message.id !== ACTOR_ID) this.#outbox.push(message);
    };
    const log: Parts["log"] = (level, id, text) => post({ type: "log", level, id, text });
    const client = new RouteClient();
    const links = new Links();
    const timers = new TimerQueue();
    const roster = new Roster(timers);
    const groups = new Groups(roster, post);
    // One for both: each takes the kernel a dozen milliseconds to close.
    const frameFd = openFrameSocket();
    const transport = new Transport(this, frameFd);
    const announcer = new Announcer(frameFd);
    const firewall = new Firewall({ post, log });
    const vmacs = new Vmacs({
      client,
      links,
      post,
      lost: ({ index }) => timers.set(index * TIMER_KINDS + RESTORE, monotonicUs()),
    });
    const holdings = new Holdings(client, links, firewall, this.#start.releaseForeign, {
      taking: (holding) => {
        const instance = roster.claims.owner(holding);
        if (instance !== undefined) vmacs.up(instance);
      },
      leaving: (holding) => {
        const instance = roster.claims.owner(holding);
        if (instance !== undefined) vmacs.mute(instance);
      },
      changed: (holding) => {
        const instance = roster.claims.owner(holding);
        if (instance !== undefined) {
          if (!holding.wanted) vmacs.down(instance);
          post(holdingMessage(instance));
        } else if (this.#statics.owns(holding)) this.#statics.report();
      },
      claimed: (holding, i) => roster.claimed(holding, i),
      refused: (holding, text) => log("error", roster.claims.owner(holding)?.id ?? null, text),
    });
    const routes = new Routes(client, links, { post, log, tried: (set) => this.#statics.tried(set) });
    const bfd = new BfdLinks({
      watch: (fd, token) => this.#loop.watch(fd, token),
      unwatch: (fd) => this.#loop.unwatch(fd),
      post,
      log: (level, text) => log(level, null, text),
      unmatched: () => count(this.#counters, BFD_UNMATCHED),
    }, TOKEN_FIRST_BFD);
    const effects = new RouterEffects({
      transport,
      holdings,
      routes,
      announcer,
      timers,
      instance: (id) => roster.get(id)!,
      post,
      left: (instance) => this.#left(instance),
    });
    const sysctls = new Sysctls(sysctlRecord, (text) => log("warning", null, text));
    return {
      client,
      links,
      timers,
      roster,
      groups,
      transport,
      holdings,
      firewall,
      routes,
      announcer,
      bfd,
      effects,
      vmacs,
      sysctls,
      post,
      log,
    };
  }

  #rehearse(): void {
    const { links, roster, effects, transport, firewall } = this.#parts;
    this.#rehearsing = true;
    rehearse({
      enter: (entry, link) => {
        links.update(link);
        const actor = roster.add(entry, effects);
        this.#readiness.rebuild(actor);
        return actor;
      },
      leave: (actor, link) => {
        this.#plans.shutdown(actor, { kind: "shutdown" }, monotonicUs());
        this.flush(monotonicUs());
        actor.router.unready(monotonicUs(), { kind: "shutdown" }, "INIT", true);
        links.remove(link.ifindex);
      },
      accepted: (instance, advert, packet, remarks) => {
        this.accepted(instance, advert, packet, remarks, monotonicUs());
      },
      receive: (endpoint) => transport.receive(endpoint),
      block: (actor) => firewall.rehearse(actor.holding),
      rearm: (instance) => roster.rearm(instance),
      turn: () => this.#loop.turn(this),
      flush: () => this.flush(monotonicUs()),
    });
    this.#rehearsing = false;
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

  // --- the end

  #stop(nowUs: number): void {
    if (this.#readiness.stopping) return;
    this.#readiness.stopping = true;
    const { roster } = this.#parts;
    // Whoever is Master falls silent, and what it holds stays.
    if (this.#start.keep) {
      this.finished = true;
      return;
    }
    for (const instance of roster.all()) this.#plans.shutdown(instance, { kind: "shutdown" }, nowUs);
    if (roster.size === 0) this.finished = true;
  }

  #left(instance: Instance): void {
    const { transport, holdings, routes, roster, post } = this.#parts;
    transport.flush();
    routes.want(instance.routes, false);
    routes.finish(instance.routes);
    holdings.want(instance.holding, false);
    holdings.finish(instance.holding);
    transport.detach(instance);
    roster.remove(instance);
    // At a stop all of them go together: each would be a wait for the kernel, and a record written anew.
    if (!this.#readiness.stopping) {
      this.#parts.vmacs.release(instance);
      wantInstanceSysctls(this.#parts.sysctls, instance.id, null);
    }
    this.#reception.forget(instance.id);
    post({ type: "removed", id: instance.id });
    if (this.#readiness.stopping && roster.size === 0) this.finished = true;
  }

  /** The last thing the engine does, however it ends: nothing of ours stays in the kernel. */
  #withdrawAll(): void {
    if (this.#start.keep && this.#readiness.stopping) return this.#withdrawn();
    const { roster, groups, links, holdings, firewall, routes, transport } = this.#parts;
    const cause: Cause = { kind: "shutdown" };
    for (const instance of roster.all()) {
      const link = links.named(instance.config.interface);
      groups.leave(instance);
      instance.router.unready(monotonicUs(), cause, "INIT", link?.operational ?? false);
      routes.want(instance.routes, false);
      holdings.want(instance.holding, false);
    }
    transport.flush();
    routes.pump(0, Infinity);
    holdings.pump(Infinity);
    firewall.clear();
    this.#statics.withdraw();
    this.#parts.vmacs.withdraw();
    // After the addresses: a primary one that goes must not take the others along.
    this.#parts.sysctls.releaseAll();
    this.#withdrawn();
    // Last: the kernel does not close it before it has freed the table, and it was freeing all that time.
    firewall.close();
  }

  #withdrawn(): void {
    this.#parts.bfd.shutdown(monotonicUs());
    this.#deliver();
    Atomics.store(this.#flags, FLAG_STOPPED, 1);
    Atomics.notify(this.#flags, FLAG_STOPPED);
  }

  /** Posts what was kept until the wire had been served: posting costs more than a takeover. */
  #deliver(): void {
    for (let i = 0; i < this.#outbox.length; i++) this.#mailbox.post(this.#outbox[i]!);
    this.#outbox.length = 0;
  }
}

function count(counters: Float64Array, slot: number): void {
  counters[slot] = counters[slot]! + 1;
}
