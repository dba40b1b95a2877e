// A signal wakes an eventfd in machine code, and the runtime's own handler still runs.
import { describe, expect, test } from "bun:test";
import { handlerCode } from "../../../native/relay.ts";

/** Runs a program in a process of its own; returns what it wrote. */
function run(program: string): { out: string; code: number | null } {
  const source = `
    import { constants } from "node:os";
    import { closeDescriptor, waitReadable } from "./native/descriptor.ts";
    import { drainEventfd, openEventfd } from "./native/eventfd.ts";
    import { catchSignal, relaySignal } from "./native/relay.ts";
    const { SIGTERM, SIGUSR1, SIGUSR2 } = constants.signals;
    const said = [];
    const arrived = (n) => new Promise((resolve) => process.on(n, () => { said.push(n); resolve(); }));
    ${program}
  `;
  const child = Bun.spawnSync([process.execPath, "-e", source], { stderr: "inherit", timeout: 20_000 });
  return { out: child.stdout.toString().trim(), code: child.exitCode };
}

describe("relaySignal", () => {
  test("the eventfd is readable before JavaScript hears of the signal, and JavaScript hears of it", () => {
    const { out, code } = run(`
      const heard = arrived("SIGUSR2");
      const fd = openEventfd();
      const relayed = relaySignal(SIGUSR2, fd);
      const before = waitReadable(fd, 0);
      process.kill(process.pid, SIGUSR2);
      // Not a turn of the event loop has passed.
      const during = waitReadable(fd, 5000);
      const early = said.length;
      drainEventfd(fd);
      await heard;
      process.kill(process.pid, SIGUSR2);
      const again = waitReadable(fd, 5000);
      console.log(JSON.stringify({ relayed, before, during, early, said, again }));
    `);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      relayed: true,
      before: false,
      during: true,
      early: 0,
      said: ["SIGUSR2"],
      again: true,
    });
  });

  test("two signals may share an eventfd, and others are left alone", () => {
    const { out } = run(`
      const heard = [arrived("SIGTERM"), arrived("SIGUSR2"), arrived("SIGUSR1")];
      const fd = openEventfd();
      relaySignal(SIGTERM, fd);
      relaySignal(SIGUSR2, fd);
      process.kill(process.pid, SIGUSR1);
      await heard[2];
      const other = waitReadable(fd, 0);
      process.kill(process.pid, SIGTERM);
      process.kill(process.pid, SIGUSR2);
      await Promise.all(heard);
      console.log(JSON.stringify({ other, readable: waitReadable(fd, 0), said: said.sort() }));
    `);
    expect(JSON.parse(out)).toEqual({
      other: false,
      readable: true,
      said: ["SIGTERM", "SIGUSR1", "SIGUSR2"],
    });
  });

  test("a signal that nobody handles is not relayed: it keeps its default effect", () => {
    const { out, code } = run(`
      const fd = openEventfd();
      console.log(relaySignal(SIGUSR2, fd), relaySignal(0, fd), relaySignal(200, fd));
      process.kill(process.pid, SIGUSR2);
      await new Promise(() => setTimeout(() => {}, 5000));
    `);
    expect(out).toBe("false false false");
    expect(code).not.toBe(0);
  });
});

describe("catchSignal", () => {
  test("a real-time signal makes the eventfd readable and ends nobody, also twice", () => {
    const { out, code } = run(`
      const fd = openEventfd(), other = openEventfd();
      // Not process.kill: the runtime refuses numbers that it has no name for.
      const send = () => Bun.spawnSync(["kill", "-36", String(process.pid)]).exitCode;
      const caught = catchSignal(36, fd), second = catchSignal(63, other), none = catchSignal(200, other);
      const before = waitReadable(fd, 0);
      const sent = send();
      const during = waitReadable(fd, 5000);
      drainEventfd(fd);
      send();
      const again = waitReadable(fd, 5000);
      console.log(JSON.stringify({ caught, second, none, before, sent, during, again, other: waitReadable(other, 0) }));
    `);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      caught: true,
      second: true,
      none: false,
      before: false,
      sent: 0,
      during: true,
      again: true,
      other: false,
    });
  });
});

describe("handlerCode", () => {
  test("is known for x86-64 and aarch64, where it can name the eventfd", () => {
    expect(handlerCode("x64", 7, 0x1234n)).toBeInstanceOf(Uint8Array);
    expect(handlerCode("arm64", 0xffff, 0x1234n)).toBeInstanceOf(Uint8Array);
    expect(handlerCode("arm64", 0x10000, 0x1234n)).toBeNull();
    expect(handlerCode("riscv64", 7, 0x1234n)).toBeNull();
  });
});
