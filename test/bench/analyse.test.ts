// The arithmetic of the bench: jitter, takeovers, medians, and its small codec.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { GARP_BYTES, writeGratuitousArp } from "../../native/frames.ts";
import {
  announced,
  byRouter,
  jitter,
  lateness,
  type SeenAdvert,
  spokeBefore,
  takeover,
  takeovers,
} from "./analyse.ts";
import { masterDownUs, skewUs } from "./configuration.ts";
import { cablesFor, fleetConfiguration, instancesOn } from "./fleet.ts";
import { advertFrame, readAdvert, readAnnouncement } from "./packets.ts";
import { usedBetween } from "./processes.ts";
import { removeScratch, scratchDirectory } from "./scratch.ts";
import { readSettings } from "./settings.ts";
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
    expect(takeovers(adverts, "other")).toBe(1);
  });
  test("virtual routers on one cable are told apart", () => {
    const [a, b] = [seen(0, false), seen(10, true)];
    const routers = byRouter([{ ...a, vrid: 1 }, { ...b, vrid: 2 }, { ...b, vrid: 1 }]);
    expect(routers.map((one) => takeovers(one))).toEqual([1, 0]);
  });
});

test("a burst has named each address when the last one comes for the first time", () => {
  const burst = [[10, 1], [11, 2], [12, 1], [14, 3], [20, 2]].map(([timeUs, address]) => ({
    timeUs: timeUs!,
    address: address!,
  }));
  expect(announced(burst)).toEqual({ eachUs: 14, endUs: 20, addresses: 3 });
  expect(announced([])).toEqual({ eachUs: NaN, endUs: NaN, addresses: 0 });
});

test("processor time counts for threads that are there at the end, new ones in full", () => {
  const before = new Map([["a", { cpuNs: 100, switches: 5 }], ["gone", { cpuNs: 900, switches: 9 }]]);
  const after = new Map([["a", { cpuNs: 150, switches: 7 }], ["new", { cpuNs: 30, switches: 1 }]]);
  expect(usedBetween(before, after)).toEqual({ cpuNs: 80, switches: 3 });
});

test("a fleet fills cable after cable, and the bench reads what it wrote", () => {
  const file = join(scratchDirectory(), "keepalived.conf");
  writeFileSync(
    file,
    fleetConfiguration({
      instances: 260,
      intervalUs: 100_000,
      priority: 200,
      extraAddress: "10.250.0.1",
    }),
  );
  const { instances, ...rest } = readSettings(file);
  removeScratch();
  expect(rest).toEqual({ version: 3, priority: 200, intervalUs: 100_000 });
  expect(instances[249]).toEqual({ interface: "eth0", vrid: 250, addresses: ["10.99.1.250"] });
  expect(instances[259]).toEqual({
    interface: "eth1",
    vrid: 10,
    addresses: ["10.100.1.10", "10.250.0.1"],
  });
  expect([0, 1].map((cable) => instancesOn(cable, 260))).toEqual([250, 10]);
  expect(cablesFor(250)).toBe(1);
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
  test("a gratuitous ARP names its address; a question is none", () => {
    const frame = new Uint8Array(GARP_BYTES);
    writeGratuitousArp(frame, 0, spec.sourceMac, spec.source);
    expect(readAnnouncement(frame, 7)).toEqual({ timeUs: 7, address: 0xc0000201 });
    frame[14 + 27]! ^= 1;
    expect(readAnnouncement(frame, 7)).toBeNull();
    expect(readAnnouncement(advertFrame({ ...spec, version: 3 }), 7)).toBeNull();
  });
  test("a short message tells its own length", () => {
    const frame = advertFrame({ ...spec, version: 3, keepBytes: 6 });
    expect(frame.length).toBe(14 + 20 + 6);
    expect((frame[16]! << 8) | frame[17]!).toBe(26);
  });
});

test("lateness: against the schedule that the following adverts show", () => {
  const late = (times: number[]) => lateness(times, 10_000).map(({ lateUs }) => lateUs);
  expect(late([0, 10_000, 20_000])).toEqual([0, 0, 0]);
  expect(late([0, 13_000, 20_000, 30_000])).toEqual([0, 3000, 0, 0]);
  // One that is left out has come with the next.
  expect(late([0, 20_000, 30_000])).toEqual([0, 10_000, 0]);
  // After a standstill a new schedule begins.
  expect(late([0, 10_000, 34_000, 44_000, 54_000])).toEqual([0, 0, 14_000, 0, 0]);
  expect(lateness([5, 10_205, 20_005], 10_000)[1]).toEqual({ dueUs: 10_005, lateUs: 200 });
});
