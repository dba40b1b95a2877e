// The markers `// shows: BLOCK KEYWORD[, KEYWORD...]` above tests: which test shows the effect of which keyword.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
/** How a marker begins; what follows up to the first blank is the block. */
const MARKER = /^\s*\/\/ shows: (\S+) (.*\S)\s*$/;
/** The head of a test (or of a group of them), perhaps with `.concurrent`, `.skipIf(...)`, `.each(...)`. */
const HEAD = /^\s*(test|scenario|describe)(?:\.\w+(?:\([^()]*\))?)*\(/;
const TITLE = /^\(\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/;

/** One keyword that one test shows. */
export interface Shown {
  block: string;
  keyword: string;
  /** Path of the test from the root of the project, and the line of the marker, from 1. */
  file: string;
  line: number;
  /** A pattern of the test's title for `bun test -t`; null when the title is computed: the whole file shows it. */
  title: string | null;
}

/** What is written like a marker and is none. */
export interface Misplaced {
  file: string;
  line: number;
  /** What is wrong, in a sentence. */
  why: string;
}

/** The markers of one text; `file` is only passed on. */
export function markersOf(file: string, text: string): { shown: Shown[]; misplaced: Misplaced[] } {
  const lines = text.split("\n");
  const shown: Shown[] = [];
  const misplaced: Misplaced[] = [];
  lines.forEach((each, index) => {
    if (!/^\s*\/\/\s*shows\b/.test(each)) return;
    const marker = MARKER.exec(each);
    const place = { file, line: index + 1 };
    if (marker === null) {
      return misplaced.push({ ...place, why: "it is not `// shows: BLOCK KEYWORD, KEYWORD`" });
    }
    let next = index + 1;
    while (MARKER.test(lines[next] ?? "")) next++;
    const head = HEAD.exec(lines[next] ?? "");
    if (head === null) return misplaced.push({ ...place, why: "no test follows it" });
    const end = head[1] === "describe" ? " " : "$";
    const title = titleOf(lines.slice(next, next + 4).join("\n").slice(head[0].length - 1), end);
    const [, block = "", keywords = ""] = marker;
    for (const keyword of keywords.split(/,\s*/)) shown.push({ ...place, block, keyword, title });
  });
  return { shown, misplaced };
}

/** The title as a pattern with an end; what is computed in it (`${x}`, `$x` of `each`) may be anything. */
function titleOf(text: string, end: string): string | null {
  const match = TITLE.exec(text);
  const title = match?.[1] ?? match?.[2];
  if (title === undefined) return null;
  const parts = title.replace(/\\(["'`\\])/g, "$1").split(/\$\{[^}]*\}|\$\w+/);
  return `${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join(".*")}${end}`;
}

/** The markers of all test files. */
export function allMarkers(): { shown: Shown[]; misplaced: Misplaced[] } {
  const files = [...new Bun.Glob("test/**/*.test.ts").scanSync(ROOT)].sort();
  const each = files.filter((file) => !file.startsWith("test/keywords/")).map((file) =>
    markersOf(file, readFileSync(join(ROOT, file), "utf8"))
  );
  return { shown: each.flatMap(({ shown }) => shown), misplaced: each.flatMap(({ misplaced }) => misplaced) };
}

/** Every row of keepalived's table of keywords. */
export function keepalivedRows(): { block: string; keyword: string }[] {
  const [, ...lines] = readFileSync(join(ROOT, "test/data/keepalived-keywords.tsv"), "utf8").trim().split(
    "\n",
  );
  return lines.map((line) => {
    const [block = "", keyword = ""] = line.split("\t");
    return { block, keyword };
  });
}

const CHECK_BLOCKS = new Set([
  "virtual_server",
  "virtual_server_group",
  "real_server",
  "checker-common",
  "HTTP_GET|SSL_GET",
  "HTTP_GET/url",
  "TCP_CHECK",
  "SMTP_CHECK",
  "DNS_CHECK",
  "MISC_CHECK",
  "BFD_CHECK",
  "PING_CHECK",
  "UDP_CHECK",
  "FILE_CHECK",
  "SSL",
]);
const CHECK_ROOT = new Set(["SSL", "virtual_server", "virtual_server_group", "net_namespace_ipvs"]);
const CHECK_GLOBALS =
  /^(lvs_|checker_|nftables_ipvs|rs_init_notifies$|no_checker_emails$|smtp_alert_checker$|enable_snmp_checker$|snmp_(vs|rs)_stats_)/;

/** Whether the row belongs to virtual servers, their checkers or IPVS, which baton leaves to others. */
export function isCheckSide({ block, keyword }: { block: string; keyword: string }): boolean {
  if (CHECK_BLOCKS.has(block)) return true;
  if (block === "root") return CHECK_ROOT.has(keyword);
  if (block === "bfd_instance") return keyword === "checker";
  if (block === "vrrp_instance") return keyword === "lvs_sync_daemon_interface";
  return block === "global_defs" && CHECK_GLOBALS.test(keyword);
}
