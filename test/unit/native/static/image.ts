// Small ELF files made by hand: everything at one address, with a dynamic section and thread-local storage.
import { DT, EHDR, Elf, EM, ET, PF, PT, type Segment, SIZE, STB } from "../../../../native/static/elf.ts";
import { encodeSegments } from "../../../../native/static/segments.ts";

export const BASE = 0x400000;

export interface ImageSymbol {
  name: string;
  binding?: number;
  /** Its address, if the file itself has it. */
  value?: number;
  size?: number;
}

export interface ImageOptions {
  type?: number;
  machine?: number;
  symbols?: ImageSymbol[];
  /** [address, type, index of the symbol from 1, addend] */
  relocations?: [number, number, number, number?][];
  constructors?: number[];
  /** Left out: no such program header. */
  without?: number[];
  /** Contents and size in memory of the thread-local block. */
  tls?: { contents: Buffer; memorySize: number; align: number };
}

/** The bytes of such a file. */
export function imageBytes(options: ImageOptions = {}): Buffer {
  const symbols = options.symbols ?? [];
  const relocations = options.relocations ?? [];
  const tls = options.tls ?? { contents: Buffer.alloc(8), memorySize: 16, align: 8 };
  const strings = ["", ...symbols.map(({ name }) => name)];
  const stringTable = Buffer.from(strings.join("\0") + "\0", "latin1");
  const stringAt = (i: number) => strings.slice(0, i).reduce((sum, text) => sum + text.length + 1, 0);

  const symbolTable = Buffer.alloc((symbols.length + 1) * SIZE.symbol);
  for (const [i, { binding = STB.GLOBAL, value, size = 0 }] of symbols.entries()) {
    const at = (i + 1) * SIZE.symbol;
    symbolTable.writeUInt32LE(stringAt(i + 1), at);
    symbolTable.writeUInt8(binding << 4, at + 4);
    symbolTable.writeUInt16LE(value === undefined ? 0 : 1, at + 6);
    symbolTable.writeBigUInt64LE(BigInt(value ?? 0), at + 8);
    symbolTable.writeBigUInt64LE(BigInt(size), at + 16);
  }
  const table = Buffer.alloc(relocations.length * SIZE.relocation);
  for (const [i, [at, type, symbol, addend = 0]] of relocations.entries()) {
    table.writeBigUInt64LE(BigInt(at), i * SIZE.relocation);
    table.writeBigUInt64LE(BigInt(symbol) << 32n | BigInt(type), i * SIZE.relocation + 8);
    table.writeBigInt64LE(BigInt(addend), i * SIZE.relocation + 16);
  }
  const constructors = Buffer.alloc((options.constructors ?? []).length * 8);
  for (const [i, address] of (options.constructors ?? []).entries()) {
    constructors.writeBigInt64LE(BigInt(address), i * 8);
  }

  const parts: Buffer[] = [Buffer.alloc(SIZE.header + 4 * SIZE.segment)];
  const place = (part: Buffer) => {
    const at = parts.reduce((sum, { length }) => sum + length, 0);
    const padding = (8 - at % 8) % 8;
    parts.push(Buffer.alloc(padding), part);
    return at + padding;
  };
  const at = {
    strings: place(stringTable),
    symbols: place(symbolTable),
    relocations: place(table),
    constructors: place(constructors),
    tls: place(tls.contents),
  };
  const dynamic = [
    [DT.STRTAB, BASE + at.strings],
    [DT.SYMTAB, BASE + at.symbols],
    [DT.RELA, BASE + at.relocations],
    [DT.RELASZ, table.length],
    ...(constructors.length === 0 ? [] : [
      [DT.INIT_ARRAY, BASE + at.constructors],
      [DT.INIT_ARRAYSZ, constructors.length],
    ]),
    [DT.NULL, 0],
  ].flat();
  const dynamicAt = place(Buffer.from(BigUint64Array.from(dynamic, BigInt).buffer));

  const file = Buffer.concat(parts);
  const segment = (
    type: number,
    offset: number,
    fileSize: number,
    memorySize = fileSize,
    align = 8,
  ): Segment => ({
    type,
    flags: PF.R,
    offset,
    address: BASE + offset,
    fileSize,
    memorySize,
    align,
  });
  const segments = [
    segment(PT.LOAD, 0, file.length, file.length, 0x1000),
    segment(PT.DYNAMIC, dynamicAt, dynamic.length * 8),
    segment(PT.TLS, at.tls, tls.contents.length, tls.memorySize, tls.align),
    segment(PT.INTERP, 0, 4),
  ].filter(({ type }) => options.without?.includes(type) !== true);
  file.write("\x7fELF\x02\x01\x01", "latin1");
  file.writeUInt16LE(options.type ?? ET.EXEC, EHDR.type);
  file.writeUInt16LE(options.machine ?? EM.X86_64, EHDR.machine);
  file.writeBigUInt64LE(BigInt(BASE), EHDR.entry);
  file.writeBigUInt64LE(BigInt(SIZE.header), EHDR.phoff);
  file.writeUInt16LE(segments.length, EHDR.phnum);
  encodeSegments(segments).copy(file, SIZE.header);
  return file;
}

export function image(options: ImageOptions = {}): Elf {
  return new Elf(imageBytes(options), "a test");
}
