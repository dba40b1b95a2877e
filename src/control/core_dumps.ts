// -m and -M: core dumps are allowed.
import { unlimitCoreDumps } from "../../native/core_dump.ts";
import type { Log } from "./log.ts";

/** Allows core dumps of this process and its children. */
export function allowCoreDumps(log: Log): void {
  const refused = unlimitCoreDumps();
  if (refused !== null) log.write("warning", refused);
}
