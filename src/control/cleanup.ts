// What a daemon that was killed has left behind is taken away without starting another: addresses, files.
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
import type { HeldAddress, KeptRoute, KeptVmac } from "../messages.ts";
import {
  readKeptRoutes,
  readKeptTable,
  readKeptVmacs,
  readState,
  removeDirectories,
  type RuntimePaths,
  writeState,
} from "./runtime.ts";
import { isListening } from "./socket.ts";

/**
 * Removes the addresses, VMACs, routes, rules and the nftables table that the state file records and that carry
 * baton's mark, then the files themselves. Returns what was removed (`address/prefix on interface` and the like), or
 * null: a daemon runs, nothing was touched. Rejects with a SyscallError where the kernel refuses to be asked.
 */
export async function cleanUp(paths: RuntimePaths): Promise<string[] | null> {
  if (![paths.pid, paths.state, paths.socket, paths.sysctls].some((path) => existsSync(path))) return [];
  // Its pid file may be another one: under keepalived's name, or with --pid.
  if (await isListening(paths.socket)) return null;
  // The lock and not the pid: numbers are used again.
  const lock = lockFile(paths.pid);
  if (lock === null) return null;
  try {
    const recorded = readState(paths.state);
    const routes = readKeptRoutes(paths.state);
    const vmacs = readKeptVmacs(paths.state);
    const left = recorded.length + routes.length + vmacs.length;
    const removed = left === 0 ? [] : withdraw(recorded, routes, vmacs);
    removed.push(...restoreRecord(paths.sysctls).map((text) => `the changed value of ${text}`));
    const table = removeLeftoverTable(readKeptTable(paths.state));
    if (table.refused !== null) throw new Error(table.refused);
    removed.push(...table.removed);
    writeState(paths.state, []);
    rmSync(paths.socket, { force: true });
    rmSync(paths.pid, { force: true });
    removeDirectories(paths);
    return removed;
  } finally {
    closeDescriptor(lock);
  }
}

function withdraw(recorded: HeldAddress[], routes: KeptRoute[], vmacs: KeptVmac[]): string[] {
  const client = new RouteClient();
  try {
    const links = new Links();
    links.resync(client.links(), client.addresses());
    return [
      ...removeLeftoverRoutes(client, routes, []),
      ...removeLeftovers(client, links, recorded, {
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
