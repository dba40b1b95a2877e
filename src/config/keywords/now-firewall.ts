// Keywords of global_defs that say how packets to held addresses are dropped.
import { integer, type Row } from "./types.ts";

// deno-fmt-ignore: one row a line
export const FIREWALL_DEFS: Row[] = [
  ["nftables", { kind: "word", bare: "baton" }, "[TABLE]", "baton", "Name of the nftables table (inet) in which no_accept and strict mode drop packets. Nobody else can change it, and it goes with the daemon, however that ends (Linux 5.12 or newer; before, the next start removes it). With -V it stays as the addresses do (before Linux 6.9 it can be flushed then, and while the daemon runs, too), where keepalived takes its table away and has the addresses answer. Where the name is taken, a number is put behind it", { twice: "first" }],
  ["nftables_priority", integer(-0x8000_0000, 0x7fff_ffff), "INT32", "-1", "Priority of its chains"],
  ["nftables_ifindex", { kind: "flag" }, "-", "off", "Tell link-local virtual addresses apart by the index of their interface and not by its name"],
  ["nftables_counters", { kind: "flag" }, "-", "off", "Count what is dropped; `nft list ruleset` shows it"],
];
