// Tracked scripts: real processes, keepalived's log lines, time limits, identity.
import { expect, test } from "bun:test";
import { existsSync, unlinkSync, writeFileSync } from "node:fs";
import { type Level, ScriptPolicy } from "../../../src/tracking/policy.ts";
import {
  ScriptTracker,
  type ScriptTrackerOptions,
  type TrackedScriptConfig,
} from "../../../src/tracking/script.ts";
import { asIs, command, ended, Mailbox, readFifo, ScriptDirectory } from "./helpers.ts";

const SECOND_US = 1e6;

/** A tracker whose results and log lines can be awaited; stopped at the end of its scope. */
class Tracked {
  readonly results = new Mailbox<{ ok: boolean; detail: string }>();
  readonly lines = new Mailbox<string>();
  readonly tracker: ScriptTracker;

  constructor(
    script: Partial<TrackedScriptConfig>,
    prepare: ConstructorParameters<typeof ScriptTracker>[1] = asIs,
    options: ScriptTrackerOptions = {},
  ) {
    this.tracker = new ScriptTracker(
      {
        name: "chk",
        command: command("/bin/true"),
        intervalUs: 3600 * SECOND_US,
        timeoutUs: 3600 * SECOND_US,
        rise: 1,
        fall: 1,
        initFail: false,
        ...script,
      },
      prepare,
      (name, ok, detail) => {
        expect(name).toBe("chk");
        this.results.put({ ok, detail });
      },
      (_level: Level, text) => this.lines.put(text),
      options,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tracker.stop();
  }
}

test("the first success makes it good, and start() itself reports nothing", async () => {
  await using tracked = new Tracked({ rise: 3 });
  expect(tracked.tracker.ok).toBeNull();
  tracked.tracker.start();
  expect(tracked.tracker.ok).toBeNull();
  expect(await tracked.results.next()).toEqual({ ok: true, detail: "exited with status 0" });
  expect(tracked.tracker.ok).toBe(true);
  expect(tracked.lines.all).toEqual(["VRRP_Script(chk) succeeded"]);
  expect(tracked.tracker.lastExit).toEqual({ code: 0, signal: null, error: null, timedOut: false });
});

test("the first failure makes it bad", async () => {
  await using tracked = new Tracked({ command: command("/bin/sh", "-c", "exit 3"), fall: 5 });
  tracked.tracker.start();
  expect(await tracked.results.next()).toEqual({ ok: false, detail: "exited with status 3" });
  expect(tracked.lines.all).toEqual([
    "Script `chk` now returning 3",
    "VRRP_Script(chk) failed (exited with status 3)",
  ]);
});

test("a signal is a failure", async () => {
  await using tracked = new Tracked({ command: command("/bin/sh", "-c", "kill -9 $$") });
  tracked.tracker.start();
  expect(await tracked.results.next()).toEqual({ ok: false, detail: "due to signal 9" });
  expect(tracked.lines.all).toEqual(["VRRP_Script(chk) failed (due to signal 9)"]);
});

test("it runs again at each interval; changes need fall failures and rise successes", async () => {
  using dir = new ScriptDirectory();
  const code = dir.file("code", "0\n");
  const runs = dir.file("runs");
  const script = dir.script("check.sh", `read code < ${code}; echo "$code" >> ${runs}; exit "$code"`);
  await using tracked = new Tracked({ command: command(script), intervalUs: 5000, rise: 2, fall: 3 });
  tracked.tracker.start();
  expect((await tracked.results.next()).ok).toBe(true);
  writeFileSync(code, "1\n");
  expect(await tracked.results.next()).toEqual({ ok: false, detail: "exited with status 1" });
  writeFileSync(code, "0\n");
  expect((await tracked.results.next()).ok).toBe(true);
  await tracked.tracker.stop();
  // A read between truncation and writing gives an empty code, which fails too.
  const played = dir.read("runs").trimEnd().split("\n").map((line) => line === "0" ? "+" : "-").join("");
  expect(played).toMatch(/^\++-{3,}\+{2,}$/);
  expect(tracked.lines.all).toContain("Script `chk` now returning 0");
});

test("a run that overlaps is skipped and said", async () => {
  using dir = new ScriptDirectory();
  dir.fifo("go");
  const script = dir.script("slow.sh", `read x < ${dir.path}/go; echo run >> ${dir.file("runs")}`);
  await using tracked = new Tracked({ command: command(script), intervalUs: 2000 });
  tracked.tracker.start();
  const line = await tracked.lines.next();
  expect(line).toBe("Track script chk is already running, expect idle - skipping run");
  await Bun.spawn(["/bin/sh", "-c", `echo > ${dir.path}/go`]).exited;
  expect((await tracked.results.next()).ok).toBe(true);
  expect(dir.read("runs")).toBe("run\n");
});

test("a script that hangs and forks is killed with its children, and counts as failed at once", async () => {
  using dir = new ScriptDirectory();
  const pipe = readFifo(dir.fifo("fifo"));
  const script = dir.script(
    "hang.sh",
    `exec 3> ${dir.path}/fifo; trap '' TERM; sleep 1000 & echo $! >&3; sleep 1000; sleep 1000`,
  );
  await using tracked = new Tracked({ command: command(script), timeoutUs: 300_000 }, asIs, { graceMs: 50 });
  tracked.tracker.start();
  const grandchild = Number(await pipe.line);
  expect(await tracked.results.next()).toEqual({ ok: false, detail: "timed out after 0.3 s" });
  await pipe.closed;
  await ended(grandchild);
  expect(tracked.lines.all).toEqual(["VRRP_Script(chk) timed_out"]);
  expect(tracked.tracker.lastExit?.timedOut).toBe(true);
});

test("a success that comes after the time limit does not count", async () => {
  using dir = new ScriptDirectory();
  const pipe = readFifo(dir.fifo("fifo"));
  const script = dir.script(
    "late.sh",
    `exec 3> ${dir.path}/fifo; trap 'exit 0' TERM; sleep 1000 & wait`,
  );
  await using tracked = new Tracked({ command: command(script), timeoutUs: 50_000 });
  tracked.tracker.start();
  expect((await tracked.results.next()).ok).toBe(false);
  await pipe.closed;
  await tracked.tracker.stop();
  expect(tracked.results.all.length).toBe(1);
  expect(tracked.tracker.ok).toBe(false);
});

test("while it is being killed, the next run is skipped in other words", async () => {
  using dir = new ScriptDirectory();
  const pipe = readFifo(dir.fifo("fifo"));
  const script = dir.script(
    "hang.sh",
    `exec 3> ${dir.path}/fifo; trap '' TERM; echo $$ >&3; sleep 1000; sleep 1000`,
  );
  const options = { graceMs: 600_000 };
  const tracked = new Tracked(
    { command: command(script), intervalUs: 50_000, timeoutUs: 300_000 },
    asIs,
    options,
  );
  tracked.tracker.start();
  const pid = Number(await pipe.line);
  await tracked.lines.find((line) =>
    line === "Track script chk is being timed out, expect idle - skipping run"
  );
  const stopped = tracked.tracker.stop();
  process.kill(-pid, "SIGKILL");
  await stopped;
});

test("stop ends a running script and nothing is reported after it", async () => {
  using dir = new ScriptDirectory();
  const pipe = readFifo(dir.fifo("fifo"));
  const script = dir.script("hang.sh", `exec 3> ${dir.path}/fifo; echo up >&3; sleep 1000 & wait`);
  await using tracked = new Tracked({ command: command(script) });
  tracked.tracker.start();
  await pipe.line;
  await tracked.tracker.stop();
  await pipe.closed;
  expect([tracked.results.all, tracked.lines.all]).toEqual([[], []]);
  tracked.tracker.start();
  expect(tracked.tracker.ok).toBeNull();
});

test("init_fail: failed from the start without a report, then rise counts", async () => {
  await using tracked = new Tracked({ initFail: true, rise: 2, intervalUs: 5000 });
  expect(tracked.tracker.ok).toBe(false);
  tracked.tracker.start();
  expect(await tracked.results.next()).toEqual({ ok: true, detail: "exited with status 0" });
});

test("a result kept over a reload", async () => {
  await using tracked = new Tracked({ command: command("/bin/false") }, asIs, { inherited: true });
  expect(tracked.tracker.ok).toBe(true);
  expect(tracked.lines.all).toEqual(["VRRP_Script(chk) considered successful on reload"]);
  tracked.tracker.start();
  expect((await tracked.results.next()).ok).toBe(false);
});

test("a script that cannot run is failed, with one line", async () => {
  await using tracked = new Tracked({ command: command("/no/such/check"), intervalUs: 2000 });
  tracked.tracker.start();
  const { ok, detail } = await tracked.results.next();
  expect(ok).toBe(false);
  expect(detail).toStartWith("/no/such/check cannot be run");
  expect(tracked.lines.all).toEqual([`VRRP_Script(chk) failed (${detail})`]);
});

test("a refused script is failed, even with init_fail, where it is said without a change", async () => {
  let asked = 0;
  const again = Promise.withResolvers<void>();
  const refuse = () => {
    asked += 1;
    if (asked === 3) again.resolve();
    return { refused: "user ghost does not exist" };
  };
  await using tracked = new Tracked({ initFail: true, intervalUs: 2000 }, refuse);
  tracked.tracker.start();
  await again.promise;
  expect(tracked.tracker.ok).toBe(false);
  expect(tracked.lines.all).toEqual(["VRRP_Script(chk) cannot run: user ghost does not exist"]);
  expect(tracked.results.all).toEqual([]);
});

test("</path only tests that the file can be opened", async () => {
  using dir = new ScriptDirectory();
  const file = dir.file("marker");
  const fifo = dir.fifo("fifo");
  await using first = new Tracked({ command: command(`<${file}`), intervalUs: 2000 });
  first.tracker.start();
  expect((await first.results.next()).ok).toBe(true);
  unlinkSync(file);
  expect(existsSync(file)).toBe(false);
  expect((await first.results.next()).ok).toBe(false);
  await using second = new Tracked({ command: command("<", fifo) });
  second.tracker.start();
  expect((await second.results.next()).ok).toBe(true);
});

test("a script runs as the user that the policy names", async () => {
  using dir = new ScriptDirectory();
  const script = dir.script("id.sh", `id -u > ${dir.file("out")}`);
  const host = { uid: 0, passwdFile: "/etc/passwd", groupFile: "/etc/group", path: "/bin" };
  const policy = new ScriptPolicy(
    { enableScriptSecurity: false, scriptUser: { user: "nobody", group: null } },
    () => {},
    host,
  );
  await using tracked = new Tracked({ command: command(script) }, (wanted) => policy.prepare(wanted));
  tracked.tracker.start();
  expect((await tracked.results.next()).ok).toBe(true);
  expect(dir.read("out")).toBe("65534\n");
});
