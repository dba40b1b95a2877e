// The life of a router beyond the RFC's state table: start, faults, reloads in place, leaving.
import { describe, expect, test } from "bun:test";
import { HANDOVER_US } from "../../../src/vrrp/timers.ts";
import { DOWN, HIGH, LOW, SECOND, SKEW, Trace } from "./trace.ts";

describe("start", () => {
  test("state MASTER: the first timeout after one interval and the skew", () => {
    const t = Trace.started({ startAsMaster: true });
    expect(t.router.state).toBe("BACKUP");
    expect(t.leftUs).toBe(SECOND + SKEW);
    expect(t.expire()[3]).toBe("BACKUP -> MASTER: no advert heard for 1.609 s (1 x 1 s + 0.609 s skew)");
  });

  test("state MASTER matters only at start", () => {
    const t = Trace.started({ startAsMaster: true });
    t.hear(HIGH, 200);
    expect(t.leftUs).toBe(DOWN);
    t.router.unready(t.now, { kind: "interface_down", interface: "eth0" }, "FAULT", false);
    t.router.ready(t.now);
    expect(t.leftUs).toBe(DOWN);
    const late = new Trace({ startAsMaster: true });
    late.router.unready(late.now, { kind: "interface_missing", interface: "eth0" }, "FAULT", false);
    late.router.ready(late.now);
    expect(late.leftUs).toBe(DOWN);
    const waiting = new Trace({ startAsMaster: true });
    waiting.router.ready(waiting.now);
    waiting.router.unready(waiting.now, { kind: "script_pending", script: "s" }, "INIT", false);
    waiting.router.ready(waiting.now);
    expect(waiting.leftUs).toBe(DOWN);
  });

  test("ready again changes nothing", () => {
    const t = Trace.started(), dueUs = t.router.dueUs;
    t.wait(SECOND);
    t.router.ready(t.now);
    expect([t.take(), t.router.dueUs]).toEqual([[], dueUs]);
    const master = Trace.master();
    master.router.ready(master.now);
    expect([master.take(), master.router.state]).toEqual([[], "MASTER"]);
  });
});

describe("fault", () => {
  const down = { kind: "interface_down", interface: "eth0" } as const;

  test("a Master that can send resigns, and lets go at once", () => {
    const t = Trace.master();
    t.router.unready(t.now, { kind: "script_failed", script: "check" }, "FAULT", true);
    expect(t.take()).toEqual(["advertise 0", "release", "MASTER -> FAULT: script check failed", "no master"]);
    expect(t.router.dueUs).toBe(Infinity);
  });

  test("a Master that cannot send lets go", () => {
    const t = Trace.master();
    t.router.unready(t.now, down, "FAULT", false);
    expect(t.take()).toEqual(["release", "MASTER -> FAULT: interface eth0 is down", "no master"]);
  });

  test("a Backup, a router that waits, and one that is in it already", () => {
    const t = Trace.started();
    t.hear(HIGH, 200);
    t.router.unready(t.now, down, "FAULT", true);
    expect(t.take()).toEqual(["BACKUP -> FAULT: interface eth0 is down", "no master"]);
    t.router.unready(t.now, { kind: "script_failed", script: "check" }, "FAULT", true);
    expect(t.take()).toEqual([]);
    const waiting = new Trace();
    waiting.router.unready(waiting.now, { kind: "script_pending", script: "s" }, "INIT", true);
    expect(waiting.take()).toEqual([]);
    waiting.router.unready(waiting.now, down, "FAULT", true);
    expect(waiting.take()).toEqual(["INIT -> FAULT: interface eth0 is down"]);
  });

  test("adverts and timers are ignored", () => {
    const t = Trace.master();
    t.router.unready(t.now, down, "FAULT", false);
    t.take();
    expect([...t.hear(LOW, 0), ...t.hear(LOW, 50), ...t.hear(HIGH, 200)]).toEqual([]);
    t.router.expire(t.now + 100 * SECOND);
    expect([t.take(), t.router.state, t.router.dueUs]).toEqual([[], "FAULT", Infinity]);
  });

  test("recovery: Backup with a fresh Master_Down_Interval and its own interval", () => {
    const t = Trace.started();
    t.hear(HIGH, 200, SECOND / 2);
    t.router.unready(t.now, down, "FAULT", false);
    t.take();
    t.wait(10 * SECOND);
    t.router.ready(t.now);
    expect(t.take()).toEqual(["FAULT -> BACKUP: the fault is gone"]);
    expect(t.leftUs).toBe(DOWN);
    expect(t.expire()[3]).toBe("BACKUP -> MASTER: no advert heard for 3.609 s (3 x 1 s + 0.609 s skew)");
  });

  test("recovery of an owner: Master at once", () => {
    const t = Trace.master({ priority: 255 });
    t.router.unready(t.now, down, "FAULT", false);
    t.take();
    t.router.ready(t.now);
    expect(t.take()).toEqual([
      "advertise 255",
      "hold",
      "announce master",
      "FAULT -> MASTER: the fault is gone",
      "master 5 255",
    ]);
  });
});

