// The table of keepalived's options and its getopt-like parser: short, clustered and long forms.
import { UsageError } from "./usage.ts";

interface Option {
  short: string | null;
  long: string;
  argument: "none" | "required" | "optional";
  /** Whether baton does what the option says; the others are accepted, and a line says why they change nothing. */
  effect: boolean;
  help: string;
}

function option(short: string | null, long: string, argument: Option["argument"], help: string): Option {
  return { short, long, argument, effect: true, help };
}

/** One without effect; `why` is a clause. */
function idle(short: string | null, long: string, argument: Option["argument"], why: string): Option {
  return { short, long, argument, effect: false, help: why };
}

const NO_CHECKERS = "it has no health checkers";
const NO_SNMP = "it has no SNMP agent; its status endpoint tells the same";
const NO_LOG_FILE = "it logs to syslog, and with -l to stderr, which can be led to a file";

/** Options that keepalived has in debug builds only: packaged ones refuse them too. The last is another program. */
const DEBUG_ONLY: readonly [short: string | null, long: string][] = [
  [null, "perf"],
  [null, "debug"],
  [null, "no-mem-check"],
  ["L", "mem-check-log"],
  ["O", "openssl-mem-check"],
  [null, "ignore-sigint"],
  [null, "config-fd"],
];
const GENHASH = ["T", "genhash"] as const;

/** All options of keepalived. */
export const OPTIONS: readonly Option[] = [
  option("f", "use-file", "required", "configuration file (/etc/keepalived/keepalived.conf)"),
  option("n", "dont-fork", "none", "stay in the foreground"),
  option("l", "log-console", "none", "log to stderr as well"),
  option("D", "log-detail", "none", "log in detail"),
  option("d", "dump-conf", "none", "log the configuration in force at the start"),
  option(
    "t",
    "config-test",
    "optional",
    "test the configuration: 0 clean, 4 cannot run, 5 would run, 6 scripts without enable_script_security",
  ),
  option("P", "vrrp", "none", "VRRP only: baton has no health checkers"),
  option(null, "all", "none", "all parts, whatever the configuration needs: as it always is"),
  option("p", "pid", "required", "pid file"),
  option("r", "vrrp_pid", "required", "a second pid file, as keepalived's VRRP process has one"),
  option("i", "config-id", "required", "the name that @ID lines are compared with"),
  option("v", "version", "none", "print the version"),
  option("h", "help", "none", "print this overview"),
  idle("C", "check", "none", NO_CHECKERS),
  option("B", "no_bfd", "none", "run no BFD session: what is tracked of them counts as down"),
  option("S", "log-facility", "required", "syslog facility: 0..7, local0..local7, user or daemon"),
  idle("g", "log-file", "optional", NO_LOG_FILE),
  idle(null, "flush-log-file", "none", NO_LOG_FILE),
  option("G", "no-syslog", "none", "do not log to syslog"),
  option("u", "umask", "required", "mask of the modes of new files, octal"),
  option(
    "X",
    "release-vips",
    "none",
    "on leaving Master take virtual addresses away that were there before, too",
  ),
  option(
    "V",
    "dont-release-vrrp",
    "none",
    "leave addresses, routes, rules and the nftables table of no_accept behind at the stop, and say nothing",
  ),
  idle("I", "dont-release-ipvs", "none", NO_CHECKERS),
  option("R", "dont-respawn", "none", "an engine that dies ends the daemon: as it always is"),
  idle("c", "checkers_pid", "required", NO_CHECKERS),
  option("b", "bfd_pid", "required", "one more pid file, as keepalived's BFD process has one"),
  option("a", "address-monitoring", "none", "log each address that comes or goes"),
  idle("x", "snmp", "none", NO_SNMP),
  idle("A", "snmp-agent-socket", "required", NO_SNMP),
  option("s", "namespace", "required", "the network namespace to work in, a name of ip netns"),
  option("m", "core-dump", "none", "allow core dumps"),
  option(
    "M",
    "core-dump-pattern",
    "optional",
    "the same, with names made of this pattern (core) as long as it runs",
  ),
  option("e", "all-config", "none", "every include must be there and readable"),
  option(
    null,
    "signum",
    "required",
    "print a signal's number: STOP, RELOAD, DATA, STATS, STATS_CLEAR or JSON",
  ),
];

/** What a command line of keepalived asks for. */
export interface KeepalivedOptions {
  file: string | undefined;
  foreground: boolean;
  logConsole: boolean;
  detail: boolean;
  dump: boolean;
  /** -C without -P: no VRRP is wanted. */
  checkersOnly: boolean;
  test: boolean;
  /** Where -t writes its findings; null = stderr. */
  testLog: string | null;
  /** syslog facility, 0..23; null = daemon. */
  facility: number | null;
  noSyslog: boolean;
  umask: number | null;
  allIncludes: boolean;
  /** -V: nothing is withdrawn at the stop. */
  keep: boolean;
  /** -X: addresses that were there before are withdrawn, too. */
  releaseForeign: boolean;
  /** -a: addresses that come and go are logged. */
  watchAddresses: boolean;
  coreDump: boolean;
  /** What names of core dumps are made of; null = as it is. */
  corePattern: string | null;
  namespace: string | undefined;
  /** The name of a signal whose number is wanted. */
  signum: string | undefined;
  pid: string | undefined;
  vrrpPid: string | undefined;
  bfdPid: string | undefined;
  /** -B: no BFD session runs. */
  noBfd: boolean;
  configId: string | undefined;
  version: boolean;
  help: boolean;
  /** Options that have no effect, and words that are none: a sentence each. */
  remarks: string[];
}

