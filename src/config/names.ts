// The names that iproute2 has for tables, protocols, scopes, realms, types of service and interface groups.
import { readdirSync, readFileSync } from "node:fs";
import { bad, type Context } from "./context.ts";
import type { Settings } from "./settings.ts";
import { parseInteger } from "./values.ts";

/** Where iproute2 keeps its names; a later directory does not override an earlier one. */
const LOCAL = "/etc/iproute2";
const SHARED = ["/usr/share/iproute2", "/usr/lib/iproute2"];
let directories = [LOCAL, ...SHARED];

/** Names that hold on every machine (linux/rtnetlink.h, iproute2's own tables). */
const BUILT_IN = {
  rt_tables: { unspec: 0, default: 253, main: 254, local: 255 },
  rt_protos: {
    unspec: 0,
    redirect: 1,
    kernel: 2,
    boot: 3,
    static: 4,
    keepalived: 18,
    zebra: 11,
    bird: 12,
    dhcp: 16,
  },
  rt_scopes: { global: 0, universe: 0, site: 200, link: 253, host: 254, nowhere: 255 },
  rt_dsfield: {},
  rt_realms: { cosmos: 0 },
  group: { default: 0 },
} satisfies Record<string, Record<string, number>>;

/** A set of names. */
export type NameTable = keyof typeof BUILT_IN;

/** The highest number of each. */
const HIGHEST: Readonly<Record<NameTable, number>> = {
  rt_tables: 0xffff_ffff,
  rt_protos: 255,
  rt_scopes: 255,
  rt_dsfield: 255,
  // iproute2 takes no higher ones, and neither does keepalived.
  rt_realms: 255,
  group: 0xffff_ffff,
};

/** Other places of the names for the configuration that is being read: iproute_etc_dir and iproute_usr_dir. */
export function useDirectories(context: Context, globals: Settings): void {
  const given = ["iproute_etc_dir", "iproute_usr_dir"].map((keyword) => {
    const path = globals.text(keyword);
    const span = globals.span(keyword);
    if (path === undefined || span === null || path.startsWith("/")) return path;
    bad(context, span, `${keyword} ${path} is not an absolute path`, "it is ignored", "begin it with /");
    return undefined;
  });
  const [local, shared] = given;
  directories = [local ?? LOCAL, ...(shared === undefined ? SHARED : [shared])];
}

/** A number in decimal, hexadecimal (0x) or octal (0), as iproute2 reads it. */
export function parseNumber(text: string): number | undefined {
  if (/^0x[0-9a-f]{1,8}$/i.test(text)) return parseInt(text, 16);
  if (/^0[0-7]{1,11}$/.test(text)) return parseInt(text, 8);
  return /^\d/.test(text) ? parseInteger(text) : undefined;
}

/** The number of a name, or of a number in range; undefined for anything else. */
export function numberOf(table: NameTable, text: string): number | undefined {
  // Types of service are written in hexadecimal, with or without 0x.
  const number = table === "rt_dsfield" && /^(0x)?[0-9a-f]{1,2}$/i.test(text)
    ? parseInt(text.replace(/^0x/i, ""), 16)
    : parseNumber(text);
  if (number !== undefined) return number <= HIGHEST[table] ? number : undefined;
  const known: Record<string, number> = BUILT_IN[table];
  return Object.hasOwn(known, text) ? known[text] : readNames(table).get(text);
}

/** The names that this machine has in its files; files that are not there have none. */
function readNames(table: NameTable): Map<string, number> {
  const names = new Map<string, number>();
  for (const directory of directories) {
    const more = `${directory}/${table}.d`;
    const files = [`${directory}/${table}`, ...list(more).map((name) => `${more}/${name}`)];
    for (const line of files.flatMap((file) => read(file).split("\n"))) {
      const [, number = "", name = ""] = /^\s*(0x[0-9a-fA-F]+|\d+)\s+([^\s#]+)/.exec(line) ?? [];
      if (name !== "" && !names.has(name)) names.set(name, Number(number));
    }
  }
  return names;
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith(".conf")).sort();
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
