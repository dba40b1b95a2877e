// What the state machines ask for, done: adverts queued, addresses wanted, announcements scheduled, the
// control thread told.
import { monotonicUs, realtimeUs } from "../../native/clock.ts";
import type { FromEngine, State } from "../messages.ts";
import { formatAddress } from "../vrrp/address.ts";
import type { Packet } from "../vrrp/advert.ts";
import type { Cause } from "../vrrp/reason.ts";
import type { Effects, Router } from "../vrrp/router.ts";
import { HANDOVER_US } from "../vrrp/timers.ts";
import type { Announcer } from "./announce.ts";
import type { Holdings } from "./holdings.ts";
import type { Routes } from "./routes.ts";
import { COUNTER, type Instance } from "./instance.ts";
import {
  EXTRA,
  REFRESH,
  RENEWAL,
  RESTORE,
  SECOND_BURST,
  SETTLE,
  TIMER_KINDS,
  type TimerQueue,
} from "./timers.ts";
import type { Transport } from "./transport.ts";

/** Lifetimes are renewed this often before they run out. */
const RENEWALS_PER_LEASE = 3;
/** Renewals come at multiples of this. */
const RENEWAL_GRID_US = 100_000;
/** A renewal that would wait for the kernel is put off by so much. */
const RENEW_AGAIN_US = 20_000;
/** A rival that goes on and on is announced against at most this often. */
const RIVAL_EVERY_US = 1_000_000;
/** The kernel puts an IPv6 address in place within milliseconds; after this its announcement waits no longer. */
const SETTLE_LIMIT_US = 50_000;

/** The engine's parts that the effects act on. */
export interface Means {
  transport: Transport;
  holdings: Holdings;
  routes: Routes;
  announcer: Announcer;
  timers: TimerQueue;
  instance(id: number): Instance;
  post(message: FromEngine): void;
  /** Whether a renewal would wait in the kernel, and this thread with it. */
  busy(): boolean;
  /** The instance has left for good: a shutdown or removal is done. */
  left(instance: Instance): void;
}

/** The one interface between the protocol and the world. */
export class RouterEffects implements Effects {
  readonly #means: Means;
  readonly #bursts: Instance[] = [];
  #packet: Packet | null = null;
  #priority = 0;

  constructor(means: Means) {
    this.#means = means;
  }

  /** Remembers the advert that is about to be decided on: a rival is named by it. */
  deciding(packet: Packet, priority: number): void {
    this.#packet = packet;
    this.#priority = priority;
  }

  advertise(router: Router, priority: number): void {
    const instance = this.#means.instance(router.id);
    this.#means.transport.queue(instance, priority);
    // A takeover's advert does not wait for the tick's other work: each microsecond is an outage.
    if (!instance.holding.wanted && priority !== 0) this.#means.transport.flush();
    instance.count(COUNTER.advertisement_sent);
    if (priority === 0) instance.count(COUNTER.priority_zero_pkts_sent);
  }

  hold(router: Router): void {
    const instance = this.#means.instance(router.id);
    this.#tellFirewall(instance, "setting");
    this.#means.holdings.want(instance.holding, true);
    this.#means.routes.want(instance.routes, true);
    this.armRenewal(instance);
  }

  release(router: Router): void {
    const instance = this.#means.instance(router.id);
    this.#means.announcer.cancel(instance.announcement);
    this.#means.routes.want(instance.routes, false);
    this.#tellFirewall(instance, "removing");
    this.#means.holdings.want(instance.holding, false);
    instance.burst = 0;
    for (const kind of [SECOND_BURST, REFRESH, RENEWAL, RESTORE, SETTLE, EXTRA]) {
      this.#means.timers.clear(instance.index * TIMER_KINDS + kind);
    }
  }

