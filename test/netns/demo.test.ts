// baton demo: the whole story as root and as an ordinary user, live on a terminal, interrupted, and refused.
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BATON } from "../support/daemon.ts";
import { Program } from "../support/program.ts";

const LIMIT_MS = 55_000;
const NOBODY = 65534;
const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];

/** Readable by everybody, with a copy of the binary that everybody may run. */
let directory = "";
let binary = "";
/** Why ordinary users cannot have the demo on this machine; "" if they can. */
let noUserNamespaces = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "baton-demo-test-"));
  chmodSync(directory, 0o755);
  binary = join(directory, "baton");
  copyFileSync(BATON, binary);
  chmodSync(binary, 0o755);
  const probe = Bun.spawnSync([...AS_NOBODY, "unshare", "--user", "--map-root-user", "--net", "true"]);
  if (probe.exitCode !== 0) noUserNamespaces = probe.stderr.toString().trim();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A private directory for temporary files: what the demo leaves behind is found here. */
function temporary(name: string): string {
  const path = join(directory, name);
  mkdirSync(path);
  chownSync(path, NOBODY, NOBODY);
  return path;
}

/** Command lines of the processes that name the path: the demo's routers, whoever their parent is. */
function processesWith(path: string): string[] {
  return readdirSync("/proc").filter((entry) => /^\d+$/.test(entry)).flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return words.includes(`${path}/`) ? [words] : [];
    } catch {
      return []; // it has ended
    }
  });
}

