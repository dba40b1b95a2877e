// Peers and tools that a test needs: without them it is skipped, and says how to get them.
import { existsSync } from "node:fs";

const FRR = "/usr/lib/frr";

/** Where a program is, or null. FRR's daemons are not on the path. */
export function find(program: string): string | null {
  const own = `${FRR}/${program}`;
  return Bun.which(program) ?? (existsSync(own) ? own : null);
}

/** Whether the program is there. Says so once if it is not. */
export function needs(program: string, debianPackage: string): boolean {
  if (find(program) !== null) return true;
  console.log(`skipped: ${program} is not installed (apt-get install ${debianPackage})`);
  return false;
}
