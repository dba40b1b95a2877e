// Debian's kernels for the virtual machines: where they are kept, and what is in the folder of one.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Arch } from "../../native/static/machine.ts";

/** Kept between runs; `fetch.ts` fills it. */
const CACHE = join(import.meta.dir, "../../node_modules/.cache/baton/vm");

/** Which modules are kept; what they say they need comes along. */
export const MODULES = [
  // The network card.
  "virtio_pci",
  "virtio_net",
  // Links.
  "dummy",
  "vrf",
  "8021q",
  "macvlan",
  "ipvlan",
  "bonding",
  // The load balancer.
  "crc32c_generic",
  "ip_vs",
  "ip_vs_rr",
  "ip_vs_wrr",
] as const;

export type ModuleName = typeof MODULES[number];

/** What a module needs and does not say: a bus for its card, an algorithm that it asks for by an alias. */
const UNSAID: Partial<Record<ModuleName, ModuleName>> = { virtio_net: "virtio_pci", ip_vs: "crc32c_generic" };

/** A kernel with its modules. */
export interface Kernel {
  /** `6.1.0-56-amd64`. */
  version: string;
  /** The file that QEMU starts. */
  image: string;
  /** For each module what has to be loaded, in that order; itself last. */
  loads: Record<ModuleName, string[]>;
}

/** The folder of one machine's kernel: `vmlinuz`, `kernel.json` and the modules, `NAME.ko`. */
export function kernelFolder(arch: Arch): string {
  return join(CACHE, arch);
}

export function modulePath(arch: Arch, name: string): string {
  return join(kernelFolder(arch), `${name}.ko`);
}

/** The kernel that was fetched; null without one, or when its modules are not those of `MODULES`. */
export function kernelOf(arch: Arch): Kernel | null {
  const notes = join(kernelFolder(arch), "kernel.json");
  if (!existsSync(notes)) return null;
  const { version, loads } = JSON.parse(readFileSync(notes, "utf8")) as Omit<Kernel, "image"> & {
    loads?: Kernel["loads"];
  };
  if (!MODULES.every((name) => loads?.[name] !== undefined)) return null;
  return { version, loads, image: join(kernelFolder(arch), "vmlinuz") };
}

/** Everything that has to be loaded for these modules, each behind what it needs. */
export function loadList(kernel: Kernel, wanted: readonly ModuleName[]): string[] {
  const all = wanted.flatMap((name) => [...kernel.loads[UNSAID[name] ?? name], ...kernel.loads[name]]);
  return [...new Set(all)];
}
