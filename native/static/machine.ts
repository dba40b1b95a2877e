// The processors that a static executable is made for: what differs between them.
import { EM } from "./elf.ts";

/** As in the names of the files, and of Bun's targets. */
export type Arch = "x64" | "arm64";
export const ARCHES: readonly Arch[] = ["x64", "arm64"];

export interface Machine {
  arch: Arch;
  /** e_machine. */
  elf: number;
  /** For messages. */
  name: string;
  /** Largest page size of its kernels: segments are aligned to it. */
  page: number;
  /**
   * The form of thread-local storage (Drepper, "ELF Handling For Thread-Local Storage", section 3).
   * below: variant II, the blocks end at the thread pointer. above: variant I, they begin behind it.
   */
  tls: "below" | "above";
  /** Addresses of non-PIC code must stay below: 32-bit signed displacements on x86-64 (small code model). */
  addressLimit: number;
  /** The C compiler, and the Debian packages that bring it with its static C library. */
  compiler: string;
  packages: string;
}

export const MACHINES: Record<Arch, Machine> = {
  x64: {
    arch: "x64",
    elf: EM.X86_64,
    name: "x86-64",
    page: 0x1000,
    tls: "below",
    addressLimit: 0x7fff_0000,
    compiler: "x86_64-linux-gnu-gcc",
    packages: "gcc libc6-dev",
  },
  arm64: {
    arch: "arm64",
    elf: EM.AARCH64,
    name: "aarch64",
    page: 0x10000,
    tls: "above",
    addressLimit: 0xffff_0000,
    compiler: "aarch64-linux-gnu-gcc",
    packages: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
  },
};
