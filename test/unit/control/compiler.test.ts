// The compiler's thread gets new work again and again: threads of the runtime that have none end after 10 s.
import { expect, jest, test } from "bun:test";
import { keepCompilerAlive } from "../../../src/control/compiler.ts";

const THREAD_ENDS_AFTER_MS = 10_000;

test("within the time after which the thread would end there is work that was never there before", () => {
  const sources: string[] = [];
  const real = globalThis.Function;
  jest.useFakeTimers();
  globalThis.Function = function (...words: string[]) {
    sources.push(words.join());
    return real(...words);
  } as never;
  try {
    keepCompilerAlive();
    for (const sofar of [0, 1, 2]) {
      jest.advanceTimersByTime(THREAD_ENDS_AFTER_MS - 1);
      expect(new Set(sources).size).toBeGreaterThan(sofar);
      expect(new Set(sources).size).toBe(sources.length);
    }
  } finally {
    globalThis.Function = real;
    jest.clearAllTimers();
    jest.useRealTimers();
  }
});
