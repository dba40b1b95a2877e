// Elections beyond the RFC's state table: learned intervals, delays, changing priorities, rivals, lateness.
import { describe, expect, test } from "bun:test";
import { DOWN, HIGH, LOW, SECOND, SKEW, Trace } from "./trace.ts";

describe("learned interval (version 3)", () => {
  test("each accepted advert sets it, also downwards; priority 0 does not", () => {
    const t = Trace.started();
    t.hear(HIGH, 200, 2 * SECOND);
    expect(t.leftUs).toBe(3 * 2 * SECOND + 2 * SKEW);
    t.hear(HIGH, 0, 10 * SECOND);
    expect(t.leftUs).toBe(2 * SKEW);
    t.hear(HIGH, 200, SECOND / 2);
    expect(t.leftUs).toBe(3 * SECOND / 2 + SKEW / 2);
  });

  test("a discarded advert does not", () => {
    const t = Trace.started();
    t.hear(HIGH, 50, 2 * SECOND);
    expect(t.router.learnedIntervalUs).toBe(SECOND);
  });

  test("as Master our own interval counts; on leaving, that of the winner", () => {
    const t = Trace.started();
    t.hear(HIGH, 200, 2 * SECOND);
    expect(t.expire()[3]).toBe(
      "BACKUP -> MASTER: no advert from 10.0.0.9 for 7.219 s (3 x 2 s + 1.219 s skew)",
    );
    expect([t.router.learnedIntervalUs, t.leftUs]).toEqual([SECOND, SECOND]);
    expect(t.router.masterDownIntervalUs).toBe(DOWN);
    t.hear(HIGH, 200, 4 * SECOND);
    expect(t.leftUs).toBe(4 * DOWN);
  });

  test("version 2 keeps its own, whatever the advert says", () => {
    const t = Trace.started({ version: 2 });
    t.hear(HIGH, 200, 2 * SECOND);
    expect([t.router.learnedIntervalUs, t.leftUs]).toEqual([SECOND, DOWN]);
  });

  test("down_timer_adverts", () => {
    const t = Trace.started({ downTimerAdverts: 5 });
    expect(t.leftUs).toBe(5 * SECOND + SKEW);
    expect(t.expire()[3]).toBe("BACKUP -> MASTER: no advert heard for 5.609 s (5 x 1 s + 0.609 s skew)");
  });
});

describe("preempt_delay", () => {
  const delayed = { preemptDelayUs: 10 * SECOND };

  test("a lower master is tolerated until it is over, then preempted", () => {
    const t = Trace.started(delayed);
    for (let i = 0; i < 10; i++) {
      t.hear(LOW, 50);
      expect(t.leftUs).toBe(DOWN);
      t.wait(SECOND);
    }
    const dueUs = t.router.dueUs;
    t.hear(LOW, 50);
    expect(t.router.dueUs).toBe(dueUs);
    t.wait(SECOND);
    t.hear(LOW, 50);
    expect(t.expire()[3]).toBe("BACKUP -> MASTER: our priority 100 is above 50 of 10.0.0.1");
  });

  test("nobody waits for it when there is no master", () => {
    const t = Trace.started(delayed);
    expect(t.leftUs).toBe(DOWN);
    t.hear(LOW, 50);
    expect(t.leftUs).toBe(DOWN);
    expect(t.expire()[3]).toBe(
      "BACKUP -> MASTER: no advert from 10.0.0.1 for 3.609 s (3 x 1 s + 0.609 s skew)",
    );
  });

  test("its begin and its end before time are told once", () => {
    const t = Trace.started(delayed);
    expect(t.hear(LOW, 50)).toEqual(["delay begins", "master 1 50"]);
    expect(t.hear(LOW, 50)).toEqual([]);
    expect(t.hear(HIGH, 200)).toEqual(["delay ends", "master 9 200"]);
    expect(t.hear(HIGH, 200)).toEqual([]);
  });

  test("nor after priority 0", () => {
    const t = Trace.started(delayed);
    t.hear(LOW, 50);
    t.hear(LOW, 0);
    expect(t.leftUs).toBe(SKEW);
  });

  test("an advert that is not lower clears it", () => {
    const t = Trace.started(delayed);
    t.hear(LOW, 50);
    t.wait(9 * SECOND);
    t.hear(LOW, 100);
    t.wait(2 * SECOND);
    t.hear(LOW, 50);
    expect(t.leftUs).toBe(DOWN);
  });

  test("it starts anew after each time as Master", () => {
    const t = Trace.started(delayed);
    t.hear(LOW, 50);
    t.expire();
    t.hear(HIGH, 200);
    t.wait(10 * SECOND);
    t.hear(LOW, 50);
    expect(t.leftUs).toBe(DOWN);
  });

  test("an owner does not wait", () => {
    const t = Trace.started({ ...delayed, priority: 254 });
    t.router.change(t.now, { ...t.router.settings, priority: 255 });
    t.router.setPriority(t.now, 255);
    const dueUs = t.router.dueUs;
    t.wait(SECOND);
    t.hear(LOW, 50);
    expect(t.router.dueUs).toBe(dueUs);
  });
});

