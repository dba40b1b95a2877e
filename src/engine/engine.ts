// The engine: binds the state machines of all instances to the kernel, as the body of the loop. Allocates
// nothing in steady state, never waits for anything but the next packet or deadline, never logs.
import { monotonicUs, realtimeUs } from "../../native/clock.ts";
import { SyscallError } from "../../native/errno.ts";
import type { AddressInfo } from "../../native/netlink/address.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import type { LinkInfo } from "../../native/netlink/link.ts";
import { type MonitorHandler, RouteMonitor } from "../../native/netlink/monitor.ts";
import { openFrameSocket } from "../../native/socket.ts";
import { forwardsIpv6 } from "../../native/sysctl.ts";
import { type EngineStart, type FromEngine, GLOBAL_COUNTERS, type Plan, type ToEngine } from "../messages.ts";
import type { Advert, Packet } from "../vrrp/advert.ts";
import { type Cause, describeCause } from "../vrrp/reason.ts";
import { Announcement, Announcer } from "./announce.ts";
import { RouterEffects } from "./effects.ts";
import { ABSENT, HELD, Holding } from "./holding.ts";
import { Holdings } from "./holdings.ts";
import { COUNTER, Instance, leaseS, type Obstacle, routerSettings } from "./instance.ts";
import { removeLeftovers } from "./leftovers.ts";
import { entryText, Links, sameBytes } from "./links.ts";
import { Loop, type LoopBody, TOKEN_FIRST_SOCKET } from "./loop.ts";
import { rehearse, type Stage } from "./rehearsal.ts";
import { Reception } from "./reception.ts";
import { PROTOCOL, REFRESH, RENEWAL, RESTORE, SECOND_BURST, TIMER_KINDS, TimerQueue } from "./timers.ts";
import { type Endpoint, OccupiedError, type Receiver, Transport } from "./transport.ts";

/** Batches read from one socket before the deadlines get their turn. */
const BATCHES_PER_WAKE = 4;
/** Batches read before a down timer is believed: more than the receive buffer can hold. */
const BATCHES_PER_DRAIN = 128;
/** Smallest time between two restorations of an instance's addresses. */
const RESTORE_EVERY_US = 1_000_000;
/** Flags shared with the control thread: it wants an immediate end; everything is withdrawn. */
const FLAG_STOP = 0;
const FLAG_STOPPED = 1;

const NETLINK_OVERRUNS = GLOBAL_COUNTERS.indexOf("netlink_overruns");
const WAKEUPS = GLOBAL_COUNTERS.indexOf("wakeups");
const LATE_WAKEUPS = GLOBAL_COUNTERS.indexOf("late_wakeups");

/** How the engine talks to the control thread. */
export interface Mailbox {
  post(message: FromEngine): void;
  take(): ToEngine | undefined;
}