/** Reads the words. Throws UsageError for an option that keepalived does not have, or that lacks its argument. */
export function parseKeepalived(args: readonly string[]): KeepalivedOptions {
  const values = new Map<string, string>();
  const remarks: string[] = [];
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") break;
    if (word.startsWith("--")) readLong(word, rest, values);
    else if (/^-./.test(word)) readCluster(word, rest, values);
    else remarks.push(`${word} is not an option: it is ignored`);
  }
  for (const { long, effect, help } of OPTIONS) {
    if (values.has(long) && !effect) remarks.push(`--${long} has no effect in baton: ${help}`);
  }
  return {
    file: values.get("use-file"),
    foreground: values.has("dont-fork"),
    logConsole: values.has("log-console"),
    detail: values.has("log-detail"),
    dump: values.has("dump-conf"),
    checkersOnly: values.has("check") && !values.has("vrrp") && !values.has("all"),
    test: values.has("config-test"),
    testLog: values.get("config-test") || null,
    facility: values.has("log-facility") ? readFacility(values.get("log-facility")!, remarks) : null,
    noSyslog: values.has("no-syslog"),
    umask: values.has("umask") ? readUmask(values.get("umask")!, remarks) : null,
    allIncludes: values.has("all-config"),
    keep: values.has("dont-release-vrrp"),
    releaseForeign: values.has("release-vips"),
    watchAddresses: values.has("address-monitoring"),
    coreDump: values.has("core-dump") || values.has("core-dump-pattern"),
    corePattern: values.has("core-dump-pattern") ? values.get("core-dump-pattern") || "core" : null,
    namespace: values.get("namespace"),
    signum: values.get("signum"),
    pid: values.get("pid"),
    vrrpPid: values.get("vrrp_pid"),
    bfdPid: values.get("bfd_pid"),
    noBfd: values.has("no_bfd"),
    configId: values.get("config-id"),
    version: values.has("version"),
    help: values.has("help"),
    remarks,
  };
}

/**
 * RFC 3164 section 4.1.1: user is 1, daemon 3, local0 16; a bare number counts from local0. Another word is remarked on
 * and has no effect: keepalived starts with it.
 */
function readFacility(text: string, remarks: string[]): number | null {
  const named: Record<string, number> = { user: 1, daemon: 3 };
  const local = /^(?:local)?([0-7])$/.exec(text);
  const facility = local === null ? named[text] : 16 + Number(local[1]);
  if (facility === undefined) {
    const cure = "write 0 to 7, local0 to local7, user or daemon";
    remarks.push(`${text} is no facility of -S, so it is ignored: ${cure}`);
  }
  return facility ?? null;
}

function readUmask(text: string, remarks: string[]): number | null {
  if (/^0*[0-7]{1,3}$/.test(text)) return parseInt(text, 8);
  remarks.push(`${text} is no mask for -u, so it is ignored: write it in octal, for example 0177`);
  return null;
}

function readLong(word: string, rest: string[], values: Map<string, string>): void {
  const [name = "", joined] = splitOnce(word.slice(2));
  // Like getopt_long: an unambiguous beginning is enough.
  const exact = OPTIONS.find((o) => o.long === name);
  const candidates = exact === undefined
    ? OPTIONS.filter((o) => name !== "" && o.long.startsWith(name))
    : [exact];
  const found = candidates.length === 1 ? candidates[0] : undefined;
  if (found === undefined) throw new UsageError(`there is no option --${name}: ${whyNot(1, name)}`);
  if (joined !== undefined && found.argument === "none") {
    throw new UsageError(`--${found.long} takes no argument`);
  }
  const value = joined ?? (found.argument === "required" ? rest.shift() : "");
  if (value === undefined) throw new UsageError(`--${found.long} needs an argument`);
  values.set(found.long, value);
}

/** Why an option is not there, by its short (0) or long (1) name. */
function whyNot(kind: 0 | 1, name: string | undefined): string {
  if (GENHASH[kind] === name) return "genhash is a program of its own; use sha256sum or openssl dgst";
  return DEBUG_ONLY.some((each) => each[kind] === name)
    ? "only debug builds of keepalived have it; delete it"
    : "see keepalived --help";
}

function readCluster(word: string, rest: string[], values: Map<string, string>): void {
  for (let i = 1; i < word.length; i++) {
    const found = OPTIONS.find((o) => o.short === word[i]);
    if (found === undefined) throw new UsageError(`there is no option -${word[i]}: ${whyNot(0, word[i])}`);
    if (found.argument === "none") {
      values.set(found.long, "");
      continue;
    }
    const joined = word.slice(i + 1);
    const value = joined !== "" ? joined : found.argument === "required" ? rest.shift() : "";
    if (value === undefined) throw new UsageError(`-${word[i]} needs an argument`);
    values.set(found.long, value);
    return;
  }
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
