// The sync groups of the engine: which instance is in which, and what each event of a member leads to.
import type { FromEngine } from "../messages.ts";
import { Group } from "../vrrp/group.ts";
import type { Instance } from "./instance.ts";
import type { Roster } from "./roster.ts";

/** All sync groups by name. A group exists as long as it has members. */
export class Groups {
  readonly #roster: Roster;
  readonly #post: (message: FromEngine) => void;
  readonly #byName = new Map<string, Group>();

  constructor(roster: Roster, post: (message: FromEngine) => void) {
    this.#roster = roster;
    this.#post = post;
  }

  /** Puts an instance into a group, out of the one where it was; null: into none. */
  place(instance: Instance, syncGroup: string | null): void {
    if ((instance.group?.name ?? null) === syncGroup) return;
    this.leave(instance);
    if (syncGroup === null) return;
    let group = this.#byName.get(syncGroup);
    if (group === undefined) {
      group = new Group(syncGroup, ({ name }, state, syncing) => {
        this.#post({ type: "group", name, state, syncing });
      });
      this.#byName.set(syncGroup, group);
    }
    group.join(instance.router, instance.config.name);
    instance.group = group;
  }

  /** Takes an instance out of its group: it goes its own way, or ends. */
  leave(instance: Instance): void {
    const { group } = instance;
    if (group === null) return;
    group.leave(instance.router);
    instance.group = null;
    if (group.size === 0) this.#byName.delete(group.name);
  }

  /** To be called after whatever the instance's router was given. Moves its deadline, and the others' if need be. */
  settle(instance: Instance, nowUs: number): void {
    this.#roster.rearm(instance);
    const { group } = instance;
    if (group !== null && group.settle(nowUs)) this.rearm(group);
  }

  /** Moves the deadlines of all members to what their routers say now. */
  rearm(group: Group): void {
    for (let i = 0; i < group.size; i++) {
      const member = this.#roster.get(group.router(i).id);
      if (member !== undefined) this.#roster.rearm(member);
    }
  }
}
