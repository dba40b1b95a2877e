// Which kernel modules a wanted one needs, in the order in which they load: from the modules' own notes.
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** Modules by their name as the kernel has it (`virtio_net`): path of the file. */
export type ModuleFiles = ReadonlyMap<string, string>;

/** The files, by name: `a/crc32c-intel.ko` is `crc32c_intel`. */
export function moduleFiles(paths: Iterable<string>): ModuleFiles {
  return new Map([...paths].map((path) => [kernelName(basename(path, ".ko")), path]));
}

/**
 * The wanted modules with all that they need, each behind what it needs. What is neither here nor wanted by name is
 * taken as built into the kernel. Throws when a wanted one has no file and `builtIn` does not name it.
 */
export function loadOrder(
  wanted: readonly string[],
  files: ModuleFiles,
  builtIn: ReadonlySet<string>,
  read: (path: string) => Uint8Array = readFileSync,
): string[] {
  const order: string[] = [];
  const visit = (name: string) => {
    if (order.includes(name) || builtIn.has(name)) return;
    const path = files.get(name);
    if (path === undefined) throw new Error(`the kernel package has no module ${name}`);
    for (const needed of needs(read(path))) visit(needed);
    order.push(name);
  };
  wanted.forEach(visit);
  return order;
}

/** The names of `depends=` in a module (its section .modinfo is `name=value` strings that end with a zero byte). */
export function needs(module: Uint8Array): string[] {
  const text = Buffer.from(module.buffer, module.byteOffset, module.byteLength).toString("latin1");
  const list = /\0depends=([\w,-]*)\0/.exec(text)?.[1] ?? "";
  return list.split(",").filter((name) => name !== "").map(kernelName);
}

/** The kernel knows no hyphens in names of modules. */
function kernelName(name: string): string {
  return name.replaceAll("-", "_");
}