describe("reload in place", () => {
  test("the same settings change nothing", () => {
    for (const t of [Trace.started(), Trace.master(), new Trace()]) {
      const dueUs = t.router.dueUs;
      t.wait(SECOND / 2);
      t.router.change(t.now, { ...t.router.settings });
      expect([t.take(), t.router.dueUs]).toEqual([[], dueUs]);
    }
  });

  test("a Master's new interval goes out at once, before the others' timers run out", () => {
    const t = Trace.master();
    t.wait(SECOND / 2);
    t.router.change(t.now, { ...t.router.settings, advertIntervalUs: 10 * SECOND });
    expect(t.take()).toEqual(["advertise 100"]);
    expect(t.leftUs).toBe(10 * SECOND);
    expect(t.router.masterDownIntervalUs).toBe(10 * DOWN);
  });

  test("a Backup keeps what its master told it", () => {
    const t = Trace.started();
    t.hear(HIGH, 200, 2 * SECOND);
    const dueUs = t.router.dueUs;
    t.router.change(t.now, { ...t.router.settings, advertIntervalUs: 10 * SECOND });
    expect([t.router.dueUs, t.router.learnedIntervalUs]).toEqual([dueUs, 2 * SECOND]);
  });

  test("a Backup that heard nobody takes the new interval, its waiting so far counts", () => {
    const t = Trace.started();
    t.wait(SECOND);
    t.router.change(t.now, { ...t.router.settings, advertIntervalUs: 2 * SECOND });
    expect(t.leftUs).toBe(2 * DOWN - SECOND);
    t.router.change(t.now, { ...t.router.settings, downTimerAdverts: 4 });
    expect(t.leftUs).toBe(2 * DOWN - SECOND + 2 * SECOND);
  });

  test("version 2 always runs by the configured interval", () => {
    const t = Trace.started({ version: 2 });
    t.hear(HIGH, 200);
    t.router.change(t.now, { ...t.router.settings, advertIntervalUs: 2 * SECOND });
    expect(t.leftUs).toBe(6 * SECOND + SKEW);
  });

  test("nopreempt taken away: the next lower advert is discarded", () => {
    const t = Trace.started({ preempt: false });
    t.hear(LOW, 50);
    t.router.change(t.now, { ...t.router.settings, preempt: true });
    const dueUs = t.router.dueUs;
    t.wait(SECOND);
    t.hear(LOW, 50);
    expect(t.router.dueUs).toBe(dueUs);
  });

  test("a shorter preempt_delay starts anew", () => {
    const t = Trace.started({ preemptDelayUs: 1000 * SECOND });
    t.hear(LOW, 50);
    t.router.change(t.now, { ...t.router.settings, preemptDelayUs: 2 * SECOND });
    t.hear(LOW, 50);
    expect(t.leftUs).toBe(DOWN);
    t.wait(2 * SECOND);
    t.hear(LOW, 50);
    expect(t.leftUs).toBe(DOWN - 2 * SECOND);
  });
});

describe("leaving", () => {
  function lingering(): Trace {
    const t = Trace.master();
    t.router.shutdown(t.now, { kind: "removed" });
    expect(t.take()).toEqual(["advertise 0"]);
    return t;
  }
  const gone = ["release", "MASTER -> INIT: removed from the configuration", "no master", "left"];

  test("nobody takes over: it lets go after Skew_Time and one interval", () => {
    const t = lingering();
    expect(t.leftUs).toBe(SKEW + SECOND);
    expect(t.expire()).toEqual(gone);
  });

  test("that is after the last backup's skew, for any two priorities", () => {
    for (const version of [2, 3] as const) {
      for (const priority of [1, 100, 254]) {
        const t = Trace.master({ version, priority });
        t.router.shutdown(t.now, { kind: "shutdown" });
        expect(t.leftUs).toBeGreaterThan(SECOND * 255 / 256);
      }
    }
  });

  test("others that resign are no successor", () => {
    const t = lingering();
    expect(t.hear(HIGH, 0)).toEqual([]);
    expect(t.router.lingering).toBe(true);
    expect(t.hear(HIGH, 1)).toEqual([]);
    expect(t.leftUs).toBe(HANDOVER_US);
    // Further adverts do not prolong it.
    expect(t.hear(HIGH, 1)).toEqual([]);
    expect(t.expire()).toEqual(gone);
  });

  test("a fault ends it at once", () => {
    const t = lingering();
    t.router.unready(t.now, { kind: "interface_down", interface: "eth0" }, "FAULT", true);
    expect(t.take()).toEqual(gone);
    expect(t.router.state).toBe("INIT");
  });

  test("meanwhile nothing else happens", () => {
    const t = lingering(), dueUs = t.router.dueUs;
    t.router.ready(t.now);
    t.router.setPriority(t.now, 200);
    t.router.change(t.now, { ...t.router.settings, advertIntervalUs: 5 * SECOND });
    t.router.shutdown(t.now, { kind: "shutdown" });
    expect([t.take(), t.router.dueUs, t.router.state]).toEqual([[], dueUs, "MASTER"]);
  });

  test("from FAULT and INIT it is at once", () => {
    const t = new Trace();
    t.router.shutdown(t.now, { kind: "removed" });
    expect(t.take()).toEqual(["left"]);
    const fault = new Trace();
    fault.router.unready(fault.now, { kind: "interface_down", interface: "eth0" }, "FAULT", false);
    fault.take();
    fault.router.shutdown(fault.now, { kind: "removed" });
    expect(fault.take()).toEqual(["FAULT -> INIT: removed from the configuration", "left"]);
  });
});
