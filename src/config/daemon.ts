// What the process itself is to be like: its name, namespace, files, mask and the way it reloads.
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import { includeChecks } from "./include_check.ts";
import type { Settings } from "./settings.ts";
import type { Statement } from "./tree.ts";

/** The keywords of the top level and of global_defs that no instance takes part in. */
export interface DaemonSettings {
  /** net_namespace: a name of `ip netns`; null = where the process is started. */
  namespace: string | null;
  /** instance: what tells this daemon's files from those of others. */
  name: string | null;
  /** use_pid_dir: pid files under keepalived's name go to a directory of their own. */
  pidDirectory: boolean;
  /** child_wait_time: how long scripts, FIFO readers and mail may take at the stop. */
  stopLimitUs: number;
  /** Mask of the modes of new files; null = as inherited. */
  umask: number | null;
  /** data_use_instance: names of namespace and daemon in the names of the data dumps. */
  dumpNames: boolean;
  /** config_save_dir. */
  saveDirectory: string | null;
  reload: ReloadSettings;
}

/** How and when it reloads. */
export interface ReloadSettings {
  /** reload_check_config: the file that gets the findings of each reload. */
  findings: string | null;
  /** reload_time_file: tells of the time of the next reload. */
  timeFile: string | null;
  /** reload_repeat: a time without a date counts each day, and its file stays. */
  repeat: boolean;
  /** reload_file: there as long as the configuration is being read; "" = at its usual place; null = none. */
  marker: string | null;
}

const DEFAULT_STOP_LIMIT_US = 5_000_000;
/** sys/stat.h: what a mask is written with in words. */
const MODE_BITS: Readonly<Record<string, number>> = {
  IRUSR: 0o400,
  IWUSR: 0o200,
  IXUSR: 0o100,
  IRWXU: 0o700,
  IRGRP: 0o040,
  IWGRP: 0o020,
  IXGRP: 0o010,
  IRWXG: 0o070,
  IROTH: 0o004,
  IWOTH: 0o002,
  IXOTH: 0o001,
  IRWXO: 0o007,
};

/** Reads them: `root` are the settings of the top level, `globals` those of global_defs. */
export function readDaemonSettings(decoding: Decoding, root: Settings, globals: Settings): DaemonSettings {
  for (const statement of globals.statements("include_check")) checkWords(decoding, statement);
  return {
    namespace: nameOf(decoding, root, "net_namespace"),
    name: nameOf(decoding, root, "instance"),
    pidDirectory: root.boolean("use_pid_dir") ?? false,
    stopLimitUs: root.number("child_wait_time") ?? DEFAULT_STOP_LIMIT_US,
    umask: readMask(decoding, globals),
    dumpNames: globals.boolean("data_use_instance") ?? false,
    saveDirectory: absolute(decoding, globals, "config_save_dir"),
    reload: {
      findings: globals.text("reload_check_config") ?? null,
      timeFile: absolute(decoding, globals, "reload_time_file"),
      repeat: globals.boolean("reload_repeat") ?? false,
      marker: globals.text("reload_file") ?? null,
    },
  };
}

/** A name that becomes a part of paths. */
function nameOf(decoding: Decoding, settings: Settings, keyword: string): string | null {
  const name = settings.text(keyword);
  const span = settings.span(keyword);
  if (name === undefined || span === null) return null;
  if (/^[^/\s]+$/.test(name) && name !== "." && name !== "..") return name;
  bad(decoding, span, `${keyword} "${name}" is no name`, "it is ignored", "write a name without a slash");
  return null;
}

function absolute(decoding: Decoding, settings: Settings, keyword: string): string | null {
  const path = settings.text(keyword);
  const span = settings.span(keyword);
  if (path === undefined || span === null) return null;
  if (path.startsWith("/")) return path;
  bad(decoding, span, `${keyword} ${path} is not an absolute path`, "it is ignored", "begin it with /");
  return null;
}

/** Octal, or names of bits with or without S_ that are joined by |. */
function readMask(decoding: Decoding, settings: Settings): number | null {
  const text = settings.text("umask");
  const span = settings.span("umask");
  if (text === undefined || span === null) return null;
  if (/^0*[0-7]{1,3}$/.test(text)) return parseInt(text, 8);
  const bits = text.split("|").map((word) => MODE_BITS[word.replace(/^S_/, "")]);
  if (bits.every((bit) => bit !== undefined)) return bits.reduce((all, bit) => all | bit, 0);
  const cure = "write it in octal (022), or as IWGRP|IWOTH";
  bad(decoding, span, `umask ${text} is no mask`, "it is ignored", cure);
  return null;
}

/** The reader of the files has acted on it already. */
function checkWords(decoding: Decoding, { words: [, ...words] }: Statement): void {
  const { unknown } = includeChecks(words.map(({ value }) => value), "");
  for (const word of words.filter(({ value }) => unknown.includes(value))) {
    const cure = "write none, all, read, match, wildcard_match or brace_match, with + or - before it";
    bad(decoding, word.span, `include_check knows no "${word.value}"`, "the word is ignored", cure);
  }
}
