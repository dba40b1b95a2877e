// signalfd as a hint: readable while a signal waits for its handler, and the handler still gets it.
import { expect, test } from "bun:test";

/** In a process of its own whose threads block the signal, but where the runtime's loop waits for events. */
const PROGRAM = `
  import { constants } from "node:os";
  import { waitReadable } from "./native/descriptor.ts";
  import { openSignalfd } from "./native/signalfd.ts";
  const { SIGUSR1, SIGUSR2 } = constants.signals;
  const handled = new Promise((resolve) => process.on("SIGUSR2", resolve));
  const fd = openSignalfd([SIGUSR1, SIGUSR2]), other = openSignalfd([SIGUSR1]);
  const before = waitReadable(fd, 0);
  process.kill(process.pid, "SIGUSR2");
  const sent = waitReadable(fd, 5000), foreign = waitReadable(other, 0);
  // The loop lets the signal in where it waits for a deadline.
  const deadline = setTimeout(() => process.exit(1), 15_000);
  await handled;
  clearTimeout(deadline);
  console.log(JSON.stringify({ before, sent, foreign, after: waitReadable(fd, 0) }));
`;

test("it is readable from the sending until the handler begins, for its own signals only", () => {
  const command = ["env", "--block-signal=USR2", process.execPath, "-e", PROGRAM];
  const child = Bun.spawnSync(command, { stderr: "pipe", timeout: 20_000 });
  expect([child.stderr.toString(), child.exitCode]).toEqual(["", 0]);
  expect(JSON.parse(child.stdout.toString())).toEqual({
    before: false,
    sent: true,
    foreign: false,
    after: false,
  });
});
