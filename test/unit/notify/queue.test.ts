// The queue of notify scripts: order, time limits, the bounded end, and nothing lost in silence.
import { expect, test } from "bun:test";
import {
  type Level,
  NotifyQueue,
  type NotifyQueueOptions,
  type Prepared,
} from "../../../src/notify/queue.ts";
import type { Command } from "../../../src/command.ts";
import { jobsFor, type NotifyJob } from "../../../src/notify/script.ts";
import { asIs, ended, Mailbox, readFifo, ScriptDirectory } from "../tracking/helpers.ts";

class Queue {
  readonly lines = new Mailbox<[Level, string]>();
  readonly queue: NotifyQueue;

  constructor(options: NotifyQueueOptions = {}, prepare: (command: Command) => Prepared = asIs) {
    this.queue = new NotifyQueue("VI_1", prepare, (level, text) => this.lines.put([level, text]), options);
  }

  /** The log with durations made equal. */
  get log(): [Level, string][] {
    return this.lines.all.map((
      [level, text],
    ) => [level, text.replace(/after [0-9]+\.[0-9]{3} s/, "after T")]);
  }
}

function job(words: string[], state: NotifyJob["state"] = "MASTER"): NotifyJob {
  return { words, identity: null, keyword: "notify", state };
}

test("jobs run one after the other in the order of the events, however long each takes", async () => {
  using dir = new ScriptDirectory();
  const out = dir.file("out");
  dir.fifo("gate");
  // The first script waits at the gate; nothing may overtake it.
  const master = dir.script("master.sh", `read x < ${dir.path}/gate; echo "master[$*]" >> ${out}`);
  const generic = dir.script("notify.sh", `echo "begin[$*]" >> ${out}; echo "end[$*]" >> ${out}`);
  const command = (path: string): Command => ({ words: [path], identity: null });
  const none = { backup: null, fault: null, stop: null, deleted: null, masterRxLowerPri: null };
  const notify = { ...none, any: command(generic), master: command(master) };
  const subject = { kind: "INSTANCE", name: "VI_1" } as const;
  const q = new Queue();
  q.queue.push(...jobsFor(notify, subject, "MASTER", 110));
  q.queue.push(...jobsFor(notify, subject, "BACKUP", 90));
  expect(q.queue.waiting).toBe(3);
  await Bun.spawn(["/bin/sh", "-c", `echo > ${dir.path}/gate`]).exited;
  await q.queue.idle();
  expect(dir.read("out")).toBe([
    "master[]\n",
    "begin[INSTANCE VI_1 MASTER 110]\nend[INSTANCE VI_1 MASTER 110]\n",
    "begin[INSTANCE VI_1 BACKUP 90]\nend[INSTANCE VI_1 BACKUP 90]\n",
  ].join(""));
  expect(q.log).toEqual([
    ["info", `(VI_1) notify_master script ${master} for MASTER exited with status 0 after T`],
    ["info", `(VI_1) notify script ${generic} for MASTER exited with status 0 after T`],
    ["info", `(VI_1) notify script ${generic} for BACKUP exited with status 0 after T`],
  ]);
});

test("exit status and signal are logged, arguments are not", async () => {
  const q = new Queue();
  q.queue.push(job(["/bin/sh", "-c", "exit 4 # password"]), job(["/bin/sh", "-c", "kill -15 $$"], "FAULT"));
  await q.queue.idle();
  expect(q.log).toEqual([
    ["warning", "(VI_1) notify script /bin/sh for MASTER exited with status 4 after T"],
    ["warning", "(VI_1) notify script /bin/sh for FAULT was ended by signal 15 after T"],
  ]);
});

test("what cannot run is said, and the queue goes on", async () => {
  const refuse = (command: Command): Prepared =>
    command.words[0] === "/refused" ? { refused: "user ghost does not exist" } : asIs(command);
  const q = new Queue({}, refuse);
  q.queue.push(job(["/refused"]), job(["/no/such/script"]), job(["/bin/true"]));
  await q.queue.idle();
  expect(q.log.map(([level]) => level)).toEqual(["error", "error", "info"]);
  expect(q.log[0]?.[1]).toBe(
    "(VI_1) notify script /refused for MASTER is not run: user ghost does not exist",
  );
  expect(q.log[1]?.[1]).toContain("/no/such/script cannot be run");
});

