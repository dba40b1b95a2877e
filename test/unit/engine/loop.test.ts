// The loop's sleep: until the deadline, or no longer when a takeover is at hand.
import { afterEach, expect, test } from "bun:test";
import { monotonicUs } from "../../../native/clock.ts";
import { closeDescriptor } from "../../../native/descriptor.ts";
import { openEventfd, signalEventfd } from "../../../native/eventfd.ts";
import { Loop, type LoopBody } from "../../../src/engine/loop.ts";

const HOUR_US = 3_600_000_000;
const fds: number[] = [];
afterEach(() => fds.splice(0).forEach(closeDescriptor));

function eventfd(): number {
  const fd = openEventfd();
  fds.push(fd);
  return fd;
}

/** Counts what the loop does to it. */
class Body implements LoopBody {
  finished = false;
  resting = false;
  calls: string[] = [];
  readonly dueUs: number;
  readonly lead: number;

  constructor(dueUs: number, leadUs: number) {
    this.dueUs = dueUs;
    this.lead = leadUs;
  }

  onWake = () => void this.calls.push("wake");
  onStop = () => void this.calls.push("stop");
  onKernel = () => void this.calls.push("kernel");
  onSocket = () => void this.calls.push("socket");
  onEvents = () => void this.calls.push("events");
  onLate = () => void this.calls.push("late");
  onDue = (nowUs: number) => void (nowUs >= this.dueUs && this.calls.push("due"));
  flush = () => (this.calls.push("flush"), Infinity);
  between = () => {};
  nextDueUs = () => this.dueUs;
  leadUs = () => this.lead;
}

test("a body that rests is left, and goes on where it was when it is run again", () => {
  const wake = eventfd();
  const loop = new Loop(wake, eventfd(), eventfd());
  const body = new Body(monotonicUs() + HOUR_US, 0);
  body.between = () => void (body.resting = true);
  signalEventfd(wake);
  loop.run(body);
  expect(body.calls).toEqual(["flush", "events", "wake", "flush"]);
  body.resting = false;
  body.between = () => void (body.finished = true);
  // Its descriptors are still open, and watched.
  signalEventfd(wake);
  loop.run(body);
  expect(body.calls.slice(4)).toEqual(["flush", "events", "wake", "flush"]);
});

test("it is quiet until the next deadline or its lead, and never while there is work left", () => {
  const loop = new Loop(eventfd(), eventfd(), eventfd());
  const body = new Body(HOUR_US, 1000);
  body.between = () => void (body.resting = true);
  body.resting = true;
  loop.run(body);
  expect(loop.quietUntilUs(body)).toBe(HOUR_US - 1000);
  body.flush = () => 5000;
  loop.run(body);
  expect(loop.quietUntilUs(body)).toBe(5000);
  body.flush = () => 0;
  loop.run(body);
  expect(loop.quietUntilUs(body)).toBe(0);
});

test("within the lead a turn looks without sleeping, and serves no deadline early", () => {
  const loop = new Loop(eventfd(), eventfd(), eventfd());
  const body = new Body(monotonicUs() + HOUR_US, 2 * HOUR_US);
  // Without the lead each of these would sleep for an hour.
  for (let i = 0; i < 3; i++) loop.turn(body);
  expect(body.calls).toEqual(["flush", "flush", "flush"]);
});

test("what comes within the lead is served at once", () => {
  const wake = eventfd();
  const loop = new Loop(wake, eventfd(), eventfd());
  const body = new Body(monotonicUs() + HOUR_US, 2 * HOUR_US);
  signalEventfd(wake);
  loop.turn(body);
  expect(body.calls).toEqual(["events", "wake", "flush"]);
});

test("the wait ends when the lead begins, and the deadline is served when it has come", () => {
  const loop = new Loop(eventfd(), eventfd(), eventfd());
  const dueUs = monotonicUs() + 20_000;
  const body = new Body(dueUs, 10_000);
  loop.turn(body);
  expect(monotonicUs()).toBeGreaterThanOrEqual(dueUs - 10_000);
  expect(body.calls[0]).toBe("events");
  while (!body.calls.includes("due")) loop.turn(body);
  expect(monotonicUs()).toBeGreaterThanOrEqual(dueUs);
});

test("a deadline that was missed is known although the first event after it moves it", () => {
  const wake = eventfd();
  const loop = new Loop(wake, eventfd(), eventfd());
  const body = new Body(monotonicUs() - HOUR_US, 0);
  body.onWake = () => {
    body.calls.push("wake");
    body.nextDueUs = () => monotonicUs() + HOUR_US;
  };
  signalEventfd(wake);
  loop.turn(body);
  expect(body.calls).toEqual(["events", "wake", "late", "due", "flush"]);
});

test("a standstill in the middle of a turn is one: what came meanwhile is read before the deadline is served", () => {
  const wake = eventfd();
  const loop = new Loop(wake, eventfd(), eventfd());
  const body = new Body(monotonicUs() + 2000, 0);
  body.onWake = () => {
    body.calls.push("wake");
    // Until well after the deadline, which was still to come when the turn began.
    while (monotonicUs() < body.dueUs + 5000);
  };
  signalEventfd(wake);
  loop.turn(body);
  expect(body.calls).toEqual(["events", "wake", "late", "due", "flush"]);
  loop.close();
});
