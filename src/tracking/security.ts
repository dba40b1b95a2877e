// Finds who besides root could replace a script: the path security of enable_script_security.
import { accessSync, constants, lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A component of a path that another user than root may change. */
export interface UnsafeComponent {
  path: string;
  /** Why, as the end of a sentence that begins with the path. */
  reason: string;
}

/** The most symbolic links followed in one path, as in the kernel (linux/namei.h: MAXSYMLINKS). */
const MAX_SYMLINKS = 40;

/**
 * Walks an absolute path from the root, through every symbolic link. Safe: each directory, link and the file
 * itself belong to root and are not writable by group or others. Null when safe; a path that does not exist is
 * safe as far as it exists, for only root could create the rest.
 */
export function findUnsafeComponent(path: string): UnsafeComponent | null {
  const rootProblem = judge("/");
  if (rootProblem !== null) return rootProblem;
  const pending = components(path);
  let at = "/";
  let links = 0;
  while (pending.length > 0) {
    const next = join(at, pending.shift() ?? "");
    let target: string | null;
    try {
      const problem = judge(next);
      if (problem !== null) return problem;
      target = lstatSync(next).isSymbolicLink() ? readlinkSync(next) : null;
    } catch (error) {
      if (isMissing(error)) return null;
      return {
        path: next,
        reason: `cannot be examined (${error instanceof Error ? error.message : String(error)})`,
      };
    }
    if (target === null) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MAX_SYMLINKS) return { path, reason: "leads through too many symbolic links" };
    pending.unshift(...components(target));
    if (target.startsWith("/")) at = "/";
  }
  return null;
}

function components(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function judge(path: string): UnsafeComponent | null {
  const info = lstatSync(path);
  if (info.uid !== 0) return { path, reason: `belongs to uid ${info.uid}, not to root` };
  // The mode of a symbolic link means nothing: only its owner and its directory matter.
  if (info.isSymbolicLink()) return null;
  const who = (info.mode & 0o002) !== 0
    ? "everybody"
    : (info.mode & 0o020) !== 0
    ? `group ${info.gid}`
    : null;
  if (who === null) return null;
  return {
    path,
    reason: `may be written by ${who} (mode ${(info.mode & 0o7777).toString(8).padStart(4, "0")})`,
  };
}

/** The absolute path of a program: itself when it has a slash (from `/`), else the first match in `path`. */
export function resolveProgram(word: string, path: string): string | null {
  if (word.includes("/")) return join("/", word);
  if (word === "" || word === "." || word === "..") return null;
  for (const directory of path.split(":")) {
    // An empty or relative entry would mean the current directory: nothing that a daemon should run from.
    if (!directory.startsWith("/")) continue;
    const candidate = join(directory, word);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not in this directory.
    }
  }
  return null;
}

/** The path with the links among its directories resolved; the file's own name stays, as it may mean something. */
export function withoutLinks(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    // The start of the program will tell what is wrong.
    return path;
  }
}

const INTERPRETERS = /^(?:sh|bash|dash|ash|ksh|zsh|busybox|python|perl|ruby|lua|php|node|bun)[0-9.]*$/;

/** The files that a command executes: its program, and the script file handed to an interpreter. */
export function executedFiles(words: readonly string[]): string[] {
  const program = words[0];
  if (program === undefined) return [];
  const files = [program];
  if (INTERPRETERS.test(basename(program))) {
    const script = words.slice(1).find((word) => !word.startsWith("-"));
    if (script?.startsWith("/")) files.push(script);
  }
  return files;
}
