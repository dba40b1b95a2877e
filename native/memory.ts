// Memory whose address the kernel may keep: it neither moves nor goes away while the object is referenced.
import { type Pointer, ptr } from "bun:ffi";

/**
 * A block of zeroed memory. It is made from an explicit ArrayBuffer: a small typed array made by length
 * lies in the JavaScript heap and moves when somebody first asks for its `.buffer`.
 */
export class Memory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** Address of the first byte, as a plain number. */
  readonly address: number;

  /** `size` in bytes, at least 1. */
  constructor(size: number) {
    const buffer = new ArrayBuffer(Math.max(1, size));
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.address = Number(ptr(this.bytes));
  }
}

/** An address as the FFI wants it. */
export function pointer(address: number): Pointer {
  return address as Pointer;
}

/** Writes a 64-bit address (little-endian), without a BigInt. */
export function writePointer(view: DataView, offset: number, address: number): void {
  view.setUint32(offset, address >>> 0, true);
  view.setUint32(offset + 4, Math.floor(address / 0x1_0000_0000), true);
}
