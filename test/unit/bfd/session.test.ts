// The BFD state machine in made-up time: coming up, polls, detection, ends, and what never changes it.
import { describe, expect, test } from "bun:test";
import { ADMIN_DOWN, ControlPacket, DOWN, INIT, UP } from "../../../src/bfd/packet.ts";
import { Session } from "../../../src/bfd/session.ts";
import { Pair, SETTINGS } from "./pair.ts";

const bothUp = (pair: Pair) => () => pair.a.state === UP && pair.b.state === UP;

/** A packet with these fields; the others are those of a neighbor that is down and has 50 ms intervals. */
function packet(values: Partial<ControlPacket>): ControlPacket {
  const plain = {
    discriminator: 7,
    multiplier: 3,
    desiredMinTxUs: 50_000,
    requiredMinRxUs: 50_000,
    state: DOWN,
  };
  return Object.assign(new ControlPacket(), plain, values);
}

function alone(settings: Partial<typeof SETTINGS> = {}) {
  const sent: { state: number; poll: boolean; final: boolean }[] = [];
  const session = new Session(1, { ...SETTINGS, ...settings }, {
    send: ({ state }, poll, final) => sent.push({ state, poll, final }),
    changed: () => {},
  }, () => 0);
  return { session, sent };
}

describe("coming up", () => {
  test("three packets each way, then the fast intervals after a poll", () => {
    const pair = new Pair().start();
    pair.until(bothUp(pair));
    // Changes of state are told at once: no second of waiting between them.
    expect(pair.nowUs - 1_000_000_000).toBeLessThan(10_000);
    pair.until(() => !pair.a.polling && !pair.b.polling);
    pair.pass(1_000_000);
    expect([pair.a.transmitUs, pair.a.detectionUs]).toEqual([50_000, 150_000]);
    expect(pair.sent.some(({ poll, final }) => poll && final)).toBe(false);
    expect(pair.sent.filter(({ final }) => final).length).toBeGreaterThanOrEqual(2);
    // Nobody wants less than a second before it is up (RFC 5880 section 6.8.3).
    expect(pair.sent.filter(({ state }) => state !== UP).every(({ minTxUs }) => minTxUs >= 1_000_000)).toBe(
      true,
    );
  });

  test("the table of states (RFC 5880 section 6.8.6)", () => {
    const rows: [from: number, remote: number, to: number][] = [
      [DOWN, ADMIN_DOWN, DOWN],
      [DOWN, DOWN, INIT],
      [DOWN, INIT, UP],
      [DOWN, UP, DOWN],
      [INIT, ADMIN_DOWN, DOWN],
      [INIT, DOWN, INIT],
      [INIT, INIT, UP],
      [INIT, UP, UP],
      [UP, ADMIN_DOWN, DOWN],
      [UP, DOWN, DOWN],
      [UP, INIT, UP],
      [UP, UP, UP],
    ];
    for (const [from, remote, to] of rows) {
      const { session } = alone();
      if (from >= INIT) session.receive(packet({ state: DOWN }), 0);
      if (from === UP) session.receive(packet({ state: INIT }), 0);
      expect(session.state).toBe(from);
      session.receive(packet({ state: remote }), 1);
      expect(session.state).toBe(to);
      if (from > DOWN && to === DOWN) expect(session.diagnostic).toBe(3);
    }
  });

  test("passive: silent until spoken to; two of them stay down", () => {
    const one = new Pair({ a: { passive: true } }).start();
    one.until(bothUp(one));
    expect(one.sent[0]!.from).toBe("b");
    const two = new Pair({ a: { passive: true }, b: { passive: true } }).start();
    two.pass(60_000_000);
    expect(two.sent).toEqual([]);
    expect([two.a.state, two.b.state]).toEqual([DOWN, DOWN]);
  });

  test("while the neighbor is not there, one packet a second with jitter", () => {
    let turn = 0;
    const pair = new Pair({ random: () => [0, 0.25, 0.5, 0.75, 0.999][turn++ % 5]! });
    pair.passes = () => false;
    pair.a.start(pair.nowUs);
    pair.pass(30_000_000);
    const gaps = pair.sent.slice(1).map(({ atUs }, i) => atUs - pair.sent[i]!.atUs);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(750_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000_000);
    expect(new Set(gaps).size).toBeGreaterThan(3);
  });
});

