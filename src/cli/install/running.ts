// What the running system has to be told or asked when files of a service come or go.
import { existsSync } from "node:fs";
import { runtimePaths } from "../../control/runtime.ts";
import { ask } from "../../control/socket.ts";
import type { Tree } from "./tree.ts";

/** Tells systemd, where it runs, that unit files have changed. Returns what was done, or what would be. */
export function reloadUnits(tree: Tree, dryRun: boolean): string | null {
  if (!tree.live || !existsSync("/run/systemd/system")) return null;
  if (dryRun) return "would run systemctl daemon-reload";
  const { exitCode } = Bun.spawnSync(["systemctl", "daemon-reload"], { stdout: "ignore", stderr: "ignore" });
  return exitCode === 0
    ? "ran        systemctl daemon-reload"
    : "systemctl daemon-reload failed: run it by hand, systemd still has the old unit";
}

/** The pid of the daemon of this network namespace, or null. */
export async function runningDaemon(): Promise<number | null> {
  try {
    const answer = await ask(runtimePaths({}).socket, "ping");
    return answer !== null && typeof answer === "object" && "pid" in answer ? Number(answer.pid) : null;
  } catch {
    return null;
  }
}
