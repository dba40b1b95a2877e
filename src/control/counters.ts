// The counters of the instances in memory that both threads share.
import { COUNTER_SLOTS } from "../messages.ts";

/** So many instances share a buffer: one of its own costs each of the threads some 500 bytes. */
const PER_BUFFER = 64;

let buffer: SharedArrayBuffer | null = null;
let used = 0;

/** The counters of one more instance, all 0: COUNTERS, then REFUSALS. */
export function newCounters(): Float64Array<SharedArrayBuffer> {
  if (buffer === null || used === PER_BUFFER) {
    buffer = new SharedArrayBuffer(PER_BUFFER * COUNTER_SLOTS * Float64Array.BYTES_PER_ELEMENT);
    used = 0;
  }
  return new Float64Array(buffer, used++ * COUNTER_SLOTS * Float64Array.BYTES_PER_ELEMENT, COUNTER_SLOTS);
}
