// One report per peer and refusal a minute, and a bound on what forged senders can cause.
import { describe, expect, test } from "bun:test";
import { RefusalLimiter } from "../../../src/engine/refusals.ts";

const MINUTE_US = 60_000_000;
const peer = (n: number) => new Uint8Array([10, 0, n >> 8, n & 0xff]);

describe("RefusalLimiter", () => {
  test("admits a peer's refusal once a minute", () => {
    const limiter = new RefusalLimiter();
    expect(limiter.admit(1, 1, peer(1), 0, 4, 0)).toBe(true);
    expect(limiter.admit(1, 1, peer(1), 0, 4, MINUTE_US - 1)).toBe(false);
    expect(limiter.admit(1, 1, peer(1), 0, 4, MINUTE_US)).toBe(true);
  });

  test("tells peers, refusals and instances apart", () => {
    const limiter = new RefusalLimiter();
    expect(limiter.admit(1, 1, peer(1), 0, 4, 0)).toBe(true);
    expect(limiter.admit(1, 1, peer(2), 0, 4, 0)).toBe(true);
    expect(limiter.admit(1, 2, peer(1), 0, 4, 0)).toBe(true);
    expect(limiter.admit(2, 1, peer(1), 0, 4, 0)).toBe(true);
  });

  test("forged senders get a bounded number of reports", () => {
    const limiter = new RefusalLimiter();
    let reports = 0;
    for (let n = 0; n < 50_000; n++) if (limiter.admit(1, 1, peer(n), 0, 4, n)) reports++;
    expect(reports).toBe(128);
  });
});
