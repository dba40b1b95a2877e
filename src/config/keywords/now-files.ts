// The directives of the file reader and the blocks of the top level that have effect.
import type { Row } from "./types.ts";

// deno-fmt-ignore: one row a line
export const DIRECTIVES: Row[] = [
  ["include", null, "PATH-GLOB", "-", "Read other files in place; a pattern may match none; paths are relative to this file"],
  ["includer", null, "PATH-GLOB", "-", "As include, but a matched file that cannot be read is an error"],
  ["includem", null, "PATH-GLOB", "-", "As includer, and a named file that does not exist is an error"],
  ["includew", null, "PATH-GLOB", "-", "As includem, and a wildcard that matches nothing is an error too"],
  ["includeb", null, "PATH-GLOB", "-", "As includer, with brace alternatives checked"],
  ["includea", null, "PATH-GLOB", "-", "All checks on"],
  ["@ID", null, "rest of the line", "host name up to the first dot", "Keep the line only if ID is the configuration id"],
  ["@^ID", null, "rest of the line", "-", "Keep the line only if ID is not the configuration id"],
  ["$NAME=", null, "value, ending in \\ to go on", "-", "Define a text that $NAME and ${NAME} stand for; expanded where it is used"],
  ["${_PWD}", null, "-", "-", "Directory of the file that is being read"],
  ["${_INSTANCE}", null, "-", "-", "The configuration id"],
  ["${_RANDOM}", null, "[MIN [MAX]]", "0 32767", "A random whole number"],
  ["${_ENV}", null, "VARNAME", "-", "Value of an environment variable; empty when it is not set"],
  ["${_HASH}", null, "-", "#", "A hash sign that starts no comment"],
  ["${_BANG}", null, "-", "!", "An exclamation mark that starts no comment"],
  ["~SEQ", null, "(var,[start,[step,]]end) rest", "start 1 (-1 if end is negative), step 1 or -1", "Repeat the rest of the line once for each number"],
  ["~SEQx", null, "(var,[start,[step,]]end) rest", "as ~SEQ", "As ~SEQ, with the numbers in hexadecimal"],
  ["~LST", null, "(var,v1,v2...) or ({a,b},{1,2}...) rest", "missing members are empty", "Repeat the rest of the line once for each member"],
];

// deno-fmt-ignore: one row a line
export const ROOT: Row[] = [
  ["global_defs", { kind: "block", block: "global_defs" }, "{ }", "-", "Settings of the daemon, and defaults of the instances", { twice: "all" }],
  ["static_ipaddress", { kind: "entries", entry: "address-entry" }, "{ address entries }", "-", "Addresses kept for the life of the daemon, put back if deleted", { twice: "all" }],
  ["static_routes", { kind: "entries", entry: "route-entry" }, "{ route entries }", "-", "Routes kept for the life of the daemon, put back if deleted", { twice: "all" }],
  ["static_rules", { kind: "entries", entry: "rule-entry" }, "{ rule entries }", "-", "Routing policy rules kept for the life of the daemon, put back if deleted", { twice: "all" }],
  ["vrrp_instance", { kind: "named", block: "vrrp_instance" }, "NAME { }", "-", "One virtual router", { twice: "all", missing: "warning" }],
  ["vrrp_sync_group", { kind: "named", block: "vrrp_sync_group" }, "NAME { }", "-", "Instances that are master together or not at all", { twice: "all" }],
  ["track_group", { kind: "named", block: "track_group" }, "NAME { }", "-", "Instances that are at fault while a static address, route or rule that names the group is missing and cannot be put back", { twice: "all" }],
  ["track_file", { kind: "named", block: "track_file" }, "NAME { }", "-", "A file that holds a number", { twice: "all" }],
  ["vrrp_track_file", { kind: "named", block: "track_file" }, "NAME { }", "-", "Old spelling of track_file", { twice: "all" }],
  ["vrrp_track_process", { kind: "named", block: "vrrp_track_process" }, "NAME { }", "-", "Processes that run, counted", { twice: "all" }],
  ["bfd_instance", { kind: "named", block: "bfd_instance" }, "NAME { }", "-", "A BFD session (RFC 5880, asynchronous mode, without authentication); names of at most 31 characters", { twice: "all" }],
  ["interface_up_down_delays", { kind: "entries", entry: "interface_up_down_delays" }, "{ IFNAME DOWN [UP] }", "0 0", "Seconds (0..255) that an interface has to be down, or up again, until that counts", { twice: "all" }],
  ["garp_group", { kind: "block", block: "garp_group", apart: true }, "{ }", "-", "Interfaces that share one limit of their gratuitous ARPs and neighbour advertisements", { twice: "all" }],
  ["linkbeat_interfaces", { kind: "entries", entry: "linkbeat_interfaces" }, "{ IF [MII|ETHTOOL|IOCTL] }", "none", "Interfaces whose driver is asked for the link once a second, instead of trusting netlink", { twice: "all" }],
  ["linkbeat_use_polling", { kind: "flag" }, "-", "off", "The same for every interface of an instance or in its track_interface"],
  ["vrrp_script", { kind: "named", block: "vrrp_script" }, "NAME { }", "-", "A check program that runs periodically", { twice: "all" }],
];
