// FIFOs of events: real ones, with readers, without any, and with a program that reads.
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { expect, test } from "bun:test";
import { fifoLine, NotifyFifo, type NotifyFifoConfig } from "../../../src/notify/fifo.ts";
import type { Level, Prepared } from "../../../src/notify/queue.ts";
import type { Command } from "../../../src/command.ts";
import { asIs, command, ended, isRunning, Mailbox, ScriptDirectory } from "../tracking/helpers.ts";

const root = process.getuid?.() === 0;

/** A FIFO under test; whatever it says is a line of the log. */
class Under {
  readonly lines = new Mailbox<[Level, string]>();
  readonly fifo: NotifyFifo;

  constructor(
    config: Partial<NotifyFifoConfig> & { path: string },
    prepare: (command: Command) => Prepared = asIs,
  ) {
    const whole = { keyword: "notify_fifo", owner: null, script: null, ...config };
    const options = { restartMs: 1, lingerMs: 600_000 };
    this.fifo = new NotifyFifo(whole, prepare, (level, text) => this.lines.put([level, text]), options);
  }

  get log(): [Level, string][] {
    return this.lines.all;
  }
}

/** Reads lines as they come. */
function read(path: string): { lines: Mailbox<string>; end: Promise<number> } {
  const cat = Bun.spawn(["cat", path], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const lines = new Mailbox<string>();
  void (async () => {
    let rest = "";
    for await (const chunk of cat.stdout) {
      rest += new TextDecoder().decode(chunk);
      const parts = rest.split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) lines.put(part);
    }
  })();
  return { lines, end: cat.exited };
}

test("lines are keepalived's", () => {
  expect(fifoLine({ kind: "INSTANCE", name: "VI_1" }, "MASTER", 150)).toBe('INSTANCE "VI_1" MASTER 150\n');
  expect(fifoLine({ kind: "GROUP", name: "G" }, "BACKUP", 0)).toBe('GROUP "G" BACKUP 0\n');
});

test("a FIFO is made, keeps lines until somebody reads, ends at close and goes away", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const { fifo, log } = new Under({ path });
  expect(statSync(path).isFIFO()).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  fifo.write("one\n");
  fifo.write("two\n");
  const reader = read(path);
  expect(await reader.lines.next()).toBe("one");
  expect(await reader.lines.next()).toBe("two");
  fifo.write("three\n");
  await fifo.close();
  expect(await reader.lines.next()).toBe("three");
  await reader.end;
  expect(existsSync(path)).toBe(false);
  expect(log).toEqual([]);
});