describe("intervals", () => {
  test("the slower side of each direction decides", () => {
    const pair = new Pair({ a: { minTxUs: 20_000, minRxUs: 300_000 }, b: { minTxUs: 40_000, multiplier: 5 } })
      .start();
    pair.until(() => bothUp(pair)() && !pair.a.polling && !pair.b.polling);
    pair.pass(2_000_000);
    expect([pair.a.transmitUs, pair.b.transmitUs]).toEqual([50_000, 300_000]);
    expect([pair.a.detectionUs, pair.b.detectionUs]).toEqual([5 * 300_000, 3 * 50_000]);
  });

  test("multiplier 1: at most nine tenths of the interval", () => {
    const { session } = alone({ multiplier: 1 });
    session.start(5);
    expect(session.transmitDueUs).toBe(5 + 900_000);
  });

  test("a change while up is agreed on by a poll; the slower pace waits for it; nobody goes down", () => {
    const pair = new Pair().start();
    pair.until(() => bothUp(pair)() && !pair.a.polling && !pair.b.polling);
    const changes = pair.changes.length;
    pair.a.configure({ ...SETTINGS, minTxUs: 400_000, minRxUs: 20_000 }, pair.nowUs);
    expect(pair.a.polling).toBe(true);
    expect(pair.a.transmitUs).toBe(50_000);
    pair.until(() => !pair.a.polling);
    pair.pass(5_000_000);
    expect(pair.a.transmitUs).toBe(400_000);
    expect(pair.b.detectionUs).toBe(1_200_000);
    // Two changes in one poll: its answer may be to the first of them.
    pair.a.configure({ ...SETTINGS, minTxUs: 100_000 }, pair.nowUs);
    pair.a.configure({ ...SETTINGS, minTxUs: 200_000 }, pair.nowUs);
    pair.pass(5_000_000);
    expect(pair.a.transmitUs).toBe(200_000);
    expect(pair.changes.length).toBe(changes);
  });

  test("a neighbor that wants none gets none but answers to its polls", () => {
    const { session, sent } = alone();
    session.receive(packet({ state: DOWN }), 0);
    session.receive(packet({ state: INIT, requiredMinRxUs: 0 }), 0);
    expect(session.transmitDueUs).toBe(Infinity);
    session.receive(packet({ state: UP, requiredMinRxUs: 0, poll: true }), 0);
    expect(sent.at(-1)).toEqual({ state: UP, poll: false, final: true });
  });
});

describe("the end", () => {
  test("silence is noticed after the detection time, and the session comes back", () => {
    const pair = new Pair().start();
    pair.until(() => bothUp(pair)() && !pair.a.polling && !pair.b.polling);
    pair.pass(1_000_000);
    pair.passes = () => false;
    const cutUs = pair.nowUs;
    pair.until(() => pair.a.state === DOWN && pair.b.state === DOWN);
    expect(pair.nowUs - cutUs).toBeLessThanOrEqual(151_000);
    expect(pair.nowUs - cutUs).toBeGreaterThan(100_000);
    expect(pair.changes.slice(-2).sort()).toEqual(["a 3 -> 1 (1)", "b 3 -> 1 (1)"]);
    expect(pair.a.remoteDiscriminator).toBe(0);
    pair.passes = () => true;
    pair.until(bothUp(pair));
  });

  test("one direction cut: the deaf side says so, both go down, and neither comes up", () => {
    const pair = new Pair().start();
    pair.until(bothUp(pair));
    pair.passes = (from) => from === "a";
    pair.until(() => pair.a.state === DOWN && pair.b.state !== UP);
    expect(pair.changes).toContain("a 3 -> 1 (1)");
    expect(pair.changes).toContain("b 3 -> 1 (3)");
    pair.pass(10_000_000);
    expect(pair.a.state).toBe(DOWN);
    expect(pair.b.state).not.toBe(UP);
  });

  test("a loss below the multiplier is not noticed", () => {
    const pair = new Pair().start();
    pair.until(() => bothUp(pair)() && !pair.a.polling && !pair.b.polling);
    const changes = pair.changes.length;
    let count = 0;
    pair.passes = () => count++ % 3 === 0;
    pair.pass(20_000_000);
    expect(pair.changes.length).toBe(changes);
  });

  test("shutdown says AdminDown once; the neighbor goes down at once; nothing wakes it again", () => {
    const pair = new Pair().start();
    pair.until(bothUp(pair));
    pair.a.shutdown(pair.nowUs);
    const count = pair.sent.filter(({ from }) => from === "a").length;
    pair.pass(5_000_000);
    expect([pair.a.state, pair.b.state, pair.b.diagnostic]).toEqual([ADMIN_DOWN, DOWN, 3]);
    expect(pair.sent.filter(({ from }) => from === "a").length).toBe(count);
    expect(pair.sent.filter(({ state }) => state === ADMIN_DOWN)).toHaveLength(1);
    expect([pair.a.transmitDueUs, pair.a.detectDueUs]).toEqual([Infinity, Infinity]);
  });
});

test("1,000 seeded runs with loss, delay and cuts: both sides agree once the line holds", () => {
  for (let seed = 1; seed <= 1000; seed++) {
    let state = seed;
    const random = () => {
      // Numerical Recipes' generator: enough for a dice.
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const pair = new Pair({ random, latencyUs: Math.floor(random() * 30_000), b: { minTxUs: 20_000 } })
      .start();
    const loss = random();
    pair.passes = () => random() > loss;
    pair.pass(3_000_000);
    pair.passes = () => true;
    // What was lost before may still be noticed: after 3 x 1 s at most.
    pair.pass(3_000_000);
    pair.until(bothUp(pair));
    const changes = pair.changes.length;
    pair.pass(3_000_000);
    if (pair.changes.length !== changes) throw new Error(`seed ${seed}: ${pair.changes.slice(changes)}`);
  }
});

test("silence counts from the arrival of the last packet, the next packet of ours from when it was read", () => {
  const { session } = alone();
  session.receive(packet({ state: DOWN }), 0);
  session.receive(packet({ state: INIT }), 1_000_000, 995_000);
  expect(session.state).toBe(UP);
  expect(session.detectDueUs).toBe(995_000 + session.detectionUs);
  expect(session.transmitDueUs).toBe(1_000_000 + session.transmitUs);
});
