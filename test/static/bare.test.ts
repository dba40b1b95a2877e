// Where there is nothing: an empty root with /proc and /dev, a root without /proc, process 1 of a PID namespace.
import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GLOBAL, instance } from "../support/conf.ts";
import { Program } from "../support/program.ts";
import { until } from "../support/until.ts";
import { bareRoot, inRoot, outcome, PROC_AND_DEV, STATIC, temporary } from "./support.ts";

const NET = ["unshare", "--net"];
const PID = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const CONFIGURATION = GLOBAL + instance({ version: 3, interval: 0.1, priority: 150, interface: "lo" });

test("version and check in an empty root", async () => {
  using root = bareRoot();
  writeFileSync(join(root.path, "baton.conf"), CONFIGURATION);
  const version = await outcome(inRoot(root.path, PROC_AND_DEV, ["/baton", "version"]));
  expect(version).toMatchObject({ code: 0, error: "", out: expect.stringMatching(/^baton \d/) });
  const check = await outcome(inRoot(root.path, PROC_AND_DEV, ["/baton", "check", "/baton.conf"]));
  // A router's address on the loopback interface: that is said, and is no error.
  expect(check.out + check.error).toMatch(
    /^\/baton\.conf:\d+:\d+: warning: .*VI_1 is outside every subnet of lo/m,
  );
  expect([check.code, (check.out + check.error).includes("error:")]).toEqual([1, false]);
});

test("run, status and an orderly end in an empty root", async () => {
  using root = bareRoot();
  writeFileSync(join(root.path, "baton.conf"), CONFIGURATION);
  mkdirSync(join(root.path, "run"));
  const files = ["--socket", "/run/s", "--pid", "/run/p"];
  const words = inRoot(root.path, PROC_AND_DEV, ["/baton", "run", "-f", "/baton.conf", ...files]);
  // exec: the signal is for baton.
  const daemon = new Program("baton", [
    ...NET,
    ...words.map((word) => word.replace(" chroot ", " exec chroot ")),
  ]);
  try {
    await daemon.waitFor(/baton \d|VI_1/);
    await daemon.waitFor(/Entering (MASTER|FAULT|BACKUP) STATE|waits for/i);
    const status = await outcome([
      "chroot",
      `/proc/${daemon.pid}/root`,
      "/baton",
      "status",
      "--socket",
      "/run/s",
    ]);
    expect([status.code, status.error]).toEqual([0, ""]);
    expect(status.out).toContain("VI_1");
    expect(await daemon.end("SIGTERM")).toBe(0);
  } finally {
    await daemon.kill();
  }
});

test("without /proc: one sentence and exit code 127", async () => {
  using root = bareRoot();
  const { code, out, error } = await outcome(["chroot", root.path, "/baton", "version"]);
  expect([code, out]).toEqual([127, ""]);
  expect(error).toBe(
    "baton: /proc is not mounted, without it this program cannot start: mount -t proc proc /proc\n",
  );
});

test("process 1 mounts /proc itself", async () => {
  using root = bareRoot();
  mkdirSync(join(root.path, "dev"));
  const { code, out, error } = await outcome([
    ...["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"],
    ...["chroot", root.path, "/baton", "version"],
  ]);
  expect([code, out.startsWith("baton "), error]).toEqual([0, true, ""]);
});

test("process 1 ends with the exit code of the program", async () => {
  expect((await outcome([...PID, STATIC, "version"])).code).toBe(0);
  expect((await outcome([...PID, STATIC, "check", "/does/not/exist"])).code).toBe(2);
  expect((await outcome([...PID, STATIC, "nonsense"])).code).toBe(64);
});

test("process 1 without a command is the daemon", async () => {
  const { code, error } = await outcome([...PID, STATIC]);
  expect([code, error]).toEqual([expect.any(Number), expect.not.stringContaining("baton COMMAND --help")]);
  expect(error).not.toBe("");
});

test("process 1 passes signals on, reaps orphans and ends with the daemon", async () => {
  using directory = temporary();
  const file = join(directory.path, "baton.conf");
  writeFileSync(file, CONFIGURATION);
  const paths = ["--socket", join(directory.path, "s"), "--pid", join(directory.path, "p")];
  const daemon = new Program("init", [...NET, ...PID, STATIC, "run", "-D", "-f", file, ...paths]);
  try {
    await daemon.waitFor(/Entering \w+ STATE|waits for/i);
    const init = Number(children(daemon.pid));
    const from = daemon.mark();
    process.kill(init, "SIGHUP");
    await daemon.waitFor(/reload/i, from);
    // An orphan of the namespace becomes a child of its process 1, and stays one as long as nobody reaps it.
    const before = children(init);
    const orphan = ["nsenter", "--target", String(init), "--pid", "sh", "-c", "sleep 1000 <&- >&- 2>&- &"];
    expect((await outcome(orphan)).code).toBe(0);
    const adopted = await until(
      () => children(init) !== before && children(init),
      () => "no orphan was adopted",
    );
    process.kill(Number(adopted.split(" ").find((pid) => !before.split(" ").includes(pid))), "SIGKILL");
    await until(() => children(init) === before, () => `the orphan was not reaped: ${children(init)}`);
    process.kill(init, "SIGTERM");
    expect(await daemon.exited).toBe(0);
  } finally {
    await daemon.kill();
  }
});

/** The children of a process, seen from outside, zombies too. */
function children(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
}