describe("effective priority", () => {
  test("a Backup's running timer moves by the change of the skew", () => {
    const t = Trace.started();
    t.wait(SECOND);
    t.router.setPriority(t.now, 200);
    expect(t.leftUs).toBe(2 * SECOND + 218_750);
    t.router.setPriority(t.now, 50);
    expect(t.leftUs).toBe(2 * SECOND + 804_687.5);
    t.router.setPriority(t.now, 50);
    expect(t.leftUs).toBe(2 * SECOND + 804_687.5);
    expect(t.take()).toEqual([]);
  });

  test("also after priority 0, and at the start of state MASTER", () => {
    const t = Trace.started();
    t.hear(HIGH, 0);
    t.router.setPriority(t.now, 200);
    expect(t.leftUs).toBe(218_750);
    const first = Trace.started({ startAsMaster: true });
    first.router.setPriority(first.now, 200);
    expect(first.leftUs).toBe(SECOND + 218_750);
  });

  test("a Master says it at once, on top of its schedule", () => {
    const t = Trace.master(), dueUs = t.router.dueUs;
    t.wait(SECOND / 2);
    t.router.setPriority(t.now, 80);
    expect(t.take()).toEqual(["advertise 80", "master 5 80"]);
    expect(t.router.dueUs).toBe(dueUs);
    expect(t.expire()).toEqual(["advertise 80"]);
    expect(t.hear(LOW, 90)[0]).toBe("release");
  });

  test("it decides what is lower", () => {
    const t = Trace.started();
    t.router.setPriority(t.now, 40);
    t.hear(LOW, 50);
    expect(t.leftUs).toBe(3 * SECOND + 843_750);
  });

  test("in FAULT it is only noted", () => {
    const t = new Trace();
    t.router.setPriority(t.now, 80);
    expect([t.take(), t.router.dueUs]).toEqual([[], Infinity]);
    t.router.ready(t.now);
    expect(t.leftUs).toBe(3 * SECOND + 687_500);
  });
});

