// What this machine has, for the part of `baton check` that asks.
import { accessSync, constants } from "node:fs";
import { lookupGroup, lookupUser } from "../../native/accounts.ts";
import { searchPath } from "../../native/child.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import type { Probes } from "../config/machine.ts";
import { resolveProgram } from "../tracking/security.ts";

/** Probes of the machine that runs the check. */
export function machineProbes(): Probes {
  const interfaces = new Set(interfaceNames());
  return {
    interfaceExists: (name) => interfaces.has(name),
    program: (word) => {
      // `</path` is no program: the file is only opened.
      const path = word.startsWith("<") ? word.slice(1) : resolveProgram(word, searchPath());
      if (path === null || !allowed(path, constants.F_OK)) return "missing";
      return word.startsWith("<") || allowed(path, constants.X_OK) ? "ok" : "not executable";
    },
    userExists: (name) => lookupUser(name) !== null,
    groupExists: (name) => lookupGroup(name) !== null,
  };
}

function allowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Asked over netlink: a mounted /sys may show another network namespace. */
function interfaceNames(): string[] {
  const client = new RouteClient();
  try {
    return client.links().map((link) => link.name);
  } finally {
    client.close();
  }
}
