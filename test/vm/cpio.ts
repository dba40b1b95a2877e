// Writes cpio archives in the "newc" form that Linux takes as an initramfs.

/** A file (`data`) or, without data, a directory. Directories come before what is in them. */
export interface Entry {
  /** Without a leading slash. */
  path: string;
  /** Permissions. */
  mode: number;
  data?: Uint8Array;
}

/** Documentation/driver-api/early-userspace/buffer-format.rst of Linux: 6 bytes of magic and 13 hexadecimal fields. */
const HEADER_BYTES = 6 + 13 * 8;
const TRAILER = "TRAILER!!!";
/** S_IFDIR and S_IFREG (inode(7)). */
const DIRECTORY = 0o040000;
const REGULAR = 0o100000;

/**
 * The archive. Everything belongs to root and is from 1970: the same entries make the same bytes. Archives may be
 * put one behind the other; the kernel unpacks them in that order.
 */
export function cpio(entries: readonly Entry[]): Uint8Array {
  const parts: Uint8Array[] = entries.map((entry, i) =>
    record(
      i + 1,
      (entry.data === undefined ? DIRECTORY : REGULAR) | entry.mode,
      entry.path,
      entry.data ?? new Uint8Array(),
    )
  );
  parts.push(record(0, 0, TRAILER, new Uint8Array()));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function record(inode: number, mode: number, path: string, data: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode(`${path}\0`);
  // inode, mode, uid, gid, links, time, size, device (2), device of a node (2), length of the name, checksum.
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((value) => value.toString(16).padStart(8, "0")).join("")}`;
  const dataAt = padded(HEADER_BYTES + name.length);
  const bytes = new Uint8Array(dataAt + padded(data.length));
  bytes.set(new TextEncoder().encode(header));
  bytes.set(name, HEADER_BYTES);
  bytes.set(data, dataAt);
  return bytes;
}

/** The name and the data end on multiples of 4. */
function padded(length: number): number {
  return (length + 3) & ~3;
}
