// Writes ELF: appends loadable segments to a finished executable and gives it a new program header table.
import { EHDR, PT, type Segment, SIZE } from "./elf.ts";

/** The bytes of a program header table (gABI 5, Elf64_Phdr). */
export function encodeSegments(segments: readonly Segment[]): Buffer {
  const table = Buffer.alloc(segments.length * SIZE.segment);
  for (const [i, s] of segments.entries()) {
    const at = i * SIZE.segment;
    table.writeUInt32LE(s.type, at);
    table.writeUInt32LE(s.flags, at + 4);
    const words = [s.offset, s.address, s.address, s.fileSize, s.memorySize, s.align];
    for (const [k, word] of words.entries()) table.writeBigUInt64LE(BigInt(word), at + 8 + k * 8);
  }
  return table;
}

/**
 * Grows an executable at its end. An offset in the file and its address must agree modulo the page size
 * (gABI 5, p_align), so that some zeros come first.
 */
export class Growth {
  readonly loads: Segment[] = [];
  readonly #parts: Buffer[];
  readonly #page: number;
  #end: number;

  constructor(original: Buffer, page: number) {
    this.#parts = [original];
    this.#end = original.length;
    this.#page = page;
  }

  /** Appends `data`, to be loaded at `address`; `memorySize` beyond the data is zeros. */
  append(address: number, data: Buffer, flags: number, memorySize: number = data.length): Segment {
    const padding = ((address - this.#end) % this.#page + this.#page) % this.#page;
    const offset = this.#end + padding;
    const segment = {
      type: PT.LOAD,
      flags,
      offset,
      address,
      fileSize: data.length,
      memorySize,
      align: this.#page,
    };
    this.#parts.push(Buffer.alloc(padding), data);
    this.#end = offset + data.length;
    this.loads.push(segment);
    return segment;
  }

  /**
   * The whole file, with `segments` as its program header table at file offset `tableAt` (inside appended
   * data) and `entry` as its start. It gets no section headers (e_shnum 0): strip(1) would drop what no section
   * covers and so destroy the file; without any it refuses.
   */
  finish(segments: readonly Segment[], tableAt: number, entry: number): Buffer {
    const file = Buffer.concat(this.#parts);
    encodeSegments(segments).copy(file, tableAt);
    file.writeBigUInt64LE(BigInt(entry), EHDR.entry);
    file.writeBigUInt64LE(BigInt(tableAt), EHDR.phoff);
    file.writeUInt16LE(segments.length, EHDR.phnum);
    file.writeBigUInt64LE(0n, EHDR.shoff);
    file.writeUInt16LE(0, EHDR.shnum);
    file.writeUInt16LE(0, EHDR.shstrndx);
    return file;
  }
}
