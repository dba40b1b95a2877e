// What the demo says of lost pings: counts, gaps and the bar.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { bar, outage, type Ping } from "../../../src/cli/demo/pings.ts";
import { describeGap } from "../../../src/cli/demo/story.ts";

/** One ping each 10 ms from time 0: "|" is answered, "." is not. */
function pings(text: string): Ping[] {
  return [...text].map((mark, i) => ({ sentUs: i * 10_000, answered: mark === "|" }));
}

test("no loss is no gap", () => {
  expect(outage(pings("||||||"), 0, 60_000)).toEqual({ lost: 0, gapUs: 0 });
  expect(outage([], 0, 60_000)).toEqual({ lost: 0, gapUs: 0 });
});

test("a gap goes from the last answered ping to the next one", () => {
  expect(outage(pings("||...|||"), 0, 80_000)).toEqual({ lost: 3, gapUs: 40_000 });
});

test("of several losses all are counted and the longest is the gap", () => {
  expect(outage(pings("|.||..||.|"), 0, 100_000)).toEqual({ lost: 4, gapUs: 30_000 });
});

test("a loss that is not over ends at the end", () => {
  expect(outage(pings("||...."), 0, 60_000)).toEqual({ lost: 4, gapUs: 50_000 });
});

test("losses before the beginning do not count, and those at its edge begin at the last answer", () => {
  expect(outage(pings("|..||.||"), 30_000, 80_000)).toEqual({ lost: 1, gapUs: 20_000 });
  expect(outage(pings("||..||"), 20_000, 60_000)).toEqual({ lost: 2, gapUs: 30_000 });
});

test("pings at or after the end do not count", () => {
  expect(outage(pings("||||.."), 0, 40_000)).toEqual({ lost: 0, gapUs: 0 });
});

test("the gap covers every lost ping of the longest loss and is 0 without one", () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (answers) => {
    const text = answers.map((answered) => answered ? "|" : ".").join("");
    const { lost, gapUs } = outage(pings(text), 0, text.length * 10_000);
    const longest = Math.max(0, ...text.split("|").map((part) => part.length));
    expect(lost).toBe(text.split(".").length - 1);
    expect(gapUs).toBeGreaterThanOrEqual(longest * 10_000);
    expect(gapUs).toBeLessThanOrEqual(longest === 0 ? 0 : (longest + 1) * 10_000);
  }));
});

test("the bar shows whole cells, and no ping whose answer may be on its way", () => {
  expect(bar(pings("||||.|....||"), 5, 2)).toBe("||:..");
  expect(bar(pings("||||.|....||"), 3, 2)).toBe(":..");
  expect(bar(pings("||||"), 3, 2)).toBe("  |");
  expect(bar([], 3, 2)).toBe("   ");
});

test("the gap in words", () => {
  expect(describeGap({ lost: 0, gapUs: 0 })).toBe("ping gap 0 ms (no ping lost)");
  expect(describeGap({ lost: 1, gapUs: 20_400 })).toBe("ping gap 20 ms (1 ping lost)");
  expect(describeGap({ lost: 36, gapUs: 370_000 })).toBe("ping gap 370 ms (36 pings lost)");
});