/** What the output must contain, in this order. */
const STORY = [
  /^baton demo: two routers and a client/,
  /^1\. Election/,
  /router A +Entering MASTER STATE: (no advert heard for|our priority 150 is above 100 of 192\.0\.2\.3)/,
  /demo +router A is the master \(priority 150 is above 100\)/,
  /client +192\.0\.2\.1 answers/,
  /^2\. The master's daemon is killed/,
  /demo +SIGKILL to router A's daemon, pid \d+/,
  /router B +Entering MASTER STATE: no advert from 192\.0\.2\.2 for 0\.\d+ s/,
  /demo +router B took over after \d+ ms/,
  /client +ping gap \d+ ms \(/,
  /router A +its kernel has let 192\.0\.2\.1 go, .*dead man's switch/,
  /^3\. Recovery/,
  /demo +router A is the master again/,
  /client +ping gap \d+ ms \(/,
  /^4\. The master's whole machine dies/,
  /router B +Entering MASTER STATE: no advert from 192\.0\.2\.2 for 0\.\d+ s/,
  /client +ping gap [1-9]\d* ms \([1-9]\d* pings? lost\)/,
  /^5\. Recovery/,
  /demo +router A is the master again/,
  /^6\. Planned stop/,
  /router B +Entering MASTER STATE: 192\.0\.2\.2 has resigned \(priority 0\)/,
  /demo +neither router has 192\.0\.2\.1 any more/,
  /^What happened/,
  /planned stop +router B took over; ping gap \d+ ms/,
  /^On your own interface/,
  /virtual_router_id 51/,
  /sudo baton status/,
];

/** Fails unless each pattern matches a line behind that of the pattern before it. */
function expectStory(lines: readonly string[]): void {
  let from = 0;
  for (const pattern of STORY) {
    const at = lines.findIndex((line, i) => i >= from && pattern.test(line));
    if (at < 0) throw new Error(`${pattern} is missing behind line ${from} of:\n${lines.join("\n")}`);
    from = at + 1;
  }
  expect(lines.filter((line) => line.startsWith("On your own interface"))).toHaveLength(1);
}

test.concurrent("as root the demo needs no other program and leaves nothing behind", async () => {
  const temp = temporary("root");
  // In namespaces of its own, so that nothing but the demo can change what is compared.
  const script = `
    mount -t tmpfs none /run || exit 99
    cut -d: -f1 /proc/net/dev > "$1/links-before"; cut -d' ' -f5- /proc/self/mountinfo > "$1/mounts-before"
    mkdir "$1/tmp"
    PATH=/nonexistent TMPDIR="$1/tmp" "$0" demo --plain
    code=$?
    cut -d: -f1 /proc/net/dev > "$1/links-after"; cut -d' ' -f5- /proc/self/mountinfo > "$1/mounts-after"
    ls -A /run > "$1/run-after"
    exit $code`;
  const program = new Program("demo", ["unshare", "--mount", "--net", "sh", "-c", script, binary, temp]);
  expect(await program.exited, program.log).toBe(0);
  expectStory(program.lines);
  expect(program.log).not.toContain("\x1b");
  const read = (name: string) => readFileSync(join(temp, name), "utf8");
  expect(read("links-after")).toBe(read("links-before"));
  // Mounts may go meanwhile: an `ip netns delete` anywhere unmounts the namespace everywhere.
  const mounts = new Set(read("mounts-before").split("\n"));
  expect(read("mounts-after").split("\n").filter((mount) => !mounts.has(mount))).toEqual([]);
  expect(read("run-after")).toBe("");
  expect(readdirSync(join(temp, "tmp"))).toEqual([]);
  expect(processesWith(temp)).toEqual([]);
}, LIMIT_MS);

test.concurrent("an ordinary user has the same demo inside a user namespace", async () => {
  if (noUserNamespaces !== "") {
    console.log(`skipped: ordinary users have no user namespaces here (${noUserNamespaces})`);
    return;
  }
  const temp = temporary("user");
  const program = new Program("demo", [...AS_NOBODY, binary, "demo", "--plain"], { TMPDIR: temp });
  expect(await program.exited, program.log).toBe(0);
  expectStory(program.lines);
  expect(readdirSync(temp)).toEqual([]);
  expect(processesWith(temp)).toEqual([]);
}, LIMIT_MS);

test.concurrent("on a terminal a table is redrawn below the lines and taken away at the end", async () => {
  const temp = temporary("live");
  const decoder = new TextDecoder();
  let screen = "";
  const { NO_COLOR: _, ...env } = process.env;
  const child = Bun.spawn([binary, "demo"], {
    env: { ...env, TMPDIR: temp, TERM: "xterm" },
    terminal: {
      cols: 120,
      rows: 40,
      data: (_terminal, bytes) => void (screen += decoder.decode(bytes, { stream: true })),
    },
  });
  expect(await child.exited, screen).toBe(0);
  child.terminal?.close();
  const plain = Bun.stripANSI(screen).replaceAll("\r", "");
  expectStory(plain.split("\n"));
  expect(plain).toMatch(/router A {2}MASTER +priority 150 +has 192\.0\.2\.1, lifetime \d+ s/);
  expect(plain).toMatch(/router B {2}BACKUP +priority 100 +follows 192\.0\.2\.2/);
  expect(plain).toMatch(/router A {2}stopped +priority 150 +has 192\.0\.2\.1, lifetime \d+ s/);
  expect(plain).toMatch(/client +\|+[.:]+\|+/);
  // The cursor is hidden once, and back at the end.
  expect(screen.split("\x1b[?25l")).toHaveLength(2);
  expect(screen.lastIndexOf("\x1b[?25h")).toBeGreaterThan(screen.lastIndexOf("\x1b[5A"));
  expect(readdirSync(temp)).toEqual([]);
  expect(processesWith(temp)).toEqual([]);
}, LIMIT_MS);

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  test.concurrent(`${signal} in the middle ends it with ${code} and leaves nothing behind`, async () => {
    const temp = temporary(signal);
    const program = new Program("demo", [binary, "demo", "--plain"], { TMPDIR: temp });
    await program.waitFor(/demo +router B took over/);
    expect(processesWith(temp)).toHaveLength(1);
    expect(await program.end(signal)).toBe(code);
    expect(readdirSync(temp)).toEqual([]);
    expect(processesWith(temp)).toEqual([]);
    expect(program.log).not.toContain("On your own interface");
  }, LIMIT_MS);
}

test.concurrent("SIGKILL ends the routers with the demo", async () => {
  const temp = temporary("killed");
  const program = new Program("demo", [binary, "demo", "--plain"], { TMPDIR: temp });
  await program.waitFor(/client +192\.0\.2\.1 answers/);
  expect(processesWith(temp)).toHaveLength(2);
  await program.kill();
  while (processesWith(temp).length > 0) await Bun.sleep(20);
}, LIMIT_MS);

test.concurrent("a user without user namespaces gets one sentence and exit code 69", async () => {
  const program = Bun.spawn([...AS_NOBODY, "env", "PATH=/nonexistent", binary, "demo"], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, error, code] = await Promise.all([
    program.stdout.text(),
    program.stderr.text(),
    program.exited,
  ]);
  expect(code).toBe(69);
  expect(output).toBe("");
  expect(error).toMatch(
    /^baton: the demo may not make network namespaces here \(.+\): run it as root, or .+\n$/,
  );
}, LIMIT_MS);

test.concurrent("--help explains it, and an unknown option is refused", async () => {
  const help = new Program("help", [binary, "demo", "--help"]);
  expect(await help.exited).toBe(0);
  expect(help.lines[0]).toStartWith("baton demo: ");
  const wrong = new Program("wrong", [binary, "demo", "--loud"]);
  expect(await wrong.exited).toBe(64);
  expect(wrong.lines).toHaveLength(1);
});
