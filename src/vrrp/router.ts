// One virtual router: the state machine of RFC 3768, 5798 and 9568 (section 6.4) as keepalived runs it.
import { addressLength, compareBytes, formatAddress } from "./address.ts";
import type { Advert, Packet } from "./advert.ts";
import type { Companions, Effects, RouterSettings, State } from "./effects.ts";
import { PRIORITY_OWNER, PRIORITY_RESIGN } from "./layout.ts";
import type { Cause } from "./reason.ts";
import { HANDOVER_US, masterDownIntervalUs, skewTimeUs } from "./timers.ts";

export type { Companions, Effects, RouterSettings, State } from "./effects.ts";

/** Parts of an interval in which a flood of losing adverts is answered once. */
const ANSWERS_PER_INTERVAL = 16;

/**
 * One virtual router. Time comes in as `nowUs`: monotonic, microseconds, never going back. The owner calls `expire`
 * when `dueUs` has come, and `advert` for each packet that Judge let pass. Nothing is allocated but on transitions.
 */
export class Router {
  readonly id: number;
  settings: RouterSettings;
  state: State = "INIT";
  /** The next deadline of the protocol; Infinity: none. */
  dueUs = Infinity;
  effectivePriority: number;
  /** Master_Adver_Interval: the master's in Backup (version 3), else our own. */
  learnedIntervalUs: number;
  /** The master, ourselves included, when `hasMaster`. 16 bytes, of which IPv4 uses 4. */
  readonly masterAddress: Uint8Array = new Uint8Array(16);
  hasMaster = false;
  masterPriority = 0;
  /** Our own sending address: to be set before `ready`, and whenever it changes. */
  source: Uint8Array = new Uint8Array(0);
  /** A master that has resigned and waits for its successor. */
  lingering = false;
  /** The sync group, which decides when its members become Master; null: none. */
  companions: Companions | null = null;
  /** A Backup that would be Master if its sync group let it: nobody better is heard. */
  wantsMaster = false;

  /** Lingering, and the successor was heard. */
  #succeeded = false;
  readonly #effects: Effects;
  readonly #addressBytes: number;
  #started = false;
  /** What the running timer of a Backup waits for. */
  #waiting: "first" | "down" | "skew" = "down";
  /** When the last sign of a master came; before one came, when waiting began. */
  #silentSinceUs = 0;
  /** Who sent priority 0; meaningful while waiting for the skew. */
  readonly #resignedAddress = new Uint8Array(16);
  /** When the followed master was last heard below our priority, and its advert discarded; NaN: it was not. */
  #discardedUs = NaN;
  #discardedIntervalUs = 0;
  /** End of the preempt delay; NaN: not running. */
  #preemptAtUs = NaN;
  #lastAdvertUs = -Infinity;
  #lastRivalUs = -Infinity;
  #leaveCause: Cause | null = null;

  constructor(id: number, settings: RouterSettings, effects: Effects) {
    this.id = id;
    this.settings = settings;
    this.#effects = effects;
    this.#addressBytes = addressLength(settings.family);
    this.effectivePriority = settings.priority;
    this.learnedIntervalUs = settings.advertIntervalUs;
  }

  /** Skew_Time in microseconds. */
  get skewUs(): number {
    return skewTimeUs(this.settings.version, this.effectivePriority, this.learnedIntervalUs);
  }

  /** Master_Down_Interval in microseconds: how long others or we wait for a silent master. */
  get masterDownIntervalUs(): number {
    const { version, downTimerAdverts } = this.settings;
    return masterDownIntervalUs(version, this.effectivePriority, this.learnedIntervalUs, downTimerAdverts);
  }

