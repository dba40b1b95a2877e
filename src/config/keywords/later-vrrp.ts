// Keywords of the VRRP, tracking and BFD blocks that have no effect yet.

/** Block, then one keyword a line: name :: arguments :: default :: meaning. */
export const LATER_VRRP: Record<string, string> = {
  root: `
net_namespace_ipvs :: [NAME] :: same as net_namespace; empty = default namespace :: Namespace used for the IPVS socket only
SSL :: { } :: - :: TLS settings for SSL_GET (may be empty)
virtual_server_group :: NAME { entries } :: - :: Set of VIP/port or fwmark entries sharing real servers
virtual_server :: IP [PORT] | fwmark N | group NAME { } :: - :: One IPVS service
`,
  vrrp_instance: `
use_vmac :: [[NAME] PHYS-IF] [MAC 5|6 octets] [netlink_notify_msg] [group N] :: off; name vrrp.VRID, MAC 00:00:5e:00:01|02:VRID :: Run on a macvlan with the virtual MAC
use_vmac_addr :: - :: off :: Also create VMACs for VIPs on other interfaces
vmac_xmit_base :: - :: off :: Send adverts from the parent interface
use_ipvlan :: [[NAME] PHYS-IF] [IP] [bridge|private|vepa] [group N] :: off :: Run on an ipvlan (L2)
lvs_sync_daemon_interface :: IFNAME :: - :: Deprecated, use lvs_sync_daemon
garp_extra_if :: [all] SECONDS 0..86400 :: global :: As vrrp_garp_extra_if
vmac_garp_intvl :: [all] SECONDS :: - :: Deprecated spelling of garp_extra_if
`,
  "address-entry": `
use_vmac :: - :: off :: Put this VIP on a VMAC of its own interface (needs dev; not for static)
`,
};
