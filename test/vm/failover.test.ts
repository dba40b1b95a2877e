// Two router images on one segment: election, loss of power, return, restart; who answers ARP for the address.
import { expect, test } from "bun:test";
import type { Arch } from "../../native/static/machine.ts";
import { VIP } from "../support/conf.ts";
import { adverts, garps } from "../support/wire.ts";
import { TEST_MS } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { elected, FIRST, SECOND } from "./pair.ts";
import { Rack } from "./rack.ts";
import { ready } from "./ready.ts";
import { holders } from "./station.ts";

interface Pair {
  rack: Rack;
  one: Machine;
  two: Machine;
}

/** Cuts the master's power: the other takes over, and says on the wire and on its console why. */
async function losesPower({ rack: { segment }, one, two }: Pair): Promise<void> {
  const line = two.mark();
  const frame = segment.mark();
  await one.losePower();
  expect(await two.enters("MASTER", undefined, line)).toContain(`no advert from ${FIRST.address}`);
  const advert = await segment.next(adverts({ from: SECOND.address, priority: SECOND.priority }), frame);
  const garp = await segment.next(garps({ address: VIP }), frame);
  expect(advert.addresses).toEqual([VIP]);
  expect(garp.hardware).toBe(SECOND.hardware);
  expect(segment.frames.indexOf(advert)).toBeLessThan(segment.frames.indexOf(garp));
  expect(await holders(segment, VIP, [SECOND])).toEqual([SECOND.hardware]);
}

/** Turns the first one on again: it takes the address back, the other gives it up. */
async function returns({ rack: { segment }, one, two }: Pair): Promise<void> {
  const line = two.mark();
  const frame = segment.mark();
  one.start();
  expect(await two.enters("BACKUP", undefined, line)).toContain(`priority ${FIRST.priority}`);
  await one.becomes("MASTER");
  const advert = await segment.next(adverts({ from: FIRST.address }), frame);
  const garp = await segment.next(garps({ address: VIP, hardware: FIRST.hardware }), frame);
  expect(advert.priority).toBe(FIRST.priority);
  expect(segment.frames.indexOf(advert)).toBeLessThan(segment.frames.indexOf(garp));
  expect(await holders(segment, VIP, [FIRST, SECOND])).toEqual([FIRST.hardware]);
}

/** Ctrl-Alt-Del on the master: process 1 ends the daemon first, so that it can resign. */
async function restarts({ rack: { segment }, one, two }: Pair): Promise<void> {
  const line = two.mark();
  const frame = segment.mark();
  await one.pressCtrlAltDel();
  const last = await segment.next(adverts({ from: FIRST.address, priority: 0 }), frame);
  const next = await segment.next(adverts({ from: SECOND.address }), frame);
  expect(segment.frames.indexOf(last)).toBeLessThan(segment.frames.indexOf(next));
  expect(await two.enters("MASTER", undefined, line)).toContain("priority 0");
  await one.says(/baton: init: the machine restarts/);
  expect(await one.ended()).toBe(0);
  expect(segment.since(adverts({ from: FIRST.address }), frame).at(-1)).toBe(last);
  expect(await holders(segment, VIP, [SECOND])).toEqual([SECOND.hardware]);
}

async function story(first: Arch, second: Arch, more: (pair: Pair) => Promise<void>): Promise<void> {
  await using rack = new Rack();
  const pair = { rack, ...await elected(rack, first, second) };
  expect(await holders(rack.segment, VIP, [FIRST, SECOND])).toEqual([FIRST.hardware]);
  await losesPower(pair);
  await returns(pair);
  await more(pair);
}

test.skipIf(!ready("x64"))("two x64: election, power loss, return, restart", async () => {
  await story("x64", "x64", restarts);
}, TEST_MS);

test.skipIf(!ready("arm64"))("two arm64: election, power loss, return", async () => {
  await story("arm64", "arm64", async () => {});
}, TEST_MS);

test.skipIf(!ready("x64", "arm64"))("x64 and arm64: election, power loss, return", async () => {
  await story("x64", "arm64", async () => {});
}, TEST_MS);
