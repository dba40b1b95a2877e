// What concerns the process and its threads: namespaces, file locks, signals, scheduling, memory locks.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FCNTL } from "../../../native/constants.ts";
import { closeDescriptor, openFile, readInto, writeFrom } from "../../../native/descriptor.ts";
import { ERRNO, SyscallError } from "../../../native/errno.ts";
import { lockFile } from "../../../native/lock.ts";
import { Memory } from "../../../native/memory.ts";
import { enterNamespace, namespaceInode, openNamespace } from "../../../native/namespace.ts";
import { ignoreSignal } from "../../../native/signals.ts";
import { SHORTEST_TURN_NS } from "../../support/turns.ts";
import { createNamespace, inside } from "./lab.ts";

const ROOT = join(import.meta.dir, "../../..");
let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "baton-native-"))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs code of this project in a process of its own: it changes the process for good. */
function runChild(code: string): string {
  const run = Bun.spawnSync([process.execPath, "-e", code], { cwd: ROOT, stderr: "pipe" });
  return run.stdout.toString() + run.stderr.toString();
}

describe("namespaces", () => {
  test("a thread enters another one and comes back", () => {
    const home = namespaceInode();
    const namespace = createNamespace();
    const there = inside(namespace, () => namespaceInode());
    expect(there).not.toBe(home);
    expect(inside(namespace, () => namespaceInode())).toBe(there);
    expect(namespaceInode()).toBe(home);
    closeDescriptor(namespace);
  });

  test("what is no namespace is a sentence", () => {
    expect(() => openNamespace("/run/netns/no-such")).toThrow(
      "cannot open the network namespace /run/netns/no-such (open: ENOENT): check that the path exists",
    );
    const fd = openFile("/dev/null", FCNTL.O_RDONLY | FCNTL.O_CLOEXEC, 0, "open it");
    expect(() => enterNamespace(fd)).toThrow("cannot enter a network namespace (setns: EINVAL)");
    closeDescriptor(fd);
  });
});

describe("lockFile", () => {
  test("one holder at a time; closing gives it free", () => {
    const path = join(folder, "lock");
    const first = lockFile(path);
    expect(first).toBeGreaterThan(2);
    expect(lockFile(path)).toBeNull();
    closeDescriptor(first ?? -1);
    const second = lockFile(path);
    expect(second).toBeGreaterThan(2);
    closeDescriptor(second ?? -1);
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
  });

  test("another process is kept out too, and gets it after our end", () => {
    const path = join(folder, "lock2");
    const fd = lockFile(path);
    const code = `import { lockFile } from "./native/lock.ts"; console.log(lockFile(${
      JSON.stringify(path)
    }))`;
    expect(runChild(code).trim()).toBe("null");
    closeDescriptor(fd ?? -1);
    expect(runChild(code).trim()).toMatch(/^\d+$/);
  });

  test("a lock on a file that was removed does not count", () => {
    const path = join(folder, "lock3");
    const old = lockFile(path);
    unlinkSync(path);
    const fresh = lockFile(path);
    expect(fresh).not.toBeNull();
    expect(lockFile(path)).toBeNull();
    closeDescriptor(old ?? -1);
    closeDescriptor(fresh ?? -1);
  });

  test("a path that cannot be is a sentence", () => {
    expect(() => lockFile(join(folder, "no/such/place"))).toThrow(SyscallError);
    expect(() => lockFile(join(folder, "no/such/place"))).toThrow(
      /\(open: ENOENT\): check that the path exists$/,
    );
    expect(() => lockFile(folder)).toThrow(/\(open: EISDIR\): name a file, not a directory$/);
  });
});

