// The engine thread is there before it is known whether it will be needed.
import { expect, test } from "bun:test";

/** A program that starts the thread, in a process of its own. */
function run(program: string): { out: string; code: number | null } {
  const text = `import { EngineThread } from "./src/control/engine.ts";
  import { PLAIN_BEGINNING } from "./test/support/beginning.ts";
  const engine = new EngineThread({ keep: false, releaseForeign: false, watchAddresses: false });
  const heard = [];
  const listener = {
    hear: ({ type }) => {
      heard.push(type);
      if (type === "ready") engine.send({ type: "stop" });
    },
    ended: (error) => console.log(heard.join(), error),
  };
  ${program}`;
  const child = Bun.spawnSync([process.execPath, "-e", text], { stderr: "inherit", timeout: 20_000 });
  return { out: child.stdout.toString().trim(), code: child.exitCode };
}

test("a thread that is told nothing keeps no process alive", () => {
  expect(run("process.exitCode = 2;")).toEqual({ out: "", code: 2 });
});

test("a thread that is ready already begins and stops", () => {
  expect(run("await Bun.sleep(500); engine.begin(PLAIN_BEGINNING, listener);")).toEqual({
    out: "ready,stopped null",
    code: 0,
  });
});

test("a thread that is not ready yet begins and stops", () => {
  expect(run("engine.begin(PLAIN_BEGINNING, listener);")).toEqual({ out: "ready,stopped null", code: 0 });
});

test("a thread that another one stands in for ends, and the other one runs", () => {
  const program = `const hear = ({ type }) => { console.log(type); process.exit(3); };
  engine.anew().begin(PLAIN_BEGINNING, { ...listener, hear });`;
  expect(run(program)).toEqual({ out: "ready", code: 3 });
});

test("a thread that another one stands in for leaves nothing open", () => {
  // What a thread has open is counted once it does not change any more.
  const program = `
  const { readdirSync } = await import("node:fs");
  const settled = async () => {
    for (let before = -1, times = 0;;) {
      await Bun.sleep(250);
      const now = readdirSync("/proc/self/fd").length;
      times = now === before ? times + 1 : 0;
      if (times === 4) return now;
      before = now;
    }
  };
  const one = await settled();
  engine.anew();
  console.log(await settled() - one);`;
  expect(run(program)).toEqual({ out: "0", code: 0 });
});

test("who has ended before the beginning says so at the beginning", () => {
  const missing = "globalThis.Worker = class extends EventTarget { unref() {} constructor() { super(); " +
    'queueMicrotask(() => { this.dispatchEvent(new MessageEvent("message", { data: { type: "failed", error: "no" } })); ' +
    'this.dispatchEvent(new Event("close")); }); } };';
  const program = `${missing}
  const none = engine.anew();
  await Bun.sleep(10);
  none.begin(PLAIN_BEGINNING, listener);
  await Bun.sleep(10);
  process.exit(4);`;
  expect(run(program)).toEqual({ out: "no", code: 4 });
});
