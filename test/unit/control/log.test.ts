// The log on stderr: nothing that happens to its reader ends the program.
import { expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

const LOG = join(import.meta.dir, "../../../src/control/log.ts");
/** Far more than a pipe holds. */
const PROGRAM = `
  import { Log } from ${JSON.stringify(LOG)};
  const log = new Log({ format: "text", console: true, syslog: null, detail: false });
  process.on("uncaughtException", () => process.exit(70)).on("unhandledRejection", () => process.exit(70));
  for (let i = 0; i < 20_000; i++) log.write("warning", "line " + i, "VI_1");
  setTimeout(() => { log.write("info", "last"); console.log("alive"); }, 10);
`;

function start(stderr: "pipe" | number) {
  return Bun.spawn([process.execPath, "-e", PROGRAM], { stdio: ["ignore", "pipe", stderr] });
}

test("a reader gets every line in order", async () => {
  const child = start("pipe");
  const lines = (await new Response(child.stderr as ReadableStream).text()).trimEnd().split("\n");
  expect(lines).toHaveLength(20_001);
  expect(lines[19_999]).toEndWith(" warning: (VI_1) line 19999");
  expect(await child.exited).toBe(0);
});

test("a reader that goes away, or a full disk, does not end the daemon", async () => {
  const gone = start("pipe");
  await (gone.stderr as ReadableStream).cancel();
  expect(await new Response(gone.stdout as ReadableStream).text()).toBe("alive\n");
  expect(await gone.exited).toBe(0);
  const full = openSync("/dev/full", "w");
  const child = start(full);
  closeSync(full);
  expect(await new Response(child.stdout as ReadableStream).text()).toBe("alive\n");
  expect(await child.exited).toBe(0);
});
