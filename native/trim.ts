// Gives back the pages of program code that a start has used and nothing uses any more.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { MMAN } from "./constants.ts";
import { libc } from "./libc.ts";
import { pointer } from "./memory.ts";

/** A line of /proc/PID/maps (proc(5)): from, to, permissions, offset, device, inode. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+)\s/;
/** /proc/PID/pagemap has 64 bits for each page: here the upper half (kernel: admin-guide/mm/pagemap). */
const ENTRY_BYTES = 8;
const PRESENT = 1 << 31;
/** A page of a file; a page that was copied when it was written to is none. */
const OF_FILE = 1 << 29;

/** A part of the address space, in bytes. */
export interface Range {
  start: number;
  length: number;
}

/**
 * Takes the code and the constants of this process out of its page tables: what is needed again is found in the page
 * cache at its next use. To be called before the memory is locked, or the code of the start would stay in memory for
 * ever. Returns the bytes that went; 0 where the kernel does not tell which pages are there.
 */
export function trimCode(): number {
  const pageBytes = libc.getpagesize();
  let pagemap = -1;
  let bytes = 0;
  try {
    pagemap = openSync("/proc/self/pagemap", "r");
    for (const { start, length } of readOnlyMappings(readFileSync("/proc/self/maps", "latin1"))) {
      const entries = new Uint8Array((length / pageBytes) * ENTRY_BYTES);
      const got = readSync(pagemap, entries, 0, entries.length, (start / pageBytes) * ENTRY_BYTES);
      for (const run of filePages(entries.subarray(0, got), start, pageBytes)) {
        if (libc.madvise(pointer(run.start), run.length, MMAN.MADV_DONTNEED) === 0) bytes += run.length;
      }
    }
  } catch {
    // No /proc, or one without page maps: everything stays.
  }
  if (pagemap >= 0) closeSync(pagemap);
  return bytes;
}

/** The mappings of files that nobody can write to, in the text of /proc/PID/maps. */
export function readOnlyMappings(maps: string): Range[] {
  return maps.split("\n").flatMap((line) => {
    const [, from, to, permissions, inode] = MAPPING.exec(line) ?? [];
    if (from === undefined || to === undefined || inode === "0") return [];
    const start = parseInt(from, 16);
    return permissions!.startsWith("r-") ? [{ start, length: parseInt(to, 16) - start }] : [];
  });
}

/**
 * Runs of pages that are there and are a file's, in the page map of a mapping that begins at `start`. The runtime writes
 * to some pages before it makes them read-only: they are copies of its own, and would come back as the file has them.
 */
export function filePages(entries: Uint8Array, start: number, pageBytes: number): Range[] {
  const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
  const runs: Range[] = [];
  let run: Range | null = null;
  for (let at = 0; at + ENTRY_BYTES <= entries.byteLength; at += ENTRY_BYTES) {
    const flags = view.getInt32(at + 4, true);
    const address = start + (at / ENTRY_BYTES) * pageBytes;
    if ((flags & PRESENT) === 0 || (flags & OF_FILE) === 0) run = null;
    else if (run === null) runs.push(run = { start: address, length: pageBytes });
    else run.length += pageBytes;
  }
  return runs;
}
