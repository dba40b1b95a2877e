// Keywords of garp_group that have effect.
import { ALL, type Row, seconds } from "./types.ts";

const LONGEST_SECONDS = 0x7fff_ffff / 1e6;

// deno-fmt-ignore: one row a line
export const GARP_GROUP: Row[] = [
  ["garp_interval", seconds(0, LONGEST_SECONDS), "SECONDS", "0", "Smallest gap between two gratuitous ARPs on any of its interfaces"],
  ["gna_interval", seconds(0, LONGEST_SECONDS), "SECONDS", "0", "Smallest gap between two unsolicited neighbour advertisements on any of its interfaces"],
  ["interface", { kind: "interface" }, "IFNAME", "-", "One member", ALL],
  ["interfaces", { kind: "entries", entry: null }, "{ IFNAME... }", "-", "Several members", ALL],
];
