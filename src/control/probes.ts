// What this machine has, for the part of `baton check` that asks.
import { accessSync, constants, readdirSync } from "node:fs";
import { lookupUser } from "../../native/accounts.ts";
import type { MachineProbes } from "../config/machine.ts";

/** Probes of the machine that runs the check. */
export function machineProbes(): MachineProbes {
  return {
    hasInterface: (name) => interfaces().includes(name),
    hasUser: (name) => lookupUser(name) !== null,
    isExecutable: (path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    },
  };
}

function interfaces(): string[] {
  try {
    return readdirSync("/sys/class/net");
  } catch {
    return [];
  }
}
