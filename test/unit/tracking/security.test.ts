// Path security: which component of a path could be changed by others than root.
import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { executedFiles, findUnsafeComponent, resolveProgram } from "../../../src/tracking/security.ts";
import { ScriptDirectory } from "./helpers.ts";

/** A directory that only root may write, down to its root. */
class SafeDirectory {
  readonly path = mkdtempSync("/var/lib/baton-test-");
  constructor() {
    chmodSync(this.path, 0o755);
  }
  file(name: string, mode = 0o755): string {
    const path = `${this.path}/${name}`;
    writeFileSync(path, "#!/bin/sh\n");
    chmodSync(path, mode);
    return path;
  }
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

test("a file of root in directories of root is safe", () => {
  using dir = new SafeDirectory();
  expect(findUnsafeComponent(dir.file("ok.sh"))).toBeNull();
  expect(findUnsafeComponent("/bin/sh")).toBeNull();
  expect(findUnsafeComponent(`${dir.path}/./x/../ok.sh`)).toBeNull();
});

test("the component that is wrong is named, with the reason", () => {
  using dir = new SafeDirectory();
  const script = dir.file("s.sh", 0o775);
  expect(findUnsafeComponent(script)).toEqual({
    path: script,
    reason: "may be written by group 0 (mode 0775)",
  });
  chmodSync(script, 0o757);
  expect(findUnsafeComponent(script)).toEqual({
    path: script,
    reason: "may be written by everybody (mode 0757)",
  });
  chmodSync(script, 0o755);
  chownSync(script, 1000, 0);
  expect(findUnsafeComponent(script)).toEqual({ path: script, reason: "belongs to uid 1000, not to root" });
  chownSync(script, 0, 0);
  chownSync(dir.path, 1001, 0);
  expect(findUnsafeComponent(script)).toEqual({ path: dir.path, reason: "belongs to uid 1001, not to root" });
});

test("a sticky directory is not safe: /tmp", () => {
  using dir = new ScriptDirectory();
  expect(findUnsafeComponent(dir.script("s.sh", ""))).toEqual({
    path: "/tmp",
    reason: "may be written by everybody (mode 1777)",
  });
});

test("symbolic links: their owner, their target and the directories of the target count", () => {
  using dir = new SafeDirectory();
  using open = new ScriptDirectory();
  const target = dir.file("target.sh");
  const link = `${dir.path}/link`;
  symlinkSync("target.sh", link);
  expect(findUnsafeComponent(link)).toBeNull();
  lchownSync(link, 1000, 1000);
  expect(findUnsafeComponent(link)).toEqual({ path: link, reason: "belongs to uid 1000, not to root" });
  chmodSync(target, 0o777);
  lchownSync(link, 0, 0);
  expect(findUnsafeComponent(link)?.path).toBe(target);
  const outward = `${dir.path}/outward`;
  symlinkSync(open.script("s.sh", ""), outward);
  expect(findUnsafeComponent(outward)?.path).toBe("/tmp");
  mkdirSync(`${dir.path}/sub`);
  symlinkSync("../target.sh", `${dir.path}/sub/up`);
  expect(findUnsafeComponent(`${dir.path}/sub/up`)?.path).toBe(target);
});

test("links in a circle end", () => {
  using dir = new SafeDirectory();
  symlinkSync("b", `${dir.path}/a`);
  symlinkSync("a", `${dir.path}/b`);
  expect(findUnsafeComponent(`${dir.path}/a`)?.reason).toBe("leads through too many symbolic links");
});

test("what is missing is no danger, what lies before it is judged", () => {
  using dir = new SafeDirectory();
  expect(findUnsafeComponent(`${dir.path}/no/such`)).toBeNull();
  expect(findUnsafeComponent(`${dir.file("file")}/below`)).toBeNull();
  expect(findUnsafeComponent("/tmp/no/such")?.path).toBe("/tmp");
});

test("no path makes it throw", () => {
  fc.assert(fc.property(fc.string(), (path) => void findUnsafeComponent(`/${path}`)), { numRuns: 500 });
});

test("programs are found on the search path; directories and plain files are not programs", () => {
  using dir = new ScriptDirectory();
  const program = dir.script("prog", "");
  dir.file("data", "", 0o644);
  mkdirSync(`${dir.path}/folder`);
  expect(resolveProgram("prog", `/nope:${dir.path}`)).toBe(program);
  expect(resolveProgram("data", dir.path)).toBeNull();
  expect(resolveProgram("folder", dir.path)).toBeNull();
  expect(resolveProgram("prog", "::.:relative")).toBeNull();
  expect(resolveProgram("..", dir.path)).toBeNull();
  expect(resolveProgram("", dir.path)).toBeNull();
  expect(resolveProgram("/x/../y", dir.path)).toBe("/y");
  expect(resolveProgram("./x", dir.path)).toBe("/x");
});

test("the script that is handed to an interpreter is executed too", () => {
  expect(executedFiles(["/usr/bin/python3.11", "-u", "/opt/x.py", "/data"])).toEqual([
    "/usr/bin/python3.11",
    "/opt/x.py",
  ]);
  expect(executedFiles(["/bin/sh", "-c", "killall -0 haproxy"])).toEqual(["/bin/sh"]);
  expect(executedFiles(["/usr/bin/curl", "/x"])).toEqual(["/usr/bin/curl"]);
  expect(executedFiles([])).toEqual([]);
});