describe("descriptors", () => {
  test("read and write through Memory, and errors are numbers", () => {
    const path = join(folder, "text");
    writeFileSync(path, "hello");
    const memory = new Memory(16);
    const fd = openFile(path, FCNTL.O_RDWR | FCNTL.O_CLOEXEC, 0, "open it");
    expect(readInto(fd, memory, 2, 10)).toBe(5);
    expect(new TextDecoder().decode(memory.bytes.subarray(2, 7))).toBe("hello");
    expect(readInto(fd, memory, 0, 10)).toBe(0);
    expect(writeFrom(fd, memory, 2, 5)).toBe(5);
    closeDescriptor(fd);
    closeDescriptor(-1);
    expect(readFileSync(path, "utf8")).toBe("hellohello");
    expect(readInto(-1, memory, 0, 1)).toBe(-ERRNO.EBADF);
    expect(writeFrom(-1, memory, 0, 1)).toBe(-ERRNO.EBADF);
  });

  test("none is inherited by a child", () => {
    const code = `
      import { openEventfd } from "./native/eventfd.ts";
      import { Poller } from "./native/epoll.ts";
      import { Timerfd } from "./native/timerfd.ts";
      import { RouteClient } from "./native/netlink/client.ts";
      import { RouteMonitor } from "./native/netlink/monitor.ts";
      import { openFrameSocket, openReceiver, openSender } from "./native/socket.ts";
      import { lockFile } from "./native/lock.ts";
      import { openNamespace } from "./native/namespace.ts";
      import { openPing } from "./native/icmp.ts";
      import { Capture } from "./native/capture.ts";
      import { readFileSync, readdirSync } from "node:fs";
      const before = new Set(readdirSync("/proc/self/fd"));
      openEventfd(); new Poller(); new Timerfd(); new RouteClient(); new RouteMonitor(); openFrameSocket();
      openReceiver({ family: "ipv4", protocol: 112, ifindex: 1, bufferBytes: 4096 }); openSender("ipv6");
      lockFile(${JSON.stringify(join(folder, "inherit"))}); openNamespace(); openPing(); new Capture(1);
      const made = readdirSync("/proc/self/fd").filter((fd) => !before.has(fd));
      const closed = made.filter((fd) => {
        try { return parseInt(readFileSync("/proc/self/fdinfo/" + fd, "utf8").match(/flags:\\s*(\\d+)/)[1], 8) & 0o2000000; }
        catch { return true; }
      });
      console.log(made.length, made.length - closed.length);`;
    expect(runChild(code).trim()).toBe("12 0");
  });
});

describe("signals", () => {
  test("a real-time signal that would end the process is ignored", () => {
    const code = `
      import { ignoreSignal } from "./native/signals.ts";
      const known = ignoreSignal(36);
      process.kill(process.pid, 36);
      console.log(known, ignoreSignal(9), ignoreSignal(4711));`;
    expect(runChild(code).trim()).toBe("true false false");
    expect(ignoreSignal(4711)).toBe(false);
  });
});

