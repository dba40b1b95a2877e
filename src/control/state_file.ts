// The state file: what a run has put into the kernel, for the start after a crash and for baton cleanup.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Belongings, HeldAddress, KeptRoute, KeptVmac } from "../messages.ts";

/** linux/netfilter/nf_tables.h: NFT_NAME_MAXLEN, with its zero. */
const LONGEST_NAME = 255;
/** No message of a route is as long as this in hexadecimal. */
const LONGEST_MESSAGE = 65536;

/** What an earlier run recorded; damage costs only what is damaged. */
export function readState(path: string): Belongings {
  const record = parsed(path);
  const list = <Entry>(name: string, isOne: (value: unknown) => value is Entry): Entry[] => {
    const found = record[name];
    return Array.isArray(found) ? found.filter(isOne) : [];
  };
  const { table } = record;
  return {
    addresses: list("addresses", isHeldAddress),
    routes: list("routes", isKeptRoute),
    vmacs: list("vmacs", isKeptVmac),
    table: typeof table === "string" && table !== "" && table.length <= LONGEST_NAME ? table : null,
  };
}

/** The text of the file; null = there is nothing to record. */
export function stateText(belongings: Belongings): string | null {
  const { addresses, routes, vmacs, table } = belongings;
  const isEmpty = addresses.length + routes.length + vmacs.length === 0 && table === null;
  return isEmpty ? null : `${JSON.stringify(belongings)}\n`;
}

/** Writes such a text in the place of the last one; null removes it. Returns null, or a sentence. */
export function writeState(path: string, text: string | null): string | null {
  try {
    if (text === null) rmSync(path, { force: true });
    else {
      writeFileSync(`${path}.new`, text, { mode: 0o644 });
      renameSync(`${path}.new`, path);
    }
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `the state file ${path} cannot be written (${why})`;
  }
}

/** The record as it stands; empty without a readable one. */
function parsed(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return value !== null && typeof value === "object" ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

function isHeldAddress(value: unknown): value is HeldAddress {
  if (value === null || typeof value !== "object") return false;
  const entry = value as Record<string, unknown>;
  return typeof entry.interface === "string" && typeof entry.address === "string" &&
    Number.isInteger(entry.prefixLength);
}

function isKeptRoute(value: unknown): value is KeptRoute {
  if (value === null || typeof value !== "object") return false;
  const { kind, key, protocol, text, replaced } = value as Record<string, unknown>;
  return (kind === "route" || kind === "rule") && typeof key === "string" && Number.isInteger(protocol) &&
    typeof text === "string" && (replaced === null || (typeof replaced === "string" && isMessage(replaced)));
}

function isKeptVmac(value: unknown): value is KeptVmac {
  if (value === null || typeof value !== "object") return false;
  const { name, mac } = value as Record<string, unknown>;
  return typeof name === "string" && typeof mac === "string" &&
    /^(?:(?:[0-9a-f]{2}:){5}[0-9a-f]{2})?$/.test(mac);
}

/** Whether it is a whole number of bytes in hexadecimal, and no more than a message of the kernel. */
function isMessage(text: string): boolean {
  return text.length < LONGEST_MESSAGE && /^(?:[0-9a-f]{2})+$/.test(text);
}
