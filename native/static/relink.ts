// Makes a dynamic executable of Bun static: its imports come from a C library that is appended to the file.
//
// The steps, in order: check the input; read its imports; link a blob of glue and C library at a free address;
// merge thread-local storage; append the blob; write a program header table without PT_INTERP and PT_DYNAMIC.
// README.md says why it works.
import type { Compiler } from "./compiler.ts";
import { EHDR, Elf, PF, PT, roundUp, type Segment, SIZE } from "./elf.ts";
import { checkInput, readImports } from "./imports.ts";
import type { Machine } from "./machine.ts";
import { BuildProblem } from "./problem.ts";
import { encodeSegments, Growth } from "./segments.ts";
import { assembly, HEADER_COUNT } from "./table.ts";
import { type Block, header, merge, RESERVATION, reservation } from "./tls.ts";

/** The appended part begins at a multiple of this, behind everything that the program has. */
const ALIGNMENT = 0x1000000;
/** Room for program headers and thread-local image in front of the blob. */
const FRONT = 0x100000;

export interface RelinkOptions {
  compiler: Compiler;
  /** Names that dlsym shall answer, sorted by bytes. */
  names: readonly string[];
  /** Variables that are always in the environment. */
  environment: Record<string, string>;
  /** Variables that a command line has besides which does not serve the status over HTTP. */
  roomy: Record<string, string>;
}

/** The static executable for a dynamic one. Throws a BuildProblem. */
export function relink(input: Buffer, name: string, options: RelinkOptions): Buffer {
  const { compiler } = options;
  const { machine } = compiler;
  const program = new Elf(input, name);
  checkInput(program, machine);
  const imports = readImports(program);
  const programTls = program.find(PT.TLS)!;
  const front = roundUp(program.end, ALIGNMENT);
  if (front + 2 * ALIGNMENT > machine.addressLimit) {
    throw new BuildProblem(`${name} leaves no addresses for a C library behind it: make it smaller`);
  }

  const blob = compiler.link({
    table: assembly({
      imports,
      names: options.names,
      environment: assignments(options.environment),
      roomy: assignments(options.roomy),
      headersAt: front,
      entry: program.entry,
    }),
    tls: reservation(machine, programTls),
    address: front + FRONT,
    placed: imports.placed,
  });
  const symbols = blob.linkedSymbols([RESERVATION, HEADER_COUNT]);
  const reservedAt = symbols.get(RESERVATION);
  const countAt = symbols.get(HEADER_COUNT);
  const blobTls = blob.find(PT.TLS);
  if (reservedAt === undefined || countAt === undefined || blobTls === undefined) {
    throw new BuildProblem(
      `${compiler.command} left out a part of the glue: use GNU binutils as its linker`,
    );
  }
  const block = merge(
    machine,
    { segment: programTls, contents: program.contents(programTls) },
    { segment: blobTls, contents: blob.contents(blobTls) },
    reservedAt,
  );
  return write(machine, program, blob, { front, block, countAt });
}

interface Layout {
  /** Address of the front: program headers, thread-local image. */
  front: number;
  block: Block;
  /** Address where the glue has the number of program headers. */
  countAt: number;
}

/** Appends the front and the blob. */
function write(machine: Machine, program: Elf, blob: Elf, { front, block, countAt }: Layout): Buffer {
  const stack = program.segments.filter((s) => s.type === PT.GNU_STACK);
  const count = program.loads.length + 1 + blob.loads.length + 1 + stack.length;
  blob.bytes.writeBigUInt64LE(BigInt(count), blob.offsetOf(countAt));
  const imageAt = roundUp(count * SIZE.segment, Math.max(64, block.align));
  const growth = new Growth(program.bytes, machine.page);
  const head = growth.append(front, Buffer.concat([Buffer.alloc(imageAt), block.image]), PF.R);
  const tls = header(block, head.offset + imageAt, front + imageAt);
  if (front + head.memorySize > Math.min(...blob.loads.map((s) => s.address))) {
    throw new BuildProblem(
      "the thread-local image is larger than the room for it: enlarge FRONT in native/static/relink.ts",
    );
  }
  // glibc on aarch64 reads the program headers of its own link: they must tell of the merged block too.
  replaceTls(blob, tls);
  for (const load of blob.loads) {
    growth.append(load.address, blob.contents(load), load.flags, load.memorySize);
  }
  return growth.finish([...program.loads, ...growth.loads, tls, ...stack], head.offset, blob.entry);
}

function replaceTls(blob: Elf, tls: Segment): void {
  const table = encodeSegments(blob.segments.map((s) => s.type === PT.TLS ? tls : s));
  table.copy(blob.bytes, blob.word(EHDR.phoff));
}

/** NAME=VALUE, in the order of the names. */
function assignments(variables: Record<string, string>): string[] {
  return Object.entries(variables).map(([key, text]) => `${key}=${text}`).sort();
}
