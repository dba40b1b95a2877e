// Reads 64-bit little-endian ELF files: header, program headers, dynamic section, symbols, relocations.
//
// Section numbers are those of the System V gABI, chapters 4 (object files) and 5 (program loading).
import { BuildProblem } from "./problem.ts";

/** e_type (gABI 4, ELF header). */
export const ET = { EXEC: 2, DYN: 3 } as const;
/** e_machine (gABI 4, ELF header). */
export const EM = { X86_64: 62, AARCH64: 183 } as const;
/** p_type (gABI 5, program header; GNU_STACK: Linux Standard Base). */
export const PT = { NULL: 0, LOAD: 1, DYNAMIC: 2, INTERP: 3, TLS: 7, GNU_STACK: 0x6474e551 } as const;
/** p_flags (gABI 5, segment permissions). */
export const PF = { X: 1, W: 2, R: 4 } as const;
/** d_tag (gABI 5, dynamic section). */
export const DT = {
  NULL: 0,
  PLTRELSZ: 2,
  STRTAB: 5,
  SYMTAB: 6,
  RELA: 7,
  RELASZ: 8,
  JMPREL: 23,
  INIT: 12,
  INIT_ARRAY: 25,
  INIT_ARRAYSZ: 27,
} as const;
/** st_info >> 4 (gABI 4, symbol table). */
export const STB = { LOCAL: 0, GLOBAL: 1, WEAK: 2 } as const;
/** Offsets in Elf64_Ehdr (gABI 4). */
export const EHDR = {
  type: 16,
  machine: 18,
  entry: 24,
  phoff: 32,
  shoff: 40,
  phnum: 56,
  shnum: 60,
  shstrndx: 62,
} as const;
/** sizeof Elf64_Phdr, Elf64_Sym, Elf64_Rela, Elf64_Dyn, Elf64_Shdr. */
export const SIZE = {
  header: 64,
  segment: 56,
  symbol: 24,
  relocation: 24,
  dynamic: 16,
  section: 64,
} as const;
const SHT_SYMTAB = 2;

/** An Elf64_Phdr; p_paddr is p_vaddr. */
export interface Segment {
  type: number;
  flags: number;
  offset: number;
  address: number;
  fileSize: number;
  memorySize: number;
  align: number;
}

/** An Elf64_Sym of the dynamic symbol table. */
export interface Symbol {
  name: string;
  /** STB_GLOBAL, STB_WEAK ... */
  binding: number;
  /** st_shndx is not SHN_UNDEF: the file itself has it. */
  defined: boolean;
  value: number;
  size: number;
}

/** An Elf64_Rela. */
export interface Relocation {
  /** r_offset: the address that is to be filled. */
  at: number;
  type: number;
  /** Index in the dynamic symbol table. */
  symbol: number;
  addend: number;
}

/** `value` rounded up to a multiple of `align`, a power of two. */
export function roundUp(value: number, align: number): number {
  return align <= 1 ? value : Math.ceil(value / align) * align;
}

/** An ELF file in memory. Numbers are JavaScript numbers: exact below 2^53. */
export class Elf {
  readonly bytes: Buffer;
  readonly name: string;
  readonly type: number;
  readonly machine: number;
  readonly entry: number;
  readonly segments: Segment[];

