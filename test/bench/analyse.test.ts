// The arithmetic of the bench: jitter, takeovers, medians, and its small codec.
import { describe, expect, test } from "bun:test";
import { jitter, type SeenAdvert, spokeBefore, takeover, takeovers } from "./analyse.ts";
import { masterDownUs, skewUs } from "./configuration.ts";
import { advertFrame, readAdvert } from "./packets.ts";
import { median, percentile, ratio, summarise } from "./statistics.ts";

function seen(timeUs: number, outgoing: boolean, priority = 200): SeenAdvert {
  return { timeUs, outgoing, vrid: 51, priority };
}

describe("jitter", () => {
  test("a drift shows in the mean, a late one in the longest", () => {
    const drifting = jitter([0, 10_100, 20_200, 30_300], 10_000);
    expect(drifting.meanOffUs).toBeCloseTo(100);
    const late = jitter([0, 10_000, 25_000, 30_000], 10_000);
    expect(late).toMatchObject({ intervals: 3, meanOffUs: 0, longestUs: 15_000, p50Us: 5000 });
  });
  test("nothing can be said about fewer than two adverts", () => {
    expect(jitter([5], 10_000)).toMatchObject({ intervals: 0, meanOffUs: NaN, longestUs: NaN });
  });
});

describe("takeover", () => {
  test("from the master's last advert to the backup's first", () => {
    const adverts = [seen(0, false), seen(100, false), seen(450, true), seen(550, true)];
    expect(takeover(adverts)).toEqual({ lastUs: 100, resignedUs: NaN, firstUs: 450 });
  });
  test("a priority 0 is a resignation, not the last advert", () => {
    const adverts = [seen(0, false), seen(100, false), seen(130, false, 0), seen(180, true)];
    expect(takeover(adverts)).toEqual({ lastUs: 100, resignedUs: 130, firstUs: 180 });
  });
  test("none while only the master speaks", () => {
    expect(takeover([seen(0, false), seen(100, false)])).toBeNull();
    expect(takeover([seen(0, true)])).toBeNull();
  });
  test("a backup that spoke before its time is found, and each change of the speaker is counted", () => {
    const adverts = [seen(0, false), seen(30, true), seen(31, true), seen(40, false), seen(70, true)];
    expect(spokeBefore(adverts, 35)).toBe(true);
    expect(spokeBefore(adverts, 30)).toBe(false);
    expect(takeovers(adverts)).toBe(2);
  });
});

test("intervals of the protocol (RFC 3768, RFC 5798)", () => {
  expect(skewUs(2, 200, 1_000_000)).toBe(218_750);
  expect(skewUs(3, 200, 10_000)).toBe(2187.5);
  expect(masterDownUs(2, 200, 1_000_000)).toBe(3_218_750);
});

test("statistics", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(percentile([1, 2, 3, 4], 50)).toBe(2);
  expect(percentile([1, 2, 3, 4], 99.9)).toBe(4);
  expect(summarise([NaN])).toBeNull();
  const [small, large] = [summarise([1, NaN, 3]), summarise([-4])];
  expect(small).toEqual({ median: 2, min: 1, max: 3, rounds: 2 });
  expect(ratio(small, large)).toBe(0.5);
  expect(ratio(small, summarise([0]))).toBeNull();
});

describe("frames", () => {
  const spec = {
    sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1),
    source: Uint8Array.of(192, 0, 2, 1),
    vrid: 51,
    priority: 100,
    intervalUs: 1_000_000,
    addresses: [Uint8Array.of(192, 0, 2, 254)],
  };
  test("every checksum adds up", () => {
    const sum = (bytes: Uint8Array) => {
      let total = 0;
      for (let i = 0; i < bytes.length; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
      while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
      return total;
    };
    const v2 = advertFrame({ ...spec, version: 2 });
    expect(sum(v2.subarray(14, 34))).toBe(0xffff);
    expect(sum(v2.subarray(34))).toBe(0xffff);
    const v3 = advertFrame({ ...spec, version: 3 });
    const pseudo = Uint8Array.of(...v3.subarray(26, 34), 0, 112, 0, v3.length - 34);
    expect(sum(Uint8Array.of(...pseudo, ...v3.subarray(34)))).toBe(0xffff);
  });
  test("are read back; other frames are not", () => {
    const frame = advertFrame({ ...spec, version: 3 });
    expect(readAdvert(frame, 7, true)).toEqual({ timeUs: 7, outgoing: true, vrid: 51, priority: 100 });
    frame[23] = 17;
    expect(readAdvert(frame, 7, true)).toBeNull();
    expect(readAdvert(new Uint8Array(0), 7, true)).toBeNull();
  });
  test("a short message tells its own length", () => {
    const frame = advertFrame({ ...spec, version: 3, keepBytes: 6 });
    expect(frame.length).toBe(14 + 20 + 6);
    expect((frame[16]! << 8) | frame[17]!).toBe(26);
  });
});
