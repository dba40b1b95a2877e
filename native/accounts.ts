// Looks up users and groups in /etc/passwd and /etc/group.
import { readFileSync, statSync } from "node:fs";
import type { Identity } from "./child.ts";

const PASSWD = "/etc/passwd";
const GROUP = "/etc/group";
/** The largest usable id: 2^32 - 1 means "unchanged" to setuid(2). */
const MAX_ID = 0xfffffffe;

interface CachedFile {
  stamp: string;
  rows: string[][];
}

const cache = new Map<string, CachedFile>();

/** The colon-separated rows of a file; empty when it cannot be read. Read again only when it has changed. */
function readRows(path: string): string[][] {
  try {
    const info = statSync(path, { bigint: true });
    const stamp = `${info.dev}:${info.ino}:${info.size}:${info.mtimeNs}`;
    const known = cache.get(path);
    if (known?.stamp === stamp) return known.rows;
    const rows = readFileSync(path, "utf8").split("\n").map((line) => line.split(":"));
    cache.set(path, { stamp, rows });
    return rows;
  } catch {
    return [];
  }
}

/** A decimal id in the range of uid_t and gid_t, or null. */
function parseId(text: string | undefined): number | null {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return null;
  const id = Number(text);
  return id <= MAX_ID ? id : null;
}

/**
 * The ids of a user: a name of the passwd file (passwd(5)), or a number. A number without an entry has the
 * group of the same number; root needs no entry. Null when there is no such user.
 */
export function lookupUser(name: string, file: string = PASSWD): Identity | null {
  const rows = readRows(file);
  for (const row of rows) {
    const [uid, gid] = [parseId(row[2]), parseId(row[3])];
    if (row[0] === name && name !== "" && uid !== null && gid !== null) return { uid, gid };
  }
  // On an image without /etc/passwd root is still 0 (credentials(7)).
  if (name === "root") return { uid: 0, gid: 0 };
  const number = parseId(name);
  if (number === null) return null;
  for (const row of rows) {
    const gid = parseId(row[3]);
    if (parseId(row[2]) === number && gid !== null) return { uid: number, gid };
  }
  return { uid: number, gid: number };
}

/** The id of a group: a name of the group file (group(5)), or a number. Null when there is no such group. */
export function lookupGroup(name: string, file: string = GROUP): number | null {
  for (const row of readRows(file)) {
    const gid = parseId(row[2]);
    if (row[0] === name && name !== "" && gid !== null) return gid;
  }
  return parseId(name);
}

/**
 * All groups of a user, named as for lookupUser(): `gid` first, then those whose members name it in the group file.
 */
export function lookupGroups(
  user: string,
  gid: number,
  passwdFile: string = PASSWD,
  groupFile: string = GROUP,
): number[] {
  const accounts = readRows(passwdFile);
  const account = accounts.find(([name]) => name === user) ??
    accounts.find((row) => parseId(row[2]) !== null && parseId(row[2]) === parseId(user));
  const name = account?.[0] ?? user;
  const groups = new Set([gid]);
  for (const row of readRows(groupFile)) {
    const id = parseId(row[2]);
    if (id !== null && (row[3] ?? "").split(",").some((member) => member.trim() === name)) groups.add(id);
  }
  return [...groups];
}
