// Child processes: identity, environment, the end of the whole process group, and errors as sentences.
import { expect, test } from "bun:test";
import { childEnvironment, runChild } from "../../../native/child.ts";
import { BAKED_ENVIRONMENT } from "../../../native/static/runtime_options.ts";
import { ended, isRunning, readFifo, ScriptDirectory } from "./helpers.ts";

const NOBODY = { uid: 65534, gid: 65534 };

test("a child runs as the given user and group, without supplementary groups, in /, in its own session", async () => {
  using dir = new ScriptDirectory();
  const out = dir.file("out");
  const script = dir.script(
    "id.sh",
    `{ id -u; id -g; id -G; pwd; cut -d' ' -f1,5,6 /proc/$$/stat; } > ${out}`,
  );
  const child = runChild([script], NOBODY);
  expect(await child.exited).toEqual({ code: 0, signal: null, error: null });
  expect(dir.read("out")).toBe(`65534\n65534\n65534\n/\n${child.pid} ${child.pid} ${child.pid}\n`);
});

test("a child has the groups that it is given, and its end is seen as any other", async () => {
  using dir = new ScriptDirectory();
  const script = dir.script(
    "id.sh",
    `grep -E '^(Uid|Gid|Groups|CapPrm)' /proc/self/status > ${dir.file("out")}; exit 3`,
  );
  const child = runChild([script], { uid: 65534, gid: 65533, groups: [65533, 20, 4] });
  expect(await child.exited).toEqual({ code: 3, signal: null, error: null });
  expect(dir.read("out").split("\n").map((line) => line.trim())).toEqual([
    "Uid:\t65534\t65534\t65534\t65534",
    "Gid:\t65533\t65533\t65533\t65533",
    "Groups:\t4 20 65533",
    "CapPrm:\t0000000000000000",
    "",
  ]);
});

test("standard descriptors are on /dev/null, nothing else is open, no signal is blocked or ignored", async () => {
  using dir = new ScriptDirectory();
  const out = dir.file("out");
  const script = dir.script(
    "fds.sh",
    `std="$(readlink /proc/$$/fd/0) $(readlink /proc/$$/fd/1) $(readlink /proc/$$/fd/2)"
    { echo $std; ls /proc/$$/fd; } > ${out}
    while read -r name value; do case $name in SigBlk:|SigIgn:) echo "$name $value"; esac; done < /proc/$$/status >> ${out}`,
  );
  await runChild([script], null).exited;
  const lines = dir.read("out").split("\n");
  expect(lines[0]).toBe("/dev/null /dev/null /dev/null");
  // sh keeps the script that it reads, and its saved output, on 10 and above.
  expect(lines.filter((line) => /^[3-9]$/.test(line))).toEqual([]);
  expect(lines.filter((line) => line.startsWith("Sig")).map((line) => line.split(" ")[1])).toEqual([
    "0000000000000000",
    "0000000000000000",
  ]);
});

