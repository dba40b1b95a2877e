// Signals that the runtime does not know by name.
import { SIGNAL } from "./constants.ts";
import { libc } from "./libc.ts";

/** Ignores signal `n` (for example a real-time signal) in the whole process. False if there is no such signal. */
export function ignoreSignal(n: number): boolean {
  return Number(libc.signal(n, SIGNAL.SIG_IGN)) !== -1;
}
