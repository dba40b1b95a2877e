// What must hold: after each step, and once the wire and the machines have been left in peace.
import { compareBytes, formatAddress } from "../../src/vrrp/address.ts";
import type { Cause } from "../../src/vrrp/reason.ts";
import type { State } from "../../src/vrrp/router.ts";
import { HANDOVER_US, leaseSeconds, masterDownIntervalUs } from "../../src/vrrp/timers.ts";
import type { Agenda } from "./agenda.ts";
import { type Host, MAX_LATENCY_US } from "./host.ts";
import { type Lan, MAX_DELAY_US } from "./lan.ts";

const LEGAL: Record<State, State[]> = {
  INIT: ["BACKUP", "MASTER", "FAULT"],
  BACKUP: ["MASTER", "FAULT", "INIT"],
  MASTER: ["BACKUP", "FAULT", "INIT"],
  FAULT: ["BACKUP", "MASTER", "INIT"],
};
const TO_MASTER: Cause["kind"][] = ["owner", "recovered", "timeout", "resigned", "preempted"];
const TO_BACKUP: Cause["kind"][] = ["startup", "recovered", "higher_priority", "higher_address", "expired"];
/** A packet on its way and a process on its way to run, and back. */
const SLACK_US = 2 * (MAX_DELAY_US + MAX_LATENCY_US) + 100;

export class Invariants {
  /** Since when nothing has been done to the hosts and the wire. */
  calmSinceUs = 0;
  /** How often a settled world was looked at. */
  settledChecks = 0;
  readonly #hosts: readonly Host[];
  readonly #agenda: Agenda;
  readonly #lan: Lan;
  readonly #fail: (text: string) => never;
  readonly #states = new Map<Host, State>();
  readonly #backupSinceUs = new Map<Host, number>();
  #rivalsSinceUs = Infinity;
  #holdersSinceUs = Infinity;

  constructor(hosts: readonly Host[], agenda: Agenda, lan: Lan, fail: (text: string) => never) {
    this.#hosts = hosts;
    this.#agenda = agenda;
    this.#lan = lan;
    this.#fail = fail;
  }

  #longest(of: (host: Host) => number): number {
    return Math.max(...this.#hosts.map(of));
  }

