// npm run test:vm: builds the static executables, then the tests of virtual machines; ends with one line of totals.
//
// BATON_STATIC=DIR tests the executables of that folder and builds none. What a machine lacks is said, and with CI
// set it is a failure.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Limit of one test (limits.ts says why), and of the whole run, in milliseconds. */
const TEST_LIMIT_MS = 240_000;
const RUN_LIMIT_MS = 900_000;
/** What it should take on two cores, in seconds: printed, never a failure. */
const BUDGET_S = 360;

process.exitCode = await main();

async function main(): Promise<number> {
  if (process.env["BATON_STATIC"] === undefined && await build() !== 0) {
    console.log("the build failed: no test was run");
    return 1;
  }
  const start = performance.now();
  // Whatever a test that was killed leaves behind is in here.
  const scratch = mkdtempSync(join(tmpdir(), "baton-vms-"));
  const files = [...new Bun.Glob("*.test.ts").scanSync(import.meta.dir)].sort();
  const child = Bun.spawn(
    [
      process.execPath,
      "test",
      "--timeout",
      String(TEST_LIMIT_MS),
      ...files.map((file) => `./test/vm/${file}`),
    ],
    {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, TMPDIR: scratch, NO_COLOR: "1", FORCE_COLOR: "0" },
    },
  );
  // The emulators end with it, and what follows cleans up.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill("SIGKILL"));
  const late = setTimeout(() => child.kill("SIGKILL"), RUN_LIMIT_MS);
  const [out, said, code] = await Promise.all([echoed(child.stdout), echoed(child.stderr), child.exited]);
  clearTimeout(late);
  rmSync(scratch, { recursive: true, force: true });
  const text = `${said}\n${out}`;
  const [passed, failed, skipped] = [count(text, "pass"), count(text, "fail"), count(text, "skip")];
  if (skipped > 0) {
    console.log(
      inCi()
        ? "in CI a skipped test is a failure: install what is missing"
        : "not everything was tested, see the lines that begin with `skipped:`",
    );
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s (budget ${BUDGET_S} s)`);
  return code !== 0 || passed === 0 || (inCi() && skipped > 0) ? 1 : 0;
}

function inCi(): boolean {
  return (process.env["CI"] ?? "") !== "";
}

async function build(): Promise<number> {
  return await Bun.spawn([process.execPath, "build.ts", "static"], { stdout: "inherit", stderr: "inherit" })
    .exited;
}

/** Shows the text as it comes, and returns it. */
async function echoed(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    const part = decoder.decode(chunk, { stream: true });
    process.stdout.write(part);
    text += part;
  }
  return text;
}

/** ` 12 pass` in the summary of `bun test`. */
function count(text: string, word: string): number {
  return Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(text)?.[1] ?? 0);
}
