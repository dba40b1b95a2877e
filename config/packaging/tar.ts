// Archives whose bytes depend on their content alone: POSIX ustar, gzip without name and time.
import { gzipSync } from "node:zlib";

const BLOCK = 512;
/** POSIX.1-1988 ustar, offset and length of the fields of a header. */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  uname: [265, 32],
  gname: [297, 32],
  prefix: [345, 155],
} as const;
const GZIP_OS = 9;

/** A file, a symbolic link or a directory. Paths are relative, without `./`. */
export type Entry =
  | { path: string; mode: number; data: Uint8Array }
  | { path: string; target: string }
  | { path: string; directory: true };

/** A text as the data of an entry. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/**
 * A tar archive with the entries in the order of their paths and the directories above them (0755); everything
 * belongs to root and bears one time. Throws an Error for a path that ustar has no room for.
 */
export function tar(entries: readonly Entry[], seconds: number): Uint8Array {
  const all = new Map<string, Entry>();
  for (const entry of entries) {
    const parts = entry.path.split("/");
    for (let i = 1; i < parts.length; i++) {
      const path = parts.slice(0, i).join("/");
      if (!all.has(path)) all.set(path, { path, directory: true });
    }
    all.set(entry.path, entry);
  }
  const blocks: Uint8Array[] = [];
  for (const path of [...all.keys()].sort()) {
    const entry = all.get(path)!;
    blocks.push(header(entry, seconds));
    if ("data" in entry) {
      blocks.push(entry.data);
      const rest = entry.data.length % BLOCK;
      if (rest > 0) blocks.push(new Uint8Array(BLOCK - rest));
    }
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(blocks);
}

/** gzip (RFC 1952) with neither name nor time. `level` 1 to 9. */
export function gzip(data: Uint8Array, level = 9): Uint8Array {
  const packed = gzipSync(data, { level });
  // MTIME and OS: what the machine that packs would put in.
  packed.fill(0, 4, 8);
  packed[GZIP_OS] = 3;
  return packed;
}

function header(entry: Entry, seconds: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = ([at, length]: readonly [number, number], value: string) => {
    const bytes = text(value);
    if (bytes.length > length) throw new Error(`${entry.path} does not fit into a tar header: shorten it`);
    block.set(bytes, at);
  };
  const octal = (field: readonly [number, number], value: number) =>
    put(field, value.toString(8).padStart(field[1] - 1, "0"));
  const [prefix, name] = split("directory" in entry ? `${entry.path}/` : entry.path);
  put(FIELD.name, name);
  put(FIELD.prefix, prefix);
  octal(FIELD.mode, "data" in entry ? entry.mode : "target" in entry ? 0o777 : 0o755);
  octal(FIELD.uid, 0);
  octal(FIELD.gid, 0);
  octal(FIELD.size, "data" in entry ? entry.data.length : 0);
  octal(FIELD.mtime, seconds);
  put(FIELD.type, "data" in entry ? "0" : "target" in entry ? "2" : "5");
  if ("target" in entry) put(FIELD.linkname, entry.target);
  put(FIELD.magic, "ustar\x0000");
  put(FIELD.uname, "root");
  put(FIELD.gname, "root");
  // The sum is taken with spaces in its own place.
  block.fill(0x20, FIELD.checksum[0], FIELD.checksum[0] + FIELD.checksum[1]);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(FIELD.checksum, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** A path as ustar's prefix and name. */
function split(path: string): [string, string] {
  if (text(path).length <= FIELD.name[1]) return ["", path];
  const at = path.lastIndexOf("/", path.length - 2);
  return [path.slice(0, at), path.slice(at + 1)];
}
