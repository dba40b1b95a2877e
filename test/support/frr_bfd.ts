// FRR's bfdd as a neighbor: zebra and bfdd with sockets of their own.
import { mkdirSync, writeFileSync } from "node:fs";
import type { Node } from "./node.ts";
import { find } from "./peer.ts";
import { type Program, run } from "./program.ts";

/** One session of bfdd. */
export interface FrrSession {
  neighbor: string;
  /** Needed for multihop. */
  local?: string;
  multihop?: boolean;
  passive?: boolean;
  /** In milliseconds. */
  interval?: number;
  multiplier?: number;
}

let daemons = 0;

/** Starts zebra and bfdd in the node; resolves with bfdd. */
export async function startBfdd(node: Node, sessions: FrrSession[]): Promise<Program> {
  const stem = node.lab.path(`bfdd-${node.name}-${++daemons}`);
  const directory = `${stem}.d`;
  mkdirSync(directory);
  // The daemons give up root.
  await run(["chown", "frr:frr", directory]);
  const command = (program: string, text: string, more: string[]) => {
    const file = `${stem}.${program}.conf`;
    writeFileSync(file, text);
    const sockets = ["-z", `${directory}/zserv.api`, "--vty_socket", directory, "-P", "0"];
    const words = ["-f", file, ...sockets, "-i", `${directory}/${program}.pid`, "--log", "stdout", ...more];
    return node.spawn(`${program} on ${node.name}`, [find(program) ?? program, ...words]);
  };
  await command("zebra", "hostname zebra\n", []).waitFor(/zebra \S+ starting/);
  return command("bfdd", configuration(sessions), ["--bfdctl", `${directory}/bfdd.sock`]);
}

function configuration(sessions: FrrSession[]): string {
  const lines = sessions.flatMap(({ neighbor, local, multihop, passive, interval = 50, multiplier = 3 }) => [
    ` peer ${neighbor}${multihop ? " multihop" : ""}${local === undefined ? "" : ` local-address ${local}`}`,
    `  receive-interval ${interval}`,
    `  transmit-interval ${interval}`,
    `  detect-multiplier ${multiplier}`,
    ...(passive ? ["  passive-mode"] : []),
    "  no shutdown",
    " exit",
  ]);
  return ["hostname bfdd", "log stdout", "debug bfd peer", "bfd", ...lines, "exit", ""].join("\n");
}