  /**
   * Nothing stands in the way: interface up, source known, trackers good. From INIT the startup event (section
   * 6.4.1); from FAULT a Backup with a fresh Master_Down_Interval. Does nothing in BACKUP and MASTER.
   */
  ready(nowUs: number): void {
    if (this.lingering || this.state === "BACKUP" || this.state === "MASTER") return;
    const recovered = this.state === "FAULT";
    const first = !this.#started && !recovered;
    this.#started = true;
    const owner = this.settings.priority === PRIORITY_OWNER;
    if (owner && this.#mayLead()) {
      this.#becomeMaster(nowUs, recovered ? { kind: "recovered" } : { kind: "owner" });
      return;
    }
    this.learnedIntervalUs = this.settings.advertIntervalUs;
    this.#silentSinceUs = nowUs;
    // `state MASTER` shortens only the first wait. The skew is our own, not 1/256: the highest priority still wins
    // among several such routers, and a master that is a few milliseconds late is not overrun.
    this.#waiting = first && this.settings.startAsMaster ? "first" : "down";
    this.#enterBackup(nowUs, recovered ? { kind: "recovered" } : { kind: "startup" });
    if (owner) this.#want(nowUs);
  }

  /** Something stands in the way. A Master resigns first when it can still send, and lets go at once. */
  unready(nowUs: number, cause: Cause, state: "FAULT" | "INIT", canSend: boolean): void {
    if (this.lingering) {
      this.#leave();
      return;
    }
    if (this.state === state) return;
    // A router that failed before it ever ran has used up its `state MASTER`.
    if (state === "FAULT") this.#started = true;
    const from = this.state;
    this.state = state;
    this.wantsMaster = false;
    this.dueUs = Infinity;
    if (from === "MASTER") {
      if (canSend) this.#advertise(nowUs, PRIORITY_RESIGN);
      this.#effects.release(this);
    }
    this.#effects.transition(this, from, state, cause);
    this.#forgetMaster();
  }

  /** A new effective priority, 1..255. A Backup's timer moves by the change of the skew; a Master says so at once. */
  setPriority(nowUs: number, effective: number): void {
    if (effective === this.effectivePriority) return;
    const waitUs = this.#waitUs();
    this.effectivePriority = effective;
    if (this.lingering) return;
    if (this.state === "BACKUP") this.#shift(waitUs);
    if (this.state === "MASTER") {
      this.#advertise(nowUs, effective);
      this.#follow(this.source, 0, effective);
    }
  }

  /**
   * New settings after a reload, in place: no transition. The effective priority is the caller's to set. The
   * address family stays (it is part of the identity of a virtual router).
   */
  change(nowUs: number, settings: RouterSettings): void {
    const old = this.settings, waitUs = this.#waitUs();
    this.settings = settings;
    const sameInterval = old.advertIntervalUs === settings.advertIntervalUs &&
      old.version === settings.version;
    if (settings.preemptDelayUs !== old.preemptDelayUs) this.#preemptAtUs = NaN;
    // A Backup goes on with the interval that its master has told it.
    const keepLearned = this.state === "BACKUP" && this.hasMaster && settings.version === 3 &&
      old.version === 3;
    if (!keepLearned) this.learnedIntervalUs = settings.advertIntervalUs;
    if (this.lingering) return;
    if (this.state === "BACKUP") this.#shift(waitUs);
    if (this.state === "MASTER" && !sameInterval) {
      // Before the others' down timers, which run by the old interval, can expire.
      this.#advertise(nowUs, this.effectivePriority);
      this.dueUs = nowUs + settings.advertIntervalUs;
    }
  }

  /** An advert that Judge let pass. Ignored in INIT and FAULT. */
  advert(nowUs: number, advert: Advert, packet: Packet): void {
    if (this.state === "BACKUP") this.#advertInBackup(nowUs, advert, packet);
    else if (this.state !== "MASTER") return;
    else if (!this.lingering) this.#advertInMaster(nowUs, advert, packet);
    else if (advert.priority !== PRIORITY_RESIGN) this.#handOver(nowUs);
  }

