// Whether an instance may take part in the election, and what its priority is: looked at anew whenever an
// interface, an address, a script's result or the configuration has changed.
import { realtimeUs } from "../../native/clock.ts";
import { SyscallError } from "../../native/errno.ts";
import { forwardsIpv6 } from "../../native/sysctl.ts";
import type { TrackedKind } from "../messages.ts";
import type { Group } from "../vrrp/group.ts";
import { type Cause, describeCause } from "../vrrp/reason.ts";
import type { Instance, Obstacle, Readiness as CanDo } from "./instance.ts";
import { sameBytes } from "./links.ts";
import type { Parts } from "./parts.ts";
import type { Statics } from "./statics.ts";
import { OccupiedError } from "./transport.ts";
import type { Missing } from "./vmacs.ts";

/** Starts, stops and moves instances as the machine allows. */
export class Readiness {
  /** The daemon stops: nothing starts any more. */
  stopping = false;
  /** When the instances may start; Infinity: nothing has to be done for that any more. */
  startsUs = Infinity;
  #delay: Cause | null = null;
  readonly #parts: Parts;

  readonly #statics: Statics;

  constructor(parts: Parts, statics: Statics) {
    this.#parts = parts;
    this.#statics = statics;
  }

  /** No instance starts before so much time has passed (vrrp_startup_delay). */
  delay(delayUs: number, nowUs: number): void {
    if (delayUs === 0) return;
    this.#delay = { kind: "startup_delay", delayUs };
    this.startsUs = nowUs + delayUs;
  }

  /** The delay is over. */
  begin(nowUs: number): void {
    this.#delay = null;
    this.startsUs = Infinity;
    this.evaluateAll(nowUs);
  }

  /** Looks at everything that the instance depends on, and acts on it. */
  evaluate(instance: Instance, nowUs: number): void {
    if (instance.removing || this.stopping) return;
    this.#refreshPriority(instance, nowUs);
    const { vmacs } = this.#parts;
    const missing = vmacs.ensure(instance, nowUs);
    if (vmacs.takeMade()) this.rebuild(instance);
    if (missing === "later") return;
    const readiness = this.#missingStatic(instance) ??
      instance.readiness(this.#parts.links, this.#parts.roster.isVirtual);
    if (missing !== null && lacks(readiness, missing)) this.#obstructed(instance, unmade(missing), nowUs);
    else if (!("source" in readiness)) this.#obstructed(instance, readiness, nowUs);
    else if (this.#delay !== null) {
      this.#obstructed(instance, { state: "INIT", cause: this.#delay }, nowUs);
    } else if (missing !== null) this.#obstructed(instance, unmade(missing), nowUs);
    else this.#cleared(instance, readiness.source, nowUs);
    this.#parts.groups.settle(instance, nowUs);
    if (instance.group !== null) this.#parts.groups.rearm(instance.group);
  }

  #missingStatic({ config }: Instance): Obstacle | null {
    for (const group of config.trackGroups) {
      const what = this.#statics.missing(group);
      if (what !== null) return { state: "FAULT", cause: { kind: "static_missing", group, what } };
    }
    return null;
  }

