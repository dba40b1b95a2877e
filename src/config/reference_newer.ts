// The part of the configuration reference about keywords that keepalived 2.2.7 does not know yet.

/** Keywords with effect by block. */
export const NEWER: Record<string, readonly string[]> = {
  global_defs: [
    "iproute_etc_dir",
    "iproute_usr_dir",
    "json_dump_file",
    "json_version",
    "set_supplementary_groups",
    "state_dump_file",
    "stats_dump_file",
    "use_symlink_paths",
    "v3_checksum_as_v2",
    "vrrp_delay_after_boot",
    "vrrp_owner_ignore_adverts",
  ],
  vrrp_instance: [
    "auth_hmac",
    "no_virtual_ipaddress",
    "owner_ignore_adverts",
    "thread_timer_expired",
    "timer_expired_backup",
    "v3_checksum_as_v2",
  ],
  bfd_instance: ["multihop"],
};

/** Markdown. */
export const NEWER_LINE = `Keywords newer than keepalived 2.2.7 are taken, though 2.2.7 calls them unknown: ${
  Object.entries(NEWER).map(([block, names]) =>
    `in \`${block}\` ${names.map((name) => `\`${name}\``).join(", ")}`
  ).join("; ")
}. So are newer words and values, which 2.2.7 complains of: fractions of a second in \`interval\` and \`timeout\` of
\`vrrp_script\`, \`none\` and \`all\` of \`include_check\`, and in \`use_vmac\` the interface below, \`group\` and
\`netlink_notify_msg\`.

`;
