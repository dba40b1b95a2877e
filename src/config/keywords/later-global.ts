// Keywords of global_defs that have no effect yet.

/** Block, then one keyword a line: name :: arguments :: default :: meaning. */
export const LATER_GLOBAL: Record<string, string> = {
  global_defs: `
use_symlink_paths :: [BOOL] :: false :: Keep symlinks in script paths rather than resolving them [newer than 2.2.7]
set_supplementary_groups :: [BOOL] :: false :: Scripts run with the user's supplementary groups [newer than 2.2.7]
min_auto_priority_delay :: MICROSECONDS 1..10000000 :: 1000000 :: Lateness that triggers a raise
smtp_alert_checker :: [BOOL] :: unset :: Default smtp_alert for checkers
checker_log_all_failures :: [BOOL] :: false :: Log each failed attempt, not only the last retry
default_interface :: IFNAME :: eth0 :: Interface of static addresses without dev
lvs_timeouts :: tcp N | tcpfin N | udp N ... :: kernel values :: IPVS protocol timeouts, 0..2678400 s, 0 = leave
lvs_flush :: - :: off :: Empty the IPVS table at start
lvs_flush_on_stop :: [VS] :: off :: At stop flush the whole IPVS table (bare) or delete own services without first removing their servers (VS)
lvs_flush_onstop :: [VS] :: - :: Deprecated spelling
lvs_sync_daemon :: IF [INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group IP] :: id=vrid or 0 :: Start IPVS connection sync, master/backup following a VRRP instance
vrrp_min_garp :: [BOOL] :: false :: One GARP at take-over, no second burst, no refresh repeat
vrrp_lower_prio_no_advert :: [BOOL] :: false :: Do not answer a lower priority advert with an advert
vrrp_higher_prio_send_advert :: [BOOL] :: false :: Send one advert before yielding to a higher priority master
nftables :: [TABLE] :: keepalived :: Use nftables for no_accept and VMAC rules
nftables_priority :: INT32 :: -1 :: Chain priority
nftables_ifindex :: - :: off :: Match link-local VIPs by interface index instead of name
nftables_counters :: - :: off :: Add counters to the rules
vrrp_priority :: -20..19 :: 0 :: nice value of the VRRP child
vrrp_no_swap :: - :: off :: mlockall in the VRRP child
vrrp_cpu_affinity :: CPU... :: all :: CPUs of the VRRP child
vrrp_rlimit_rttime :: MICROSECONDS :: 10000 :: RLIMIT_RTTIME soft limit for a realtime VRRP child (exceeding it kills the child)
vrrp_rlimit_rtime :: MICROSECONDS :: - :: Deprecated spelling
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
vrrp_netlink_cmd_rcv_bufs :: BYTES :: kernel :: Receive buffer of the VRRP netlink command socket
vrrp_netlink_cmd_rcv_bufs_force :: BOOL :: false :: Use SO_RCVBUFFORCE for it
vrrp_netlink_monitor_rcv_bufs :: BYTES :: kernel :: Receive buffer of the VRRP netlink monitor socket
vrrp_netlink_monitor_rcv_bufs_force :: BOOL :: false :: Use SO_RCVBUFFORCE for it
process_monitor_rcv_bufs :: BYTES :: kernel :: Receive buffer of the proc connector socket
process_monitor_rcv_bufs_force :: BOOL :: false :: Use SO_RCVBUFFORCE for it
lvs_netlink_cmd_rcv_bufs :: BYTES :: kernel :: As above for the checker
lvs_netlink_cmd_rcv_bufs_force :: BOOL :: false :: As above for the checker
lvs_netlink_monitor_rcv_bufs :: BYTES :: kernel :: As above for the checker
lvs_netlink_monitor_rcv_bufs_force :: BOOL :: false :: As above for the checker
rs_init_notifies :: - :: off :: Send real server UP/DOWN notifies at start and reload
no_checker_emails :: - :: off :: Mail only on quorum changes, not per checker
vrrp_rx_bufs_policy :: MTU | ADVERT | BYTES :: kernel default :: How to size the receive buffer of VRRP sockets
vrrp_rx_bufs_multiplier :: N >= 1 :: 3 :: Factor applied to the policy size
vrrp_startup_delay :: SECONDS (fraction) :: 0 :: Do not start instances for this long after start
vrrp_delay_after_boot :: SECONDS (fraction) :: 0 :: As vrrp_startup_delay but measured from system boot (/proc/uptime) [newer than 2.2.7]
log_unknown_vrids :: - :: off :: Log adverts of VRIDs not configured
vrrp_owner_ignore_adverts :: [BOOL] :: unset (true in strict mode) :: Address owners ignore adverts instead of the duplicate-owner logic; not in man page [newer than 2.2.7]
umask :: octal or symbolic bits joined by | :: IXUSR|IRWXG|IRWXO (0177) :: umask for files written
random_seed :: UINT :: time based :: Seed of _RANDOM, for tests
reload_check_config :: [LOGFILE] :: off; /dev/null :: Run a config test first on SIGHUP and skip the reload when it fails
reload_time_file :: PATH :: none :: File holding a date/time at which to reload
reload_repeat :: - :: off :: Reload daily when the file holds a time only
reload_file :: [PATH] :: bare = RUNSTATEDIR/keepalived/keepalived[_INSTANCE].reload :: File created for the duration of a reload (removed when finished)
include_check :: none | all | [+|-]read|match|wildcard_match|brace_match ... :: none :: Default strictness of plain include (man page writes readable)
config_save_dir :: DIR :: none :: Keep a copy of the effective configuration of each (re)load
tmp_config_directory :: DIR :: memfd, else RUNSTATEDIR :: Where the consolidated copy for the children is kept
data_use_instance :: - :: off :: Put namespace/instance into dump file names
iproute_usr_dir :: DIR :: /usr/share/iproute2 (or build value) :: Where rt_tables etc. defaults live [newer than 2.2.7]
iproute_etc_dir :: DIR :: /etc/iproute2 :: Where local rt_tables etc. live [newer than 2.2.7]
`,
};
