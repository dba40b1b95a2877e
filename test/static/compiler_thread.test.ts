// The runtime's compiler thread of a running daemon: nobody waits for a new one, however long there was no work.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GLOBAL, instance } from "../support/conf.ts";
import { Program } from "../support/program.ts";
import { STATIC, temporary } from "./support.ts";

/** JavaScriptCore's own limit is 10 s without work. */
const LONGER_THAN_IDLE_MS = 12_000;
/** The start has been compiled: a wait that begins now has no end but the limit. */
const SETTLED_MS = 4000;
/** Nothing is heard or sent, so that there is nothing to compile. */
const CONFIGURATION = GLOBAL + instance({ version: 3, interval: 40, priority: 150, interface: "lo" });

test("the compiler thread of a daemon without work is still the same after 12 s", async () => {
  using directory = temporary();
  const file = join(directory.path, "baton.conf");
  writeFileSync(file, CONFIGURATION);
  const paths = ["--socket", join(directory.path, "s"), "--pid", join(directory.path, "p")];
  const daemon = new Program("baton", ["unshare", "--net", STATIC, "run", "-f", file, ...paths]);
  try {
    await daemon.waitFor(/Entering \w+ STATE|waits for/i);
    await Bun.sleep(SETTLED_MS);
    const before = compilerThreads(daemon.pid);
    expect(before).toHaveLength(1);
    await Bun.sleep(LONGER_THAN_IDLE_MS);
    expect(compilerThreads(daemon.pid)).toEqual(before);
    expect(await daemon.end("SIGTERM")).toBe(0);
  } finally {
    await daemon.kill();
  }
}, 60_000);

/** The thread ids of a process's compiler threads (proc(5)). */
function compilerThreads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).filter((tid) =>
    readFileSync(`/proc/${pid}/task/${tid}/comm`, "utf8").trim() === "JITWorker"
  );
}
