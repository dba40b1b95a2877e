// SIGRTMAX-1: each instance counts from 0 again, whoever shares its memory.
import { expect, test } from "bun:test";
import { newCounters } from "../../../src/control/counters.ts";
import { ClearedStatistics } from "../../../src/control/dump/cleared.ts";
import { COUNTERS } from "../../../src/messages.ts";
import { instanceFacts } from "../status/fixture.ts";

const SENT = COUNTERS.indexOf("advertisement_sent");

test("instances whose counters lie in one buffer are cleared each by its own counts", () => {
  const [one, two] = [newCounters(), newCounters()];
  expect(one.buffer).toBe(two.buffer);
  const facts = [one, two].map((counters) => instanceFacts({ counters }));
  const sent = (cleared: ClearedStatistics) => facts.map((f) => cleared.dumped(f).statistics.advert_sent);
  const cleared = new ClearedStatistics();
  one[SENT] = 5;
  two[SENT] = 70;
  expect(sent(cleared)).toEqual([5, 70]);
  cleared.clear(facts);
  expect(sent(cleared)).toEqual([0, 0]);
  one[SENT] += 2;
  expect(sent(cleared)).toEqual([2, 0]);
  // A reload that changes the instance keeps its counters.
  expect(cleared.dumped({ ...facts[0]! }).statistics.advert_sent).toBe(2);
});
