// The image of a router: an initramfs with the static file and keepalived.conf, and behind it, if wanted, the bed.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Compiler } from "../../native/static/compiler.ts";
import { type Arch, MACHINES } from "../../native/static/machine.ts";
import { cpio, type Entry } from "./cpio.ts";
import { type Kernel, loadList, type ModuleName, modulePath } from "./kernel.ts";

/** Where the static executables are; the runner builds them there unless the variable names another folder. */
const STATIC = resolve(process.env["BATON_STATIC"] ?? "dist");

/** What the board does before the router starts: see bed.c. */
export interface Bed {
  modules: readonly ModuleName[];
  /** Steps after the modules. */
  steps: readonly string[];
  /** Further files in /bed, their text by name. */
  files?: Readonly<Record<string, string>>;
}

/** The static executable for a machine. */
export function staticFile(arch: Arch): string {
  return join(STATIC, `baton-linux-${arch}`);
}

/** The image: nothing but /init and the configuration. */
export function image(arch: Arch, configuration: string): Uint8Array {
  return cpio([
    { path: "init", mode: 0o755, data: readFileSync(staticFile(arch)) },
    { path: "etc", mode: 0o755 },
    { path: "etc/keepalived", mode: 0o755 },
    text("etc/keepalived/keepalived.conf", configuration),
  ]);
}

/** The bed: its program, its steps and the modules, all in /bed. `program` is `bedProgram`'s. */
export function bedArchive(arch: Arch, kernel: Kernel, bed: Bed, program: string): Uint8Array {
  const modules = loadList(kernel, bed.modules);
  const steps = [...modules.map((name) => `module /bed/${name}.ko`), ...bed.steps];
  return cpio([
    { path: "bed", mode: 0o755 },
    { path: "bed/init", mode: 0o755, data: readFileSync(program) },
    text("bed/steps", steps.map((step) => `${step}\n`).join("")),
    ...Object.entries(bed.files ?? {}).map(([name, content]) => text(`bed/${name}`, content)),
    ...modules.map((name) => ({
      path: `bed/${name}.ko`,
      mode: 0o644,
      data: readFileSync(modulePath(arch, name)),
    })),
  ]);
}

/** Compiles bed.c for a machine into `folder`, once. Returns the path of the static executable. */
export function bedProgram(arch: Arch, folder: string): string {
  const path = join(folder, `bed-${arch}`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const { command } = new Compiler(MACHINES[arch]);
  const options = ["-std=gnu17", "-D_GNU_SOURCE", "-Os", "-Wall", "-Wextra", "-Werror", "-static", "-s"];
  const child = Bun.spawnSync([command, ...options, join(import.meta.dir, "bed.c"), "-o", path]);
  if (child.exitCode !== 0) throw new Error(`bed.c does not compile for ${arch}: ${child.stderr.toString()}`);
  return path;
}

function text(path: string, content: string): Entry {
  return { path, mode: 0o644, data: new TextEncoder().encode(content) };
}
