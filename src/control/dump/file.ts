// Where the dumps are written, and how: never through somebody else's link, never half.
import type { DaemonSettings } from "../../config/daemon.ts";
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/** Only root reads what the daemon knows, as with keepalived, unless a mask says who else does. */
const MODE = 0o600;
const MASKED_MODE = 0o666;

/** $TMPDIR if it is an existing directory with an absolute path, else /tmp. */
export function dumpDirectory(env: Record<string, string | undefined>): string {
  const wanted = env["TMPDIR"];
  if (wanted === undefined || !wanted.startsWith("/")) return "/tmp";
  const found = statSync(wanted, { throwIfNoEntry: false });
  return found?.isDirectory() ? wanted.replace(/(.)\/+$/, "$1") : "/tmp";
}

/**
 * Path of a dump: `given` is the file, or the directory when it ends with a slash; `suffix` comes before the
 * extension (`keepalived_parent.data`).
 */
export function dumpPath(directory: string, given: string | null, name: string, suffix = ""): string {
  const path = given === null ? `${directory}/${name}` : given.endsWith("/") ? `${given}${name}` : given;
  const slash = path.lastIndexOf("/"), dot = path.lastIndexOf(".");
  return dot > slash + 1 ? path.slice(0, dot) + suffix + path.slice(dot) : path + suffix;
}

/** What data_use_instance puts before the extension of the data dumps: `.NAMESPACE_INSTANCE`. */
export function dumpName({ dumpNames, namespace, name }: DaemonSettings): string {
  const names = [namespace, name].filter((each) => each !== null);
  return dumpNames && names.length > 0 ? `.${names.join("_")}` : "";
}

/**
 * Replaces a file by one with this text. The directory may be everybody's: the new file gets a name that nobody
 * knows beforehand, and takes the old one's place whatever that is. `masked`: the umask says who may read it.
 * Returns null, or a sentence.
 */
export function writeDump(path: string, text: string, masked = false): string | null {
  const fresh = `${path}.${crypto.randomUUID()}`;
  try {
    writeFileSync(fresh, text, { mode: masked ? MASKED_MODE : MODE, flag: "wx" });
    renameSync(fresh, path);
    return null;
  } catch (error) {
    rmSync(fresh, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    return `the dump ${path} cannot be written (${why}): check its directory`;
  }
}
