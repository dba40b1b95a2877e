// Which processes are meant, how many are enough, and when the kernel's process connector tells of them.
import { expect, test } from "bun:test";
import { hasQuorum, matches, type ProcessPattern, ProcessTracker } from "../../../src/tracking/process.ts";

function config(values: Partial<ProcessPattern>): ProcessPattern {
  return {
    name: "p",
    words: ["haproxy"],
    parameters: "none",
    fullCommand: false,
    quorum: 1,
    quorumMax: null,
    terminateDelayUs: 0,
    forkDelayUs: 0,
    ...values,
  };
}

test("who is meant", () => {
  const cases: [Partial<ProcessPattern>, comm: string, argv: string[], boolean][] = [
    [{}, "haproxy", ["/usr/sbin/haproxy", "-f"], true],
    [{}, "haproxy2", ["haproxy"], false],
    // The kernel's name has 15 characters.
    [{ words: ["averyveryverylongname"] }, "averyveryverylo", [], true],
    [{ fullCommand: true }, "anything", ["/usr/sbin/haproxy", "-f"], true],
    [{ fullCommand: true }, "haproxy", ["/usr/sbin/haproxy.old"], false],
    [{ words: ["/usr/sbin/haproxy"] }, "haproxy", ["/usr/sbin/haproxy"], true],
    [{ words: ["/usr/sbin/haproxy"] }, "haproxy", ["haproxy"], false],
    [{ words: ["haproxy", "-f", "x"], parameters: "exact" }, "", ["haproxy", "-f", "x"], true],
    [{ words: ["haproxy", "-f", "x"], parameters: "exact" }, "", ["haproxy", "-f", "x", "y"], false],
    [{ words: ["haproxy"], parameters: "exact" }, "", ["haproxy", "-f"], false],
    [{ words: ["haproxy", "-f"], parameters: "initial" }, "", ["haproxy", "-f", "x"], true],
    [{ words: ["haproxy", "-f"], parameters: "initial" }, "", ["haproxy", "-fx"], false],
    [{ words: ["haproxy", "-f"], parameters: "partial" }, "", ["haproxy", "-fx"], true],
    [{ words: ["haproxy", "-f", "x"], parameters: "partial" }, "", ["haproxy", "-fx"], false],
  ];
  for (const [values, comm, argv, meant] of cases) {
    expect(matches(config(values), comm, argv), JSON.stringify([values, comm, argv])).toBe(meant);
  }
});

test("how many are enough", () => {
  const quorums = (values: Partial<ProcessPattern>) => [0, 1, 2, 3].map((n) => hasQuorum(config(values), n));
  expect(quorums({})).toEqual([false, true, true, true]);
  expect(quorums({ quorum: 2, quorumMax: 2 })).toEqual([false, false, true, false]);
  expect(quorums({ quorum: 0, quorumMax: 0 })).toEqual([true, false, false, false]);
});

/** A tracker, what it has logged, and the next result it tells. */
function track(values: Partial<ProcessPattern>) {
  const logged: string[] = [];
  const told: [boolean, number][] = [];
  let wake = () => {};
  const tracker = new ProcessTracker([config(values)], (_, ok, count) => {
    told.push([ok, count]);
    wake();
  }, (text) => logged.push(text));
  const next = async () => {
    if (told.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
    return told.shift()!;
  };
  return { tracker, logged, next, [Symbol.dispose]: () => tracker.stop() };
}

test("a process that begins, renames itself by exec, forks and ends is told at once or found in /proc", async () => {
  const time = `87001.${process.pid}`;
  using watched = track({ words: ["sleep", time], parameters: "exact" });
  expect(watched.tracker.results.get("p")).toBe(false);
  const shell = Bun.spawn(["/bin/sh", "-c", `exec sleep ${time}`]);
  expect(await watched.next()).toEqual([true, 1]);
  expect(watched.tracker.results.get("p")).toBe(true);
  shell.kill("SIGKILL");
  await shell.exited;
  expect(await watched.next()).toEqual([false, 0]);
});

test("a quorum has to last for its delay", async () => {
  const time = `87002.${process.pid}`;
  using watched = track({
    words: ["sleep", time],
    parameters: "exact",
    terminateDelayUs: 50_000,
    forkDelayUs: 50_000,
  });
  const first = Bun.spawn(["/bin/sleep", time]);
  expect(await watched.next()).toEqual([true, 1]);
  first.kill("SIGKILL");
  expect(await watched.next()).toEqual([false, 0]);
});

/** Looks at /proc while no descriptor is left; prints whether it itself counts before and after, and what was told. */
const WITHOUT_DESCRIPTORS = `
  import { closeSync, openSync, readFileSync } from "node:fs";
  let scan;
  globalThis.setInterval = (act) => (scan = act, { unref() {} });
  const { ProcessTracker } = await import("${import.meta.dir}/../../../src/tracking/process.ts");
  const told = [];
  const pattern = {
    name: "p", words: [readFileSync("/proc/self/comm", "utf8").trim()], parameters: "none", fullCommand: false,
    quorum: 1, quorumMax: null, terminateDelayUs: 0, forkDelayUs: 0,
  };
  const tracker = new ProcessTracker([pattern], (_, ok) => told.push(ok), () => {});
  const before = tracker.results.get("p");
  const taken = [];
  try {
    for (;;) taken.push(openSync("/dev/null"));
  } catch {}
  scan();
  for (const fd of taken) closeSync(fd);
  console.log(JSON.stringify([before, tracker.results.get("p"), told]));
`;

test("a look that is not possible changes nothing", () => {
  // In a network namespace of its own the kernel tells nothing, so /proc is looked at.
  const words = ["unshare", "-n", "sh", "-c", 'ulimit -n 128; exec "$0" -e "$1"', process.execPath];
  const child = Bun.spawnSync([...words, WITHOUT_DESCRIPTORS], { stderr: "pipe", timeout: 20_000 });
  expect([child.stdout.toString().trim(), child.stderr.toString()]).toEqual(["[true,true,[]]", ""]);
});
