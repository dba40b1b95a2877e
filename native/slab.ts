// Many small blocks of memory behind few buffers: a buffer of its own costs a block some 500 bytes.
import { Memory } from "./memory.ts";

const SLAB_BYTES = 16_384;
/** Larger blocks have a buffer of their own: little is gained, and the rest of a slab would lie idle. */
const LARGEST_PART_BYTES = SLAB_BYTES / 8;
/** Structures of the kernel lie on multiples of their largest field. */
const ALIGNMENT = 16;

let slab: Memory | null = null;
let used = 0;

/** Zeroed memory of `size` bytes that shares its buffer with others: for what lives as long as an instance. */
export function memoryPart(size: number): Memory {
  if (size > LARGEST_PART_BYTES) return new Memory(size);
  if (slab === null || used + size > SLAB_BYTES) {
    slab = new Memory(SLAB_BYTES);
    used = 0;
  }
  const part = new Memory(size, slab, used);
  used += Math.ceil(Math.max(1, size) / ALIGNMENT) * ALIGNMENT;
  return part;
}