describe("a discarded master counts again", () => {
  test("when our priority falls to its own or below: no needless takeover", () => {
    const t = Trace.started();
    t.wait(SECOND);
    t.hear(HIGH, 80, 2 * SECOND);
    t.wait(SECOND);
    t.router.setPriority(t.now, 60);
    expect(t.leftUs).toBe(6 * SECOND + 1_531_250 - SECOND);
    expect(t.expire()[3]).toBe(
      "BACKUP -> MASTER: no advert from 10.0.0.9 for 7.531 s (3 x 2 s + 1.531 s skew)",
    );
  });

  test("when preemption is switched off", () => {
    const t = Trace.started();
    t.wait(SECOND);
    t.hear(HIGH, 80);
    t.wait(SECOND);
    t.router.change(t.now, { ...t.router.settings, preempt: false });
    expect(t.leftUs).toBe(DOWN - SECOND);
  });

  test("not while our priority stays above", () => {
    const t = Trace.started();
    const dueUs = t.router.dueUs;
    t.hear(HIGH, 80);
    t.wait(SECOND);
    t.router.setPriority(t.now, 81);
    t.router.setPriority(t.now, 100);
    expect(t.router.dueUs).toBe(dueUs);
    t.hear(HIGH, 0);
    t.router.setPriority(t.now, 60);
    expect(t.leftUs).toBe(765_625);
  });
});

describe("who the master is", () => {
  test("a lower master is followed by name until we take over", () => {
    const t = Trace.started();
    expect(t.hear(LOW, 50)).toEqual(["master 1 50"]);
    expect(t.hear(LOW, 50)).toEqual([]);
    expect(t.hear(LOW, 60)).toEqual(["master 1 60"]);
  });

  test("a lower rival does not hide the master, nor the reason when that one falls silent", () => {
    const t = Trace.started();
    t.hear(HIGH, 200);
    t.wait(SECOND);
    expect(t.hear(LOW, 50)).toEqual([]);
    expect(t.expire()[3]).toBe(
      "BACKUP -> MASTER: no advert from 10.0.0.9 for 3.609 s (3 x 1 s + 0.609 s skew)",
    );
  });

  test("a master whose priority falls below ours is preempted", () => {
    const t = Trace.started();
    t.hear(HIGH, 200);
    expect(t.hear(HIGH, 80)).toEqual(["master 9 80"]);
    expect(t.expire()[3]).toBe("BACKUP -> MASTER: our priority 100 is above 80 of 10.0.0.9");
  });

  test("one that comes back above ours is not", () => {
    const t = Trace.started();
    t.hear(HIGH, 80);
    t.hear(HIGH, 200);
    expect(t.expire()[3]).toBe(
      "BACKUP -> MASTER: no advert from 10.0.0.9 for 3.609 s (3 x 1 s + 0.609 s skew)",
    );
  });

  test("lateness is in the reason", () => {
    const t = Trace.started();
    t.hear(HIGH, 200);
    const line = t.expire(SECOND / 4)[3];
    expect(line).toBe("BACKUP -> MASTER: no advert from 10.0.0.9 for 3.859 s (3 x 1 s + 0.609 s skew)");
  });
});

describe("the schedule of a Master", () => {
  test("lateness below an interval does not add up", () => {
    const t = Trace.master(), firstUs = t.router.dueUs;
    for (let i = 0; i < 100; i++) expect(t.expire(SECOND / 3)).toEqual(["advertise 100"]);
    expect(t.router.dueUs).toBe(firstUs + 100 * SECOND);
  });

  test("later than an interval: one advert, and a new schedule", () => {
    const t = Trace.master();
    expect(t.expire(7.3 * SECOND)).toEqual(["advertise 100"]);
    expect(t.leftUs).toBe(SECOND);
  });

  test("a flood of losing adverts is answered some times in an interval, not each", () => {
    const t = Trace.master();
    let answers = 0, announcements = 0;
    for (let i = 0; i < 1000; i++) {
      t.wait(SECOND / 1000);
      for (const line of t.hear(LOW, 50)) {
        if (line === "advertise 100") answers++;
        else if (line === "announce rival") announcements++;
        else throw new Error(line);
      }
    }
    expect([answers, announcements]).toEqual([15, 16]);
  });

  test("lower_prio_no_advert: announced, not answered", () => {
    const t = Trace.master({ lowerPriorityAdvert: false });
    t.wait(SECOND / 2);
    expect(t.hear(LOW, 50)).toEqual(["announce rival"]);
  });
});
