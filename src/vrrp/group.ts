// A sync group: virtual routers of one machine that are Master together or not at all.
import type { Companions, State } from "./effects.ts";
import type { Cause } from "./reason.ts";
import type { Router } from "./router.ts";

/** What a group tells: its own state, and whether it has moved members to reach it. */
export type GroupChanged = (group: Group, state: State, syncing: boolean) => void;

/** A member, and what its own machine says of it. */
interface Member {
  router: Router;
  name: string;
  /** Unknown: not looked at yet. */
  standing: "unknown" | "able" | "FAULT" | "INIT";
  /** Why it stands aside. */
  cause: Cause | null;
  canSend: boolean;
  /** It was Master when the group was last looked at. */
  led: boolean;
}

/**
 * Members say through `ready` and `unready` whether they could take part; the group passes it on to the routers. One
 * at fault puts all at fault. A member whose timer expires waits in Backup until all the others want to be Master too.
 * One that stops being Master takes the others along. `settle` has to be called after whatever a router was given
 * (adverts, deadlines, priorities, settings); it allocates nothing unless a state changes.
 */
export class Group implements Companions {
  readonly name: string;
  state: State = "INIT";
  readonly #members: Member[] = [];
  readonly #changed: GroupChanged;

  constructor(name: string, changed: GroupChanged) {
    this.name = name;
    this.#changed = changed;
  }

  get size(): number {
    return this.#members.length;
  }

  /** The member at a place, from 0; in the order in which they joined. */
  router(at: number): Router {
    return this.#members[at]!.router;
  }

  /** A router joins in whatever state it is. */
  join(router: Router, name: string): void {
    const standing = router.state === "INIT" || router.state === "FAULT" ? "unknown" : "able";
    this.#members.push({
      router,
      name,
      standing,
      cause: null,
      canSend: true,
      led: router.state === "MASTER",
    });
    router.companions = this;
  }

  /** A router leaves: it is removed, or resigns because the daemon stops. The others stay as they are. */
  leave(router: Router): void {
    const at = this.#members.findIndex((member) => member.router === router);
    if (at < 0) return;
    this.#members.splice(at, 1);
    router.companions = null;
    if (this.#members.length === 0) this.state = "INIT";
  }

  mayLead(router: Router): boolean {
    if (this.state === "MASTER") return true;
    for (let i = 0; i < this.#members.length; i++) {
      const other = this.#members[i]!.router;
      if (other !== router && other.state !== "MASTER" && !other.wantsMaster) return false;
    }
    return true;
  }

  /** Nothing stands in the way of this member itself. */
  ready(nowUs: number, router: Router): void {
    const member = this.#find(router);
    member.standing = "able";
    member.cause = null;
    this.#resolve(nowUs);
  }

  /** Something stands in the way of this member: as Router.unready. */
  unready(nowUs: number, router: Router, cause: Cause, state: "FAULT" | "INIT", canSend: boolean): void {
    const member = this.#find(router);
    member.standing = state;
    member.cause = cause;
    member.canSend = canSend;
    this.#resolve(nowUs);
  }

  /** Why a member that could take part does not: another one; null if nothing of the group holds it in FAULT. */
  obstacle(router: Router): Cause | null {
    const holding = this.#holding(router);
    return holding === undefined ? null : this.#because("group_fault", holding);
  }

  /** Brings the members in line with each other. Returns whether any of them was moved. */
  settle(nowUs: number): boolean {
    const moved = this.state === "MASTER" ? this.#checkMaster(nowUs) : this.#checkBackup(nowUs);
    for (let i = 0; i < this.#members.length; i++) {
      const member = this.#members[i]!;
      member.led = member.router.state === "MASTER";
    }
    return moved;
  }

  /** A Master group: one that was Master and no longer is takes the others along. */
  #checkMaster(nowUs: number): boolean {
    for (let i = 0; i < this.#members.length; i++) {
      const member = this.#members[i]!;
      if (member.led && member.router.state !== "MASTER") return this.#yieldTo(member, nowUs);
    }
    return false;
  }

  /** A group that is not Master: one member has become Master because all wanted to, so the others follow. */
  #checkBackup(nowUs: number): boolean {
    let masters = 0;
    let reluctant: Member | null = null;
    for (let i = 0; i < this.#members.length; i++) {
      const member = this.#members[i]!;
      if (member.router.state === "MASTER") masters++;
      else if (!member.router.wantsMaster) reluctant = member;
    }
    if (masters === 0) return false;
    // Routers that a reload has put into one group may differ.
    if (reluctant !== null) return this.#yieldTo(reluctant, nowUs);
    this.#enter("MASTER", masters < this.#members.length || this.state !== "INIT");
    for (const { router } of this.#members) router.lead(nowUs);
    return true;
  }

  #yieldTo(member: Member, nowUs: number): boolean {
    // A fault is told as such.
    if (this.state !== "FAULT") this.#enter("BACKUP", true);
    const cause = this.#because("group_backup", member);
    for (const { router } of this.#members) router.yield(nowUs, cause);
    return true;
  }

  /** Passes on what the members have said, once each of them has. */
  #resolve(nowUs: number): void {
    if (this.#members.some(({ standing }) => standing === "unknown")) return;
    for (const { router, standing, cause, canSend } of this.#members) {
      if (standing === "FAULT" || standing === "INIT") router.unready(nowUs, cause!, standing, canSend);
    }
    const faulty = this.#members.find(({ standing }) => standing === "FAULT");
    if (faulty !== undefined) this.#enter("FAULT", this.state !== "INIT");
    // Before the members say so themselves, as keepalived's notifications have it.
    else if (this.#starts) this.#enter("BACKUP", this.state === "FAULT");
    for (const { router, standing } of this.#members) {
      if (standing !== "able") continue;
      if (faulty !== undefined) {
        router.unready(nowUs, this.#because("group_fault", faulty), "FAULT", true);
      } else if (this.#holding(router) === undefined) router.ready(nowUs);
    }
    this.settle(nowUs);
  }

  /** The group has not run, or was at fault, and nothing stands in its way any more. */
  get #starts(): boolean {
    if (this.state !== "INIT" && this.state !== "FAULT") return false;
    return this.#members.every(({ router, standing }) => standing === "able" && router.state !== "MASTER");
  }

  /** Another member that keeps this one in FAULT: one at fault or, until the first is back, one that waits. */
  #holding(router: Router): Member | undefined {
    const others = this.#members.filter((member) => member.router !== router);
    const faulty = others.find(({ standing }) => standing === "FAULT");
    if (faulty !== undefined || router.state !== "FAULT") return faulty;
    return others.find(({ standing }) => standing === "INIT");
  }

  #because(kind: "group_fault" | "group_backup", member: Member): Cause {
    return { kind, group: this.name, member: member.name };
  }

  #enter(state: State, syncing: boolean): void {
    if (this.state === state) return;
    this.state = state;
    this.#changed(this, state, syncing);
  }

  #find(router: Router): Member {
    return this.#members.find((member) => member.router === router)!;
  }
}