  /** All instances, after a change that may concern any of them. */
  evaluateAll(nowUs: number): void {
    for (const instance of this.#parts.roster.all()) this.evaluate(instance, nowUs);
  }

  /** A script has a new result. */
  scriptResult(name: string, ok: boolean, nowUs: number): void {
    for (const instance of this.#parts.roster.all()) {
      if (instance.scriptResult(name, ok)) this.evaluate(instance, nowUs);
    }
  }

  /** A tracked file or process has a new result. */
  tracked(kind: TrackedKind, name: string, value: boolean | number, nowUs: number): void {
    for (const instance of this.#parts.roster.all()) {
      if (instance.tracked(kind, name, value)) this.evaluate(instance, nowUs);
    }
  }

  /** BFD sessions have come up or gone down. */
  bfdChanged(names: readonly string[], nowUs: number): void {
    for (const instance of this.#parts.roster.all()) {
      if (instance.config.trackBfds.some(({ bfd }) => names.includes(bfd))) this.evaluate(instance, nowUs);
    }
  }

  /** Writes the instance's netlink messages and frames anew. */
  rebuild(instance: Instance): void {
    instance.holding.build(this.#parts.links);
    this.rebuildFrames(instance);
  }

  /** Writes its announcements anew: an interface or its MAC address has changed. */
  rebuildFrames(instance: Instance): void {
    instance.announcement.garpIntervalUs = instance.config.announce.garpIntervalUs;
    instance.announcement.gnaIntervalUs = instance.config.announce.gnaIntervalUs;
    instance.announcement.build(
      instance.holding,
      this.#parts.links,
      forwardsIpv6,
      (name) => instance.announcesExtra(name),
    );
  }

  #cleared(instance: Instance, source: Uint8Array, nowUs: number): void {
    const { links, transport } = this.#parts;
    const ifindex = links.named(instance.config.interface)!.ifindex;
    const { attachment, router } = instance;
    try {
      if (attachment === null) {
        this.rebuildFrames(instance);
        transport.attach(instance, ifindex, source);
      } else if (attachment.endpoint.ifindex !== ifindex || !sameBytes(attachment.source, source)) {
        transport.reattach(instance, ifindex, source);
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
    transport.fitBuffer(instance, links.named(instance.config.interface)!.mtu);
    router.source = source;
    if (instance.group !== null) this.#clearedInGroup(instance, instance.group, nowUs);
    else {
      instance.obstacle = "";
      if (router.state === "INIT" || router.state === "FAULT") router.ready(nowUs);
    }
    // For a takeover that may come. An owner is Master already: its messages are written when they are sent, and the
    // adverts of those after it do not wait for that.
    if (attachment === null && router.state !== "MASTER") instance.holding.build(links);
  }

  /** Nothing of its own is in the way: the group may still hold it. */
  #clearedInGroup(instance: Instance, group: Group, nowUs: number): void {
    group.ready(nowUs, instance.router);
    const cause = group.obstacle(instance.router);
    const text = cause === null ? "" : `FAULT ${describeCause(cause)}`;
    if (cause !== null && instance.obstacle !== "" && text !== instance.obstacle) {
      this.#still(instance, "FAULT", cause);
    }
    instance.obstacle = text;
  }

  #obstructed(instance: Instance, { state, cause }: Obstacle, nowUs: number): void {
    const text = `${state} ${describeCause(cause)}`;
    const link = this.#parts.links.named(instance.config.interface);
    const { router, group } = instance;
    const before = router.state;
    const canSend = link?.operational ?? false;
    if (group !== null) group.unready(nowUs, router, cause, state, canSend);
    else if (before !== state) router.unready(nowUs, cause, state, canSend);
    if (before === state && text !== instance.obstacle) this.#still(instance, state, cause);
    instance.obstacle = text;
    if (instance.attachment !== null && link?.ifindex !== instance.attachment.endpoint.ifindex) {
      this.#parts.transport.detach(instance);
    }
  }

  /** Still out, for another reason: status and log say which. */
  #still({ id, router }: Instance, state: "FAULT" | "INIT", cause: Cause): void {
    this.#parts.post({
      type: "state",
      id,
      state,
      cause,
      priority: router.effectivePriority,
      atUs: realtimeUs(),
    });
  }

  /** The trackers' results or the base priority may have changed: brings the effective priority up to date. */
  #refreshPriority(instance: Instance, nowUs: number): void {
    if (instance.refreshTrackers(this.#parts.links, this.#parts.bfd)) {
      this.#parts.post({ type: "trackers", id: instance.id, ok: instance.trackers.map((t) => t.ok) });
    }
    const from = instance.router.effectivePriority;
    const to = instance.effectivePriority();
    if (from === to) return;
    this.#parts.post({ type: "priority", id: instance.id, from, to });
    instance.router.setPriority(nowUs, to);
  }
}

/** Whether what stands in the way is that an ipvlan is not there: why it is not says more. */
function lacks(readiness: CanDo, { name }: Missing): boolean {
  if ("source" in readiness) return false;
  const { cause } = readiness;
  return cause.kind === "interface_missing" && cause.interface === name;
}

function unmade({ name, ipvlan, error }: Missing): Obstacle {
  const kind = ipvlan ? "ipvlan_failed" : "vmac_failed";
  return { state: "FAULT", cause: { kind, interface: name, error } };
}
