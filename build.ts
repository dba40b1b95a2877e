// Builds dist/baton, or with `static` the static executables: compiled, minified, bytecode, the engine Worker inside.
//
// The Worker is a second entry point: without it the executable would look for the file at run time.
// The executable ignores the caller's .env and bunfig.toml: it is a daemon, not a development tool.
import { buildStatic, type Compile } from "./native/static/build.ts";
import { BAKED_ARGUMENTS } from "./native/static/runtime_options.ts";

async function compile(options: Bun.CompileBuildOptions): Promise<void> {
  const result = await Bun.build({
    entrypoints: ["src/main.ts", "src/engine/worker.ts"],
    compile: { ...options, autoloadDotenv: false, autoloadBunfig: false },
    target: "bun",
    format: "esm",
    minify: true,
    bytecode: true,
    // A command loads what it needs and nothing else: the rest would cost memory and time at each start.
    splitting: true,
  });
  for (const line of result.logs) console.error(String(line));
  if (!result.success) process.exit(1);
}

const forMachine: Compile = (arch, executablePath, outfile) =>
  compile({ target: `bun-linux-${arch}`, executablePath, outfile, execArgv: BAKED_ARGUMENTS });

const [kind, ...machines] = process.argv.slice(2);
if (kind === "static") {
  process.exitCode = await buildStatic(machines, forMachine);
} else {
  await compile({ outfile: "dist/baton" });
  console.log("built dist/baton");
}
