// What the service manager hears, at a real datagram socket.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Supervisor } from "../../../src/control/supervisor.ts";
import { DatagramReceiver } from "../../support/datagrams.ts";

let directory = "";
let remarks: string[] = [];
const remark = (text: string) => void remarks.push(text);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "baton-supervisor-"));
  remarks = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("the environment", () => {
  test("its variables are taken away", () => {
    const env = { NOTIFY_SOCKET: join(directory, "n"), WATCHDOG_USEC: "1", WATCHDOG_PID: "1", PATH: "/bin" };
    Supervisor.take(env, remark).close();
    expect(env as Record<string, string>).toEqual({ PATH: "/bin" });
    expect(remarks).toEqual([]);
  });

  test("without a socket nobody is told anything, and nothing fails", () => {
    const supervisor = Supervisor.take({}, remark);
    supervisor.status("x");
    supervisor.ready();
    supervisor.reloading();
    supervisor.stopping(1);
    supervisor.close();
    expect(remarks).toEqual([]);
  });

  test("an address that is none, and one that is too long, are named", () => {
    Supervisor.take({ NOTIFY_SOCKET: "vsock:2:1" }, remark).close();
    Supervisor.take({ NOTIFY_SOCKET: `/${"x".repeat(107)}` }, remark).close();
    expect(remarks[0]).toContain("NOTIFY_SOCKET=vsock:2:1 is neither a path nor an abstract name");
    expect(remarks[1]).toContain("name a path of 1 to 107 bytes");
  });

  test("a receiver that is gone is no error", () => {
    const supervisor = Supervisor.take({ NOTIFY_SOCKET: join(directory, "nobody") }, remark);
    supervisor.ready();
    supervisor.close();
    expect(remarks).toEqual([]);
  });
});

describe.each([["a path"], ["an abstract name"]])("%s", (kind) => {
  const address = () => kind === "a path" ? join(directory, "notify") : `@baton-test-${process.pid}`;

  test("hears of the start, a reload and the stop, each once", () => {
    using receiver = new DatagramReceiver(address());
    const supervisor = Supervisor.take({ NOTIFY_SOCKET: address() }, remark);
    supervisor.status("early");
    supervisor.reloading();
    expect(receiver.read()).toEqual([]);
    supervisor.ready();
    supervisor.ready();
    supervisor.status("early");
    supervisor.status("two\nlines");
    supervisor.reloading();
    supervisor.ready();
    supervisor.extend(2.5);
    supervisor.stopping(1.5);
    supervisor.close();
    const heard = receiver.read().map((text) => text.replace(/\d{4,}/, "N"));
    expect(heard).toEqual([
      "READY=1\nSTATUS=early\n",
      "STATUS=two lines\n",
      "RELOADING=1\nMONOTONIC_USEC=N\n",
      "READY=1\nSTATUS=two lines\n",
      "EXTEND_TIMEOUT_USEC=3\n",
      "STOPPING=1\nEXTEND_TIMEOUT_USEC=2\n",
    ]);
  });
});

describe("the watchdog", () => {
  const LIMIT = "20000";

  test("is fed while the engine answers, and starves when it no longer does", async () => {
    const path = join(directory, "notify");
    using receiver = new DatagramReceiver(path);
    const supervisor = Supervisor.take({ NOTIFY_SOCKET: path, WATCHDOG_USEC: LIMIT }, remark);
    let beats = 0;
    let asked = 0;
    let alive = true;
    supervisor.feed({
      wake: () => {
        asked++;
        if (alive) beats++;
      },
      beats: () => beats,
    });
    await receiver.waitFor(/^WATCHDOG=1\n$/);
    await receiver.waitFor(/^WATCHDOG=1\n$/, 1);
    alive = false;
    // One sign may still be on its way.
    const before = asked;
    while (asked < before + 2) await Bun.sleep(1);
    const fed = receiver.read().length;
    while (asked < before + 6) await Bun.sleep(1);
    expect(receiver.read().length).toBe(fed);
    supervisor.close();
  });

  test("of another process is not ours to feed", () => {
    const path = join(directory, "notify");
    using receiver = new DatagramReceiver(path);
    const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: LIMIT, WATCHDOG_PID: "1" };
    const supervisor = Supervisor.take(env, remark);
    let asked = 0;
    supervisor.feed({ wake: () => asked++, beats: () => asked });
    expect(asked).toBe(0);
    expect(receiver.read()).toEqual([]);
    supervisor.close();
  });
});

test("a queue that is full is tried again: nothing is lost", async () => {
  const path = join(directory, "notify");
  using receiver = new DatagramReceiver(path);
  const filler = Supervisor.take({ NOTIFY_SOCKET: path }, remark);
  filler.ready();
  // net.unix.max_dgram_qlen is 10 by default, far below this.
  for (let i = 0; i < 2000; i++) filler.status(`line ${i}`);
  const supervisor = Supervisor.take({ NOTIFY_SOCKET: path }, remark);
  supervisor.ready();
  supervisor.status("last");
  expect(receiver.read().some((text) => text.includes("line 1999"))).toBe(false);
  await receiver.waitFor(/READY=1\nSTATUS=last\n/, 1);
  filler.close();
  supervisor.close();
});
