// The files that a configuration is read from, and include patterns (glob(7) with brace alternatives).
import { accessSync, constants, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

/** What became of the wish to read a file. */
export type FileReading =
  | { ok: true; bytes: Uint8Array; realPath: string }
  | { ok: false; reason: "missing" | "unreadable" | "not a regular file" | "executable" };

/** The file system as the configuration sees it; tests bring their own. */
export interface Files {
  /** Reads a file. `anyKind`: devices and pipes too, and whether or not it is executable. */
  read(path: string, anyKind: boolean): FileReading;
  /** The names in a directory, in no order; empty when it cannot be read. */
  names(directory: string): string[];
}

/** The real file system. */
export const systemFiles: Files = {
  read(path, anyKind) {
    try {
      const { mode } = statSync(path);
      const kind = mode & constants.S_IFMT;
      if (kind === constants.S_IFDIR) return { ok: false, reason: "not a regular file" };
      if (!anyKind && kind !== constants.S_IFREG) return { ok: false, reason: "not a regular file" };
      if (!anyKind && (mode & 0o111) !== 0) return { ok: false, reason: "executable" };
      accessSync(path, constants.R_OK);
      return { ok: true, bytes: readFileSync(path), realPath: realpathSync(path) };
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      return { ok: false, reason: missing ? "missing" : "unreadable" };
    }
  },
  names(directory) {
    try {
      return readdirSync(directory);
    } catch {
      return [];
    }
  },
};

/** One brace alternative of an include pattern: whether it has wildcards, and the paths that match it. */
export interface Alternative {
  pattern: string;
  wildcard: boolean;
  paths: string[];
}

/** So many alternatives may come out of one pattern. */
const ALTERNATIVES = 1024;

/** Resolves an include pattern against the directory of the including file; matches are sorted by name. */
export function resolvePattern(pattern: string, directory: string, files: Files): Alternative[] {
  return expandBraces(pattern).map((alternative) => {
    const wildcard = /[*?[]/.test(alternative);
    const path = isAbsolute(alternative) ? alternative : join(directory, alternative);
    return { pattern: alternative, wildcard, paths: wildcard ? matches(path, files) : [path] };
  });
}

/** csh alternatives: `a{b,c}` becomes `ab` and `ac`. */
export function expandBraces(pattern: string): string[] {
  let open = [pattern];
  const done: string[] = [];
  while (open.length > 0 && open.length + done.length <= ALTERNATIVES) {
    const next: string[] = [];
    for (const each of open) {
      // Innermost braces that hold a comma; `{}` and `{a}` stay literal.
      const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/.exec(each);
      if (match === null) done.push(each);
      else for (const middle of (match[2] ?? "").split(",")) next.push(`${match[1]}${middle}${match[3]}`);
    }
    open = next;
  }
  return [...done, ...open];
}

function matches(path: string, files: Files): string[] {
  const parts = path.split("/");
  let found = [parts[0] === "" ? "/" : (parts[0] as string)];
  let started = parts[0] === "";
  if (!started) found = ["."];
  for (const part of parts) {
    if (part === "" || part === ".") continue;
    if (!/[*?[]/.test(part)) {
      found = found.map((base) => started ? join(base, part) : part);
    } else {
      const regular = globRegExp(part);
      found = found.flatMap((base) =>
        files.names(base)
          .filter((name) => (part.startsWith(".") || !name.startsWith(".")) && regular.test(name))
          .sort()
          .map((name) => join(base, name))
      );
    }
    started = true;
  }
  return found;
}

/** A file name pattern (no slash) as a regular expression. */
function globRegExp(pattern: string): RegExp {
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === "*") source += source.endsWith(".*") ? "" : ".*";
    else if (char === "?") source += ".";
    else if (char === "[") {
      const end = pattern.indexOf("]", i + 2);
      const set = end < 0
        ? null
        : pattern.slice(i + 1, end).replace(/[\\\]^]/g, "\\$&").replace(/^(!|\\\^)/, "^");
      if (set === null) source += "\\[";
      else {
        source += `[${set}]`;
        i = end;
      }
    } else source += char.replace(/[.+^${}()|\\\]]/g, "\\$&");
  }
  try {
    return new RegExp(`^${source}$`, "s");
  } catch {
    return /^$/;
  }
}

/** The directory that relative includes of a file are relative to. */
export function directoryOf(path: string): string {
  return dirname(path);
}