/** All instances of this process. */
export class Engine implements LoopBody, MonitorHandler, Receiver {
  finished = false;
  readonly #mailbox: Mailbox;
  readonly #start: EngineStart;
  readonly #flags: Int32Array;
  readonly #counters: Float64Array;
  readonly #links = new Links();
  readonly #timers = new TimerQueue();
  readonly #client = new RouteClient();
  readonly #monitor = new RouteMonitor();
  readonly #loop: Loop;
  readonly #transport: Transport;
  readonly #holdings: Holdings;
  readonly #announcer: Announcer;
  readonly #effects: RouterEffects;
  readonly #reception: Reception;
  /** By index; a removed instance leaves a hole that the next one fills. */
  readonly #instances: (Instance | null)[] = [];
  readonly #byId = new Map<number, Instance>();
  /** By token - TOKEN_FIRST_SOCKET. */
  readonly #endpoints: (Endpoint | null)[] = [];
  /** Of an earlier run; null once they have been looked for. */
  #leftovers: EngineStart["leftovers"] | null;
  #stopping = false;
  readonly #outbox: FromEngine[] = [];
  #rehearsing = false;
  readonly #isVirtual = (address: Uint8Array): boolean => {
    for (const instance of this.#byId.values()) {
      for (const bytes of instance.holding.bytes) if (sameBytes(bytes, address)) return true;
    }
    return false;
  };

  constructor(start: EngineStart, mailbox: Mailbox) {
    this.#start = start;
    this.#mailbox = mailbox;
    this.#flags = new Int32Array(start.flags);
    this.#counters = new Float64Array(start.globalCounters);
    this.#leftovers = start.leftovers;
    this.#monitor.ownPortId = this.#client.portId;
    this.#loop = new Loop(start.wakeFd, this.#monitor.fd);
    this.#transport = new Transport(this);
    this.#announcer = new Announcer(openFrameSocket());
    const post = (message: FromEngine) => this.#post(message);
    this.#reception = new Reception(this.#counters, post);
    this.#holdings = new Holdings(this.#client, this.#links, {
      changed: (holding) => this.#holdingChanged(holding),
      claimed: (holding, i) => this.#claimed(holding, i),
      refused: (holding, text) => this.#log("error", this.#owner(holding)?.id ?? null, text),
    });
    this.#effects = new RouterEffects({
      transport: this.#transport,
      holdings: this.#holdings,
      announcer: this.#announcer,
      timers: this.#timers,
      instance: (id) => this.#byId.get(id)!,
      post,
      left: (instance) => this.#left(instance),
    });
    this.#rehearse();
    this.#resync();
  }

  /** Runs until stopped. Throws only where the engine itself is broken; the addresses are withdrawn then too. */
  run(): void {
    try {
      // What came during the rehearsal woke nobody.
      this.onWake(monotonicUs());
      this.#loop.run(this);
    } finally {
      this.#withdrawAll();
    }
  }

  // --- LoopBody

  nextDueUs(): number {
    return this.#timers.nextDueUs();
  }

  onLate(_lateUs: number): void {
    this.#counters[LATE_WAKEUPS] = this.#counters[LATE_WAKEUPS]! + 1;
    // After a standstill the queues tell what has happened meanwhile: a lifetime that ran out, a new master.
    this.onKernel(monotonicUs());
    for (let i = 0; i < this.#endpoints.length; i++) {
      const endpoint = this.#endpoints[i];
      if (endpoint != null) this.#drain(endpoint);
    }
  }

  onWake(nowUs: number): void {
    if (this.#rehearsing) return;
    for (let message = this.#mailbox.take(); message !== undefined; message = this.#mailbox.take()) {
      if (message.type === "apply") this.#apply(message.plan, nowUs);
      else if (message.type === "script") this.#scriptResult(message.name, message.ok, nowUs);
      else this.#stop(nowUs);
    }
    // The control thread is about to exit and will not wait for the successor.
    if (Atomics.load(this.#flags, FLAG_STOP) === 1) this.finished = true;
  }

  onKernel(nowUs: number): void {
    if (this.#rehearsing) return;
    if (this.#monitor.receive(this) === "overrun") {
      this.#counters[NETLINK_OVERRUNS] = this.#counters[NETLINK_OVERRUNS]! + 1;
      this.#log(
        "warning",
        null,
        "the kernel reported changes faster than they were read; all interfaces are read again",
      );
      this.#resync();
      this.#findLosses(nowUs);
    }
    if (this.#kernelChanged) {
      this.#kernelChanged = false;
      for (let i = 0; i < this.#instances.length; i++) {
        const instance = this.#instances[i];
        if (instance != null) this.#evaluate(instance, nowUs);
      }
    }
  }

  onSocket(token: number, _nowUs: number): void {
    const endpoint = this.#endpoints[token - TOKEN_FIRST_SOCKET];
    if (endpoint == null) return;
    for (let i = 0; i < BATCHES_PER_WAKE; i++) {
      if (this.#transport.receive(endpoint) < this.#transport.batchSize) return;
    }
  }

  onDue(nowUs: number): void {
    for (let slot = this.#timers.takeDue(nowUs); slot >= 0; slot = this.#timers.takeDue(nowUs)) {
      const instance = this.#instances[Math.floor(slot / TIMER_KINDS)];
      if (instance == null) continue;
      const kind = slot % TIMER_KINDS;
      if (kind === PROTOCOL) this.#protocolDue(instance, nowUs);
      else if (kind === SECOND_BURST) this.#effects.secondBurst(instance);
      else if (kind === REFRESH) this.#effects.refresh(instance, nowUs);
      else if (kind === RENEWAL) this.#renew(instance);
      else if (kind === RESTORE) this.#restore(instance, nowUs);
    }
  }

  flush(nowUs: number): number {
    this.#counters[WAKEUPS] = this.#counters[WAKEUPS]! + 1;
    // The old master must stop before our ARP goes out, so the advert comes first.
    this.#transport.flush();
    this.#holdings.flush();
    const againUs = this.#announcer.pump(nowUs);
    this.#deliver();
    return againUs;
  }

  // --- MonitorHandler

  #kernelChanged = false;

  link(info: LinkInfo, deleted: boolean): void {
    const changed = deleted ? this.#links.remove(info.ifindex) : this.#links.update(info);
    if (!changed) return;
    this.#kernelChanged = true;
    for (const instance of this.#byId.values()) {
      if (instance.holding.addresses.some((a) => a.interface === info.name)) this.#rebuildFrames(instance);
    }
  }

  address(info: AddressInfo, deleted: boolean): void {
    this.#kernelChanged = true;
    if (!deleted) return this.#links.updateAddress(info);
    this.#links.removeAddress(info);
    const nowUs = monotonicUs();
    for (const instance of this.#byId.values()) {
      const at = this.#holdings.lost(instance.holding, info);
      if (at < 0) continue;
      // Events may be old: an address that went and came back since is not lost.
      if (this.#holdings.present(instance.holding, at)) continue;
      this.#lost(instance, entryText(info), nowUs);
    }
  }

  // --- Receiver

  accepted(instance: Instance, advert: Advert, packet: Packet, remarks: number): void {
    this.#reception.accepted(instance, advert, packet, remarks);
    this.#effects.deciding(packet, advert.priority);
    instance.router.advert(monotonicUs(), advert, packet);
    this.#rearm(instance);
  }

  refused(endpoint: Endpoint, instance: Instance | null, code: number, packet: Packet): void {
    this.#reception.refused(endpoint, instance, code, packet);
  }

  sendFailed(instance: Instance, errno: number): void {
    this.#reception.sendFailed(instance, errno);
  }

  watch(endpoint: Endpoint): void {
    const free = this.#endpoints.indexOf(null);
    const at = free < 0 ? this.#endpoints.length : free;
    this.#endpoints[at] = endpoint;
    endpoint.token = TOKEN_FIRST_SOCKET + at;
    this.#loop.watch(endpoint.fd, endpoint.token);
  }

  unwatch(endpoint: Endpoint): void {
    this.#endpoints[endpoint.token - TOKEN_FIRST_SOCKET] = null;
    this.#loop.unwatch(endpoint.fd);
  }

  // --- deadlines

  #protocolDue(instance: Instance, nowUs: number): void {
    const router = instance.router;
    if (router.state !== "MASTER" && !router.lingering && instance.attachment !== null) {
      // A late process must not take over from a master whose adverts are waiting in its queue.
      this.#drain(instance.attachment.endpoint);
    }
    if (router.dueUs <= nowUs) router.expire(nowUs);
    this.#rearm(instance);
  }

  #drain(endpoint: Endpoint): void {
    for (let i = 0; i < BATCHES_PER_DRAIN; i++) {
      if (this.#transport.receive(endpoint) < this.#transport.batchSize) return;
    }
  }

  #rearm(instance: Instance): void {
    // An instance that has just left has no timers any more.
    if (this.#instances[instance.index] !== instance) return;
    this.#timers.set(instance.index * TIMER_KINDS + PROTOCOL, instance.router.dueUs);
  }

  #renew(instance: Instance): void {
    if (!instance.holding.wanted) return;
    this.#holdings.renew(instance.holding);
    this.#effects.armRenewal(instance);
  }

  #restore(instance: Instance, nowUs: number): void {
    if (!instance.holding.wanted) return;
    instance.holding.restoredUs = nowUs;
    this.#holdings.want(instance.holding, true);
    this.#effects.announce(instance.router, "master");
  }

  #lost(instance: Instance, what: string, nowUs: number): void {
    instance.count(COUNTER.address_losses);
    const dueUs = Math.max(nowUs, instance.holding.restoredUs + RESTORE_EVERY_US);
    const slot = instance.index * TIMER_KINDS + RESTORE;
    this.#timers.set(slot, dueUs);
    const text =
      `${what} is gone: another program removed it, or this process stood still for longer than its ` +
      `lifetime; it is put back`;
    this.#log("warning", instance.id, text);
    this.#postHolding(instance);
  }

  // --- configuration

  #apply(plan: Plan, nowUs: number): void {
    if (this.#leftovers !== null) {
      const removed = removeLeftovers(this.#client, this.#links, this.#leftovers, plan);
      this.#leftovers = null;
      for (const text of removed) {
        this.#log("warning", null, `removed ${text}: left behind by an earlier run that crashed`);
      }
    }
    for (const id of plan.remove) {
      const instance = this.#byId.get(id);
      if (instance === undefined) continue;
      instance.removing = true;
      this.#shutdown(instance, { kind: "removed" }, nowUs);
    }
    for (const entry of plan.change) {
      const instance = this.#byId.get(entry.id);
      if (instance !== undefined) this.#change(instance, entry.config, entry.scripts, nowUs);
    }
    for (const entry of plan.add) {
      const free = this.#instances.indexOf(null);
      const index = free < 0 ? this.#instances.length : free;
      const instance = new Instance(index, entry, this.#effects);
      this.#instances[index] = instance;
      this.#byId.set(entry.id, instance);
      this.#timers.reserve(this.#instances.length * TIMER_KINDS);
      this.#rebuildHolding(instance);
    }
    for (const entry of plan.add) this.#evaluate(this.#byId.get(entry.id)!, nowUs);
    this.#post({ type: "applied" });
  }

  #change(
    instance: Instance,
    config: Instance["config"],
    scripts: Record<string, boolean>,
    nowUs: number,
  ): void {
    const old = instance.holding;
    instance.config = config;
    for (const name of Object.keys(scripts)) instance.scriptResult(name, scripts[name]!);
    instance.holding = new Holding(config, leaseS(config));
    instance.announcement = new Announcement(instance.holding.addresses.length);
    // An address in both lists stays where it is; the others go before the new ones come.
    const kept = transfer(old, instance.holding);
    this.#holdings.want(old, false);
    this.#holdings.flush();
    this.#rebuildHolding(instance);
    if (old.wanted || instance.router.state === "MASTER") {
      this.#holdings.want(instance.holding, true);
      this.#effects.armRenewal(instance);
      this.#holdings.flush();
      this.#holdings.renew(instance.holding);
      if (kept < instance.holding.addresses.length) this.#effects.announce(instance.router, "master");
    }
    // The packets first: what the change makes the router say at once must carry the new values.
    const { attachment } = instance;
    if (attachment !== null) {
      this.#transport.reattach(instance, attachment.endpoint.ifindex, attachment.source);
    }
    instance.router.change(nowUs, routerSettings(config));
    this.#evaluate(instance, nowUs);
    this.#rearm(instance);
  }

  #rebuildHolding(instance: Instance): void {
    instance.holding.build(this.#links);
    this.#rebuildFrames(instance);
  }

  #rebuildFrames(instance: Instance): void {
    instance.announcement.garpIntervalUs = instance.config.announce.garpIntervalUs;
    instance.announcement.gnaIntervalUs = instance.config.announce.gnaIntervalUs;
    instance.announcement.build(instance.holding, this.#links, forwardsIpv6);
  }

  // --- readiness

  /** Looks at everything that the instance depends on, and starts, stops or moves it accordingly. */
  #evaluate(instance: Instance, nowUs: number): void {
    if (instance.removing || this.#stopping) return;
    this.#refreshPriority(instance, nowUs);
    const readiness = instance.readiness(this.#links, this.#isVirtual);
    if (!("source" in readiness)) this.#obstructed(instance, readiness, nowUs);
    else this.#cleared(instance, readiness.source, nowUs);
    this.#rearm(instance);
  }

  #cleared(instance: Instance, source: Uint8Array, nowUs: number): void {
    const ifindex = this.#links.named(instance.config.interface)!.ifindex;
    const { attachment, router } = instance;
    try {
      if (attachment === null) {
        this.#rebuildHolding(instance);
        this.#transport.attach(instance, ifindex, source);
      } else if (attachment.endpoint.ifindex !== ifindex || !sameBytes(attachment.source, source)) {
        this.#transport.reattach(instance, ifindex, source);
      }
    } catch (error) {
      if (!(error instanceof SyscallError || error instanceof OccupiedError)) throw error;
      const cause: Cause = {
        kind: "socket_failed",
        interface: instance.config.interface,
        error: error.message,
      };
      return this.#obstructed(instance, { state: "FAULT", cause }, nowUs);
    }
    router.source = source;
    instance.obstacle = "";
    if (router.state === "INIT" || router.state === "FAULT") router.ready(nowUs);
  }

  #obstructed(instance: Instance, obstacle: Obstacle, nowUs: number): void {
    const text = `${obstacle.state} ${describeCause(obstacle.cause)}`;
    const link = this.#links.named(instance.config.interface);
    const { router } = instance;
    if (router.state !== obstacle.state) {
      router.unready(nowUs, obstacle.cause, obstacle.state, link?.operational ?? false);
    } else if (text !== instance.obstacle) {
      // Still out, for another reason: status and log say which.
      const { id } = instance;
      const { state, cause } = obstacle;
      this.#post({
        type: "state",
        id,
        state,
        cause,
        priority: router.effectivePriority,
        atUs: realtimeUs(),
      });
    }
    instance.obstacle = text;
    if (instance.attachment !== null && link?.ifindex !== instance.attachment.endpoint.ifindex) {
      this.#transport.detach(instance);
    }
  }

  /** The trackers' results or the base priority may have changed: brings the effective priority up to date. */
  #refreshPriority(instance: Instance, nowUs: number): void {
    if (instance.refreshTrackers(this.#links)) {
      this.#post({ type: "trackers", id: instance.id, ok: instance.trackers.map((t) => t.ok) });
    }
    const from = instance.router.effectivePriority;
    const to = instance.effectivePriority();
    if (from === to) return;
    this.#post({ type: "priority", id: instance.id, from, to });
    instance.router.setPriority(nowUs, to);
  }

  #scriptResult(name: string, ok: boolean, nowUs: number): void {
    for (const instance of this.#byId.values()) {
      if (instance.scriptResult(name, ok)) this.#evaluate(instance, nowUs);
    }
  }

  // --- kernel

  #resync(): void {
    this.#links.resync(this.#client.links(), this.#client.addresses());
    this.#kernelChanged = true;
  }

  /** After an overrun: what is wanted but no longer there was lost without an event. */
  #findLosses(nowUs: number): void {
    for (const instance of this.#byId.values()) {
      const { holding } = instance;
      for (let i = 0; i < holding.bytes.length; i++) {
        if (!holding.wanted || holding.state[i] === ABSENT) continue;
        const { address, prefixLength } = holding.addresses[i]!;
        if (this.#links.indexed(holding.ifindex[i]!)?.find(holding.bytes[i]!, prefixLength) !== undefined) {
          continue;
        }
        holding.state[i] = ABSENT;
        this.#lost(instance, `${address}/${prefixLength}`, nowUs);
      }
    }
  }

  // --- before the start

  #rehearse(): void {
    const stage: Stage = {
      enter: (entry, link) => {
        this.#links.update(link);
        const actor = new Instance(0, entry, this.#effects);
        this.#instances[0] = actor;
        this.#byId.set(entry.id, actor);
        this.#timers.reserve(TIMER_KINDS);
        this.#rebuildHolding(actor);
        return actor;
      },
      leave: (actor, link) => {
        for (let kind = 0; kind < TIMER_KINDS; kind++) this.#timers.clear(kind);
        this.#instances.length = 0;
        this.#byId.clear();
        this.#links.remove(link.ifindex);
        this.#reception.forget(actor.id);
      },
      accepted: (instance, advert, packet, remarks) => this.accepted(instance, advert, packet, remarks),
      receive: (endpoint) => this.#transport.receive(endpoint),
      rearm: (instance) => this.#rearm(instance),
      turn: () => this.#loop.turn(this),
      flush: () => this.flush(monotonicUs()),
    };
    this.#rehearsing = true;
    rehearse(stage);
    this.#rehearsing = false;
    this.#counters.fill(0);
  }

  // --- the end

  #stop(nowUs: number): void {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const instance of [...this.#byId.values()]) this.#shutdown(instance, { kind: "shutdown" }, nowUs);
    if (this.#byId.size === 0) this.finished = true;
  }

  #shutdown(instance: Instance, cause: Cause, nowUs: number): void {
    instance.router.shutdown(nowUs, cause);
    this.#rearm(instance);
  }

  #left(instance: Instance): void {
    this.#transport.flush();
    this.#holdings.want(instance.holding, false);
    this.#holdings.flush();
    this.#transport.detach(instance);
    for (let kind = 0; kind < TIMER_KINDS; kind++) this.#timers.clear(instance.index * TIMER_KINDS + kind);
    this.#instances[instance.index] = null;
    this.#byId.delete(instance.id);
    this.#reception.forget(instance.id);
    this.#post({ type: "removed", id: instance.id });
    if (this.#stopping && this.#byId.size === 0) this.finished = true;
  }

  /** The last thing the engine does, however it ends: nothing of ours stays in the kernel. */
  #withdrawAll(): void {
    const nowUs = monotonicUs();
    for (const instance of [...this.#byId.values()]) {
      const link = this.#links.named(instance.config.interface);
      const cause: Cause = { kind: "shutdown" };
      instance.router.unready(nowUs, cause, "INIT", link?.operational ?? false);
      this.#holdings.want(instance.holding, false);
    }
    this.#transport.flush();
    this.#holdings.flush();
    this.#deliver();
    Atomics.store(this.#flags, FLAG_STOPPED, 1);
    Atomics.notify(this.#flags, FLAG_STOPPED);
  }

  // --- telling

  /** Keeps a message until the wire has been served: posting costs more than a takeover. */
  #post(message: FromEngine): void {
    this.#outbox.push(message);
  }

  #deliver(): void {
    if (this.#rehearsing) this.#outbox.length = 0;
    for (let i = 0; i < this.#outbox.length; i++) this.#mailbox.post(this.#outbox[i]!);
    this.#outbox.length = 0;
  }

  #holdingChanged(holding: Holding): void {
    const instance = this.#owner(holding);
    if (instance !== undefined) this.#postHolding(instance);
  }

  #postHolding(instance: Instance): void {
    const held = Array.from(instance.holding.state, (state) => instance.holding.wanted && state !== ABSENT);
    this.#post({ type: "holding", id: instance.id, held });
  }

  /** Whether another instance holds the same address: one moved by a reload stays where it is. */
  #claimed(holding: Holding, i: number): boolean {
    for (const { holding: other } of this.#byId.values()) {
      if (other === holding || !other.wanted) continue;
      for (let j = 0; j < other.bytes.length; j++) {
        if (other.state[j] !== HELD || other.ifindex[j] !== holding.ifindex[i]) continue;
        if (other.addresses[j]!.prefixLength !== holding.addresses[i]!.prefixLength) continue;
        if (sameBytes(other.bytes[j]!, holding.bytes[i]!)) return true;
      }
    }
    return false;
  }

  #owner(holding: Holding): Instance | undefined {
    for (const instance of this.#byId.values()) if (instance.holding === holding) return instance;
    return undefined;
  }

  #log(level: "warning" | "error", id: number | null, text: string): void {
    this.#post({ type: "log", level, id, text });
  }
}

/** Takes over the state of addresses that are in both holdings. Returns how many. */
function transfer(from: Holding, to: Holding): number {
  let kept = 0;
  for (let i = 0; i < to.addresses.length; i++) {
    const text = JSON.stringify(to.addresses[i]);
    const at = from.addresses.findIndex((a) => JSON.stringify(a) === text);
    if (at < 0) continue;
    to.state[i] = from.state[at]!;
    from.state[at] = ABSENT;
    if (to.state[i] === HELD) kept++;
  }
  return kept;
}
