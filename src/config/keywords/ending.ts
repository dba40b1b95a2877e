// Keywords without effect that keepalived ends at when they stand without their argument.

/** By block. Whoever moves one to a table of keywords with effect deletes it here: there it ends by itself. */
export const ENDS_BARE: Record<string, ReadonlySet<string>> = {
  root: new Set(["virtual_server", "virtual_server_group"]),
  global_defs: new Set([
    "process_name",
    "vrrp_process_name",
    "checker_process_name",
    "lvs_process_name",
    "bfd_process_name",
    "bfd_rlimit_rttime",
    "bfd_rlimit_rtime",
    "checker_rlimit_rttime",
    "checker_rlimit_rtime",
    "nftables_ipvs_priority",
    "nftables_ipvs_start_fwmark",
  ]),
  vrrp_instance: new Set(["lvs_sync_daemon_interface"]),
};
