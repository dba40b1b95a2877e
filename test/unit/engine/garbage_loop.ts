// What an instance costs that is looked at again and finds everything as it was. Run by garbage.test.ts in a process
// of its own without a collector: prints how many objects, arrays, strings ... each look has made.
import { NO_EFFECTS } from "../../support/effects.ts";
import { heapStats } from "bun:jsc";
import { plainAddress, plainInstance } from "../../../src/config/plain.ts";
import { Instance } from "../../../src/engine/instance.ts";
import { Roster } from "../../../src/engine/roster.ts";
import { TimerQueue } from "../../../src/engine/timers.ts";
import { COUNTER_SLOTS } from "../../../src/messages.ts";
import { linksWith } from "../../support/links.ts";

const LOOKS = 5000;

const links = linksWith(7, "eth0", ["192.0.2.2", "fe80::2"]);
const roster = new Roster(new TimerQueue());
const config = plainInstance({ interface: "eth0", addresses: [plainAddress("192.0.2.1", 24, "eth0")] });
const counters = new Float64Array(new SharedArrayBuffer(COUNTER_SLOTS * 8));
const instance: Instance = roster.add({ id: 1, config, counters, scripts: {}, tracked: {} }, NO_EFFECTS);

const bfd = { isUp: () => true };

function look(): void {
  instance.refreshTrackers(links, bfd);
  if (!("source" in instance.readiness(links, roster.isVirtual))) throw new Error("something is in the way");
}

function cells(): number {
  return Object.values(heapStats().objectTypeCounts).reduce((sum, count) => sum + count, 0);
}

look();
const before = cells();
for (let i = 0; i < LOOKS; i++) look();
console.log((cells() - before) / LOOKS);
