// Runtime paths, and the record of held addresses that a crash leaves.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  makeDirectories,
  readKeptTable,
  readState,
  runtimePaths,
  writeState,
} from "../../../src/control/runtime.ts";

const directory = mkdtempSync(join(tmpdir(), "baton-runtime-"));
const held = [{ interface: "eth0", address: "192.0.2.1", prefixLength: 24 }];

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

describe("the state file", () => {
  const path = join(directory, "state.json");

  test("is read back, and removed when nothing is held", () => {
    expect(writeState(path, held)).toBeNull();
    expect(readState(path)).toEqual(held);
    expect(writeState(path, [])).toBeNull();
    expect(existsSync(path)).toBe(false);
    expect(readState(path)).toEqual([]);
  });

  test("names an nftables table, which alone keeps it", () => {
    expect(writeState(path, [], { routes: [], vmacs: [], table: "baton" })).toBeNull();
    expect(readKeptTable(path)).toBe("baton");
    expect(writeState(path, held)).toBeNull();
    expect(readKeptTable(path)).toBeNull();
    for (const table of [7, null, "", "x".repeat(300), {}]) {
      writeFileSync(path, JSON.stringify({ table }));
      expect(readKeptTable(path)).toBeNull();
    }
    writeState(path, []);
    expect(readKeptTable(path)).toBeNull();
  });

  test("damage costs only what is damaged", () => {
    for (const text of ["", "null", "7", "{", '{"addresses":7}', '{"addresses":[null,{},{"interface":1}]}']) {
      writeFileSync(path, text);
      expect(readState(path)).toEqual([]);
    }
    writeFileSync(path, JSON.stringify({ addresses: [{}, ...held] }));
    expect(readState(path)).toEqual(held);
  });

  test("that cannot be written is said, not thrown", () => {
    expect(writeState(join(directory, "none", "state.json"), held)).toContain("cannot be written");
  });
});
