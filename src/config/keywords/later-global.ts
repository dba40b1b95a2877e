// Keywords of global_defs that have no effect yet.

/** Block, then one keyword a line: name :: arguments :: default :: meaning. */
export const LATER_GLOBAL: Record<string, string> = {
  global_defs: `
smtp_alert_checker :: [BOOL] :: unset :: Default smtp_alert for checkers
checker_log_all_failures :: [BOOL] :: false :: Log each failed attempt, not only the last retry
lvs_timeouts :: tcp N | tcpfin N | udp N ... :: kernel values :: IPVS protocol timeouts, 0..2678400 s, 0 = leave
lvs_flush :: - :: off :: Empty the IPVS table at start
lvs_flush_on_stop :: [VS] :: off :: At stop flush the whole IPVS table (bare) or delete own services without first removing their servers (VS)
lvs_flush_onstop :: [VS] :: - :: Deprecated spelling
lvs_sync_daemon :: IF [INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group IP] :: id=vrid or 0 :: Start IPVS connection sync, master/backup following a VRRP instance
nftables_ipvs :: [TABLE] :: keepalived_ipvs :: Use nftables fwmarks for virtual_server groups
nftables_ipvs_priority :: INT32 :: -1 :: Chain priority of that table
nftables_ipvs_start_fwmark :: 1..2^32-1 :: 1000 :: First fwmark handed out
lvs_notify_fifo :: PATH [USER [GROUP]] :: none :: FIFO for checker events
lvs_notify_fifo_script :: CMD :: none :: Reader of lvs_notify_fifo
checker_priority :: -20..19 :: 0 :: nice value of the checker child
checker_no_swap :: - :: off :: mlockall in the checker child
checker_rt_priority :: 1..99 :: none :: Realtime priority of the checker child
checker_cpu_affinity :: CPU... :: all :: CPUs of the checker child
checker_rlimit_rttime :: MICROSECONDS :: 10000 :: RLIMIT_RTTIME of the checker child
checker_rlimit_rtime :: MICROSECONDS :: - :: Deprecated spelling
snmp_vs_stats_update_interval :: SECONDS 0.001..30 :: 5 :: Cache time of virtual server counters [newer than 2.2.7]
snmp_rs_stats_update_interval :: SECONDS 0.001..30 :: = vs interval :: Cache time of real server counters [newer than 2.2.7]
lvs_netlink_cmd_rcv_bufs :: BYTES :: kernel :: As above for the checker
lvs_netlink_cmd_rcv_bufs_force :: BOOL :: false :: As above for the checker
lvs_netlink_monitor_rcv_bufs :: BYTES :: kernel :: As above for the checker
lvs_netlink_monitor_rcv_bufs_force :: BOOL :: false :: As above for the checker
rs_init_notifies :: - :: off :: Send real server UP/DOWN notifies at start and reload
no_checker_emails :: - :: off :: Mail only on quorum changes, not per checker
`,
};
