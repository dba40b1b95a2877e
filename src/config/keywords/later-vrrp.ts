// Keywords of the VRRP, tracking and BFD blocks that have no effect yet.

/** Block, then one keyword a line: name :: arguments :: default :: meaning. */
export const LATER_VRRP: Record<string, string> = {
  root: `
net_namespace_ipvs :: [NAME] :: same as net_namespace; empty = default namespace :: Namespace used for the IPVS socket only
bfd_instance :: NAME { } :: - :: BFD session (name at most 31 characters)
SSL :: { } :: - :: TLS settings for SSL_GET (may be empty)
virtual_server_group :: NAME { entries } :: - :: Set of VIP/port or fwmark entries sharing real servers
virtual_server :: IP [PORT] | fwmark N | group NAME { } :: - :: One IPVS service
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
`,
  vrrp_instance: `
use_vmac :: [[NAME] PHYS-IF] [MAC 5|6 octets] [netlink_notify_msg] [group N] :: off; name vrrp.VRID, MAC 00:00:5e:00:01|02:VRID :: Run on a macvlan with the virtual MAC
use_vmac_addr :: - :: off :: Also create VMACs for VIPs on other interfaces
vmac_xmit_base :: - :: off :: Send adverts from the parent interface
use_ipvlan :: [[NAME] PHYS-IF] [IP] [bridge|private|vepa] [group N] :: off :: Run on an ipvlan (L2)
track_bfd :: { NAME [weight N [reverse|noreverse]] } :: none :: BFD sessions to follow
lvs_sync_daemon_interface :: IFNAME :: - :: Deprecated, use lvs_sync_daemon
garp_extra_if :: [all] SECONDS 0..86400 :: global :: As vrrp_garp_extra_if
vmac_garp_intvl :: [all] SECONDS :: - :: Deprecated spelling of garp_extra_if
`,
  "address-entry": `
use_vmac :: - :: off :: Put this VIP on a VMAC of its own interface (needs dev; not for static)
`,
};