  get #intervalUs(): number {
    return this.#longest((host) => host.config.settings.advertIntervalUs);
  }

  /** Master_Down_Interval of the lowest priority at the longest interval. */
  get downUs(): number {
    const { version, downTimerAdverts } = this.#hosts[0]!.config.settings;
    return masterDownIntervalUs(version, 1, this.#intervalUs, downTimerAdverts);
  }

  /** After so long in peace there is one Master in each part, and it stays. */
  get settleUs(): number {
    return 3 * this.downUs + this.#longest((host) => host.config.settings.preemptDelayUs) + SLACK_US;
  }

  /** A process starts: its router begins in INIT, without a word. */
  begin(host: Host): void {
    this.#states.set(host, "INIT");
    this.#backupSinceUs.set(host, Infinity);
  }

  transition(host: Host, from: State, to: State, cause: Cause): void {
    const { name, settings } = host.config;
    if (this.#states.get(host) !== from) this.#fail(`${name}: a transition from ${from}, where it is not`);
    if (!LEGAL[from].includes(to)) this.#fail(`${name}: ${from} -> ${to} does not exist`);
    this.#states.set(host, to);
    this.#backupSinceUs.set(host, to === "BACKUP" ? this.#agenda.nowUs : Infinity);
    if (to === "MASTER" && !TO_MASTER.includes(cause.kind)) {
      this.#fail(`${name}: Master because of ${cause.kind}`);
    }
    if (to === "MASTER" && from !== "BACKUP" && settings.priority !== 255) {
      this.#fail(`${name}: Master without waiting`);
    }
    if (to === "BACKUP" && !TO_BACKUP.includes(cause.kind)) {
      this.#fail(`${name}: Backup because of ${cause.kind}`);
    }
    if (cause.kind === "timeout") {
      const nominalUs = cause.adverts * cause.intervalUs + cause.skewUs;
      if (cause.silentUs < nominalUs - 1) {
        this.#fail(`${name}: timeout after ${cause.silentUs} of ${nominalUs} us`);
      }
    }
    if (cause.kind === "preempted") {
      if (cause.theirs >= cause.ours) this.#fail(`${name}: preempts ${cause.theirs}`);
      if (!settings.preempt && settings.priority !== 255) this.#fail(`${name}: preempts, but must not`);
    }
    if (cause.kind === "expired") {
      const { expiredPriority, version, downTimerAdverts, advertIntervalUs } = host.router.settings;
      if (expiredPriority === null) this.#fail(`${name}: expires, but must not`);
      else if (
        cause.silentUs <= masterDownIntervalUs(version, expiredPriority, advertIntervalUs, downTimerAdverts)
      ) this.#fail(`${name}: expires after ${cause.silentUs} us`);
    }
    if (cause.kind === "shutdown" && from === "MASTER") this.#checkSuccessor(host);
    if (cause.kind === "higher_priority" && cause.theirs <= cause.ours) {
      this.#fail(`${name}: yields to ${cause.theirs}`);
    }
    if (this.#calmForUs > this.settleUs) this.#fail(`${name}: ${from} -> ${to} though nothing happened`);
  }

  get #calmForUs(): number {
    const { lossRate, maxDelayUs, slowUntilUs } = this.#lan;
    if (lossRate > 0 || maxDelayUs > MAX_DELAY_US) this.calmSinceUs = this.#agenda.nowUs;
    return this.#agenda.nowUs - Math.max(this.calmSinceUs, slowUntilUs);
  }

  /** A Master that leaves in peace and holds on to the end has nobody who could have followed in time. */
  #checkSuccessor(host: Host): void {
    const { settings, spec, name } = host.config;
    const intervals = new Set(this.#hosts.map((each) => each.config.settings.advertIntervalUs));
    // Small intervals end within a process's way to run; AH may take the farewell for a replay.
    const plain = settings.advertIntervalUs >= 1e6 && intervals.size === 1 &&
      spec.authentication?.type !== "AH";
    if (!plain || this.#agenda.nowUs - this.#calmForUs > host.sentUs) return;
    const part = this.#lan.parts.get(host);
    // Priority 0 was the last that it sent.
    const heir = this.#hosts.find((other) =>
      other.able && this.#lan.parts.get(other) === part &&
      (this.#backupSinceUs.get(other) ?? Infinity) < host.sentUs
    );
    const master = this.#hosts.some((other) => other.able && other.router.state === "MASTER");
    if (heir !== undefined && !master) {
      this.#fail(`${name} has left and ${heir.config.name} is not Master yet`);
    }
  }

  /** After each step. */
  check(): void {
    for (const host of this.#hosts) this.#checkHost(host);
    this.#checkRivals();
    this.#checkHolders();
    this.#checkLingering();
    if (this.#calmForUs > this.settleUs) this.#checkSettled();
  }

  #checkHost(host: Host): void {
    const { router, config: { name } } = host;
    if (!host.running) {
      if (host.wanted) this.#fail(`${name} is gone and wants addresses`);
      return;
    }
    if (router.state !== this.#states.get(host)) this.#fail(`${name}: ${router.state} without a transition`);
    const waits = router.state === "BACKUP" || router.state === "MASTER";
    if (waits !== Number.isFinite(router.dueUs) || Number.isNaN(router.dueUs)) {
      this.#fail(`${name}: ${router.state} with a timer at ${router.dueUs}`);
    }
    const aheadUs = router.dueUs - host.localUs;
    if (waits && aheadUs > this.#longestWaitUs) this.#fail(`${name}: a timer ${aheadUs} us ahead`);
    if (router.effectivePriority < 1 || router.effectivePriority > 255) this.#fail(`${name}: priority`);
    if (host.wanted !== (router.state === "MASTER")) {
      this.#fail(`${name}: ${router.state}, wants: ${host.wanted}`);
    }
    if (!host.able) return;
    if (-aheadUs > SLACK_US && waits) this.#fail(`${name}: overslept by ${-aheadUs} us`);
    if (router.state !== "MASTER") return;
    if (!host.held) this.#fail(`${name} is Master and holds nothing`);
    const silentUs = this.#agenda.nowUs - host.sentUs;
    // Clocks that drift by 200 ppm measure 200 ppm more.
    if (silentUs > 1.001 * router.settings.advertIntervalUs + SLACK_US && this.#calmForUs > SLACK_US) {
      this.#fail(`${name} is Master and silent for ${silentUs} us`);
    }
  }

  get #longestWaitUs(): number {
    // Learned intervals outlive a reload for a while.
    return 10 * this.downUs;
  }

  #parts(): Host[][] {
    const parts = new Map<number, Host[]>();
    for (const host of this.#hosts) {
      const part = this.#lan.parts.get(host)!;
      parts.set(part, [...parts.get(part) ?? [], host]);
    }
    return [...parts.values()];
  }

  /** Two Masters that hear each other: one yields when the other speaks. */
  #checkRivals(): void {
    const rivals = this.#parts().some((part) =>
      part.filter((host) => host.able && host.router.state === "MASTER").length > 1
    );
    this.#rivalsSinceUs = rivals ? Math.min(this.#rivalsSinceUs, this.#agenda.nowUs) : Infinity;
    const sinceUs = Math.max(this.#rivalsSinceUs, this.#agenda.nowUs - this.#calmForUs);
    // Under AH a router that has restarted is not heard until it has heard how far the others have counted.
    const ah = this.#hosts[0]!.config.spec.authentication?.type === "AH";
    const boundUs = ah ? this.downUs + this.#intervalUs : 1.001 * this.#intervalUs;
    if (this.#agenda.nowUs - sinceUs > boundUs + SLACK_US) this.#fail("two Masters hear each other");
  }

  /** Two that hold the addresses: a Master that has just been lost, and its successor, for a bounded time. */
  #checkHolders(): void {
    const two = this.#parts().some((part) => part.filter((host) => host.held).length > 1);
    this.#holdersSinceUs = two ? Math.min(this.#holdersSinceUs, this.#agenda.nowUs) : Infinity;
    const sinceUs = Math.max(this.#holdersSinceUs, this.#agenda.nowUs - this.#calmForUs);
    const boundUs = leaseSeconds(this.downUs) * 1e6 + SLACK_US;
    if (this.#agenda.nowUs - sinceUs > boundUs) this.#fail("two hosts hold the addresses");
  }

  /** A Master that leaves lets go when its successor is heard. */
  #checkLingering(): void {
    // Under AH the successor's advert may be taken for a replay.
    if (this.#hosts[0]!.config.spec.authentication?.type === "AH") return;
    const nowUs = this.#agenda.nowUs, calmSinceUs = nowUs - this.#calmForUs;
    for (const part of this.#parts()) {
      if (!part.some((host) => host.running && !host.frozen && host.router.lingering)) continue;
      const spoke = part.some(({ able, router, sentUs }) =>
        able && router.state === "MASTER" && sentUs >= calmSinceUs && nowUs - sentUs > SLACK_US + HANDOVER_US
      );
      if (spoke) this.#fail("a Master lingers beside its successor");
    }
  }

  #checkSettled(): void {
    this.settledChecks++;
    for (const part of this.#parts()) {
      const able = part.filter((host) => host.able);
      if (able.length === 0) continue;
      const masters = able.filter((host) => host.router.state === "MASTER");
      if (masters.length !== 1) this.#fail(`${masters.length} Masters among ${able.length}`);
      const master = masters[0]!;
      for (const host of able) if (host !== master) this.#checkFollower(host, master);
    }
    for (const host of this.#hosts) {
      if (host.running && !host.frozen && host.router.lingering) this.#fail(`${host.config.name} lingers`);
    }
  }

  #checkFollower(host: Host, master: Host): void {
    const { router, config: { name, settings } } = host;
    if (router.state !== "BACKUP") this.#fail(`${name} is ${router.state} beside a Master`);
    if (host.held) this.#fail(`${name} holds the addresses beside a Master`);
    const source = master.config.spec.source;
    if (!router.hasMaster || compareBytes(router.masterAddress, 0, source, 0, source.length) !== 0) {
      this.#fail(`${name} follows ${router.hasMaster ? formatAddress(router.masterAddress) : "nobody"}`);
    }
    if (router.masterPriority !== master.router.effectivePriority) {
      this.#fail(`${name} knows an old priority`);
    }
    const preempts = settings.preempt || settings.priority === 255;
    if (preempts && router.effectivePriority > master.router.effectivePriority) {
      this.#fail(`${name} preempts, and ${master.config.name} with less priority is Master`);
    }
  }
}
