// The names of the tests' namespaces, and the removal of those that a killed test process has left.
import { run } from "./program.ts";

/** Every namespace of these tests: prefix, pid of the test process, number of the lab, name. */
export const PREFIX = "bt";

/** Removes the namespaces (and what runs in them) of test processes that no longer exist. */
export async function sweep(): Promise<void> {
  const names = (await run(["ip", "netns", "list"])).split("\n").map((line) => line.split(" ")[0] ?? "");
  for (const name of names) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) await run(["sh"], removal(name));
  }
}

/**
 * Shell lines that remove a namespace. What runs inside dies first: a process would keep it alive. So does what
 * daemons have left in their runtime directories: the kernel gives the namespace's number to another one.
 */
export function removal(name: string): string {
  return `for pid in $(ip netns pids ${name} 2>/dev/null); do kill -KILL $pid 2>/dev/null; done\n` +
    `inode=$(stat -Lc %i /run/netns/${name} 2>/dev/null) &&\n` +
    "  rm -rf /run/baton/net-$inode /run/baton/net-$inode-*\n" +
    `ip netns del ${name} 2>/dev/null\ntrue\n`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