  announce(router: Router, why: "master" | "rival"): void {
    const instance = this.#means.instance(router.id);
    const config = instance.config.announce;
    const nowUs = monotonicUs();
    if (why === "rival") {
      if (nowUs - instance.rivalUs < RIVAL_EVERY_US) return;
      instance.rivalUs = nowUs;
      this.#tellRival(instance);
    }
    const rival = why === "rival";
    instance.burst = rival ? config.lowerPriorityRepeat : config.masterRepeat;
    instance.secondBurst = instance.burst;
    this.#bursts.push(instance);
    this.#arm(instance, SECOND_BURST, rival ? config.lowerPriorityDelayUs : config.masterDelayUs, nowUs);
    // The first refresh comes a period after the second burst, as keepalived's does.
    if (!rival) this.armExtra(instance);
    if (!rival && config.refreshUs > 0) {
      this.#arm(instance, REFRESH, config.masterDelayUs + config.refreshUs, nowUs);
    }
  }

  /** Announcements on the other interfaces are due; arms the next. */
  extra(instance: Instance, nowUs: number): void {
    this.#means.announcer.once(instance.announcement);
    this.#arm(instance, EXTRA, instance.config.announce.extraUs, nowUs);
  }

  /** As the announcement says now: at a takeover, and after a reload. */
  armExtra(instance: Instance): void {
    const { extras } = instance.announcement;
    const periodUs = extras.length > 0 ? instance.config.announce.extraUs : 0;
    this.#arm(instance, EXTRA, periodUs, monotonicUs());
  }