  /** `name` is for messages. Throws a BuildProblem if this is no 64-bit little-endian ELF file. */
  constructor(bytes: Buffer, name: string) {
    const ident = bytes.subarray(0, 6).toString("latin1");
    if (bytes.length < SIZE.header || ident !== "\x7fELF\x02\x01") {
      throw new BuildProblem(`${name} is not a 64-bit little-endian ELF file: build it with npm run build`);
    }
    this.bytes = bytes;
    this.name = name;
    this.type = bytes.readUInt16LE(EHDR.type);
    this.machine = bytes.readUInt16LE(EHDR.machine);
    this.entry = this.word(EHDR.entry);
    const [table, count] = [this.word(EHDR.phoff), bytes.readUInt16LE(EHDR.phnum)];
    if (table + count * SIZE.segment > bytes.length) throw this.#cut("its program headers");
    this.segments = Array.from({ length: count }, (_, i) => this.#segment(table + i * SIZE.segment));
  }

  /** The 64-bit word at a file offset. */
  word(offset: number): number {
    if (offset + 8 > this.bytes.length) throw this.#cut(`offset ${offset}`);
    return Number(this.bytes.readBigUInt64LE(offset));
  }

  get loads(): Segment[] {
    return this.segments.filter((s) => s.type === PT.LOAD);
  }

  /** The first address behind everything that is loaded. */
  get end(): number {
    return Math.max(0, ...this.loads.map((s) => s.address + s.memorySize));
  }

  find(type: number): Segment | undefined {
    return this.segments.find((s) => s.type === type);
  }

  /** File offset of an address. Throws if no segment has bytes for it. */
  offsetOf(address: number): number {
    const segment = this.loads.find((s) => address >= s.address && address < s.address + s.fileSize);
    if (segment === undefined) {
      throw new BuildProblem(
        `${this.name} has no bytes for address 0x${address.toString(16)}: it is damaged`,
      );
    }
    return address - segment.address + segment.offset;
  }

  /** The bytes that a segment takes from the file. */
  contents(segment: Segment): Buffer {
    return this.bytes.subarray(segment.offset, segment.offset + segment.fileSize);
  }

  /** The value of a tag of the dynamic section (gABI 5), or undefined. */
  dynamic(tag: number): number | undefined {
    const section = this.find(PT.DYNAMIC);
    if (section === undefined) return undefined;
    for (let at = section.offset; at < section.offset + section.fileSize; at += SIZE.dynamic) {
      const found = this.word(at);
      if (found === tag) return this.word(at + 8);
      if (found === DT.NULL) return undefined;
    }
    return undefined;
  }

  /** A symbol of the dynamic symbol table (gABI 4, symbol table). */
  symbol(index: number): Symbol {
    const [table, strings] = [this.dynamic(DT.SYMTAB), this.dynamic(DT.STRTAB)];
    if (table === undefined || strings === undefined) throw this.#cut("its dynamic symbol table");
    const at = this.offsetOf(table) + index * SIZE.symbol;
    return {
      name: this.#string(this.offsetOf(strings) + this.bytes.readUInt32LE(at)),
      binding: this.bytes.readUInt8(at + 4) >> 4,
      defined: this.bytes.readUInt16LE(at + 6) !== 0,
      value: this.word(at + 8),
      size: this.word(at + 16),
    };
  }

  /** All that a dynamic loader would have to fill: DT_RELA and DT_JMPREL (gABI 4, relocation; 5, dynamic section). */
  relocations(): Relocation[] {
    const found: Relocation[] = [];
    for (const [tag, sizeTag] of [[DT.RELA, DT.RELASZ], [DT.JMPREL, DT.PLTRELSZ]] as const) {
      const [address, size] = [this.dynamic(tag), this.dynamic(sizeTag)];
      if (address === undefined || size === undefined || size === 0) continue;
      const start = this.offsetOf(address);
      for (let at = start; at < start + size; at += SIZE.relocation) {
        const info = this.bytes.readBigUInt64LE(at + 8);
        found.push({
          at: this.word(at),
          type: Number(info & 0xffffffffn),
          symbol: Number(info >> 32n),
          addend: Number(this.bytes.readBigInt64LE(at + 16)),
        });
      }
    }
    return found;
  }

  /** Values of the named symbols of the static symbol table: for what the build has linked itself. */
  linkedSymbols(names: readonly string[]): Map<string, number> {
    const found = new Map<string, number>();
    const [table, count] = [this.word(EHDR.shoff), this.bytes.readUInt16LE(EHDR.shnum)];
    const section = (index: number) => table + index * SIZE.section;
    for (let i = 0; i < count; i++) {
      if (this.bytes.readUInt32LE(section(i) + 4) !== SHT_SYMTAB) continue;
      const strings = this.word(section(this.bytes.readUInt32LE(section(i) + 40)) + 24);
      const start = this.word(section(i) + 24);
      const end = start + this.word(section(i) + 32);
      for (let at = start; at < end; at += SIZE.symbol) {
        const name = this.#string(strings + this.bytes.readUInt32LE(at));
        if (names.includes(name)) found.set(name, this.word(at + 8));
      }
    }
    return found;
  }

  #segment(at: number): Segment {
    return {
      type: this.bytes.readUInt32LE(at),
      flags: this.bytes.readUInt32LE(at + 4),
      offset: this.word(at + 8),
      address: this.word(at + 16),
      fileSize: this.word(at + 32),
      memorySize: this.word(at + 40),
      align: this.word(at + 48),
    };
  }

  #string(offset: number): string {
    const end = this.bytes.indexOf(0, offset);
    return this.bytes.toString("latin1", offset, end < 0 ? this.bytes.length : end);
  }

  #cut(what: string): BuildProblem {
    return new BuildProblem(`${this.name} is cut off before ${what}: build it again`);
  }
}
