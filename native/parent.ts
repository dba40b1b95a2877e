// Ends this process together with the one that started it.
import { constants } from "node:os";
import { PRCTL } from "./constants.ts";
import { libc } from "./libc.ts";

/**
 * The kernel sends SIGKILL to this process when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG).
 * `parent` is the process id of the one that started it, which may have ended before.
 */
export function endWithParent(parent: number): void {
  libc.prctl(PRCTL.PR_SET_PDEATHSIG, constants.signals.SIGKILL, 0, 0, 0);
  if (process.ppid !== parent) process.exit(1);
}
