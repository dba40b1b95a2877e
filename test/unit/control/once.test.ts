// startup_script and shutdown_script: waited for, limited, cut short, and always said.
import { expect, test } from "bun:test";
import { Log } from "../../../src/control/log.ts";
import { runOnce } from "../../../src/control/once.ts";
import type { Command } from "../../../src/command.ts";
import type { Prepared } from "../../../src/tracking/policy.ts";
import { asIs, command, ended, readFifo, ScriptDirectory } from "../tracking/helpers.ts";

/** Runs a command; resolves with what was logged, durations made equal. */
async function once(
  words: Command,
  { timeoutUs = 600e6, prepare = asIs, cut }: {
    timeoutUs?: number;
    prepare?: (command: Command) => Prepared;
    cut?: Promise<unknown>;
  } = {},
): Promise<string[]> {
  const lines: string[] = [];
  const log = { write: (level: string, text: string) => void lines.push(`${level}: ${text}`) } as Log;
  await runOnce("startup_script", { command: words, timeoutUs }, prepare, log, cut);
  return lines.map((line) => line.replace(/after [0-9.]+ s/, "after T"));
}

test("the end is awaited and its status said", async () => {
  using dir = new ScriptDirectory();
  const script = dir.script("s.sh", `echo "$*" > ${dir.file("out")}; exit 3`);
  expect(await once(command(script, "a", "b c"))).toEqual([
    `warning: startup_script ${script} exited with status 3 after T`,
  ]);
  expect(dir.read("out")).toBe("a b c\n");
  expect(await once(command("/bin/true"))).toEqual([
    "info: startup_script /bin/true exited with status 0 after T",
  ]);
});

test("what cannot or may not run is said", async () => {
  expect((await once(command("/no/such")))[0]).toContain(
    "error: startup_script /no/such is not run: /no/such cannot",
  );
  expect(await once(command("/x"), { prepare: () => ({ refused: "user ghost does not exist" }) })).toEqual([
    "error: startup_script /x is not run: user ghost does not exist",
  ]);
});

test("a limit and a stop end it with its children", async () => {
  using dir = new ScriptDirectory();
  for (const how of ["limit", "cut"]) {
    const pipe = readFifo(dir.fifo(how));
    const script = dir.script(`${how}.sh`, `exec 3> ${dir.path}/${how}; sleep 1000 & echo $! >&3; wait`);
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = how === "limit"
      ? once(command(script), { timeoutUs: 200_000 })
      : once(command(script), { cut: promise });
    const child = Number(await pipe.line);
    resolve();
    const lines = await done;
    await ended(child);
    const end = how === "limit"
      ? "was killed after T: its time limit is 0.2 s"
      : "was ended by signal 15 after T";
    expect(lines).toEqual([`warning: startup_script ${script} ${end}`]);
  }
});
