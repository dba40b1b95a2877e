// Keywords of vrrp_instance and the blocks inside it that have effect.
import { ALL, FIRST, integer, NOTIFY, type Row, seconds, trackRows } from "./types.ts";

const LONGEST = 0xffff_ffff;
/** keepalived keeps some times in 32 bits of microseconds. */
const LONGEST_DELAY = 4294;

// deno-fmt-ignore: one row a line
export const VRRP_INSTANCE: Row[] = [
  ["state", { kind: "choice", of: ["MASTER", "BACKUP"] }, "MASTER|BACKUP", "BACKUP (MASTER when the priority is 255)", "Wanted state at start only", FIRST],
  ["interface", { kind: "interface" }, "IFNAME", "required unless vrf is given", "Interface of the instance"],
  ["virtual_router_id", integer(1, 255), "1..255", "required", "VRID: the number that all routers of this virtual router share"],
  ["priority", integer(1, 255), "1..255", "100 (255 if state is MASTER and none is given)", "Base priority; the highest becomes master; 255 = address owner"],
  ["version", integer(2, 3), "2|3", "vrrp_version", "Protocol version", FIRST],
  ["advert_int", seconds(0.01, 255), "SECONDS 0.01..255", "1", "Advert interval; whole seconds in version 2, steps of 10 ms up to 40.95 s in version 3"],
  ["preempt", { kind: "flag" }, "-", "on", "Take over from a master of lower priority"],
  ["nopreempt", { kind: "flag" }, "-", "off", "Leave a master of lower priority alone; needs state BACKUP and a priority below 255"],
  ["preempt_delay", seconds(0, 1000), "SECONDS 0..1000", "0", "Wait before preempting, counted from the first advert of lower priority"],
  ["authentication", { kind: "block", block: "vrrp_instance/authentication" }, "{ }", "none", "VRRPv2 authentication", ALL],
  ["auth_hmac", { kind: "block", block: "vrrp_instance/auth_hmac" }, "{ }", "none", "Adverts are signed with HMAC-SHA-256 and a time stamp, versions 2 and 3 (keepalived 2.4.2 and later)", ALL],
  ["unicast_src_ip", { kind: "address" }, "IP", "primary address of the interface", "Source of unicast adverts"],
  ["unicast_peer", { kind: "entries", entry: "vrrp_instance/unicast_peer-entry" }, "{ IP }", "multicast", "Send to these routers instead of multicast", ALL],
  ["mcast_src_ip", { kind: "address" }, "IP", "primary address of the interface", "Source of multicast adverts"],
  ["mcast_dst_ip", { kind: "address", multicast: true }, "IP", "vrrp_mcast_group4, vrrp_mcast_group6", "Destination group of this instance"],
  ["virtual_ipaddress", { kind: "entries", entry: "address-entry" }, "{ address entries }", "required for version 3", "Virtual addresses, announced in adverts, of one family", ALL],
  ["virtual_ipaddress_excluded", { kind: "entries", entry: "address-entry" }, "{ address entries }", "none", "Addresses added and removed but not announced, of any family", ALL],
  ["virtual_routes", { kind: "entries", entry: "route-entry" }, "{ route entries }", "none", "Routes while master, added after the addresses", ALL],
  ["virtual_rules", { kind: "entries", entry: "rule-entry" }, "{ rule entries }", "none", "Routing policy rules while master, added after the routes", ALL],
  ["no_virtual_ipaddress", { kind: "flag" }, "-", "off", "Allow an instance without virtual addresses"],
  ["garp_master_delay", seconds(0, LONGEST_DELAY, true), "SECONDS", "vrrp_garp_master_delay", "Delay of the second gratuitous ARP burst; 0 = no second burst"],
  ["garp_master_repeat", integer(0, LONGEST), "N", "vrrp_garp_master_repeat", "Gratuitous ARPs per address and burst; 0 is taken as 1"],
  ["garp_master_refresh", seconds(0, LONGEST, true), "SECONDS", "vrrp_garp_master_refresh", "Period of repeated gratuitous ARPs while master; 0 = never"],
  ["garp_master_refresh_repeat", integer(0, LONGEST), "N", "vrrp_garp_master_refresh_repeat", "Gratuitous ARPs per address and refresh; 0 is taken as 1"],
  ["garp_lower_prio_delay", seconds(0, LONGEST_DELAY, true), "SECONDS", "vrrp_garp_lower_prio_delay", "Delay of the second burst after an advert of lower priority"],
  ["garp_lower_prio_repeat", integer(0, 0x7fff_ffff), "N", "vrrp_garp_lower_prio_repeat", "Gratuitous ARPs per address after an advert of lower priority; 0 = none"],
  ["garp_extra_if", { kind: "free" }, "[all] SECONDS 0..86400", "vrrp_garp_extra_if", "Period of announcements, while master, of one address on each other interface that has some; as the global keyword"],
  ["vmac_garp_intvl", { kind: "free" }, "[all] SECONDS 0..86400", "vrrp_garp_extra_if", "Old name of garp_extra_if"],
  ["use_vmac", { kind: "free" }, "[[NAME] PHYS-IF] [MAC 5|6 octets] [netlink_notify_msg] [group N]", "off; name vrrp.VRID, MAC 00:00:5e:00:01|02:VRID", "The addresses stand on a macvlan with the virtual MAC address, which adverts and announcements carry, so no neighbour has to learn another one; see below", FIRST],
  ["use_vmac_addr", { kind: "flag" }, "-", "off", "Each other interface that has addresses of the instance gets a VMAC for them"],
  ["vmac_xmit_base", { kind: "flag" }, "-", "off (unicast: on)", "Adverts carry the MAC address of the interface"],
  ["use_ipvlan", { kind: "free" }, "[[NAME] PHYS-IF] [IP] [bridge|private|vepa] [group N]", "off; name vrrp.VRID, bridge", "The instance speaks, hears and has its addresses on an ipvlan (L2), which has the MAC address of the interface below and IP as its own address; IPv4 needs that, or the instance stays in FAULT; see below"],
  ["down_timer_adverts", integer(1, 100), "1..100", "vrrp_down_timer_adverts", "Adverts that may be missed before the master counts as dead"],
  ["accept", { kind: "flag" }, "-", "on (strict mode: off unless priority 255)", "Accept packets to the virtual addresses"],
  ["promote_secondaries", { kind: "flag" }, "-", "off", "Another address becomes primary when the primary one of its subnet goes (sysctl of the interface, put back at the end)"],
  ["no_accept", { kind: "flag" }, "-", "off", "Drop packets to and from the virtual addresses, with nftables; ARP, neighbour discovery and VRRP go on. With priority 255 they are accepted all the same"],
  ["skip_check_adv_addr", { kind: "boolean" }, "[BOOL]", "vrrp_skip_check_adv_addr", "Do not compare the address list of an advert from the same master as the last one"],
  ["check_unicast_src", { kind: "flag" }, "-", "vrrp_check_unicast_src", "Use adverts of the configured peers only"],
  ["strict_mode", { kind: "boolean" }, "[BOOL]", "vrrp_strict", "Keep this instance to the letter of the RFCs"],
  ["v3_checksum_as_v2", { kind: "boolean" }, "[BOOL]", "global v3_checksum_as_v2", "Send VRRPv3 over IPv4 with a checksum without pseudo-header (RFC 9568)"],
  ["native_ipv6", { kind: "flag" }, "-", "family of the first virtual address", "Force IPv6"],
  ["track_interface", { kind: "entries", entry: "track-entry" }, "{ IF [weight N [reverse]] }", "none", "More interfaces to follow; without a weight, one that is down means FAULT", ALL],
  ...trackRows("to follow"),
  ["notify", NOTIFY, "CMD [USER [GROUP]]", "none", "Run on each event with INSTANCE, name, state and priority appended", FIRST],
  ["notify_master", NOTIFY, "CMD [USER [GROUP]]", "none", "Run on becoming master", FIRST],
  ["notify_backup", NOTIFY, "CMD [USER [GROUP]]", "none", "Run on becoming backup", FIRST],
  ["notify_fault", NOTIFY, "CMD [USER [GROUP]]", "none", "Run on a fault", FIRST],
  ["notify_stop", NOTIFY, "CMD [USER [GROUP]]", "none", "Run at stop", FIRST],
  ["notify_deleted", { kind: "command", identity: true, bare: true }, "[CMD [USER [GROUP]]]", "off", "An instance that a reload takes away reports DELETED, not FAULT, and runs this", FIRST],
  ["notify_master_rx_lower_pri", NOTIFY, "CMD [USER [GROUP]]", "none", "Run when a master hears a lower priority advert; at most once a second", FIRST],
  ["notify_priority_changes", { kind: "boolean" }, "[BOOL]", "vrrp_notify_priority_changes", "The FIFOs hear of changes of its effective priority"],
  ["smtp_alert", { kind: "boolean" }, "[BOOL]", "smtp_alert_vrrp", "Mail on each of its events"],
  ["debug", integer(0, 4), "0..4", "0", "Above 0 the instance logs in detail"],
  ["lower_prio_no_advert", { kind: "boolean" }, "[BOOL]", "vrrp_lower_prio_no_advert", "A master does not answer an advert of lower priority with its own"],
  ["higher_prio_send_advert", { kind: "boolean" }, "[BOOL]", "vrrp_higher_prio_send_advert", "A master that yields to a better one sends one advert more"],
  ["owner_ignore_adverts", { kind: "boolean" }, "[BOOL]", "vrrp_owner_ignore_adverts", "With priority 255, hear nobody (strict mode: on)"],
  ["timer_expired_backup", { kind: "integer", min: 1, max: 254, bare: 254 }, "[PRIORITY 1..254]", "off; 254", "A master that stood still for longer than a backup of this priority waits yields to whoever has taken over; needs nopreempt"],
  ["thread_timer_expired", { kind: "integer", min: 1, max: 254, bare: 254 }, "[PRIORITY 1..254]", "off; 254", "Same as timer_expired_backup"],
  ["unicast_fault_no_peer", { kind: "flag" }, "-", "off", "Without any usable entry in unicast_peer: FAULT; without this such an instance uses multicast, with a warning"],
  ["unicast_ttl", integer(0, 255), "0..255", "255", "TTL or hop limit of unicast adverts"],
  ["dont_track_primary", { kind: "flag" }, "-", "off", "An interface of the instance that is down is no fault; one that does not exist is"],
  ["track_src_ip", { kind: "flag" }, "-", "off", "A source address of multicast adverts that no interface has is a fault; one of unicast adverts always is"],
  ["kernel_rx_buf_size", integer(1, 0x7fff_ffff), "BYTES", "vrrp_rx_bufs_policy", "Receive buffer of the socket that hears its adverts; the largest of the instances that share it counts", { missing: "warning" }],
  ["linkbeat_use_polling", { kind: "flag" }, "-", "off", "Old spelling of linkbeat_interfaces, for its interface"],
  ["old_unicast_checksum", { kind: "choice", of: ["never"], bare: "send" }, "[never]", "off", "Send VRRPv3 unicast adverts with the checksum of keepalived up to 1.3.6. Adverts that have it are used anyway, unless this is never"],
  ["vrf", { kind: "interface" }, "IFNAME", "none", "VRF to bind to in place of an interface; with unicast_peer and unicast_src_ip only. Addresses then need dev"],
  ["vip_lease", { kind: "boolean" }, "[BOOL]", "global vip_lease", "As the global keyword, for this instance", { own: true }],
];

