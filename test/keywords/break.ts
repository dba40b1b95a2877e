// Breaks keywords one after the other and runs the tests that claim to show them: each has to fail.
//
// bun test/keywords/break.ts [BLOCK [KEYWORD...]]   by hand; needs root for the tests of network namespaces
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { keyword as rowOf } from "../../src/config/keywords.ts";
import { plugin, VARIABLE } from "./broken.ts";
import { allMarkers, type Shown } from "./markers.ts";

const ROOT = join(import.meta.dir, "../..");
/** baton that reads which keyword it shall not know. */
const VARIANT = join(ROOT, "dist/broken/baton");
const TEST_LIMIT_MS = 90_000;
/** Limit of a wait inside a test, in milliseconds: what is broken never comes. */
const WAIT_LIMIT_MS = 8_000;

/** How a run of one test ended. */
type Verdict = "passes" | "fails" | "does not run";

const [block, ...names] = process.argv.slice(2);
const wanted = allMarkers().shown.filter((each) =>
  (block === undefined || each.block === block) && (names.length === 0 || names.includes(each.keyword)) &&
  rowOf(each.block, each.keyword)?.effect === true &&
  // Virtual machines run an image of their own, which is built from the whole program.
  !each.file.startsWith("test/vm/")
);
await build();
const sound = new Map<string, Verdict>();
const weak: string[] = [];
const rows = new Set<string>();
for (const each of wanted) {
  const { file, title, keyword } = each;
  rows.add(`${each.block} ${keyword}`);
  const place = `${file} -t ${title ?? "(the whole file)"}`;
  // A busy machine may make a test fail that is right: it has a second try.
  for (let left = 2; left > 0 && sound.get(place) !== "passes"; left--) sound.set(place, await run(each, ""));
  const whole = sound.get(place)!;
  const verdict = whole === "passes" ? await run(each, `${each.block}\t${keyword}`) : whole;
  const shown = whole === "passes" && verdict === "fails";
  const what = whole !== "passes" ? `${whole} with nothing broken` : `${verdict} without it`;
  console.log(`${shown ? "ok  " : "WEAK"} ${each.block} ${keyword}: ${place} ${what}`);
  if (!shown) weak.push(`${each.block} ${keyword}: ${place} ${what}`);
}
console.log(`\n${rows.size} keywords, ${wanted.length} pairs of keyword and test, ${weak.length} weak`);
for (const line of weak) console.log(`  ${line}`);
process.exitCode = weak.length === 0 ? 0 : 1;

async function build(): Promise<void> {
  mkdirSync(dirname(VARIANT), { recursive: true });
  const result = await Bun.build({
    entrypoints: ["src/main.ts", "src/engine/worker.ts"].map((file) => join(ROOT, file)),
    compile: { outfile: VARIANT, autoloadDotenv: false, autoloadBunfig: false },
    target: "bun",
    format: "esm",
    splitting: true,
    plugins: [plugin],
  });
  if (!result.success) throw new Error(result.logs.map(String).join("\n"));
}

/** Runs one test with a keyword broken (none: ""). */
async function run({ file, title }: Shown, broken: string): Promise<Verdict> {
  const words = ["test", "--preload", "./test/keywords/broken.ts", file, "--timeout", String(TEST_LIMIT_MS)];
  const child = Bun.spawn([process.execPath, ...words, ...(title === null ? [] : ["-t", title])], {
    cwd: ROOT,
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, BATON: VARIANT, WAIT_LIMIT_MS: String(WAIT_LIMIT_MS), [VARIABLE]: broken },
  });
  const [out, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  await child.exited;
  const count = (what: string) => Number(new RegExp(`^ *(\\d+) ${what}$`, "m").exec(out + error)?.[1] ?? 0);
  if (count("fail") > 0) {
    if (process.env["VERBOSE"] !== undefined) console.log((out + error).slice(-4000));
    return "fails";
  }
  return count("pass") > 0 ? "passes" : "does not run";
}