test.skipIf(!root)("the FIFO belongs to the owner that is named", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const { fifo } = new Under({ path, owner: { user: "nobody", group: "daemon" } });
  expect(statSync(path)).toMatchObject({ uid: 65534, gid: 1 });
  expect(statSync(path).mode & 0o777).toBe(0o640);
  fifo.update({ keyword: "notify_fifo", path, owner: { user: "daemon", group: null }, script: null });
  expect(statSync(path)).toMatchObject({ uid: 1, gid: 1 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await fifo.close();
});

test.skipIf(!root)("without an owner it belongs to whom the script runs as, and to nobody else", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const out = dir.file("out");
  const script = dir.script("r.sh", `id -u > ${out}; cat "$1" >> ${out}`);
  const asNobody = ({ words }: Command): Prepared => ({
    words,
    identity: { uid: 65534, gid: 65534 },
    refused: null,
  });
  const { fifo } = new Under({ path, script: command(script) }, asNobody);
  expect(statSync(path)).toMatchObject({ uid: 65534, gid: 65534 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  fifo.write("one\n");
  await fifo.close();
  expect(dir.read("out")).toBe("65534\none\n");
});

test("a FIFO that was there stays there", async () => {
  using dir = new ScriptDirectory();
  const path = dir.fifo("events");
  const { fifo } = new Under({ path });
  fifo.write("one\n");
  const reader = read(path);
  expect(await reader.lines.next()).toBe("one");
  await fifo.close();
  await reader.end;
  expect(statSync(path).isFIFO()).toBe(true);
});

test("nobody reads: no wait, lines are lost aloud, and counted when there is room again", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const under = new Under({ path });
  const line = `${"x".repeat(999)}\n`;
  for (let count = 0; count < 200; count++) under.fifo.write(line);
  expect(under.log).toEqual([
    ["warning", `the FIFO ${path} is full, so lines are lost: nobody reads it; start a reader`],
  ]);
  const reader = read(path);
  const first = await reader.lines.next();
  expect(first.length).toBe(999);
  // Lines are whole: the pipe takes 64 KiB, and 65 of them fit.
  while (reader.lines.all.length < 64) await reader.lines.next();
  under.fifo.write("room\n");
  expect(under.log[1]?.[1]).toMatch(/is read again; 1[0-9]{2} lines were lost$/);
  expect(await reader.lines.find((text) => text === "room")).toBe("room");
  expect(reader.lines.all.every((text) => text === "room" || text.length === 999)).toBe(true);
  await under.fifo.close();
});

test("what is no FIFO of ours is not written", () => {
  using dir = new ScriptDirectory();
  const file = dir.file("file", "content");
  dir.fifo("fifo");
  symlinkSync(`${dir.path}/fifo`, `${dir.path}/link`);
  const cases: [string, string][] = [
    [file, "is no FIFO: delete it"],
    [`${dir.path}/link`, "is a symbolic link, which is not followed"],
    [`${dir.path}/none/fifo`, "make its directory first"],
  ];
  if (root) {
    dir.fifo("other");
    Bun.spawnSync(["chown", "daemon", `${dir.path}/other`]);
    cases.push([`${dir.path}/other`, "belongs to uid 1"]);
  }
  for (const [path, why] of cases) {
    const { fifo, log } = new Under({ path });
    fifo.write("line\n");
    fifo.write("line\n");
    expect(log.length, path).toBe(1);
    expect(log[0]?.[0]).toBe("error");
    expect(log[0]?.[1]).toContain(why);
  }
  expect(dir.read("file")).toBe("content");
  expect(lstatSync(`${dir.path}/link`).isSymbolicLink()).toBe(true);
});

test("a FIFO that somebody removes is made anew", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const { fifo, log } = new Under({ path });
  rmSync(path);
  fifo.write("one\n");
  const reader = read(path);
  expect(await reader.lines.next()).toBe("one");
  await fifo.close();
  expect(log).toEqual([["warning", `the FIFO ${path} was taken away: it is opened anew`]]);
});

test("a link in its place that leads to itself is told of, and ends nothing", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const { fifo, log } = new Under({ path });
  rmSync(path);
  symlinkSync(path, path);
  fifo.write("one\n");
  expect(log.map(([, text]) => text)).toEqual([
    `the FIFO ${path} was taken away: it is opened anew`,
    expect.stringContaining("is a symbolic link, which is not followed"),
  ]);
  await fifo.close();
});

test.skipIf(!root)(
  "a reload gives away the FIFO, and nothing that a link in its place leads to",
  async () => {
    using dir = new ScriptDirectory();
    const path = `${dir.path}/events`;
    const secret = dir.file("secret", "content");
    chmodSync(secret, 0o400);
    const owner = { user: "nobody", group: null };
    const { fifo } = new Under({ path, owner });
    rmSync(path);
    symlinkSync(secret, path);
    fifo.update({ keyword: "notify_fifo", path, owner, script: null });
    expect(statSync(secret)).toMatchObject({ uid: 0, mode: 0o100400 });
    await fifo.close();
  },
);

test("what cannot be removed at the end is told of, and the end is in order", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const { fifo, log } = new Under({ path });
  rmSync(path);
  mkdirSync(path);
  await fifo.close();
  expect(log).toEqual([["warning", expect.stringContaining(`the FIFO ${path} cannot be removed`)]]);
});

