// The record of what a run holds in the kernel, which a crash leaves.
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readState, stateText, writeState } from "../../../src/control/state_file.ts";
import type { Belongings } from "../../../src/messages.ts";

const directory = mkdtempSync(join(tmpdir(), "baton-state-"));
const path = join(directory, "state.json");
const NOTHING: Belongings = { addresses: [], routes: [], vmacs: [], table: null };
const HELD: Belongings = {
  addresses: [{ interface: "eth0", address: "192.0.2.1", prefixLength: 24 }],
  routes: [{ kind: "route", key: "k", protocol: 112, text: "192.0.2.0/24 dev eth0", replaced: "00ff" }],
  vmacs: [{ name: "vrrp.51", mac: "00:00:5e:00:01:33" }],
  table: "baton",
};

test("is read back, and removed when nothing is held", () => {
  expect(writeState(path, stateText(HELD))).toBeNull();
  expect(readState(path)).toEqual(HELD);
  expect(writeState(path, stateText(NOTHING))).toBeNull();
  expect(existsSync(path)).toBe(false);
  expect(readState(path)).toEqual(NOTHING);
});

test("each kind of thing alone keeps it", () => {
  for (const [name, value] of Object.entries(HELD)) {
    const alone = { ...NOTHING, [name]: value };
    expect(writeState(path, stateText(alone))).toBeNull();
    expect(readState(path)).toEqual(alone);
  }
});

test("damage costs only what is damaged", () => {
  for (
    const text of ["", "null", "7", "[]", "{", '{"addresses":7}', '{"addresses":[null,{},{"interface":1}]}']
  ) {
    writeFileSync(path, text);
    expect(readState(path)).toEqual(NOTHING);
  }
  writeFileSync(path, JSON.stringify({ addresses: [{}, ...HELD.addresses], vmacs: 7 }));
  expect(readState(path)).toEqual({ ...NOTHING, addresses: HELD.addresses });
  const route = HELD.routes[0]!;
  for (const other of [{ replaced: "0" }, { replaced: "zz" }, { kind: "link" }, { protocol: 1.5 }]) {
    writeFileSync(path, JSON.stringify({ routes: [{ ...route, ...other }, route] }));
    expect(readState(path).routes).toEqual([route]);
  }
  for (const table of [7, null, "", "x".repeat(300), {}]) {
    writeFileSync(path, JSON.stringify({ table }));
    expect(readState(path).table).toBeNull();
  }
});

test("that cannot be written is said, not thrown", () => {
  expect(writeState(join(directory, "none", "state.json"), stateText(HELD))).toContain("cannot be written");
});
