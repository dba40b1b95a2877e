// What neighbouring instances have alike is one object: the message to the engine carries it once.
import { expect, test } from "bun:test";
import { plainAddress, plainInstance } from "../../../src/config/plain.ts";
import { shareAlike } from "../../../src/config/shared.ts";

const instance = (name: string) =>
  plainInstance({
    name,
    interface: "eth0",
    version: 3,
    family: "ipv4",
    multicastGroup: "224.0.0.18",
    addresses: [plainAddress("192.0.2.1", 24, "eth0")],
  });

test("equal parts become one, others stay, and nothing changes its value", () => {
  const [a, b, c] = [instance("a"), instance("b"), instance("c")];
  c.announce = { ...c.announce, masterRepeat: 7 };
  const before = structuredClone([a, b, c]);
  shareAlike([a, b, c]);
  expect([a, b, c]).toEqual(before);
  expect(b.announce).toBe(a.announce);
  expect(b.notify).toBe(a.notify);
  expect(c.announce).not.toBe(a.announce);
  expect(c.notify).toBe(a.notify);
  expect(b.trackScripts).toBe(a.trackScripts);
  expect(b.addresses).not.toBe(a.addresses);
});