test("the script gets the path as last argument, every line, and ends with the FIFO", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const out = dir.file("out");
  const script = dir.script(
    "r.sh",
    `echo "$*" >> ${out}; while read line; do echo "$line"; done < "$2" >> ${out}`,
  );
  const { fifo, log } = new Under({ path, script: command(script, "first") });
  fifo.write("one\n");
  fifo.write("two\n");
  await fifo.close();
  expect(dir.read("out")).toBe(`first ${path}\none\ntwo\n`);
  expect(log).toEqual([]);
});

test("a script that ends is started again, and misses no line", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const out = dir.file("out");
  const script = dir.script("r.sh", `dd bs=1 count=4 < "$1" >> ${out} 2> /dev/null; exit 3`);
  const under = new Under({ path, script: command(script) });
  under.fifo.write("one\n");
  expect((await under.lines.next())[1]).toMatch(
    /^notify_fifo_script .*r\.sh does not run: it exited with status 3 after [0-9.]+ s; it is started again in 0.001 s$/,
  );
  under.fifo.write("two\n");
  await under.lines.next();
  await under.fifo.close();
  expect(dir.read("out")).toBe("one\ntwo\n");
});

test("a script that may not run is said, and the lines wait", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const refuse = (): Prepared => ({ refused: "user ghost does not exist" });
  const { fifo, log } = new Under({ path, script: command("/x") }, refuse);
  expect(log).toEqual([["error", "notify_fifo_script /x is not run: user ghost does not exist"]]);
  await fifo.close();
});

test("a reload that changes nothing leaves the reader alone; another script takes over, no line is lost", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const out = dir.file("out");
  const pids = dir.fifo("pids");
  const pid = read(pids);
  // Holds the FIFO of pids open, for there is a moment without a script.
  const hold = Bun.spawn(["sleep", "600"], { stdin: "ignore", stdout: Bun.file(pids), stderr: "ignore" });
  const loop = (name: string) =>
    dir.script(
      `${name}.sh`,
      `echo $$ > ${pids}; while read line; do echo "${name} $line" >> ${out}; echo ok > ${pids}; done < "$1"`,
    );
  const config = { keyword: "notify_fifo", path, owner: null, script: command(loop("a")) };
  const under = new Under(config);
  const first = Number(await pid.lines.next());
  under.fifo.write("1\n");
  expect(await pid.lines.next()).toBe("ok");
  under.fifo.update({ ...config });
  under.fifo.write("2\n");
  expect(await pid.lines.next()).toBe("ok");
  expect(isRunning(first)).toBe(true);
  under.fifo.update({ ...config, script: command(loop("b")) });
  await ended(first);
  under.fifo.write("3\n");
  const second = Number(await pid.lines.next());
  expect(second).not.toBe(first);
  expect(await pid.lines.next()).toBe("ok");
  await under.fifo.close();
  hold.kill();
  await hold.exited;
  expect(dir.read("out")).toBe("a 1\na 2\nb 3\n");
  expect(under.log).toEqual([]);
});

test("a reader that never ends is ended with its children", async () => {
  using dir = new ScriptDirectory();
  const path = `${dir.path}/events`;
  const pids = dir.fifo("pids");
  const pid = read(pids);
  const script = dir.script("r.sh", `exec 3<> "$1"; echo $$ > ${pids}; while read line <&3; do :; done`);
  const config = { keyword: "notify_fifo", path, owner: null, script: command(script) };
  const fifo = new NotifyFifo(config, asIs, () => {}, { lingerMs: 1 });
  const reader = Number(await pid.lines.next());
  await fifo.close();
  await ended(reader);
  expect(existsSync(path)).toBe(false);
});

test("a directory where nothing may be made is an error, and the daemon goes on", () => {
  using dir = new ScriptDirectory();
  chmodSync(dir.path, 0o777);
  const { fifo, log } = new Under({ path: "/proc/none" });
  fifo.write("x\n");
  expect(log[0]?.[1]).toContain("notify_fifo is not written: cannot make the FIFO /proc/none");
});
