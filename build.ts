// Builds dist/baton: one compiled, minified, bytecode executable with the engine Worker inside.
//
// The Worker is a second entry point: without it the executable would look for the file at run time.
// The executable ignores the caller's .env and bunfig.toml: it is a daemon, not a development tool.
const result = await Bun.build({
  entrypoints: ["src/main.ts", "src/engine/worker.ts"],
  compile: { outfile: "dist/baton", autoloadDotenv: false, autoloadBunfig: false },
  target: "bun",
  format: "esm",
  minify: true,
  bytecode: true,
});
for (const line of result.logs) console.error(String(line));
if (!result.success) process.exit(1);
console.log("built dist/baton");
