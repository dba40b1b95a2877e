// Pid files of a daemon that may not start.
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PidFiles } from "../../../src/control/pid_files.ts";

test("where another daemon holds one of them, none is left but that one", () => {
  const directory = mkdtempSync(join(tmpdir(), "baton-pid-"));
  const [own, shared] = ["own", "shared"].map((name) => join(directory, name)) as [string, string];
  const running = new PidFiles([shared]);
  running.take();
  const second = new PidFiles([own, shared]);
  expect(() => second.take()).toThrow(`it holds ${shared}`);
  expect(readdirSync(directory)).toEqual(["shared"]);
  second.release();
  expect(readdirSync(directory)).toEqual(["shared"]);
  running.release();
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
});