test("variables that change loading or word splitting are not passed on, the others are", () => {
  const before = { ...process.env };
  try {
    Object.assign(process.env, { IFS: "x", LD_PRELOAD: "/x.so", LD_LIBRARY_PATH: "/x", BATON_TEST: "yes" });
    process.env["BUN_JSC_useDFGJIT"] = "0";
    const env = childEnvironment();
    expect([env["IFS"], env["LD_PRELOAD"], env["LD_LIBRARY_PATH"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(env["BUN_JSC_useDFGJIT"]).toBeUndefined();
    expect(env["BATON_TEST"]).toBe("yes");
    delete process.env["PATH"];
    expect(childEnvironment()["PATH"]).toContain("/usr/sbin");
  } finally {
    for (const name of ["IFS", "LD_PRELOAD", "LD_LIBRARY_PATH", "BATON_TEST", "BUN_JSC_useDFGJIT"]) {
      delete process.env[name];
    }
    process.env["PATH"] = before["PATH"] ?? "";
  }
});

test("what the static executable has baked in is not passed on", () => {
  const before = { ...process.env };
  try {
    Object.assign(process.env, BAKED_ENVIRONMENT);
    const env = childEnvironment();
    expect(Object.keys(BAKED_ENVIRONMENT).filter((name) => name in env)).toEqual([]);
  } finally {
    for (const name of Object.keys(BAKED_ENVIRONMENT)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});

test("exit status and signal are told apart", async () => {
  expect(await runChild(["/bin/sh", "-c", "exit 7"], null).exited).toEqual({
    code: 7,
    signal: null,
    error: null,
  });
  expect(await runChild(["/bin/sh", "-c", "kill -9 $$"], null).exited).toEqual({
    code: null,
    signal: "SIGKILL",
    error: null,
  });
});

test("terminate ends the child and its children, though they ignore SIGTERM", async () => {
  using dir = new ScriptDirectory();
  const pipe = readFifo(dir.fifo("fifo"));
  const script = dir.script(
    "fork.sh",
    `exec 3> ${dir.path}/fifo; trap '' TERM; sleep 1000 & echo $! >&3; sleep 1000; sleep 1000`,
  );
  const child = runChild([script], NOBODY, { graceMs: 20 });
  const grandchild = Number(await pipe.line);
  expect(isRunning(grandchild)).toBe(true);
  expect(await child.terminate()).toEqual({ code: null, signal: "SIGKILL", error: null });
  await pipe.closed;
  await Promise.all([ended(grandchild), ended(child.pid)]);
});

test("a grandchild that ignores SIGTERM goes although the child obeys it", async () => {
  using dir = new ScriptDirectory();
  const pipe = readFifo(dir.fifo("fifo"));
  const script = dir.script(
    "fork.sh",
    `exec 3> ${dir.path}/fifo; sh -c 'trap "" TERM; echo $$ >&3; while :; do sleep 1000; done' & wait`,
  );
  const child = runChild([script], null, { graceMs: 600_000 });
  const grandchild = Number(await pipe.line);
  expect((await child.terminate()).signal).toBe("SIGTERM");
  await pipe.closed;
  await ended(grandchild);
});

test("kill needs no grace", async () => {
  using dir = new ScriptDirectory();
  const pipe = readFifo(dir.fifo("fifo"));
  const script = dir.script(
    "hang.sh",
    `exec 3> ${dir.path}/fifo; trap '' TERM; echo up >&3; sleep 1000 & wait`,
  );
  const child = runChild([script], null, { graceMs: 600_000 });
  await pipe.line;
  void child.terminate();
  expect((await child.kill()).signal).toBe("SIGKILL");
  await pipe.closed;
});

test("terminate after the end is harmless", async () => {
  const child = runChild(["/bin/true"], null);
  await child.exited;
  expect(await child.terminate()).toEqual({ code: 0, signal: null, error: null });
  expect(await child.kill()).toEqual({ code: 0, signal: null, error: null });
});

test("a script without #! runs through /bin/sh with its arguments", async () => {
  using dir = new ScriptDirectory();
  const out = dir.file("out");
  const script = dir.file("plain", `echo "$0 $1 $2" > ${out}\n`, 0o755);
  expect((await runChild([script, "a b", "c"], NOBODY).exited).code).toBe(0);
  expect(dir.read("out")).toBe(`${script} a b c\n`);
});

test("what cannot be run is a sentence, not an exception", async () => {
  using dir = new ScriptDirectory();
  const plain = dir.file("plain", "x", 0o644);
  const broken = dir.file("broken", "#!/no/such/interpreter\n", 0o755);
  const error = async (words: string[]) => (await runChild(words, NOBODY).exited).error;
  expect(await error(["/no/such/file"])).toBe(
    "/no/such/file cannot be run: it, or the interpreter in its first line, does not exist",
  );
  expect(await error([broken])).toContain("the interpreter in its first line");
  expect(await error([plain])).toBe(
    `${plain} cannot be run: uid 65534 may not execute it (check the mode of the file and of each directory above it)`,
  );
  expect(await error([])).toContain("empty");
  expect(await error([""])).toContain("empty");
  expect(await error(["/bin/echo", "a\0b"])).toContain("NUL");
  expect(await error(["/bin/true", "x".repeat(3_000_000)])).toContain("too long");
  expect(runChild(["/no/such/file"], null).pid).toBe(0);
});

test("an ordinary user who asks for another user gets a sentence", async () => {
  const child = new URL("../../../native/child.ts", import.meta.url).pathname;
  const code = `const { runChild } = await import(${JSON.stringify(child)});
    console.log((await runChild(["/bin/true"], { uid: 1, gid: 1 }).exited).error);`;
  const run = Bun.spawn([process.execPath, "-e", code], {
    uid: 65534,
    gid: 65534,
    cwd: "/",
    stdout: "pipe",
    stderr: "pipe",
  });
  expect(await new Response(run.stdout).text()).toBe(
    "/bin/true cannot be run as uid 1: only root may change to another user\n",
  );
});
