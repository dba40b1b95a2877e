// Keywords of track_file, vrrp_track_process, interface_up_down_delays and linkbeat_interfaces.
import { integer, type Row, seconds } from "./types.ts";

const WEIGHT = { kind: "weight", min: -254, max: 254 } as const;
const DELAY = seconds(0.000001, 3600);

// deno-fmt-ignore: one row a line
export const TRACK_FILE: Row[] = [
  ["file", { kind: "word" }, "PATH", "required", "File that begins with a whole number (decimal, 0x hexadecimal, 0 octal); missing or empty = 0", { twice: "first", missing: "warning" }],
  ["weight", WEIGHT, "-254..254 [reverse]", "1", "Number x weight is added to the priority, -254 or less means FAULT; 0 = another number than 0 means FAULT", { missing: "warning" }],
  ["init_file", { kind: "free" }, "[VALUE] [overwrite]", "0", "Make the file at start, not at a reload; an old one stays unless overwrite is given"],
];

// deno-fmt-ignore: one row a line
export const TRACK_PROCESS: Row[] = [
  ["process", { kind: "free" }, "PATH|NAME [ARGS...]", "required", "Program by its name or, with a slash, by the path it was called by; with arguments the command line is compared", { twice: "first" }],
  ["param_match", { kind: "choice", of: ["initial", "partial"], bare: "exact" }, "[initial|partial]", "exact if there are arguments", "initial: more arguments may follow; partial: the last one may go on"],
  ["full_command", { kind: "flag" }, "-", "off", "Compare the name it was called by instead of the kernel's, which has 15 characters"],
  ["weight", WEIGHT, "-254..254 [reverse]", "0", "0 = no quorum means FAULT; above 0 added while there is one, below 0 while not; reverse exchanges both", { twice: "first", missing: "warning" }],
  ["quorum", integer(1, 65535), "1..65535", "1 (0 if quorum_max is 0)", "Fewest processes that are good"],
  ["quorum_max", integer(0, 65535), "0..65535", "none", "Most processes that are good; 0 = none may run"],
  ["delay", DELAY, "SECONDS", "0", "Sets both of the next"],
  ["terminate_delay", DELAY, "SECONDS", "0", "How long a quorum that is lost still counts"],
  ["fork_delay", DELAY, "SECONDS", "0", "How long a quorum has to last until it counts"],
];

// deno-fmt-ignore: one row a line
export const UP_DOWN_DELAYS: Row[] = [
  ["IFNAME", null, "DOWN [UP]", "0 0", "Seconds with a fraction, each 0..255"],
];

// deno-fmt-ignore: one row a line
export const LINKBEAT: Row[] = [
  ["IFNAME", null, "[MII|ETHTOOL|IOCTL]", "the first that answers", "MII reads the register of the PHY, ETHTOOL asks the driver, IOCTL takes the flags of the interface; one that does not answer gives way to the next, with a warning"],
];
