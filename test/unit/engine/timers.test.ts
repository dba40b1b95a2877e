// The deadline queue against a sorted list, under arbitrary sequences of set, clear and take.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TimerQueue } from "../../../src/engine/timers.ts";

describe("TimerQueue", () => {
  test("hands out slots in the order of their deadlines", () => {
    const queue = new TimerQueue();
    queue.reserve(4);
    queue.set(0, 30);
    queue.set(1, 10);
    queue.set(2, 20);
    queue.set(1, 40);
    expect(queue.nextDueUs()).toBe(20);
    expect([queue.takeDue(30), queue.takeDue(30), queue.takeDue(30)]).toEqual([2, 0, -1]);
    expect(queue.nextDueUs()).toBe(40);
  });

  test("Infinity disarms, and an empty queue has no deadline", () => {
    const queue = new TimerQueue();
    queue.reserve(1);
    queue.set(0, 5);
    queue.set(0, Infinity);
    expect(queue.nextDueUs()).toBe(Infinity);
    expect(queue.takeDue(1e18)).toBe(-1);
  });

  test("keeps its deadlines when it grows", () => {
    const queue = new TimerQueue();
    queue.reserve(2);
    queue.set(1, 7);
    queue.reserve(1000);
    queue.set(999, 3);
    expect([queue.takeDue(10), queue.takeDue(10)]).toEqual([999, 1]);
  });

  test("behaves like a sorted list", () => {
    const slot = fc.integer({ min: 0, max: 15 });
    const step = fc.oneof(
      fc.record({ op: fc.constant("set" as const), slot, due: fc.integer({ min: 0, max: 100 }) }),
      fc.record({ op: fc.constant("clear" as const), slot, due: fc.constant(0) }),
      fc.record({ op: fc.constant("take" as const), slot, due: fc.integer({ min: 0, max: 100 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new TimerQueue();
        queue.reserve(16);
        const model = new Map<number, number>();
        for (const { op, slot, due } of steps) {
          if (op === "set") {
            queue.set(slot, due);
            model.set(slot, due);
          } else if (op === "clear") {
            queue.clear(slot);
            model.delete(slot);
          } else {
            const earliest = Math.min(...model.values());
            const taken = queue.takeDue(due);
            if (earliest > due) expect(taken).toBe(-1);
            else {
              expect(model.get(taken)).toBe(earliest);
              model.delete(taken);
            }
          }
          expect(queue.nextDueUs()).toBe(Math.min(...model.values()));
          expect(queue.dueUs(slot)).toBe(model.get(slot) ?? Infinity);
        }
      }),
      { numRuns: 500 },
    );
  });
});
