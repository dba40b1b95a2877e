// The steps of `npm run build:static`: for each machine a runtime, the dynamic executable, the static one; the lists.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeBill } from "./bill.ts";
import { Compiler } from "./compiler.ts";
import { type Arch, ARCHES, MACHINES } from "./machine.ts";
import { dlsymNames } from "./names.ts";
import { BuildProblem } from "./problem.ts";
import { relink } from "./relink.ts";
import { checkBunVersion, verifiedRuntime } from "./runtime.ts";
import { BAKED_ENVIRONMENT, ROOMY_ENVIRONMENT } from "./runtime_options.ts";
import { writeSums } from "./sums.ts";

/** Compiles a program for a machine with the given runtime into `outfile`. */
export type Compile = (arch: Arch, runtime: string, outfile: string) => Promise<void>;

/** Where the results go, relative to the working directory. */
const DIST = "dist";

/** Builds for the named machines, all of them by default. Returns an exit code; problems are said on stderr. */
export async function buildStatic(words: readonly string[], compile: Compile): Promise<number> {
  try {
    const unknown = words.find((word) => !(ARCHES as readonly string[]).includes(word));
    if (unknown !== undefined) {
      throw new BuildProblem(
        `${unknown} is not a machine that can be built for: name ${ARCHES.join(" or ")}`,
      );
    }
    checkBunVersion();
    mkdirSync(DIST, { recursive: true });
    for (const arch of words.length === 0 ? ARCHES : words as Arch[]) {
      const outfile = join(DIST, `baton-linux-${arch}`);
      const size = await buildOne(arch, outfile, compile);
      console.log(`built ${outfile} (${size} bytes, static)`);
    }
    writeBill(join(DIST, "baton.cdx.json"));
    writeSums(DIST);
    return 0;
  } catch (error) {
    if (!(error instanceof BuildProblem)) throw error;
    console.error(`build: ${error.message}`);
    return 1;
  }
}

/**
 * Builds one executable; `more` are names for dlsym beside those of native/. Returns its size in bytes.
 * Throws a BuildProblem.
 */
export async function buildOne(
  arch: Arch,
  outfile: string,
  compile: Compile,
  more: readonly string[] = [],
): Promise<number> {
  const compiler = new Compiler(MACHINES[arch]);
  const names = dlsymNames(more);
  const directory = mkdtempSync(`${outfile}-`);
  try {
    const dynamic = join(directory, "baton");
    await compile(arch, verifiedRuntime(arch), dynamic);
    const file = relink(readFileSync(dynamic), outfile, {
      compiler,
      names,
      environment: BAKED_ENVIRONMENT,
      roomy: ROOMY_ENVIRONMENT,
    });
    const done = join(directory, "static");
    writeFileSync(done, file);
    chmodSync(done, 0o755);
    renameSync(done, outfile);
    return file.length;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
