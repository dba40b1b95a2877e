// What this machine has, for the part of `baton check` that asks.
import { accessSync, constants } from "node:fs";
import { cpus } from "node:os";
import { lookupGroup, lookupUser } from "../../native/accounts.ts";
import { searchPath } from "../../native/child.ts";
import { IF } from "../../native/constants.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import type { Probes } from "../config/machine.ts";
import type { LocalAddress, Surroundings } from "../config/surroundings.ts";
import { executedFiles, findUnsafeComponent, resolveProgram } from "../tracking/security.ts";
import { formatAddress, isLinkLocal } from "../vrrp/address.ts";

/** Probes of the machine that runs the check. */
export function machineProbes(): Probes & Surroundings {
  const { links, loopbacks, vrfs, addresses } = networkOfMachine();
  const interfaces = new Set(links.values());
  return {
    addresses: () => addresses,
    changeable: (words) => {
      for (const file of executedFiles(words)) {
        const path = resolveProgram(file, searchPath());
        const unsafe = path === null ? null : findUnsafeComponent(path);
        if (unsafe !== null) return unsafe;
      }
      return null;
    },
    isVrf: (name) => vrfs.has(name),
    isLoopback: (name) => loopbacks.has(name),
    interfaceExists: (name) => interfaces.has(name),
    program: (word) => {
      // `</path` is no program: the file is only opened.
      const path = word.startsWith("<") ? word.slice(1) : resolveProgram(word, searchPath());
      if (path === null || !allowed(path, constants.F_OK)) return "missing";
      return word.startsWith("<") || allowed(path, constants.X_OK) ? "ok" : "not executable";
    },
    userExists: (name) => lookupUser(name) !== null,
    groupExists: (name) => lookupGroup(name) !== null,
    processors: () => cpus().length,
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
function networkOfMachine(): {
  links: Map<number, string>;
  loopbacks: Set<string>;
  vrfs: Set<string>;
  addresses: LocalAddress[];
} {
  const client = new RouteClient();
  try {
    const found = client.links();
    const links = new Map(found.map(({ ifindex, name }) => [ifindex, name]));
    const loopbacks = new Set(found.filter(({ flags }) => flags & IF.IFF_LOOPBACK).map(({ name }) => name));
    const vrfs = new Set(found.filter(({ kind }) => kind === "vrf").map(({ name }) => name));
    const addresses = client.addresses().map(({ ifindex, family, address, prefixLength }) => ({
      interface: links.get(ifindex) ?? "",
      family,
      address: formatAddress(address),
      prefixLength,
      linkLocal: isLinkLocal(address, 0, address.length),
    }));
    return { links, loopbacks, vrfs, addresses };
  } finally {
    client.close();
  }
}
