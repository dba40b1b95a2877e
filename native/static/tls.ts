// Thread-local storage: one block for the program and the C library, in which the program's keeps its place.
//
// The program's code has the distances to the thread pointer compiled in (local-exec model), so that its block
// must lie where it would lie alone: last where blocks end at the thread pointer (variant II, x86-64), first
// where they begin behind it (variant I, aarch64). Drepper, "ELF Handling For Thread-Local Storage", section 3.
import { PF, PT, roundUp, type Segment } from "./elf.ts";
import type { Machine } from "./machine.ts";
import { BuildProblem } from "./problem.ts";

/** Size of the thread control block in front of the blocks of variant I (AAELF64: two pointers). */
const CONTROL_BLOCK = 16;

/** Name of the reservation for the program's block in the link with the C library. */
export const RESERVATION = "glue_program_tls";

/** Assembler text that reserves the program's block. It is linked last (below) or first (above). */
export function reservation(machine: Machine, program: Segment): string {
  const [section, size] = machine.tls === "below"
    ? ['.tbss.glue,"awT",%nobits', roundUp(program.memorySize, program.align)]
    // Initialised, since only .tdata can be first.
    : ['.tdata,"awT",%progbits', program.memorySize];
  return `.section ${section}
.balign ${program.align}
.globl ${RESERVATION}
${RESERVATION}: .zero ${size}
.section .note.GNU-stack,"",%progbits
`;
}

export interface Block {
  /** The initial contents. */
  image: Buffer;
  /** Size in memory. */
  size: number;
  align: number;
}

/**
 * Merges both initial contents. `linked` is the block of the link with its contents, `reservedAt` the place of
 * the reservation in it. Throws a BuildProblem if the program's variables would not be where its code looks.
 */
export function merge(
  machine: Machine,
  program: { segment: Segment; contents: Buffer },
  linked: { segment: Segment; contents: Buffer },
  reservedAt: number,
): Block {
  const [mine, other] = [program.segment, linked.segment];
  const size = roundUp(other.memorySize, other.align);
  const right = machine.tls === "below"
    ? size - reservedAt === roundUp(mine.memorySize, mine.align)
    : reservedAt === 0 && roundUp(CONTROL_BLOCK, other.align) === roundUp(CONTROL_BLOCK, mine.align);
  if (!right) {
    throw new BuildProblem(
      `the program's thread-local block would be at ${reservedAt} of ${size} bytes, not where its code expects it: ` +
        "use the linker of GNU binutils (not gold or lld)",
    );
  }
  const image = Buffer.alloc(Math.max(linked.contents.length, reservedAt + program.contents.length));
  linked.contents.copy(image, 0);
  program.contents.copy(image, reservedAt);
  return { image, size, align: Math.max(mine.align, other.align) };
}

/** The PT_TLS program header for a block whose image is at `offset` and `address` (gABI 5, thread-local storage). */
export function header(block: Block, offset: number, address: number): Segment {
  return {
    type: PT.TLS,
    flags: PF.R,
    offset,
    address,
    fileSize: block.image.length,
    memorySize: block.size,
    align: block.align,
  };
}
