// When the engine may rest: with room before the next deadline, once for each time that it is asked for, and not late.
import { expect, test } from "bun:test";
import { Rest } from "../../../src/engine/rest.ts";

const SECOND_US = 1_000_000;

test("nobody rests who was not told to", () => {
  expect(new Rest().look(0, Infinity)).toBe("no");
});

test("a rest is taken once, where nothing is due for a while", () => {
  const rest = new Rest();
  rest.ask(SECOND_US);
  expect(rest.look(SECOND_US, 2 * SECOND_US)).toBe("now");
  expect(rest.look(SECOND_US, 2 * SECOND_US)).toBe("no");
  rest.ask(3 * SECOND_US);
  expect(rest.look(3 * SECOND_US, Infinity)).toBe("now");
});

test("adverts of 10 ms are never kept waiting: after half a second it is given up", () => {
  const rest = new Rest();
  rest.ask(0);
  let answer = rest.look(0, 10_000);
  let nowUs = 0;
  for (; answer === "later"; nowUs += 10_000) answer = rest.look(nowUs, nowUs + 10_000);
  expect(answer).toBe("no");
  expect(nowUs).toBeLessThanOrEqual(SECOND_US);
  expect(rest.look(nowUs, Infinity)).toBe("no");
});

test("a gap that comes soon is used", () => {
  const rest = new Rest();
  rest.ask(0);
  expect(rest.look(0, 1000)).toBe("later");
  expect(rest.look(1000, SECOND_US)).toBe("now");
});
