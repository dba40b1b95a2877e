// Keywords of the top level and of global_defs about the process itself, its files and its reloads.
import { type Row, seconds } from "./types.ts";

// deno-fmt-ignore: one row a line
export const PROCESS_ROOT: Row[] = [
  ["net_namespace", { kind: "word" }, "NAME", "where it is started", "Network namespace (a name of ip netns) that everything runs in, scripts included; under keepalived's name the pid files are in /run/keepalived/NAME. Takes a restart", { missing: "warning" }],
  ["instance", { kind: "word" }, "NAME", "none", "Name of this daemon, so that several can run beside each other: in the names of its pid files, of its directory under /run/baton and of its lines in syslog. Takes a restart", { missing: "warning" }],
  ["use_pid_dir", { kind: "flag" }, "-", "off", "Pid files are in /run/keepalived and not in /run, under keepalived's name. Takes a restart"],
  ["child_wait_time", seconds(0, 3600, true), "SECONDS", "5", "How long scripts and mail may still take at the stop"],
];

// deno-fmt-ignore: one row a line
export const PROCESS_DEFS: Row[] = [
  ["umask", { kind: "word" }, "OCTAL or IRUSR|IWGRP|...", "as inherited; dumps are 0600", "Mask of the modes of new files, of scripts as well. Takes a restart"],
  ["use_symlink_paths", { kind: "boolean" }, "[BOOL]", "false", "Run scripts under the path that is written here; else symbolic links among its directories are resolved first, so that nobody can turn them in between"],
  ["random_seed", { kind: "integer", min: 0, max: 0xffff_ffff }, "UINT", "another one each time", "From here on ${_RANDOM} gives the same numbers each time: for tests"],
  ["include_check", { kind: "free" }, "[none | all | [+|-]read|match|wildcard_match|brace_match ...]", "none; all when bare", "What of the plain include is an error from here on, in this file and those that it includes: a file that cannot be read, a path or alternative without a file, a pattern without one"],
  ["reload_check_config", { kind: "word", bare: "/dev/null" }, "[LOGFILE]", "a reload is always checked first", "File that gets the findings of each reload"],
  ["reload_time_file", { kind: "word" }, "PATH", "none", "File whose first line is the time of a reload: HH:MM:SS or [YY]YY-MM-DD HH:MM:SS, with Z in UTC; removed when that time has come", { missing: "warning" }],
  ["reload_repeat", { kind: "flag" }, "-", "off", "reload_time_file stays, and a time without a date counts each day"],
  ["reload_file", { kind: "word", bare: "" }, "[PATH]", "none; /run/keepalived/keepalived[_INSTANCE].reload when bare", "File that is there and empty while the configuration is being read at a reload"],
  ["config_save_dir", { kind: "word" }, "DIR", "none", "Directory for what each start and reload has read, includes resolved (keepalived.conf.PID.N), and the data dump before and after each reload (keepalived_vrrp.PID.N.pre, .post); only its owner may read them"],
  ["data_use_instance", { kind: "flag" }, "-", "off", "Names of the namespace and of the daemon in the names of the data dumps"],
  ["iproute_usr_dir", { kind: "word" }, "DIR", "/usr/share/iproute2, then /usr/lib/iproute2", "Where names of tables, protocols and the like are looked up last", { missing: "warning" }],
  ["iproute_etc_dir", { kind: "word" }, "DIR", "/etc/iproute2", "Where they are looked up first", { missing: "warning" }],
];