// deno-fmt-ignore: one row a line
export const AUTHENTICATION: Row[] = [
  ["auth_type", { kind: "choice", of: ["PASS", "AH"] }, "PASS|AH", "none", "Simple password, or IPsec AH (IPv4 only)"],
  ["auth_pass", { kind: "secret" }, "STRING", "-", "Password; only the first 8 bytes count"],
];

// deno-fmt-ignore: one row a line
export const AUTH_HMAC: Row[] = [
  ["key", { kind: "lines" }, "ID VALUE|hex:..|file:PATH", "-", "A key of 32..64 bytes under an id of 1..255; a relative file is a credential of systemd", ALL],
  ["active_key", integer(1, 255), "ID", "the only key", "The key that signs; the others verify only"],
  ["time_window", seconds(1, 300), "SECONDS 1..300", "3 x advert_int, at least 5", "Tolerated age or clock skew of an advert"],
  ["anti_replay", { kind: "choice", of: ["time", "monotonic"] }, "time|monotonic", "time", "monotonic: time stamps must only grow, whatever our clock says"],
  ["mode", { kind: "choice", of: ["enforce", "permissive", "receive-only"] }, "enforce|permissive|receive-only", "enforce", "permissive: unsigned adverts are taken too; receive-only: so they are, and none is signed"],
];

