// Keywords of keepalived that are accepted without effect, for good: what they are about does not exist in baton.

/** Block, then one keyword a line: name :: arguments :: default :: meaning :: why it has no effect. */
export const ACCEPTED: Record<string, string> = {
  root: `
namespace_with_ipsets :: - :: off :: Use ipsets although running in a namespace (kernels before 3.13 did not isolate them) :: packets are dropped by nftables, which every namespace has for itself
`,
  global_defs: `
tmp_config_directory :: DIR :: memfd, else RUNSTATEDIR :: Where the consolidated copy for the children is kept :: baton is one process that reads the files once: there is no copy for children
process_names :: - :: off :: Give each process its own default name (keepalived_vrrp, keepalived_lvs, keepalived_bfd) :: baton is one process, and its name stays baton so that it is found
process_name :: NAME :: keepalived :: Name of the parent (15 chars) :: baton is one process, and its name stays baton so that it is found
vrrp_process_name :: NAME :: as parent / keepalived_vrrp :: Name of the VRRP child :: baton is one process, and its name stays baton so that it is found
checker_process_name :: NAME :: as parent / keepalived_lvs :: Name of the checker child (man page says keepalived_ipvs) :: baton is one process, and its name stays baton so that it is found
lvs_process_name :: NAME :: - :: Deprecated spelling of checker_process_name :: baton is one process, and its name stays baton so that it is found
bfd_process_name :: NAME :: as parent / keepalived_bfd :: Name of the BFD child :: baton is one process, and its name stays baton so that it is found
vrrp_no_swap :: - :: off :: mlockall in the VRRP child :: baton locks its memory always, as far as the system allows it
bfd_priority :: -20..19 :: 0 :: nice value of the BFD child :: baton is one process: there is no BFD child with settings of its own
bfd_no_swap :: - :: off :: mlockall in the BFD child :: baton is one process: there is no BFD child with settings of its own
bfd_rt_priority :: 1..99 :: none :: Realtime priority of the BFD child :: baton is one process: there is no BFD child with settings of its own
bfd_cpu_affinity :: CPU... :: all :: CPUs of the BFD child :: baton is one process: there is no BFD child with settings of its own
bfd_rlimit_rttime :: MICROSECONDS :: 10000 :: RLIMIT_RTTIME of the BFD child :: baton is one process: there is no BFD child with settings of its own
bfd_rlimit_rtime :: MICROSECONDS :: - :: Deprecated spelling :: baton is one process: there is no BFD child with settings of its own
snmp_socket :: SOCKET :: unix:/var/agentx/master :: AgentX master address :: baton has no SNMP agent; its status endpoint serves Prometheus metrics and JSON
enable_traps :: - :: off :: Send traps :: baton has no SNMP agent; its status endpoint serves Prometheus metrics and JSON
enable_snmp_vrrp :: - :: off :: VRRP part of KEEPALIVED-MIB :: baton has no SNMP agent; its status endpoint serves Prometheus metrics and JSON
enable_snmp_keepalived :: - :: - :: Deprecated spelling of enable_snmp_vrrp :: baton has no SNMP agent; its status endpoint serves Prometheus metrics and JSON
enable_snmp_rfc :: - :: off :: Both RFC2787 and RFC6527 MIBs :: baton has no SNMP agent; its status endpoint serves Prometheus metrics and JSON
enable_snmp_rfcv2 :: - :: off :: RFC2787 MIB :: baton has no SNMP agent; its status endpoint serves Prometheus metrics and JSON
enable_snmp_rfcv3 :: - :: off :: RFC6527 MIB :: baton has no SNMP agent; its status endpoint serves Prometheus metrics and JSON
enable_snmp_checker :: - :: off :: Checker part of KEEPALIVED-MIB :: baton has no SNMP agent; its status endpoint serves Prometheus metrics and JSON
enable_dbus :: - :: off :: Offer the D-Bus service :: baton has no D-Bus service; its control socket and status endpoint tell the same
dbus_service_name :: NAME :: org.keepalived.Vrrp1 :: Bus name :: baton has no D-Bus service; its control socket and status endpoint tell the same
dbus_no_interface_name :: STRING :: none :: Path element for instances without interface [newer than 2.2.7] :: baton has no D-Bus service; its control socket and status endpoint tell the same
vrrp_iptables :: [IN [OUT]] :: off; INPUT OUTPUT when bare :: Use iptables chains for no_accept; only when built with iptables :: packets are dropped by nftables, which needs neither iptables nor ipsets
vrrp_ipsets :: [NAME1 [NAME2 ... NAME6]] :: keepalived keepalived6 keepalived_if6 keepalived_igmp keepalived_mld keepalived_nd :: Names of the ipsets used together with vrrp_iptables (man page calls the last one keepalived_vmac_nd) :: packets are dropped by nftables, which needs neither iptables nor ipsets
`,
  "route-entry": `
as :: [to] IP :: - :: Translated destination :: the kernel heeds it for MPLS routes only, which keepalived cannot make either
ttl-propagate :: enabled|disabled :: kernel :: MPLS TTL :: the kernel heeds it for MPLS routes only, which keepalived cannot make either
`,
};
