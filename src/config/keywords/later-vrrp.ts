// Keywords of the VRRP, tracking and BFD blocks that have no effect yet.

/** Block, then one keyword a line: name :: arguments :: default :: meaning. */
export const LATER_VRRP: Record<string, string> = {
  root: `
linkbeat_use_polling :: - :: off :: Poll link state (MII, ethtool, ioctl) once a second instead of trusting netlink; for every interface
net_namespace :: NAME :: current namespace :: Run everything in this network namespace; pid files move to RUNSTATEDIR/keepalived and some names get the namespace
net_namespace_ipvs :: [NAME] :: same as net_namespace; empty = default namespace :: Namespace used for the IPVS socket only
use_pid_dir :: - :: off :: Put pid files in RUNSTATEDIR/keepalived/
instance :: NAME :: none :: Name this daemon so that several can run; changes pid file, dump file and process ident names
child_wait_time :: SECONDS :: 5 :: How long the parent waits for children at stop before SIGKILL
track_group :: NAME { } :: - :: Group of VRRP instances that react when a static address/route/rule naming the group cannot be restored
garp_group :: { } :: - :: Interfaces that share one rate limit for GARP/NA
linkbeat_interfaces :: { IF [MII|ETHTOOL|IOCTL] } :: - :: Interfaces polled for link state
bfd_instance :: NAME { } :: - :: BFD session (name at most 31 characters)
SSL :: { } :: - :: TLS settings for SSL_GET (may be empty)
virtual_server_group :: NAME { entries } :: - :: Set of VIP/port or fwmark entries sharing real servers
virtual_server :: IP [PORT] | fwmark N | group NAME { } :: - :: One IPVS service
`,
  track_group: `
group :: { INSTANCE... } :: - :: Instances of the group
`,
  garp_group: `
garp_interval :: SECONDS (6 dp) :: 0 :: Gap between ARPs over all members
gna_interval :: SECONDS (6 dp) :: 0 :: Gap between neighbour adverts over all members
interface :: IFNAME :: - :: One member
interfaces :: { IFNAME... } :: - :: Several members
`,
  linkbeat_interfaces: `
IFNAME :: [MII|ETHTOOL|IOCTL] :: first method that works :: Poll this interface with the given method
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
unicast_fault_no_peer :: - :: off :: No peers in an (empty) unicast_peer block = FAULT rather than a lone master
old_unicast_checksum :: [never] :: auto-detect :: v3 unicast checksum of releases up to 1.3.6; never = do not auto-detect (build option)
vrf :: IFNAME :: none :: VRF to bind to when no interface is given
dont_track_primary :: - :: off :: Do not go to FAULT when interface is down
track_bfd :: { NAME [weight N [reverse|noreverse]] } :: none :: BFD sessions to follow
track_src_ip :: - :: off :: FAULT when the configured source address is missing
unicast_ttl :: 0..255 :: 255 :: TTL / hop limit of unicast adverts
linkbeat_use_polling :: - :: - :: Deprecated, use linkbeat_interfaces
no_accept :: - :: off :: Drop packets to VIPs (RFC accept mode false)
lvs_sync_daemon_interface :: IFNAME :: - :: Deprecated, use lvs_sync_daemon
timer_expired_backup :: [PRIO 1..254] :: off; 254 :: A master whose timer ran late yields at once if others have taken over; needs nopreempt [newer than 2.2.7]
thread_timer_expired :: [PRIO] :: - :: Synonym of timer_expired_backup [newer than 2.2.7]
lower_prio_no_advert :: [BOOL] :: global :: As global
higher_prio_send_advert :: [BOOL] :: global :: As global
owner_ignore_adverts :: [BOOL] :: global :: As global; not in man page [newer than 2.2.7]
kernel_rx_buf_size :: BYTES :: kernel :: Receive buffer of the socket
`,
  "vrrp_instance/unicast_peer-entry": `
min_ttl :: 0..255 :: 0 :: Lowest TTL accepted from the peer
max_ttl :: 0..255 :: 255 :: Highest TTL accepted from the peer
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
track_group :: NAME :: none :: Static only: group that goes to FAULT when it cannot be restored
`,
};
