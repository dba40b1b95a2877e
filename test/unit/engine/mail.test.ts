// What comes while the engine rehearses: a message is read afterwards, although nothing wakes the engine again; a
// signal is served afterwards, too. Otherwise a signal is served at once.
import { expect, test } from "bun:test";

/** Runs the engine in a process of its own: it blocks its thread, and a test that fails must not. */
const PROGRAM = `
  import { openEventfd, signalEventfd } from "./native/eventfd.ts";
  import { Engine } from "./src/engine/engine.ts";
  import { FLAGS, GLOBAL_COUNTER_SLOTS } from "./src/messages.ts";
  import { PLAIN_BEGINNING } from "./test/support/beginning.ts";
  const wakeFd = openEventfd();
  const queue = [];
  // Each comes just when the engine has looked for the last time: the second one while it rehearses.
  const later = [{ type: "rehearse" }, { type: "stop" }];
  const mailbox = {
    post: () => {},
    take: () => {
      const message = queue.shift();
      if (message === undefined && later.length > 0) {
        queue.push(later.shift());
        signalEventfd(wakeFd);
      }
      return message;
    },
  };
  const engine = new Engine({
    mail: null,
    wakeFd,
    stopFd: openEventfd(),
    globalCounters: new SharedArrayBuffer(GLOBAL_COUNTER_SLOTS * 8),
    flags: new SharedArrayBuffer(4 * FLAGS),
  }, mailbox);
  engine.begin(PLAIN_BEGINNING);
  engine.run();
  console.log("stopped");
`;

test("a signal during a rehearsal disturbs none of its scenes, and is served after it", () => {
  // There from the beginning, as where a service manager changes its mind.
  const program = PROGRAM.replace(
    'const later = [{ type: "rehearse" }, { type: "stop" }];',
    "const later = [];",
  )
    .replace("stopFd: openEventfd(),", "stopFd: signalled(),")
    .replace(
      "const engine",
      "function signalled() { const fd = openEventfd(); signalEventfd(fd); return fd; }\n  const engine",
    );
  expect(program.split("signalled").length).toBe(3);
  const child = Bun.spawnSync([process.execPath, "-e", program], { stderr: "pipe", timeout: 20_000 });
  expect([child.stdout.toString().trim(), child.stderr.toString(), child.exitCode]).toEqual([
    "stopped",
    "",
    0,
  ]);
});

test("a signal stops it before the thread that is to handle it has come round to that", () => {
  // Nobody lets the signal in: its handler never begins, and the eventfd that it would write to stays silent.
  const program = PROGRAM.replace(
    'const later = [{ type: "rehearse" }, { type: "stop" }];',
    "const later = [];",
  ).replace("engine.run();", 'process.kill(process.pid, "SIGTERM");\n  engine.run();');
  expect(program.split("SIGTERM").length).toBe(2);
  const child = Bun.spawnSync(["env", "--block-signal=TERM", process.execPath, "-e", program], {
    stderr: "pipe",
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  expect([child.stdout.toString().trim(), child.stderr.toString(), child.exitCode]).toEqual([
    "stopped",
    "",
    0,
  ]);
});

test("a message during a rehearsal is not left lying", () => {
  const child = Bun.spawnSync([process.execPath, "-e", PROGRAM], { stderr: "pipe", timeout: 20_000 });
  expect([child.stdout.toString().trim(), child.stderr.toString(), child.exitCode]).toEqual([
    "stopped",
    "",
    0,
  ]);
});
