// Memory whose address the kernel may keep: it neither moves nor goes away while the object is referenced.
import { type Pointer, ptr } from "bun:ffi";

/**
 * A block of zeroed memory. It is made from an explicit ArrayBuffer: a small typed array made by length
 * lies in the JavaScript heap and moves when somebody first asks for its `.buffer`.
 */
export class Memory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Address of the first byte, as a plain number. */
  readonly address: number;

  #view: DataView<ArrayBuffer> | null = null;

  /** `size` in bytes, at least 1. `whole`: the memory that it is to be a part of, from byte `at` on. */
  constructor(size: number, whole: Memory | null = null, at = 0) {
    const most = Math.max(1, size);
    if (whole === null) {
      this.bytes = new Uint8Array(new ArrayBuffer(most));
      this.address = Number(ptr(this.bytes));
    } else {
      this.bytes = new Uint8Array(whole.bytes.buffer, whole.bytes.byteOffset + at, most);
      this.address = whole.address + at;
    }
  }

  /** The same bytes as numbers of any size. Made when it is first asked for: many have no use for it. */
  get view(): DataView<ArrayBuffer> {
    return this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
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