test("a policy that throws does not stop the queue", async () => {
  let first = true;
  const q = new Queue({}, (command) => {
    if (first) {
      first = false;
      throw new Error("no");
    }
    return asIs(command);
  });
  q.queue.push(job(["/bin/true"]), job(["/bin/true"]));
  await q.queue.idle();
  expect(q.log.map(([level]) => level)).toEqual(["error", "info"]);
});

test("a script beyond its limit is killed with its children, and the next one runs", async () => {
  using dir = new ScriptDirectory();
  const pipe = readFifo(dir.fifo("fifo"));
  const script = dir.script(
    "hang.sh",
    `exec 3> ${dir.path}/fifo; trap '' TERM; sleep 1000 & echo $! >&3; sleep 1000; sleep 1000`,
  );
  const q = new Queue({ limitMs: 200, graceMs: 20 });
  q.queue.push(job([script]), job(["/bin/true"]));
  const grandchild = Number(await pipe.line);
  await q.queue.idle();
  await pipe.closed;
  await ended(grandchild);
  expect(q.log).toEqual([
    ["warning", `(VI_1) notify script ${script} for MASTER was killed after T: its time limit is 0.2 s`],
    ["info", "(VI_1) notify script /bin/true for MASTER exited with status 0 after T"],
  ]);
});

test("drain lets everything end when there is time", async () => {
  using dir = new ScriptDirectory();
  const script = dir.script("stop.sh", `echo "$1" >> ${dir.file("out")}`);
  const q = new Queue();
  q.queue.push(job([script, "1"]), job([script, "2"], "STOP"));
  expect(await q.queue.drain(600_000)).toBe(true);
  expect(dir.read("out")).toBe("1\n2\n");
  q.queue.push(job([script, "3"]));
  await q.queue.idle();
  expect(dir.read("out")).toBe("1\n2\n");
  expect(q.log.at(-1)?.[1]).toBe(
    `(VI_1) notify script ${script} for MASTER is not run: the queue is closed for the stop`,
  );
});

test("drain of an idle queue ends at once", async () => {
  expect(await new Queue().queue.drain(600_000)).toBe(true);
});

test("when the time of drain is over the running script is killed and the rest is named", async () => {
  using dir = new ScriptDirectory();
  const pipe = readFifo(dir.fifo("fifo"));
  const script = dir.script(
    "hang.sh",
    `exec 3> ${dir.path}/fifo; trap '' TERM; echo up >&3; sleep 1000 & wait; wait`,
  );
  const q = new Queue();
  q.queue.push(job([script]), job(["/bin/true"], "STOP"));
  await pipe.line;
  expect(await q.queue.drain(10)).toBe(false);
  await pipe.closed;
  expect(q.log).toEqual([
    [
      "warning",
      "(VI_1) notify script /bin/true for STOP is not run: the time for the stop (0.01 s) is over",
    ],
    [
      "warning",
      `(VI_1) notify script ${script} for MASTER was killed after T: the time for the stop (0.01 s) is over`,
    ],
  ]);
  expect(await q.queue.drain(10)).toBe(false);
});

test("changes that come faster than their scripts end: the oldest waiting one is dropped, aloud", async () => {
  using dir = new ScriptDirectory();
  dir.fifo("gate");
  const out = dir.file("out");
  const gate = dir.script("gate.sh", `read x < ${dir.path}/gate`);
  const say = dir.script("say.sh", `echo "$1" >> ${out}`);
  const q = new Queue({ capacity: 2 });
  q.queue.push(job([gate]));
  await Promise.resolve();
  await Promise.resolve();
  for (const name of ["1", "2", "3", "4"]) q.queue.push(job([say, name]));
  expect(q.queue.waiting).toBe(2);
  expect(q.log.length).toBe(2);
  expect(q.log[0]?.[1]).toContain("is not run: more than 2 notify scripts wait");
  await Bun.spawn(["/bin/sh", "-c", `echo > ${dir.path}/gate`]).exited;
  await q.queue.idle();
  expect(dir.read("out")).toBe("3\n4\n");
});
