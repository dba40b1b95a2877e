// Keywords of the VRRP, tracking and BFD blocks that have no effect yet.

/** Block, then one keyword a line: name :: arguments :: default :: meaning. */
export const LATER_VRRP: Record<string, string> = {
  root: `
net_namespace :: NAME :: current namespace :: Run everything in this network namespace; pid files move to RUNSTATEDIR/keepalived and some names get the namespace
net_namespace_ipvs :: [NAME] :: same as net_namespace; empty = default namespace :: Namespace used for the IPVS socket only
use_pid_dir :: - :: off :: Put pid files in RUNSTATEDIR/keepalived/
instance :: NAME :: none :: Name this daemon so that several can run; changes pid file, dump file and process ident names
child_wait_time :: SECONDS :: 5 :: How long the parent waits for children at stop before SIGKILL
track_group :: NAME { } :: - :: Group of VRRP instances that react when a static address/route/rule naming the group cannot be restored
bfd_instance :: NAME { } :: - :: BFD session (name at most 31 characters)
SSL :: { } :: - :: TLS settings for SSL_GET (may be empty)
virtual_server_group :: NAME { entries } :: - :: Set of VIP/port or fwmark entries sharing real servers
virtual_server :: IP [PORT] | fwmark N | group NAME { } :: - :: One IPVS service
`,
  track_group: `
group :: { INSTANCE... } :: - :: Instances of the group
`,
  bfd_instance: `
neighbor_ip :: IP :: required :: Peer
neighbour_ip :: IP :: - :: Same with other spelling
source_ip :: IP :: kernel choice :: Local address
min_rx :: MILLISECONDS (us precision) 1..1000 :: 10 :: Required minimum receive interval
min_tx :: MILLISECONDS 1..1000 :: 10 :: Desired minimum transmit interval
idle_tx :: MILLISECONDS 1000..10000 :: 1000 :: Transmit interval while down
multiplier :: 1..255 :: 5 :: Missed packets before down
passive :: - :: off :: Wait for the peer to start
ttl :: 1..255 :: 255 :: TTL of sent packets (IPv4)
hoplimit :: 1..255 :: 64 per code for IPv6 :: Same for IPv6 (synonym of ttl)
max_hops :: -1..255 :: 0 :: Highest number of hops accepted; -1 = any
multihop :: [BOOL] :: false :: Use UDP port 4784 instead of 3784 [newer than 2.2.7]
weight :: -253..253 [reverse] :: 0 :: Priority change of tracking instances; 0 = FAULT
vrrp :: - :: both if none given :: Send events to the VRRP child only
checker :: - :: both if none given :: Send events to the checker child only
`,
  vrrp_sync_group: `
track_bfd :: { NAME [weight N [reverse|noreverse]] } :: none :: Applies to every member
smtp_alert :: [BOOL] :: global default :: Mail on each event
notify_priority_changes :: [BOOL] :: vrrp_notify_priority_changes :: FIFO lines for priority changes of members
`,
  vrrp_instance: `
use_vmac :: [[NAME] PHYS-IF] [MAC 5|6 octets] [netlink_notify_msg] [group N] :: off; name vrrp.VRID, MAC 00:00:5e:00:01|02:VRID :: Run on a macvlan with the virtual MAC
use_vmac_addr :: - :: off :: Also create VMACs for VIPs on other interfaces
vmac_xmit_base :: - :: off :: Send adverts from the parent interface
use_ipvlan :: [[NAME] PHYS-IF] [IP] [bridge|private|vepa] [group N] :: off :: Run on an ipvlan (L2)
track_bfd :: { NAME [weight N [reverse|noreverse]] } :: none :: BFD sessions to follow
no_accept :: - :: off :: Drop packets to VIPs (RFC accept mode false)
lvs_sync_daemon_interface :: IFNAME :: - :: Deprecated, use lvs_sync_daemon
garp_extra_if :: [all] SECONDS 0..86400 :: global :: As vrrp_garp_extra_if
vmac_garp_intvl :: [all] SECONDS :: - :: Deprecated spelling of garp_extra_if
`,
  "address-entry": `
peer :: IP[/MASK] :: none :: Point to point peer
home :: - :: off :: Mobile IPv6 home address
-nodad :: - :: NODAD is set :: Let the kernel do duplicate address detection (IPv6)
mngtmpaddr :: - :: off :: Manage temporary addresses (IPv6)
noprefixroute :: - :: off :: No prefix route
autojoin :: - :: off :: Join the multicast address
no_track :: - :: off :: Do not react when someone deletes it
preferred_lft :: SECONDS|forever :: forever (0 for IPv6 host prefixes) :: Preferred lifetime (IPv6)
use_vmac :: - :: off :: Put this VIP on a VMAC of its own interface (needs dev; not for static)
track_group :: NAME :: none :: Static only: group that goes to FAULT when it cannot be restored
`,
};
