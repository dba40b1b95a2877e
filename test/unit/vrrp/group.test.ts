// Sync groups step by step: who moves whom, in which order, and what the group tells.
import { expect, test } from "bun:test";
import { Group } from "../../../src/vrrp/group.ts";
import type { RouterSettings } from "../../../src/vrrp/router.ts";
import { HIGH, LOW, SECOND, Trace } from "./trace.ts";

/** A group of routers on one clock. */
function grouped(...changes: Partial<RouterSettings>[]): { group: Group; members: Trace[]; told: string[] } {
  const told: string[] = [];
  const group = new Group("G", (_, state, syncing) => told.push(syncing ? `${state} syncing` : state));
  const members = changes.map((each) => new Trace(each));
  members.forEach((member, i) => group.join(member.router, `VI_${i + 1}`));
  return { group, members, told };
}

function started(...changes: Partial<RouterSettings>[]): ReturnType<typeof grouped> {
  const all = grouped(...changes);
  for (const { router, now } of all.members) all.group.ready(now, router);
  for (const member of all.members) member.take();
  return all;
}

function states(members: Trace[]): string[] {
  return members.map(({ router }) => router.state);
}

/** Lets the timer of a member expire, and the group see to it. */
function expire(group: Group, members: Trace[], at: number): void {
  const nowUs = members[at]!.router.dueUs;
  for (const member of members) member.now = nowUs;
  members[at]!.router.expire(nowUs);
  group.settle(nowUs);
}

test("nobody starts before every member has been looked at", () => {
  const { group, members, told } = grouped({}, {});
  group.ready(members[0]!.now, members[0]!.router);
  expect(states(members)).toEqual(["INIT", "INIT"]);
  group.ready(members[1]!.now, members[1]!.router);
  expect(states(members)).toEqual(["BACKUP", "BACKUP"]);
  expect(told).toEqual(["BACKUP"]);
});

test("one at fault at the start keeps all in fault", () => {
  const { group, members, told } = grouped({}, {});
  const [first, second] = members as [Trace, Trace];
  group.unready(first.now, first.router, { kind: "interface_down", interface: "e" }, "FAULT", false);
  group.ready(second.now, second.router);
  expect(first.take()).toEqual(["INIT -> FAULT: interface e is down"]);
  expect(second.take()).toEqual(["INIT -> FAULT: VI_1 of sync group G cannot take part"]);
  expect(group.obstacle(second.router)).toMatchObject({ kind: "group_fault", member: "VI_1" });
  expect(told).toEqual(["FAULT"]);
});

test("a member whose timer expires waits until the other's has, and asks each interval", () => {
  const { group, members, told } = started({ priority: 200 }, { priority: 50 });
  const [first] = members as [Trace, Trace];
  expire(group, members, 0);
  expect(states(members)).toEqual(["BACKUP", "BACKUP"]);
  expect(first.take()).toEqual([]);
  expect(first.router.wantsMaster).toBe(true);
  expect(first.leftUs).toBe(SECOND);
  expire(group, members, 1);
  expect(states(members)).toEqual(["MASTER", "MASTER"]);
  expect(first.take().filter((line) => /advertise|hold|->/.test(line))).toEqual([
    "advertise 200",
    "hold",
    expect.stringContaining("BACKUP -> MASTER: no advert heard for 3.805 s"),
  ]);
  expect(told).toEqual(["BACKUP", "MASTER syncing"]);
});

test("an accepted advert ends the wish, a discarded one does not", () => {
  const { group, members } = started({ priority: 200 }, { priority: 50 });
  const [first] = members as [Trace, Trace];
  expire(group, members, 0);
  first.hear(LOW, 100);
  expect(first.router.wantsMaster).toBe(true);
  first.hear(LOW, 220);
  expect(first.router.wantsMaster).toBe(false);
  expire(group, members, 1);
  expect(states(members)).toEqual(["BACKUP", "BACKUP"]);
});

