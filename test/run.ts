// Runs every suite: builds dist/baton, then `bun test` processes side by side; ends with one line of totals.
//
// `bun test/run.ts [WORD...]` runs only the suites and files whose path contains one of the words.
import { find } from "./support/peer.ts";
import { sweep } from "./support/sweep.ts";

interface Suite {
  name: string;
  /** One process for each file, or one for all. */
  perFile: boolean;
  /** Needs root: namespaces and raw sockets. */
  root: boolean;
  /** What it should take on two cores, in seconds: printed beside what it took, never a failure. */
  budgetS: number;
}

/** In the order in which they run. A folder that is not named here is a suite of its own, in one process. */
const SUITES: Suite[] = [
  { name: "unit", perFile: false, root: false, budgetS: 90 },
  { name: "simulation", perFile: false, root: false, budgetS: 90 },
  { name: "fuzz", perFile: true, root: false, budgetS: 60 },
  { name: "abi", perFile: false, root: false, budgetS: 30 },
  { name: "package", perFile: true, root: true, budgetS: 150 },
  { name: "static", perFile: true, root: true, budgetS: 90 },
  { name: "interop", perFile: true, root: true, budgetS: 120 },
  { name: "netns", perFile: true, root: true, budgetS: 120 },
];
/** The static executable of this machine, which the suite `static` tests. */
const STATIC = `dist/baton-linux-${process.arch}`;
/** Files of other suites that the suite `static` runs again with that executable; `only`: the tests of that name. */
const AGAIN: { file: string; only?: string }[] = [
  { file: "test/netns/failover.test.ts" },
  { file: "test/netns/crash.test.ts" },
  { file: "test/netns/cli.test.ts" },
  { file: "test/interop/keepalived.test.ts", only: "^v3 IPv4 multicast (baton|keepalived) higher" },
];
/**
 * Files that count lost pings and missed adverts have the machine to themselves: while many namespaces come and go
 * beside them, the kernel's one lock for all of rtnetlink keeps a takeover waiting longer than a handover lasts.
 */
const ALONE = new Set(
  ["failover", "leaving", "reload_plan", "vmac", "vmac_stop"].map((name) => `test/netns/${name}.test.ts`),
);
/** Limit of one test, in milliseconds. */
const TEST_LIMIT_MS = 90_000;
/** Labs of one process that run at once: more would starve the daemons of two cores. */
const LABS_PER_FILE = 8;
/** Limit of one process: a hang in a system call must not hang the run. */
const PROCESS_LIMIT_MS = 480_000;

interface Result {
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
}

interface Job {
  suite: Suite;
  title: string;
  files: string[];
  /** Options of `bun test`, and variables of its environment. */
  options?: string[];
  env?: Record<string, string>;
}

const inCi = (process.env["CI"] ?? "") !== "";
const isRoot = process.geteuid?.() === 0;
const parallel = Math.max(1, Number(process.env["JOBS"] ?? 4) || 4);
const words = process.argv.slice(2);

const files = [...new Bun.Glob("**/*.test.ts").scanSync("test")].map((file) => `test/${file}`).sort()
  // Virtual machines have a command of their own: npm run test:vm.
  .filter((file) => !file.startsWith("test/vm/"))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));

process.exitCode = await main();

async function main(): Promise<number> {
  if (process.env["BATON"] === undefined && await build() !== 0) {
    console.log("the build failed: no test was run");
    return 1;
  }
  if (isRoot && find("ip") !== null) await sweep();
  const total: Result = { passed: 0, failed: 0, skipped: 0, seconds: 0 };
  const table: string[] = [];
  // Suites with timers on a real network do not share the machine with those that only compute.
  for (const group of [suites().filter((s) => !s.root), suites().filter((s) => s.root)]) {
    const results = await runAll(group.flatMap(jobsOf));
    for (const suite of group) {
      const own = results.filter(({ job }) => job.suite === suite).map(({ result }) => result);
      if (own.length === 0) continue;
      const sum = own.reduce(add);
      add(total, sum);
      table.push(row(suite, sum));
    }
  }
  if (isRoot && find("ip") !== null) await sweep();
  console.log(`\nsuite          passed  failed  skipped     time   budget\n${table.join("\n")}\n`);
  if (inCi && total.skipped > 0) console.log("in CI a skipped test is a failure: install what is missing");
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 || total.passed === 0 || (inCi && total.skipped > 0) ? 1 : 0;
}

async function build(): Promise<number> {
  const wanted = [["build.ts"]];
  if (files.some((file) => file.startsWith("test/static/"))) {
    wanted.push(["build.ts", "static", process.arch]);
  }
  for (const words of wanted) {
    const code = await Bun.spawn([process.execPath, ...words], { stdout: "inherit", stderr: "inherit" })
      .exited;
    if (code !== 0) return code;
  }
  return 0;
}

