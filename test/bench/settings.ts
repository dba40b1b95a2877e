// What the bench wrote into a keepalived.conf, for daemons that cannot read one.
import { readFileSync } from "node:fs";

/** One instance of the file. */
export interface Instance {
  interface: string;
  vrid: number;
  addresses: string[];
}

/** All instances have the pace and the priority of the first. */
export interface Settings {
  version: 2 | 3;
  priority: number;
  intervalUs: number;
  instances: Instance[];
}

/** Reads a file that the bench has written: no parser for other ones. */
export function readSettings(file: string): Settings {
  const parts = readFileSync(file, "utf8").split("vrrp_instance ").slice(1);
  const word = (text: string, name: string) => new RegExp(`\\b${name} ([a-z0-9.]+)`).exec(text)?.[1] ?? "";
  const first = parts[0] ?? "";
  return {
    version: word(first, "version") === "2" ? 2 : 3,
    priority: Number(word(first, "priority")),
    intervalUs: Number(word(first, "advert_int")) * 1_000_000,
    instances: parts.map((text) => ({
      interface: word(text, "interface"),
      vrid: Number(word(text, "virtual_router_id")),
      addresses: [...text.matchAll(/([0-9.]+)\/\d+/g)].map((match) => match[1]!),
    })),
  };
}