test("one that yields takes the other along, which resigns and waits its full time", () => {
  const { group, members, told } = started({}, {});
  const [first, second] = members as [Trace, Trace];
  expire(group, members, 0);
  expire(group, members, 1);
  for (const member of members) member.take();
  first.hear(HIGH, 100);
  group.settle(first.now);
  expect(states(members)).toEqual(["BACKUP", "BACKUP"]);
  expect(second.take()).toEqual([
    "advertise 0",
    "no master",
    "release",
    "MASTER -> BACKUP: VI_1 of sync group G is not master",
  ]);
  expect(second.leftUs).toBe(second.router.masterDownIntervalUs);
  expect(told.at(-1)).toBe("BACKUP syncing");
});

test("a fault is over when it is over for all, and those that wait for a script hold the others back", () => {
  const { group, members, told } = started({}, {}, {});
  const [first, second, third] = members as [Trace, Trace, Trace];
  const down = { kind: "interface_down", interface: "e" } as const;
  const nowUs = first.now;
  group.unready(nowUs, first.router, down, "FAULT", true);
  group.unready(nowUs, second.router, down, "FAULT", true);
  expect(states(members)).toEqual(["FAULT", "FAULT", "FAULT"]);
  group.ready(nowUs, first.router);
  expect(states(members)).toEqual(["FAULT", "FAULT", "FAULT"]);
  group.unready(nowUs, second.router, { kind: "script_pending", script: "s" }, "INIT", true);
  expect(states(members)).toEqual(["FAULT", "INIT", "FAULT"]);
  group.ready(nowUs, second.router);
  expect(states(members)).toEqual(["BACKUP", "BACKUP", "BACKUP"]);
  expect(third.leftUs).toBe(third.router.masterDownIntervalUs);
  expect(told).toEqual(["BACKUP", "FAULT syncing", "BACKUP syncing"]);
});

test("owners of a group are Master at once, together, and not while another is not", () => {
  const owners = grouped({ priority: 255 }, { priority: 255 });
  for (const { router, now } of owners.members) owners.group.ready(now, router);
  expect(states(owners.members)).toEqual(["MASTER", "MASTER"]);
  expect(owners.members[0]!.take().at(-2)).toContain("owns the addresses");
  const mixed = started({ priority: 255 }, { priority: 100 });
  expect(states(mixed.members)).toEqual(["BACKUP", "BACKUP"]);
  expire(mixed.group, mixed.members, 1);
  expect(states(mixed.members)).toEqual(["MASTER", "MASTER"]);
});

test("a member that leaves the group goes its own way, and the group forgets when it is empty", () => {
  const { group, members } = started({ priority: 200 }, { priority: 50 });
  const [first, second] = members as [Trace, Trace];
  expire(group, members, 0);
  group.leave(first.router);
  first.expire();
  expect(states(members)).toEqual(["MASTER", "BACKUP"]);
  group.settle(first.now);
  expect(states(members)).toEqual(["MASTER", "BACKUP"]);
  group.leave(second.router);
  expect([group.size, group.state]).toEqual([0, "INIT"]);
});

test("routers that a reload joins keep their state when they agree, else a Master yields", () => {
  const same = [Trace.master(), Trace.master()], told: string[] = [];
  const group = new Group("G", (_, state, syncing) => told.push(`${state} ${syncing}`));
  same.forEach((member, i) => group.join(member.router, `VI_${i}`));
  group.settle(same[0]!.now);
  expect([...states(same), ...told]).toEqual(["MASTER", "MASTER", "MASTER false"]);
  const mixed = [Trace.master(), Trace.started()], other = new Group("H", () => {});
  mixed.forEach((member, i) => other.join(member.router, `VI_${i}`));
  other.settle(mixed[0]!.now);
  expect(states(mixed)).toEqual(["BACKUP", "BACKUP"]);
});
