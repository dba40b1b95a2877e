// The file tree that is installed into: this machine, or the image under --root.
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

const CHUNK_BYTES = 1 << 20;
/** The most symbolic links followed in one path (linux/namei.h: MAXSYMLINKS). */
const MAX_SYMLINKS = 40;

/** What is at a path. */
export type Present =
  | { kind: "nothing" }
  | { kind: "file"; mode: number }
  | { kind: "link"; target: string }
  | {
    kind: "other";
  };

/** The tree. Paths are those that the image sees; links in it are followed as the image would follow them. */
export class Tree {
  readonly root: string;

  /** Throws an Error of one sentence when `root` is no directory. */
  constructor(root: string) {
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new Error(`${root} is not a directory: name the root of the image with --root`);
    }
    this.root = root;
  }

  /** Whether this is the running system. */
  get live(): boolean {
    return join(this.root, "/") === "/";
  }

  /** Where a path of the image is on this machine: the directory's links are followed, the last part is not. */
  host(path: string): string {
    const pending = dirname(path).split("/").filter((part) => part !== "" && part !== ".");
    const at: string[] = [];
    let links = 0;
    for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
      if (part === "..") {
        at.pop();
        continue;
      }
      const next = join(this.root, ...at, part);
      if (look(next)?.isSymbolicLink() !== true) {
        at.push(part);
        continue;
      }
      if (++links > MAX_SYMLINKS) {
        throw new Error(`${path} leads through too many symbolic links: mend the image`);
      }
      const target = readlinkSync(next);
      if (target.startsWith("/")) at.length = 0;
      pending.unshift(...target.split("/").filter((word) => word !== "" && word !== "."));
    }
    return join(this.root, ...at, path.slice(path.lastIndexOf("/") + 1));
  }

  present(path: string): Present {
    const host = this.host(path);
    const info = look(host);
    if (info === undefined) return { kind: "nothing" };
    if (info.isSymbolicLink()) return { kind: "link", target: readlinkSync(host) };
    return info.isFile() ? { kind: "file", mode: info.mode & 0o7777 } : { kind: "other" };
  }

  /** Whether something is there, links followed. */
  has(path: string): boolean {
    const present = this.present(path);
    if (present.kind !== "link") return present.kind !== "nothing";
    return this.has(present.target.startsWith("/") ? present.target : join(dirname(path), present.target));
  }

  read(path: string): string {
    return readFileSync(this.host(path), "utf8");
  }

  /** SHA-256 of a file, in hexadecimal. */
  digest(path: string): string {
    return fileDigest(this.host(path));
  }

  /** Writes a file under another name and renames it: nobody ever sees half of it. Returns the new directories. */
  write(path: string, mode: number, source: Source): string[] {
    const made = this.makeDirectories(dirname(path));
    const target = this.host(path);
    const fresh = `${target}.baton-new`;
    try {
      const out = openSync(fresh, "w", mode);
      try {
        for (const chunk of chunks(source)) {
          for (let at = 0; at < chunk.length;) at += writeSync(out, chunk, at);
        }
        fchmodSync(out, mode);
        fsyncSync(out);
      } finally {
        closeSync(out);
      }
      renameSync(fresh, target);
    } catch (error) {
      rmSync(fresh, { force: true });
      throw failed(`${target} cannot be written`, error);
    }
    return made;
  }

  /** Makes a symbolic link. Returns the new directories. */
  link(path: string, target: string): string[] {
    const made = this.makeDirectories(dirname(path));
    try {
      symlinkSync(target, this.host(path));
    } catch (error) {
      throw failed(`the link ${this.host(path)} cannot be made`, error);
    }
    return made;
  }

  remove(path: string): void {
    try {
      rmSync(this.host(path), { force: true });
    } catch (error) {
      throw failed(`${this.host(path)} cannot be removed`, error);
    }
  }

  /** Removes a directory if it is empty. */
  removeDirectory(path: string): boolean {
    try {
      rmdirSync(this.host(path));
      return true;
    } catch {
      return false;
    }
  }

  /** Makes a directory and those above it. Returns the new ones, parents first. */
  makeDirectories(path: string): string[] {
    if (path === "/" || existsSync(dirname(this.host(`${path}/x`)))) return [];
    const made = this.makeDirectories(dirname(path));
    try {
      mkdirSync(this.host(path), { mode: 0o755 });
    } catch (error) {
      throw failed(`${this.host(path)} cannot be made`, error);
    }
    return [...made, path];
  }
}

/** What a file is made of: a text, or the bytes of a file of this machine. */
export type Source = { text: string } | { copyOf: string };

/** Whether a file begins as executables do (elf(5): ELFMAG). */
export function isExecutable(path: string): boolean {
  for (const chunk of chunks({ copyOf: path })) {
    return chunk[0] === 0x7f && chunk[1] === 0x45 && chunk[2] === 0x4c && chunk[3] === 0x46;
  }
  return false;
}

/** SHA-256 of a source, in hexadecimal. Throws an Error of one sentence when it cannot be read. */
export function sourceDigest(source: Source): string {
  if ("copyOf" in source) return fileDigest(source.copyOf);
  return new Bun.CryptoHasher("sha256").update(source.text).digest("hex");
}

function fileDigest(path: string): string {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const chunk of chunks({ copyOf: path })) hasher.update(chunk);
  return hasher.digest("hex");
}

function* chunks(source: Source): Generator<Uint8Array> {
  if ("text" in source) return yield new TextEncoder().encode(source.text);
  const buffer = new Uint8Array(CHUNK_BYTES);
  let fd: number;
  try {
    fd = openSync(source.copyOf, "r");
  } catch (error) {
    throw failed(`${source.copyOf} cannot be read`, error);
  }
  try {
    for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer)) yield buffer.subarray(0, n);
  } finally {
    closeSync(fd);
  }
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw failed(`${path} cannot be looked at`, error);
  }
}

/** One sentence with the cure. */
function failed(what: string, error: unknown): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const cure: Record<string, string> = {
    EACCES: "run as root, or name a tree of yours with --root",
    EPERM: "run as root, or name a tree of yours with --root",
    EROFS: "the file system is read-only: remount it, or install into the image with --root",
    ENOSPC: "make room on the file system",
    ENOENT: "check that the path exists",
    ENOTDIR: "a part of the path is a file: move it away",
  };
  return new Error(`${what} (${code}): ${cure[code] ?? "look at the path"}`);
}
