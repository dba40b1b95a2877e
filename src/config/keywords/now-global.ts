// Keywords of global_defs that have effect.
import { integer, type Row, seconds } from "./types.ts";

const LONGEST = 0xffff_ffff;

// deno-fmt-ignore: one row a line
export const GLOBAL_DEFS: Row[] = [
  ["router_id", { kind: "word" }, "STRING", "host name", "Name of this machine in notifications", { missing: "warning" }],
  ["enable_script_security", { kind: "boolean" }, "[BOOL]", "false", "Refuse a script that another user than the one it runs as could change"],
  ["script_user", { kind: "identity" }, "USER [GROUP]", "keepalived_script if it exists, else nobody", "Who runs scripts", { missing: "warning" }],
  ["vrrp_version", integer(2, 3), "2|3", "2", "Default protocol version; IPv6 instances always speak 3"],
  ["vrrp_garp_master_delay", seconds(0, LONGEST, true), "SECONDS", "5", "Delay of the second gratuitous ARP burst after becoming master; 0 = no second burst"],
  ["vrrp_garp_master_repeat", integer(0, LONGEST), "N", "5", "Gratuitous ARPs per address and burst; 0 is taken as 1"],
  ["vrrp_garp_master_refresh", seconds(0, LONGEST, true), "SECONDS", "0 = never", "Period of repeated gratuitous ARPs while master"],
  ["vrrp_garp_master_refresh_repeat", integer(0, LONGEST), "N", "1", "Gratuitous ARPs per address and refresh; 0 is taken as 1"],
  ["vrrp_garp_lower_prio_delay", seconds(0, LONGEST, true), "SECONDS", "vrrp_garp_master_delay", "Delay of the second burst after an advert of lower priority"],
  ["vrrp_garp_lower_prio_repeat", integer(0, LONGEST), "N", "vrrp_garp_master_repeat", "Gratuitous ARPs per address after an advert of lower priority"],
  ["vrrp_garp_interval", seconds(0, LONGEST / 1e6), "SECONDS", "0", "Smallest gap between two gratuitous ARPs on one interface"],
  ["vrrp_gna_interval", seconds(0, LONGEST / 1e6), "SECONDS", "0", "Smallest gap between two unsolicited neighbour advertisements on one interface"],
  ["vrrp_garp_extra_if", { kind: "free" }, "[all] SECONDS 0..86400", "0 = never", "Period of announcements, while master, of one address on each VMAC that the adverts do not leave from; with all: on each other interface that has addresses of the instance"],
  ["vrrp_vmac_garp_intvl", { kind: "free" }, "[all] SECONDS 0..86400", "0 = never", "Old name of vrrp_garp_extra_if"],
  ["vmac_prefix", { kind: "word" }, "STRING", "vrrp", "How the names of VMACs begin, at most 9 characters"],
  ["vmac_addr_prefix", { kind: "word" }, "STRING", "vmac_prefix", "The same for VMACs made by use_vmac of an address and by use_vmac_addr"],
  ["vrrp_skip_check_adv_addr", { kind: "boolean" }, "[BOOL]", "false", "Do not compare the address list of an advert from the same master as the last one"],
  ["vrrp_check_unicast_src", { kind: "flag" }, "-", "off", "Use unicast adverts of the configured peers only"],
  ["vrrp_strict", { kind: "boolean" }, "[BOOL]", "false", "Keep every instance to the letter of the RFCs"],
  ["vrrp_mcast_group4", { kind: "address", family: "ipv4", multicast: true }, "IP", "224.0.0.18", "Destination of IPv4 adverts"],
  ["vrrp_mcast_group6", { kind: "address", family: "ipv6", multicast: true }, "IP", "ff02::12", "Destination of IPv6 adverts"],
  ["dynamic_interfaces", { kind: "choice", of: ["allow_if_changes"], bare: "" }, "[allow_if_changes]", "always on", "Interfaces may come and go; baton always waits for them, so this changes nothing"],
  ["disable_local_igmp", { kind: "flag" }, "-", "off", "The kernel sends no IGMP reports for 224.0.0.0/24 (sysctl igmp_link_local_mcast_reports); put back at the end"],
  ["max_auto_priority", { kind: "integer", min: -1, max: 99, bare: 99 }, "[-1..99]", "no ceiling", "Ceiling of the real-time priority that baton takes by itself; -1 or 0 = none"],
  ["vrrp_rt_priority", integer(1, 99), "1..99", "chosen by baton", "Real-time priority (SCHED_FIFO) of the engine thread", { missing: "warning" }],
  ["vrrp_down_timer_adverts", integer(1, 100), "1..100", "3", "Adverts that may be missed before the master counts as dead"],
  ["v3_checksum_as_v2", { kind: "boolean" }, "[BOOL]", "false", "Send VRRPv3 over IPv4 with a checksum without pseudo-header (RFC 9568)"],
  ["json_version", integer(1, 2), "1|2", "1", "Shape of the JSON dump: an array of instances, or an object with that array under vrrp"],
  ["state_dump_file", { kind: "word" }, "PATH", "keepalived.data in $TMPDIR or /tmp", "What SIGUSR1 writes; a directory when it ends with a slash; the file of the settings gets _parent before its extension"],
  ["stats_dump_file", { kind: "word" }, "PATH", "keepalived.stats in $TMPDIR or /tmp", "What SIGUSR2 writes; keepalived accepts the keyword and ignores it"],
  ["json_dump_file", { kind: "word" }, "PATH", "keepalived.json in $TMPDIR or /tmp", "What the JSON signal (36) writes; keepalived accepts the keyword and ignores it"],
  ["vip_lease", { kind: "boolean" }, "[BOOL]", "true", "Addresses expire in the kernel unless the running daemon renews them; off = they stay after a crash", { own: true }],
];
