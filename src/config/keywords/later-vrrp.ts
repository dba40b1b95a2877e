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
lvs_sync_daemon_interface :: IFNAME :: - :: Deprecated, use lvs_sync_daemon
`,
};