  /** To be called when `nowUs` has reached `dueUs`, after every waiting packet has been handed to `advert`. */
  expire(nowUs: number): void {
    if (nowUs < this.dueUs) return;
    if (this.lingering) this.#leave();
    else if (this.state === "BACKUP") {
      if (this.#mayLead()) this.#becomeMaster(nowUs, null);
      else this.#want(nowUs);
    } else if (this.state === "MASTER") {
      const intervalUs = this.settings.advertIntervalUs;
      // On an absolute schedule nothing drifts; one that is more than an interval late starts anew.
      this.dueUs += intervalUs;
      if (this.dueUs <= nowUs) this.dueUs = nowUs + intervalUs;
      this.#advertise(nowUs, this.effectivePriority);
    } else this.dueUs = Infinity;
  }

  /**
   * The instance ends. A Master sends priority 0 and lingers: it holds its addresses until HANDOVER_US after a
   * successor's advert, or until Skew_Time and one interval have passed without one; then `release`, `transition` and `left`. Others leave at once.
   */
  shutdown(nowUs: number, cause: Cause): void {
    if (this.lingering) return;
    this.#leaveCause = cause;
    if (this.state !== "MASTER") {
      this.#leave();
      return;
    }
    this.lingering = true;
    this.#succeeded = false;
    this.dueUs = nowUs + this.skewUs + this.settings.advertIntervalUs;
    this.#advertise(nowUs, PRIORITY_RESIGN);
  }

  /** The sync group becomes Master: a member that wants to be goes with it. */
  lead(nowUs: number): void {
    if (this.state === "BACKUP" && this.wantsMaster) this.#becomeMaster(nowUs, null);
  }

  /** The sync group is no longer Master: a Master resigns and waits as a Backup. */
  yield(nowUs: number, cause: Cause): void {
    if (this.state !== "MASTER" || this.lingering) return;
    this.#advertise(nowUs, PRIORITY_RESIGN);
    this.#waiting = "down";
    this.#silentSinceUs = nowUs;
    this.#forgetMaster();
    this.#enterBackup(nowUs, cause);
  }

  #mayLead(): boolean {
    return this.companions === null || this.companions.mayLead(this);
  }

