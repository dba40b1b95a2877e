// Gives back the pages of program code that a start has used and nothing uses any more.
import { readFileSync } from "node:fs";
import { MMAN } from "./constants.ts";
import { libc } from "./libc.ts";
import { pointer } from "./memory.ts";

/** A line of /proc/PID/smaps (proc(5)) that begins a mapping: from, to, permissions, ..., inode. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+)\s/;

/** A part of the address space, in bytes. */
export interface Range {
  start: number;
  length: number;
}

/**
 * Takes the code of this process out of its page tables: what is needed again is found in the page cache at its next
 * use. To be called before the memory is locked, or the code of the start would stay in memory for ever.
 * Returns the bytes of address space concerned; 0 where the kernel does not tell.
 */
export function trimCode(): number {
  let text: string;
  try {
    text = readFileSync("/proc/self/smaps", "latin1");
  } catch {
    return 0;
  }
  let bytes = 0;
  for (const { start, length } of codeRanges(text)) {
    if (libc.madvise(pointer(start), length, MMAN.MADV_DONTNEED) === 0) bytes += length;
  }
  return bytes;
}

/**
 * The mappings of a file that may be executed and not written. A mapping with a single page of its own (Anonymous
 * above 0) is left out: that page would come back as the file has it.
 */
export function codeRanges(smaps: string): Range[] {
  const ranges: Range[] = [];
  let current: Range | null = null;
  for (const line of smaps.split("\n")) {
    const [, from, to, permissions, inode] = MAPPING.exec(line) ?? [];
    if (from !== undefined && to !== undefined) {
      const start = parseInt(from, 16);
      current = permissions!.startsWith("r-x") && inode !== "0"
        ? { start, length: parseInt(to, 16) - start }
        : null;
    } else if (current !== null && /^Anonymous:\s+0 kB$/.test(line)) {
      ranges.push(current);
      current = null;
    }
  }
  return ranges;
}
