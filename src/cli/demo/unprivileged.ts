// The demo for ordinary users: the program starts itself again inside a user namespace, where it is root over
// a network namespace of its own. The runtime has threads, so that only a child can do this.
import { ownCommand } from "../self.ts";

/** util-linux; BusyBox has the same options. */
const UNSHARE = ["unshare", "--user", "--map-root-user", "--net"];
/** Set in the environment of the program inside. */
const INSIDE = "BATON_DEMO_INSIDE";

/** Whether this process is the one inside the user namespace. */
export function isInside(): boolean {
  return process.env[INSIDE] !== undefined;
}

/** Why user namespaces do not work here, in a few words; null if they do. */
export function whyNotUserNamespace(): string | null {
  try {
    const probe = Bun.spawnSync([...UNSHARE, ...ownCommand(), "version"], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    if (probe.exitCode === 0) return null;
    return probe.stderr.toString().trim().split("\n")[0] || `unshare ended with ${probe.exitCode}`;
  } catch {
    return "the program unshare is not installed";
  }
}

/** Runs the demo inside. Passes signals on. Resolves with its exit code. */
export async function demoInside(args: string[]): Promise<number> {
  const child = Bun.spawn([...UNSHARE, ...ownCommand(), "demo", ...args], {
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    env: { ...process.env, [INSIDE]: "1" },
  });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  try {
    return await child.exited;
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}