  /** The group holds us back: asked again after an interval. */
  #want(nowUs: number): void {
    this.wantsMaster = true;
    this.dueUs = nowUs + this.settings.advertIntervalUs;
  }

  /** A Backup's wait has another length than `waitUs` now. One that only waits for its group has no such timer. */
  #shift(waitUs: number): void {
    if (!this.wantsMaster) this.dueUs += this.#waitUs() - waitUs;
    this.#reconsider();
  }

  #advertInBackup(nowUs: number, advert: Advert, packet: Packet): void {
    if (advert.priority === PRIORITY_RESIGN) {
      for (let i = 0; i < this.#addressBytes; i++) {
        this.#resignedAddress[i] = packet.bytes[packet.sourceStart + i]!;
      }
      this.#waiting = "skew";
      this.wantsMaster = false;
      this.#discardedUs = NaN;
      this.dueUs = nowUs + this.#waitUs();
      this.#forgetMaster();
      return;
    }
    const lower = advert.priority < this.effectivePriority;
    if (!lower && !Number.isNaN(this.#preemptAtUs)) {
      this.#preemptAtUs = NaN;
      this.#effects.delaying(this, false);
    }
    if (lower && this.#preempts(nowUs)) {
      // Discarded: the timer goes on and we take over when it expires. From the master, it is still news.
      if (this.hasMaster && !this.#isMaster(packet)) return;
      this.#discardedUs = nowUs;
      this.#discardedIntervalUs = advert.intervalUs;
      this.#follow(packet.bytes, packet.sourceStart, advert.priority);
      return;
    }
    this.#accept(nowUs, advert.intervalUs);
    this.dueUs = nowUs + this.#waitUs();
    this.#follow(packet.bytes, packet.sourceStart, advert.priority);
  }

  /** A master's sign of life at `atUs`: the wait for the next one begins there. */
  #accept(atUs: number, intervalUs: number): void {
    if (this.settings.version === 3) this.learnedIntervalUs = intervalUs;
    this.#discardedUs = NaN;
    this.wantsMaster = false;
    this.#silentSinceUs = atUs;
    this.#waiting = "down";
  }

  /** A master whose last advert was discarded may count again, now that our priority or preemption has changed. */
  #reconsider(): void {
    if (Number.isNaN(this.#discardedUs)) return;
    const preempts = this.settings.preempt || this.settings.priority === PRIORITY_OWNER;
    if (preempts && this.masterPriority < this.effectivePriority) return;
    const heardUs = this.#discardedUs;
    this.#accept(heardUs, this.#discardedIntervalUs);
    this.dueUs = heardUs + this.#waitUs();
  }

  /** Whether a lower master is to be preempted now. Its first advert starts the preempt delay. */
  #preempts(nowUs: number): boolean {
    if (this.settings.priority === PRIORITY_OWNER) return true;
    if (!this.settings.preempt) return false;
    if (this.settings.preemptDelayUs === 0) return true;
    if (Number.isNaN(this.#preemptAtUs)) {
      this.#preemptAtUs = nowUs + this.settings.preemptDelayUs;
      this.#effects.delaying(this, true);
    }
    return nowUs >= this.#preemptAtUs;
  }

  #advertInMaster(nowUs: number, advert: Advert, packet: Packet): void {
    const theirs = advert.priority, ours = this.effectivePriority;
    if (theirs === PRIORITY_RESIGN) {
      this.dueUs = nowUs + this.settings.advertIntervalUs;
      this.#advertise(nowUs, ours);
      return;
    }
    const order = compareBytes(packet.bytes, packet.sourceStart, this.source, 0, this.#addressBytes);
    const silentUs = nowUs - this.#lastAdvertUs;
    const expired = this.#isExpired(silentUs) && order !== 0;
    const wins = theirs > ours || (theirs === ours && order > 0);
    if (wins || expired) {
      const from = formatAddress(packet.bytes, packet.sourceStart, this.#addressBytes);
      if (wins && this.settings.higherPriorityAdvert) this.#advertise(nowUs, ours);
      this.#accept(nowUs, advert.intervalUs);
      const cause: Cause = !wins
        ? { kind: "expired", from, silentUs }
        : theirs > ours
        ? { kind: "higher_priority", from, theirs, ours }
        : { kind: "higher_address", from, priority: ours };
      this.#enterBackup(nowUs, cause);
      this.#follow(packet.bytes, packet.sourceStart, theirs);
      return;
    }
    // The same priority and address: a cloned host. Neither wins.
    if (theirs === ours && order === 0) return;
    this.#answerRival(nowUs);
  }

  /** Whether a Master that was silent for so long may have been followed already (timer_expired_backup). */
  #isExpired(silentUs: number): boolean {
    const { version, advertIntervalUs, downTimerAdverts, expiredPriority } = this.settings;
    return expiredPriority !== null &&
      silentUs > masterDownIntervalUs(version, expiredPriority, advertIntervalUs, downTimerAdverts);
  }

  /** RFC 9568 6.4.3: reassert. There were two masters, so hosts may have learnt the wrong one: announce again. */
  #answerRival(nowUs: number): void {
    const pauseUs = this.settings.advertIntervalUs / ANSWERS_PER_INTERVAL;
    // An advert sent a moment ago answers as well; a flood must not be answered packet by packet.
    if (this.settings.lowerPriorityAdvert && nowUs - this.#lastAdvertUs >= pauseUs) {
      this.#advertise(nowUs, this.effectivePriority);
    }
    if (nowUs - this.#lastRivalUs < pauseUs) return;
    this.#lastRivalUs = nowUs;
    this.#effects.announce(this, "rival");
  }

  /**
   * The advert goes first, before everything else is even computed: the old master must let go before the
   * addresses are set here. `known` null: a timer of Backup has expired.
   */
  #becomeMaster(nowUs: number, known: Cause | null): void {
    const from = this.state, wanted = this.wantsMaster;
    this.state = "MASTER";
    this.wantsMaster = false;
    this.#advertise(nowUs, this.effectivePriority);
    const held = wanted && this.settings.priority === PRIORITY_OWNER;
    const cause: Cause = known ?? (held ? { kind: "owner" } : this.#timeoutCause(nowUs));
    this.learnedIntervalUs = this.settings.advertIntervalUs;
    this.dueUs = nowUs + this.settings.advertIntervalUs;
    this.#preemptAtUs = NaN;
    this.#discardedUs = NaN;
    this.#lastRivalUs = -Infinity;
    this.#effects.hold(this);
    this.#effects.announce(this, "master");
    this.#effects.transition(this, from, "MASTER", cause);
    this.#follow(this.source, 0, this.effectivePriority);
  }

  /** Starts the timer that `#waiting` names. */
  #enterBackup(nowUs: number, cause: Cause): void {
    const from = this.state;
    this.state = "BACKUP";
    this.wantsMaster = false;
    this.dueUs = nowUs + this.#waitUs();
    this.#preemptAtUs = NaN;
    this.#discardedUs = NaN;
    if (from === "MASTER") this.#effects.release(this);
    this.#effects.transition(this, from, "BACKUP", cause);
  }

  /** The successor is heard: its announcements are on their way. */
  #handOver(nowUs: number): void {
    if (this.#succeeded) return;
    this.#succeeded = true;
    this.dueUs = nowUs + HANDOVER_US;
  }

  /** End of a shutdown. */
  #leave(): void {
    const from = this.state, cause: Cause = this.#leaveCause ?? { kind: "shutdown" };
    this.state = "INIT";
    this.wantsMaster = false;
    this.lingering = false;
    this.dueUs = Infinity;
    if (from === "MASTER") this.#effects.release(this);
    if (from !== "INIT") this.#effects.transition(this, from, "INIT", cause);
    this.#forgetMaster();
    this.#effects.left(this);
  }

  /** Length of the timer that a Backup waits for. */
  #waitUs(): number {
    if (this.#waiting === "skew") return this.skewUs;
    return this.#waiting === "first"
      ? this.settings.advertIntervalUs + this.skewUs
      : this.masterDownIntervalUs;
  }

  #timeoutCause(nowUs: number): Cause {
    const bytes = this.#addressBytes;
    if (this.#waiting === "skew") {
      return { kind: "resigned", from: formatAddress(this.#resignedAddress, 0, bytes) };
    }
    const from = this.hasMaster ? formatAddress(this.masterAddress, 0, bytes) : null;
    if (!Number.isNaN(this.#discardedUs) && from !== null) {
      return { kind: "preempted", from, theirs: this.masterPriority, ours: this.effectivePriority };
    }
    const adverts = this.#waiting === "first" ? 1 : this.settings.downTimerAdverts;
    const silentUs = nowUs - this.#silentSinceUs;
    return {
      kind: "timeout",
      from,
      silentUs,
      adverts,
      intervalUs: this.learnedIntervalUs,
      skewUs: this.skewUs,
    };
  }

  #advertise(nowUs: number, priority: number): void {
    this.#lastAdvertUs = nowUs;
    this.#effects.advertise(this, priority);
  }

  #isMaster(packet: Packet): boolean {
    return compareBytes(packet.bytes, packet.sourceStart, this.masterAddress, 0, this.#addressBytes) === 0;
  }

  #follow(bytes: Uint8Array, start: number, priority: number): void {
    const same = compareBytes(bytes, start, this.masterAddress, 0, this.#addressBytes) === 0;
    if (this.hasMaster && same && this.masterPriority === priority) return;
    for (let i = 0; i < this.#addressBytes; i++) this.masterAddress[i] = bytes[start + i]!;
    this.hasMaster = true;
    this.masterPriority = priority;
    this.#effects.heard(this);
  }

  #forgetMaster(): void {
    if (!this.hasMaster) return;
    this.hasMaster = false;
    this.masterPriority = 0;
    this.#effects.heard(this);
  }
}