describe("scheduling", () => {
  const POLICY = `
      import { readFileSync } from "node:fs";
      // proc_pid_stat(5): fields 40 and 41 are rt_priority and policy.
      const policy = () => readFileSync("/proc/thread-self/stat", "utf8").split(") ")[1].split(" ").slice(37, 39).join(" ");`;

  test("real time is given to the calling thread, not to children, and taken back", () => {
    const code = `${POLICY}
      import { setRealtime } from "./native/schedule.ts";
      const said = [setRealtime(10), policy()];
      const child = Bun.spawnSync(["cat", "/proc/self/stat"]).stdout.toString();
      said.push(child.split(") ")[1].split(" ").slice(37, 39).join(" "));
      said.push(setRealtime(0), policy());
      console.log(JSON.stringify(said));`;
    expect(runChild(code).trim()).toBe('[null,"10 1","0 0",null,"0 0"]');
  });

  test("what io_uring does for the thread runs just below it, and is taken back with it", () => {
    const code = `${POLICY}
      import { readdirSync } from "node:fs";
      import { AsideClient } from "./native/netlink/aside.ts";
      import { setRealtime } from "./native/schedule.ts";
      const aside = AsideClient.open();
      const workers = () => readdirSync("/proc/self/task")
        .map((tid) => readFileSync("/proc/self/task/" + tid + "/stat", "utf8"))
        .filter((stat) => stat.includes("(iou-wrk-"))
        .map((stat) => stat.split(") ")[1].split(" ").slice(37, 39).join(" ")).join();
      const said = [];
      for (const priority of [10, 1, 0]) said.push(setRealtime(priority), policy(), aside === null ? null : workers());
      console.log(JSON.stringify(said));`;
    const said = JSON.parse(runChild(code));
    // A machine that allows no io_uring.
    const workers = said[2] === null ? [null, null, null] : ["9 1", "1 1", "0 0"];
    expect(said).toEqual([null, "10 1", workers[0], null, "1 1", workers[1], null, "0 0", workers[2]]);
  });

  test("short turns are the calling thread's; one in real time stays in real time", () => {
    const code = `${POLICY}
      import { setRealtime, shortenTurns } from "./native/schedule.ts";
      import { TURNS_SHOW, turnNs } from "./test/support/turns.ts";
      const turn = () => TURNS_SHOW ? turnNs("/proc/thread-self") : ${SHORTEST_TURN_NS};
      shortenTurns();
      const said = [turn(), policy(), setRealtime(10)];
      shortenTurns();
      said.push(policy(), setRealtime(0), policy(), turn());
      console.log(JSON.stringify(said));`;
    const turn = SHORTEST_TURN_NS;
    expect(JSON.parse(runChild(code))).toEqual([turn, "0 0", null, "10 1", null, "0 0", turn]);
  });

  test("what is refused is a sentence", () => {
    const code = `
      import { lockMemory, setRealtime, setTimerSlack } from "./native/schedule.ts";
      const said = [setRealtime(1000)];
      process.setgroups([]); process.setgid(65534); process.setuid(65534);
      said.push(setRealtime(10), lockMemory(), setTimerSlack(1));
      for (const text of said) console.log(text);`;
    expect(runChild(code).trim().split("\n")).toEqual([
      "real-time priority 1000 was refused (sched_setscheduler: EINVAL): choose a priority from 1 to 99",
      "real-time priority 10 was refused (sched_setscheduler: EPERM): run as root, or grant CAP_SYS_NICE and " +
      "give the service real-time bandwidth (LimitRTPRIO=, RestrictRealtime=no)",
      expect.stringMatching(
        /^locking memory was refused \(mlockall: E(NOMEM|PERM)\): grant CAP_IPC_LOCK or set LimitMEMLOCK=infinity$/,
      ),
      "null",
    ]);
  });

  test("memory is locked without filling what the runtime has only reserved", () => {
    const code = `
      import { lockMemory } from "./native/schedule.ts";
      import { readFileSync } from "node:fs";
      const said = lockMemory();
      const kB = (name) => Number(readFileSync("/proc/self/status", "utf8").match(new RegExp(name + ":\\\\s*(\\\\d+)"))[1]);
      console.log(said, kB("VmLck") > 0, kB("VmRSS") < 300_000);`;
    expect(runChild(code).trim()).toBe("null true true");
  });
});

describe("withCredentials", () => {
  test("one thread is somebody else for one call, and itself again, though the call throws", () => {
    const out = runChild(`
      import { readdirSync, readFileSync } from "node:fs";
      import { withCredentials } from "./native/credentials.ts";
      import { libc } from "./native/libc.ts";
      import { Memory } from "./native/memory.ts";
      const ids = (text) => text.match(/^(Uid|Gid|Groups|CapEff):.*$/gm).map((line) => line.trim().split(/\\s+/).join(" "));
      const threads = () =>
        [...new Set(readdirSync("/proc/self/task").map((id) => ids(readFileSync("/proc/self/task/" + id + "/status", "utf8")).join()))];
      const signal = new Memory(4);
      const flags = () => {
        libc.prctl(2, signal.address, 0, 0, 0); // PR_GET_PDEATHSIG
        return [libc.prctl(3, 0, 0, 0, 0), signal.view.getInt32(0, true)]; // PR_GET_DUMPABLE
      };
      libc.prctl(1, 9, 0, 0, 0); // PR_SET_PDEATHSIG
      const before = [threads(), flags()];
      const leader = "/proc/self/task/" + process.pid + "/status";
      let then = null;
      try {
        withCredentials({ uid: 65534, gid: 7, groups: [7, 4] }, () => {
          then = [ids(readFileSync(leader, "utf8")), threads().length];
          throw new Error("thrown");
        });
      } catch (error) {
        console.log(error.message);
      }
      console.log(JSON.stringify(then));
      console.log(JSON.stringify([threads(), flags()]) === JSON.stringify(before), before[0].length, ...flags());`);
    expect(out.split("\n")).toEqual([
      "thrown",
      '[["Uid: 65534 65534 0 65534","Gid: 7 7 0 7","Groups: 4 7","CapEff: 0000000000000000"],2]',
      "true 1 1 9",
      "",
    ]);
  });
});
