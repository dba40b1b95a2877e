// What the tests of the static executable share: where it is, bare roots, and builds of the parity program.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildOne } from "../../native/static/build.ts";
import type { Arch } from "../../native/static/machine.ts";
import { PARITY_FUNCTIONS } from "./parity/names.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** The static executable of this machine. test/run.ts builds it. */
export const STATIC = join(ROOT, `dist/baton-linux-${process.arch}`);
if (!existsSync(STATIC)) {
  throw new Error(`${STATIC} does not exist: build it with npm run build:static -- ${process.arch}`);
}

export interface Outcome {
  /** 128 and the signal's number when a signal ended it. */
  code: number;
  out: string;
  error: string;
}

/** Runs a program to its end. The environment is PATH and `env`, nothing else. */
export async function outcome(
  words: string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Outcome> {
  const child = Bun.spawn(words, {
    cwd: options.cwd ?? ROOT,
    env: { PATH: process.env["PATH"] ?? "", ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, error] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, error };
}

/** A temporary directory. */
export function temporary(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "baton-static-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A directory with the static executable as /baton and nothing else. */
export function bareRoot(): Disposable & { path: string } {
  const root = temporary();
  copyFileSync(STATIC, join(root.path, "baton"));
  return root;
}

/**
 * The words that run `command` in `root`, in mount and PID namespaces of their own: what is mounted there goes
 * with them. `mounts`: shell text with $root. The command is not process 1, a shell outside of the root is.
 */
export function inRoot(root: string, mounts: string, command: string[]): string[] {
  const script = `root=$1; shift; ${mounts} chroot "$root" "$@"`;
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", root, ...command];
}

/** /proc, and a /dev with null and urandom only. */
export const PROC_AND_DEV = 'mkdir -p "$root/proc" "$root/dev"; mount -t proc proc "$root/proc" && ' +
  'mount -t tmpfs tmpfs "$root/dev" && mknod -m 666 "$root/dev/null" c 1 3 && ' +
  'mknod -m 666 "$root/dev/urandom" c 1 9 &&';

/** Builds the parity program for `arch`, dynamic and static, in `directory`. */
export async function buildParity(
  arch: Arch,
  directory: string,
): Promise<{ dynamic: string; static: string }> {
  mkdirSync(directory, { recursive: true });
  const paths = { dynamic: join(directory, "dynamic"), static: join(directory, "static") };
  await buildOne(arch, paths.static, async (target, executablePath, outfile) => {
    const { success, logs } = await Bun.build({
      entrypoints: ["main.ts", "worker.ts"].map((file) => join(import.meta.dir, "parity", file)),
      compile: {
        target: `bun-linux-${target}`,
        executablePath,
        outfile,
        autoloadDotenv: false,
        autoloadBunfig: false,
      },
      target: "bun",
      format: "esm",
      minify: true,
      bytecode: true,
    });
    if (!success) throw new AggregateError(logs, "the parity program does not build");
    copyFileSync(outfile, paths.dynamic);
  }, PARITY_FUNCTIONS);
  return paths;
}
