// What the engine does for the state machines, where it has a choice.
import { expect, test } from "bun:test";
import { monotonicUs } from "../../../native/clock.ts";
import { type Means, RouterEffects } from "../../../src/engine/effects.ts";
import type { Holding } from "../../../src/engine/holding.ts";
import type { Instance } from "../../../src/engine/instance.ts";
import { RENEWAL, TimerQueue } from "../../../src/engine/timers.ts";

test("lifetimes are not renewed while the kernel would keep the adverts waiting for it, but soon after", () => {
  const renewed: Holding[] = [];
  const timers = new TimerQueue();
  timers.reserve(16);
  let busy = true;
  const effects = new RouterEffects({
    timers,
    busy: () => busy,
    holdings: { renew: (holding: Holding) => renewed.push(holding) },
  } as unknown as Means);
  const instance = { index: 0, holding: { wanted: true, leaseS: 3 } } as Instance;
  const nowUs = monotonicUs();
  effects.renew(instance, nowUs);
  expect(renewed).toEqual([]);
  const soonUs = timers.nextDueUs();
  expect(soonUs).toBe(nowUs + 20_000);
  busy = false;
  effects.renew(instance, soonUs);
  expect(renewed).toEqual([instance.holding]);
  // The next one in its turn.
  expect(timers.nextDueUs()).toBeGreaterThan(nowUs + 500_000);
});

test("who has resigned renews nothing, unless the lifetimes could run out while it waits for its successor", () => {
  const timers = new TimerQueue();
  timers.reserve(16);
  const effects = new RouterEffects({ timers, announcer: { cancel: () => {} } } as unknown as Means);
  const nowUs = monotonicUs();
  /** Whether a renewal is still to come for one with lifetimes of 3 s that waits so long. */
  const renews = (waitUs: number) => {
    const instance = { index: 0, holding: { leaseS: 3 }, router: { dueUs: nowUs + waitUs } };
    timers.set(RENEWAL, nowUs + 1);
    effects.silence(instance as unknown as Instance, nowUs);
    return timers.dueUs(RENEWAL) !== Infinity;
  };
  // The last renewal may be a second and the tenth of its grid ago; 40 ms are added to the wait for the successor.
  const leftUs = 3_000_000 - 1_000_000 - 100_000;
  expect(renews(leftUs - 40_000 - 1)).toBe(false);
  expect(renews(leftUs - 40_000 + 1)).toBe(true);
});
