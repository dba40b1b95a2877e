// When the lifetimes of a Master's addresses are renewed: with an advert, so that the thread is not woken for it.
import { expect, test } from "bun:test";
import { monotonicUs } from "../../../native/clock.ts";
import { type Means, RouterEffects } from "../../../src/engine/effects.ts";
import type { Instance } from "../../../src/engine/instance.ts";
import { RENEWAL, TIMER_KINDS, TimerQueue } from "../../../src/engine/timers.ts";

const LEASE_S = 3;
const SECOND_US = 1_000_000;

/** A Master of index 1, and how often its addresses were renewed. */
function stage(leaseS: number) {
  const timers = new TimerQueue();
  timers.reserve(2 * TIMER_KINDS);
  let renewals = 0;
  const effects = new RouterEffects(
    { timers, holdings: { renew: () => ++renewals > 0 }, busy: () => false } as unknown as Means,
  );
  const instance = { index: 1, holding: { wanted: true, leaseS }, router: { dueUs: 0 } };
  return {
    timers,
    effects,
    renewals: () => renewals,
    instance: instance as unknown as Instance,
    nextAdvert: (dueUs: number) => instance.router.dueUs = dueUs,
  };
}

const SLOT = TIMER_KINDS + RENEWAL;

test("an advert takes a renewal along that falls due before the next one, and no other", () => {
  const { timers, effects, instance, renewals, nextAdvert } = stage(LEASE_S);
  effects.armRenewal(instance);
  const firstUs = timers.dueUs(SLOT);
  nextAdvert(firstUs);
  effects.renewWithAdvert(instance, monotonicUs());
  expect(renewals()).toBe(0);
  expect(timers.dueUs(SLOT)).toBe(firstUs);
  nextAdvert(firstUs + 1);
  effects.renewWithAdvert(instance, monotonicUs());
  expect(renewals()).toBe(1);
  expect(timers.dueUs(SLOT)).toBeGreaterThanOrEqual(firstUs);
});

test("a deadline of its own never comes before the advert a third of the lifetime later, nor two thirds later", () => {
  const { timers, effects, instance } = stage(LEASE_S);
  const beforeUs = monotonicUs();
  effects.armRenewal(instance);
  expect(timers.dueUs(SLOT)).toBeGreaterThanOrEqual(beforeUs + LEASE_S * SECOND_US / 3);
  expect(timers.dueUs(SLOT)).toBeLessThan(monotonicUs() + 2 * LEASE_S * SECOND_US / 3);
});

test("permanent addresses are never renewed", () => {
  const { timers, effects, instance, renewals, nextAdvert } = stage(0);
  effects.armRenewal(instance);
  expect(timers.dueUs(SLOT)).toBe(Infinity);
  nextAdvert(monotonicUs() + SECOND_US);
  effects.renewWithAdvert(instance, monotonicUs());
  expect(renewals()).toBe(0);
});