  transition(router: Router, _from: State, to: State, cause: Cause): void {
    const instance = this.#means.instance(router.id);
    if (to === "MASTER") instance.count(COUNTER.master_transitions);
    if (to === "BACKUP") instance.count(COUNTER.backup_transitions);
    this.#means.post({
      type: "state",
      id: instance.id,
      state: to,
      cause,
      priority: router.effectivePriority,
      atUs: realtimeUs(),
    });
  }

  heard(router: Router): void {
    const length = router.settings.family === "ipv4" ? 4 : 16;
    const address = router.hasMaster ? formatAddress(router.masterAddress, 0, length) : null;
    this.#means.post({
      type: "master",
      id: router.id,
      address,
      priority: router.masterPriority,
      intervalUs: router.learnedIntervalUs,
    });
  }

  /** keepalived's lines, for -D. */
  delaying({ id, settings }: Router, running: boolean): void {
    const text = running
      ? `start preempt delay (${(settings.preemptDelayUs / 1_000_000).toFixed(6)})`
      : "stop preempt delay";
    this.#means.post({ type: "log", level: "debug", id, text });
  }

  left(router: Router): void {
    this.#means.left(this.#means.instance(router.id));
  }

  /**
   * Starts the bursts that were asked for, once the addresses are there: an announcement before the kernel answers
   * for its address would lose packets that the old master still answers.
   */
  startBursts(nowUs: number): void {
    let waiting = 0;
    for (let i = 0; i < this.#bursts.length; i++) {
      const instance = this.#bursts[i]!;
      if (instance.holding.pass === "take") this.#bursts[waiting++] = instance;
      else if (instance.holding.freshCount > 0) this.#arm(instance, SETTLE, SETTLE_LIMIT_US, nowUs);
      else this.#startBurst(instance);
    }
    this.#bursts.length = waiting;
  }

  /**
   * The instance has resigned: it answers on, but what it announced now would take the hosts from its successor. So
   * would a renewal: the kernel reports the groups (MLD) of an IPv6 address whose lifetime changes, in the name of its
   * virtual MAC address. Only where the lifetimes outlast the wait, however long ago they were renewed.
   */
  silence(instance: Instance, nowUs: number): void {
    this.#means.announcer.cancel(instance.announcement);
    instance.burst = 0;
    for (const kind of [SECOND_BURST, REFRESH]) {
      this.#means.timers.clear(instance.index * TIMER_KINDS + kind);
    }
    const { router, holding: { leaseS } } = instance;
    const leftUs = leaseS * 1_000_000 * (1 - 1 / RENEWALS_PER_LEASE) - RENEWAL_GRID_US;
    if (router.dueUs + HANDOVER_US - nowUs < leftUs) {
      this.#means.timers.clear(instance.index * TIMER_KINDS + RENEWAL);
    }
  }

  /** The instance's last address is in place, or has been waited for long enough. */
  settled(instance: Instance): void {
    instance.holding.settleAll();
    this.#means.timers.clear(instance.index * TIMER_KINDS + SETTLE);
    this.#startBurst(instance);
  }

  #startBurst(instance: Instance): void {
    if (instance.burst > 0) this.#means.announcer.start(instance.announcement, instance.burst);
    instance.burst = 0;
  }

  /** Arms the renewal of the lifetimes; permanent addresses need none. */
  armRenewal(instance: Instance): void {
    if (instance.holding.leaseS === 0) return;
    const dueUs = monotonicUs() + (instance.holding.leaseS * 1_000_000) / RENEWALS_PER_LEASE;
    const slot = instance.index * TIMER_KINDS + RENEWAL;
    // The renewals of many instances come in one wake-up. A little later rather than earlier: an advert that falls
    // due a third of the lifetime after this one then takes the renewal along.
    this.#means.timers.set(slot, Math.ceil(dueUs / RENEWAL_GRID_US) * RENEWAL_GRID_US);
  }

  /** Renews the lifetimes with this advert if that is due before the next: a wake-up less. */
  renewWithAdvert(instance: Instance, nowUs: number): void {
    const slot = instance.index * TIMER_KINDS + RENEWAL;
    if (this.#means.timers.dueUs(slot) < instance.router.dueUs) this.renew(instance, nowUs);
  }

  /** A renewal of the lifetimes is due; arms the next. */
  renew(instance: Instance, nowUs: number): void {
    if (!instance.holding.wanted) return;
    // There is time for that: two thirds of the lifetime are left.
    if (this.#means.busy()) return this.#arm(instance, RENEWAL, RENEW_AGAIN_US, nowUs);
    if (this.#means.holdings.renew(instance.holding)) this.armRenewal(instance);
    else this.#arm(instance, RENEWAL, RENEW_AGAIN_US, nowUs);
  }

  /** A second burst is due. */
  secondBurst(instance: Instance): void {
    this.#means.announcer.start(instance.announcement, instance.secondBurst);
  }

  /** A reload has changed when a Master announces: the refresh follows it. */
  armRefresh(instance: Instance): void {
    this.#arm(instance, REFRESH, instance.config.announce.refreshUs, monotonicUs());
  }

  /** A refresh is due; arms the next. */
  refresh(instance: Instance, nowUs: number): void {
    this.#means.announcer.start(instance.announcement, instance.config.announce.refreshRepeat);
    this.#arm(instance, REFRESH, instance.config.announce.refreshUs, nowUs);
  }

  #tellRival(instance: Instance): void {
    const packet = this.#packet!;
    const from = formatAddress(packet.bytes, packet.sourceStart, packet.family === "ipv4" ? 4 : 16);
    const ours = instance.router.effectivePriority;
    const assertion = instance.config.lowerPriorityAdvert ? "asserting ours and " : "";
    const text =
      `Received advert from ${from} with lower priority ${this.#priority}, ours ${ours}: two masters; ` +
      `${assertion}announcing the addresses again`;
    this.#means.post({ type: "log", level: "warning", id: instance.id, text });
    this.#means.post({ type: "rival", id: instance.id });
  }

  /** keepalived's lines, for -D. */
  #tellFirewall({ id, holding }: Instance, what: "setting" | "removing"): void {
    if (!holding.blocks || holding.wanted === (what === "setting")) return;
    this.#means.post({ type: "log", level: "debug", id, text: `${what} firewall drop rule` });
  }

  #arm(instance: Instance, kind: number, delayUs: number, nowUs: number): void {
    const slot = instance.index * TIMER_KINDS + kind;
    this.#means.timers.set(slot, delayUs > 0 ? nowUs + delayUs : Infinity);
  }
}