// deno-fmt-ignore: one row a line
export const UNICAST_PEER: Row[] = [
  ["IP", null, "address", "-", "A peer"],
  ["min_ttl", null, "0..255", "0", "Lowest TTL or hop limit with which adverts of this peer are used"],
  ["max_ttl", null, "0..255", "255", "Highest one"],
];

// deno-fmt-ignore: one row a line
export const TRACK: Row[] = [
  ["weight", null, "-254..254", "the own weight of what is tracked, else 0", "Override for this instance; 0 = a failure means FAULT"],
  ["reverse", null, "-", "-", "Exchange good and bad for this instance"],
  ["noreverse", null, "-", "-", "Cancel its own reverse (not for interfaces)"],
];

// deno-fmt-ignore: one row a line
export const ADDRESS: Row[] = [
  ["IP[/MASK]", null, "address", "/32 or /128", "The address"],
  ["dev", null, "IFNAME", "interface of the instance; default_interface for static ones", "Where to add it"],
  ["scope", null, "SCOPE", "global", "host, link, site, global, nowhere, or a number 0..255"],
  ["broadcast", null, "IP | + | -", "none", "IPv4 broadcast address; + = host bits all ones, - = all zeros"],
  ["brd", null, "IP | + | -", "none", "Short for broadcast"],
  ["label", null, "STRING", "none", "IPv4 label, at most 15 characters"],
  ["peer", null, "IP[/MASK]", "none", "Far end of a point-to-point address; the prefix length is that of the peer (keepalived 2.2.7 refuses one)"],
  ["home", null, "-", "off", "IPv6: home address of a mobile node"],
  ["-nodad", null, "-", "no detection", "IPv6: the kernel does duplicate address detection, so the address answers a second later"],
  ["mngtmpaddr", null, "-", "off", "IPv6: the kernel makes temporary addresses from it; the prefix length must be 64"],
  ["noprefixroute", null, "-", "off", "The kernel makes no route to the prefix of the address"],
  ["autojoin", null, "-", "off", "Joins the group that a multicast address names; such an address has no lifetime, as many may hold it"],
  ["no_track", null, "-", "off", "Not put back when somebody removes it"],
  ["track_group", null, "NAME", "none", "static_ipaddress only: the instances of the group are at fault while the address is missing"],
  ["preferred_lft", null, "SECONDS|forever", "forever (0 for an IPv6 host prefix)", "IPv6: how long it may be the source of new connections, from when it is added; vip_lease renews what is left of that"],
  ["use_vmac", null, "-", "off", "Put it on a VMAC of its interface (not for static addresses)"],
];
