// Keywords of vrrp_script.
import { integer, type Row, seconds } from "./types.ts";

/** keepalived keeps these in 32 bits of microseconds. */
const LONGEST_SECONDS = 4294;
const MOST = 0x7fff_ffff;

// deno-fmt-ignore: one row a line
export const VRRP_SCRIPT: Row[] = [
  ["script", { kind: "command", identity: false }, "CMD", "required", "Program, in quotes with its arguments; exit status 0 = good", { twice: "first", missing: "warning" }],
  ["interval", seconds(0, LONGEST_SECONDS), "SECONDS", "1", "Period; 0 is taken as 1"],
  ["timeout", seconds(0, LONGEST_SECONDS), "SECONDS", "interval", "Longest run; then it is ended and counts as failed; 0 = interval"],
  ["weight", { kind: "weight", min: -253, max: 253 }, "-253..253 [reverse]", "0", "0 = a failure means FAULT; above 0 added while good, below 0 while bad; reverse exchanges good and bad"],
  ["rise", integer(1, MOST), "N >= 1", "1", "Successes in a row that make it good"],
  ["fall", integer(1, MOST), "N >= 1", "1", "Failures in a row that make it bad"],
  ["user", { kind: "identity" }, "USER [GROUP]", "script_user", "Who runs it"],
  ["init_fail", { kind: "flag" }, "-", "off", "Counts as failed until its first result"],
];
