// What daemons that were killed have left behind is taken away without starting another: addresses, files.
import { existsSync, rmSync } from "node:fs";
import { closeDescriptor } from "../../native/descriptor.ts";
import { lockFile } from "../../native/lock.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import { removeLeftovers } from "../engine/leftovers.ts";
import { restoreRecord } from "../engine/sysctl_record.ts";
import { removeLeftoverTable } from "../engine/leftover_table.ts";
import { removeLeftoverRoutes } from "../engine/leftover_routes.ts";
import { removeLeftoverVmacs } from "../engine/leftover_vmacs.ts";
import { Links } from "../engine/links.ts";
import type { Belongings } from "../messages.ts";
import { isListening } from "../status/listening.ts";
import { knownRuntimePaths, removeDirectories, type RuntimePaths } from "./runtime.ts";
import { readState, writeState } from "./state_file.ts";

/** What a clean-up has done. */
export interface CleanUp {
  /** `address/prefix on interface` and the like. */
  removed: string[];
  /** The control sockets of those daemons that run: nothing of theirs was touched. */
  running: string[];
}

/**
 * Removes the addresses, VMACs, routes, rules and nftables tables that the state files of these daemons record and
 * that carry baton's mark, then the files themselves. What a daemon that runs has on record stays, whoever left it.
 * Rejects with a SyscallError where the kernel refuses to be asked.
 */
export async function cleanUp(daemons: readonly RuntimePaths[]): Promise<CleanUp> {
  const done: CleanUp = { removed: [], running: [] };
  const inUse: Belongings[] = [];
  for (const { socket, state } of knownRuntimePaths()) {
    if (await isListening(socket)) inUse.push(readState(state));
  }
  for (const paths of daemons) {
    const removed = await cleanUpAfter(paths, inUse);
    if (removed === null) done.running.push(paths.socket);
    else done.removed.push(...removed);
  }
  return done;
}

/** Null: the daemon runs. */
async function cleanUpAfter(paths: RuntimePaths, inUse: readonly Belongings[]): Promise<string[] | null> {
  if (![paths.pid, paths.state, paths.socket, paths.sysctls].some((path) => existsSync(path))) return [];
  // Its pid file may be another one: under keepalived's name, or with --pid.
  if (await isListening(paths.socket)) return null;
  // The lock and not the pid: numbers are used again.
  const lock = lockFile(paths.pid);
  if (lock === null) return null;
  try {
    const left = without(readState(paths.state), inUse);
    const removed = withdraw(left);
    removed.push(...restoreRecord(paths.sysctls).map((text) => `the changed value of ${text}`));
    const table = removeLeftoverTable(left.table);
    if (table.refused !== null) throw new Error(table.refused);
    removed.push(...table.removed);
    writeState(paths.state, null);
    rmSync(paths.socket, { force: true });
    rmSync(paths.pid, { force: true });
    removeDirectories(paths);
    return removed;
  } finally {
    closeDescriptor(lock);
  }
}

/** What is left of a record without that of others: an address may have moved to a daemon that runs. */
function without({ addresses, routes, vmacs, table }: Belongings, others: readonly Belongings[]): Belongings {
  const beyond = <Entry>(entries: readonly Entry[], of: (other: Belongings) => readonly Entry[]) => {
    const used = new Set(others.flatMap((other) => of(other).map((entry) => JSON.stringify(entry))));
    return entries.filter((entry) => !used.has(JSON.stringify(entry)));
  };
  return {
    addresses: beyond(addresses, (other) => other.addresses),
    routes: beyond(routes, (other) => other.routes),
    vmacs: beyond(vmacs, (other) => other.vmacs),
    table: others.some((other) => other.table === table) ? null : table,
  };
}

function withdraw({ addresses, routes, vmacs }: Belongings): string[] {
  if (addresses.length + routes.length + vmacs.length === 0) return [];
  const client = new RouteClient();
  try {
    const links = new Links();
    links.resync(client.links(), client.addresses());
    return [
      ...removeLeftoverRoutes(client, routes, []),
      ...removeLeftovers(client, links, addresses, {
        add: [],
        change: [],
        remove: [],
        interfaceDelays: [],
        pacing: [],
      }),
      ...removeLeftoverVmacs(client, links, vmacs, []),
    ];
  } finally {
    client.close();
  }
}