function suites(): Suite[] {
  const folders = new Set(files.map((file) => file.split("/")[1] ?? ""));
  const named = SUITES.filter((suite) => folders.delete(suite.name));
  const others = [...folders].map((name) => ({ name, perFile: false, root: false, budgetS: 60 }));
  return [...named.filter((s) => !s.root), ...others, ...named.filter((s) => s.root)];
}

function jobsOf(suite: Suite): Job[] {
  const own = files.filter((file) => file.startsWith(`test/${suite.name}/`));
  if (!suite.perFile) return own.length === 0 ? [] : [{ suite, title: suite.name, files: own }];
  const jobs: Job[] = own.map((file) => ({ suite, title: titleOf(file), files: [file] }));
  if (suite.name !== "static" || own.length === 0) return jobs;
  return [
    ...jobs,
    ...AGAIN.map(({ file, only }) => ({
      suite,
      title: `static: ${titleOf(file)}`,
      files: [file],
      options: only === undefined ? [] : ["--test-name-pattern", only],
      env: { BATON: STATIC },
    })),
  ];
}

function titleOf(file: string): string {
  return file.slice("test/".length, -".test.ts".length);
}

/** Runs all jobs: first those that want to be alone, then the others `parallel` at a time. */
async function runAll(jobs: Job[]): Promise<{ job: Job; result: Result }[]> {
  const isAlone = ({ files }: Job) => files.some((file) => ALONE.has(file));
  return [
    ...await runSome(jobs.filter(isAlone), 1),
    ...await runSome(jobs.filter((job) => !isAlone(job)), parallel),
  ];
}

async function runSome(jobs: Job[], atOnce: number): Promise<{ job: Job; result: Result }[]> {
  const results: { job: Job; result: Result }[] = [];
  const queue = [...jobs];
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      results.push({ job, result: await runJob(job) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

async function runJob({ suite, title, files, options = [], env = {} }: Job): Promise<Result> {
  if (suite.root && !isRoot) {
    console.log(`skipped: ${title} needs root, for network namespaces (sudo npm test)`);
    return { passed: 0, failed: 0, skipped: files.length, seconds: 0 };
  }
  const start = performance.now();
  const limits = ["--timeout", String(TEST_LIMIT_MS), "--max-concurrency", String(LABS_PER_FILE)];
  const child = Bun.spawn([
    process.execPath,
    "test",
    ...limits,
    ...options,
    ...files.map((file) => `./${file}`),
  ], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...env },
  });
  const late = setTimeout(() => child.kill("SIGKILL"), PROCESS_LIMIT_MS);
  const [out, said, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearTimeout(late);
  const text = `${said}\n${out}`;
  const result = {
    passed: count(text, "pass"),
    failed: count(text, "fail") + count(text, "errors?"),
    skipped: count(text, "(?:skip|todo)") + (text.match(/^skipped check: /gm) ?? []).length,
    seconds: (performance.now() - start) / 1000,
  };
  // A process that ended badly without a failed test (a crash, a limit) is a failure of its own.
  if (code !== 0 && result.failed === 0) result.failed = 1;
  report(title, result, text, code);
  return result;
}

/** ` 12 pass` in the summary of `bun test`. */
function count(text: string, word: string): number {
  return Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(text)?.[1] ?? 0);
}

function report(title: string, result: Result, text: string, code: number): void {
  const time = `${result.seconds.toFixed(1)} s`;
  const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`;
  console.log(`${result.failed > 0 ? "FAILED " : ""}${title}: ${counts}, ${time}`);
  const remarks = text.split("\n").filter((line) => /^(figure|skipped|skipped check): /.test(line));
  for (const line of new Set(remarks)) console.log(`  ${line}`);
  if (result.failed > 0) {
    console.log(`--- ${title}, exit code ${code} ---\n${text.trim()}\n--- end of ${title} ---`);
  }
}

function add(sum: Result, more: Result): Result {
  sum.passed += more.passed;
  sum.failed += more.failed;
  sum.skipped += more.skipped;
  sum.seconds += more.seconds;
  return sum;
}

function row(suite: Suite, r: Result): string {
  const cell = (value: number | string, width: number) => String(value).padStart(width);
  return suite.name.padEnd(13) + cell(r.passed, 8) + cell(r.failed, 8) + cell(r.skipped, 9) +
    cell(`${r.seconds.toFixed(1)} s`, 9) + cell(`${suite.budgetS} s`, 9);
}
