// Runtime paths.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDirectories, runtimePaths } from "../../../src/control/runtime.ts";

const directory = mkdtempSync(join(tmpdir(), "baton-runtime-"));

describe("runtime paths", () => {
  test("are one directory per network namespace", () => {
    const paths = runtimePaths({});
    expect(paths.socket).toMatch(/^\/run\/baton\/net-\d+\/baton\.sock$/);
    expect(paths.pid).toMatch(/^\/run\/baton\/net-\d+\/baton\.pid$/);
  });

  test("can be given; the state stands beside the socket", () => {
    expect(runtimePaths({ socket: "/x/s", pid: "/y/p" })).toEqual({
      socket: "/x/s",
      pid: "/y/p",
      state: "/x/s.state.json",
      sysctls: "/x/s.sysctls.json",
    });
  });

  test("a directory that cannot be made is an error with a cure", () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    const paths = {
      socket: join(file, "s"),
      pid: join(file, "p"),
      state: join(file, "t"),
      sysctls: join(file, "u"),
    };
    expect(() => makeDirectories(paths)).toThrow("name other places with --socket and --pid");
  });
});
