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
  /** What is looked into: the part before the first component with a wildcard. */
  directory: string;
  paths: string[];
}

/** So many alternatives may come out of one pattern. */
const ALTERNATIVES = 1024;

/** Resolves an include pattern against the directory of the including file; matches are sorted by name. */
export function resolvePattern(pattern: string, directory: string, files: Files): Alternative[] {
  return expandBraces(pattern).map((alternative) => {
    const wildcard = /[*?[]/.test(alternative);
    const path = isAbsolute(alternative) ? alternative : join(directory, alternative);
    const paths = wildcard ? matches(path, files) : [path];
    return { pattern: alternative, wildcard, directory: directoryOf(path.replace(/[*?[].*$/s, "x")), paths };
  });
}

/** csh alternatives: `a{b,c}` becomes `ab` and `ac`; braces without a comma stay as they are. */
export function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  // Each waits with the index before which nothing is left to expand.
  const open: [text: string, from: number][] = [[pattern, 0]];
  while (done.length < ALTERNATIVES) {
    const next = open.shift();
    if (next === undefined) break;
    const [text, from] = next;
    const start = text.indexOf("{", from);
    const parts = start < 0 ? null : alternatives(text, start);
    if (start < 0) done.push(text);
    else if (parts === null) open.unshift([text, start + 1]);
    else open.unshift(...parts.map((part): [string, number] => [part, start]));
  }
  return done;
}

/** The text with each alternative of the brace at `start` in its place; null = no closing brace or no comma. */
function alternatives(text: string, start: number): string[] | null {
  const parts: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (char === "{") depth++;
    else if (char === "," && depth === 1) {
      parts.push(text.slice(from, i));
      from = i + 1;
    } else if (char === "}" && --depth === 0) {
      if (parts.length === 0) return null;
      parts.push(text.slice(from, i));
      return parts.map((part) => text.slice(0, start) + part + text.slice(i + 1));
    }
  }
  return null;
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
