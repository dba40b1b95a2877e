// BFD in steady state with real sockets and made-up time: both ends in one place, over the loopback of a namespace.
// Run by netns/bfd.test.ts in a process of its own, which counts the collections.
import { BfdLinks } from "../../src/engine/bfd.ts";
import { BFD_COUNTERS, BFD_GAUGES } from "../../src/messages.ts";
import { BFD_REFUSALS } from "../../src/bfd/packet.ts";
import { mark } from "./marks.ts";
import { plainBfd } from "./plain_bfd.ts";

const ITERATIONS = 50_000;
const SLOTS = BFD_COUNTERS.length + BFD_GAUGES.length + BFD_REFUSALS.length;
let changes = 0;
let nowUs = 0;
const links = new BfdLinks(
  {
    watch: () => {},
    unwatch: () => {},
    post: () => changes++,
    log: (_, text) => {
      throw new Error(text);
    },
    unmatched: () => {
      throw new Error("a packet belongs to no session");
    },
  },
  0,
  () => nowUs,
);
const sessions = ["127.0.0.1", "127.0.0.2"].map((source, i) =>
  plainBfd(source, `127.0.0.${2 - i}`, { source })
);
links.apply(sessions.map((config) => ({ config, counters: new SharedArrayBuffer(SLOTS * 8) })), 0);
/** The neighbors speak, and are heard. */
function steady(iterations: number): void {
  for (let i = 0; i < iterations; i++) {
    links.drain(nowUs);
    nowUs = Math.max(nowUs, links.nextDueUs());
    links.due(nowUs);
  }
}

steady(ITERATIONS / 4);
if (!sessions.every(({ name }) => links.isUp(name))) throw new Error("the sessions are not up");
const before = changes;
Bun.gc(true);
mark("STEADY");
steady(ITERATIONS);
if (process.argv[2] === "garbage") {
  // The test's own test: one kept object per turn must show.
  const kept: object[] = [];
  for (let i = 0; i < ITERATIONS; i++) kept[i % 1000] = { i };
}
mark("OVER");
if (changes !== before) throw new Error("a session has changed its state");
links.shutdown(nowUs);
