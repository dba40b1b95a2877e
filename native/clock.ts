// Clocks in microseconds, without allocation.
import { TIME } from "./constants.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

const memory = new Memory(16);
const address = pointer(memory.address);
const words = new Uint32Array(memory.bytes.buffer);

function readClock(clock: number): number {
  libc.clock_gettime(clock, address);
  const seconds = (words[1] as number) * 0x1_0000_0000 + (words[0] as number);
  return seconds * 1_000_000 + (words[2] as number) / 1000;
}

/** CLOCK_MONOTONIC in microseconds, with fractions; the same base in every thread and process. */
export function monotonicUs(): number {
  return readClock(TIME.CLOCK_MONOTONIC);
}

/** CLOCK_REALTIME in microseconds since 1970, with fractions. */
export function realtimeUs(): number {
  return readClock(TIME.CLOCK_REALTIME);
}
