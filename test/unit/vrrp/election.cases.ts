// The state table of RFC 3768, 5798 and 9568 section 6.4, row by row; run for each version and family.
import { describe, expect, test } from "bun:test";
import type { Family } from "../../../src/vrrp/address.ts";
import { DOWN, HIGH, LOW, OWN, SECOND, SKEW, Trace } from "./trace.ts";

export function stateTable(version: 2 | 3, family: Family): void {
  const base = { version, family };
  const from = (who: typeof LOW) => who[family];

  describe(`version ${version}, ${family}`, () => {
    describe("Initialize", () => {
      test("startup of an owner: Master at once", () => {
        const t = new Trace({ ...base, priority: 255 });
        t.router.ready(t.now);
        expect(t.take()).toEqual([
          "advertise 255",
          "hold",
          "announce master",
          "INIT -> MASTER: this router owns the addresses (priority 255)",
          "master 5 255",
        ]);
        expect(t.leftUs).toBe(SECOND);
      });

      test("startup: Backup, waiting for Master_Down_Interval", () => {
        const t = new Trace(base);
        expect([t.router.state, t.router.dueUs]).toEqual(["INIT", Infinity]);
        t.router.ready(t.now);
        expect(t.take()).toEqual(["INIT -> BACKUP: started"]);
        expect(t.router.state).toBe("BACKUP");
        expect(t.leftUs).toBe(DOWN);
      });

      test("adverts and timers: ignored", () => {
        const t = new Trace(base);
        expect(t.hear(HIGH, 200)).toEqual([]);
        expect(t.hear(LOW, 0)).toEqual([]);
        t.router.expire(t.now);
        expect(t.take()).toEqual([]);
        expect([t.router.state, t.router.dueUs, t.router.hasMaster]).toEqual(["INIT", Infinity, false]);
      });
    });

    describe("Backup", () => {
      test("shutdown: Initialize", () => {
        const t = Trace.started(base);
        t.router.shutdown(t.now, { kind: "shutdown" });
        expect(t.take()).toEqual(["BACKUP -> INIT: shutdown", "left"]);
        expect(t.router.dueUs).toBe(Infinity);
      });

      test("Master_Down_Timer fires: advert, addresses, announcement, Master", () => {
        const t = Trace.started(base);
        expect(t.expire()).toEqual([
          "advertise 100",
          "hold",
          "announce master",
          "BACKUP -> MASTER: no advert heard for 3.609 s (3 x 1 s + 0.609 s skew)",
          "master 5 100",
        ]);
        expect(t.router.state).toBe("MASTER");
        expect(t.leftUs).toBe(SECOND);
      });

      test("it does not fire early", () => {
        const t = Trace.started(base);
        t.router.expire(t.router.dueUs - 0.5);
        expect([t.router.state, t.take()]).toEqual(["BACKUP", []]);
      });

      test("priority 0: Master_Down_Timer becomes Skew_Time", () => {
        const t = Trace.started(base);
        expect(t.hear(HIGH, 200)).toEqual(["master 9 200"]);
        t.wait(SECOND / 2);
        expect(t.hear(HIGH, 0)).toEqual(["no master"]);
        expect(t.leftUs).toBe(SKEW);
        expect(t.expire()[3]).toBe(`BACKUP -> MASTER: ${from(HIGH)} has resigned (priority 0)`);
      });

      for (const priority of [100, 101, 254, 255]) {
        test(`priority ${priority} against our 100: the timer starts anew`, () => {
          const t = Trace.started(base);
          t.wait(2 * SECOND);
          expect(t.hear(LOW, priority)).toEqual([`master 1 ${priority}`]);
          expect(t.leftUs).toBe(DOWN);
          t.wait(SECOND);
          expect(t.hear(LOW, priority)).toEqual([]);
          expect(t.leftUs).toBe(DOWN);
        });
      }

      test("a lower priority without preemption: the timer starts anew", () => {
        const t = Trace.started({ ...base, preempt: false });
        t.wait(2 * SECOND);
        expect(t.hear(HIGH, 1)).toEqual(["master 9 1"]);
        expect(t.leftUs).toBe(DOWN);
      });

      test("a lower priority with preemption: the timer goes on, and we take over", () => {
        const t = Trace.started(base);
        const dueUs = t.router.dueUs;
        for (let i = 0; i < 3; i++) {
          t.wait(SECOND);
          t.hear(HIGH, 99);
          expect(t.router.dueUs).toBe(dueUs);
        }
        expect(t.expire()[3]).toBe(`BACKUP -> MASTER: our priority 100 is above 99 of ${from(HIGH)}`);
      });

      test("an owner preempts whatever the flag says", () => {
        const t = Trace.started({ ...base, priority: 254, preempt: false });
        t.router.change(t.now, { ...t.router.settings, priority: 255 });
        t.router.setPriority(t.now, 255);
        const dueUs = t.router.dueUs;
        t.wait(SECOND);
        t.hear(HIGH, 254);
        expect(t.router.dueUs).toBe(dueUs);
      });
    });

    describe("Master", () => {
      test("Adver_Timer fires: advert, and again after an interval", () => {
        const t = Trace.master(base);
        const firstUs = t.router.dueUs;
        for (let i = 0; i < 5; i++) {
          expect(t.expire()).toEqual(["advertise 100"]);
          expect(t.leftUs).toBe(SECOND);
        }
        expect(t.router.dueUs).toBe(firstUs + 5 * SECOND);
      });

      test("priority 0: advert at once, and the interval from here", () => {
        const t = Trace.master(base);
        t.wait(SECOND / 4);
        expect(t.hear(HIGH, 0)).toEqual(["advertise 100"]);
        expect(t.leftUs).toBe(SECOND);
        expect(t.router.state).toBe("MASTER");
      });

      test("a higher priority: Backup, the addresses go first", () => {
        const t = Trace.master(base);
        expect(t.hear(LOW, 101)).toEqual([
          "release",
          `MASTER -> BACKUP: ${from(LOW)} has priority 101, above our 100`,
          "master 1 101",
        ]);
        expect(t.leftUs).toBe(DOWN);
      });

      test("the same priority from a higher address: Backup", () => {
        const t = Trace.master(base);
        expect(t.hear(HIGH, 100)).toEqual([
          "release",
          `MASTER -> BACKUP: ${from(HIGH)} has the same priority 100 and a higher address`,
          "master 9 100",
        ]);
        expect(t.leftUs).toBe(DOWN);
      });

      for (const [who, priority] of [[LOW, 100], [LOW, 99], [HIGH, 99], [HIGH, 1]] as const) {
        test(`${from(who)} with ${priority} loses: it is answered, and the timer goes on`, () => {
          const t = Trace.master(base);
          const dueUs = t.router.dueUs;
          t.wait(SECOND / 2);
          expect(t.hear(who, priority)).toEqual(["advertise 100", "announce rival"]);
          expect([t.router.state, t.router.dueUs]).toEqual(["MASTER", dueUs]);
        });
      }

      test("the same priority and address: neither wins", () => {
        const t = Trace.master(base);
        const dueUs = t.router.dueUs;
        expect(t.hear(OWN, 100)).toEqual([]);
        expect([t.router.state, t.router.dueUs]).toEqual(["MASTER", dueUs]);
      });

      test("two owners: the higher address wins", () => {
        const t = Trace.master({ ...base, priority: 255 });
        expect(t.hear(LOW, 255)).toEqual(
          ["advertise 255", "announce rival"].slice(t.leftUs === SECOND ? 1 : 0),
        );
        expect(t.hear(HIGH, 255)[0]).toBe("release");
        expect(t.router.state).toBe("BACKUP");
        expect(t.leftUs).toBe(3 * SECOND + SECOND / 256);
      });

      test("shutdown: priority 0, then it holds on until the successor is heard", () => {
        const t = Trace.master(base);
        t.router.shutdown(t.now, { kind: "shutdown" });
        expect(t.take()).toEqual(["advertise 0"]);
        expect([t.router.state, t.router.lingering]).toEqual(["MASTER", true]);
        expect(t.leftUs).toBe(SKEW + SECOND);
        t.wait(SECOND / 2);
        expect(t.hear(LOW, 50)).toEqual([]);
        expect(t.expire()).toEqual(["release", "MASTER -> INIT: shutdown", "no master", "left"]);
        expect([t.router.lingering, t.router.dueUs]).toEqual([false, Infinity]);
      });
    });
  });
}
