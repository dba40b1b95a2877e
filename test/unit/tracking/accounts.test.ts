// Users and groups: names, numbers, files that are damaged, absent or changed meanwhile.
import { expect, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { lookupGroup, lookupUser } from "../../../native/accounts.ts";
import { ScriptDirectory } from "./helpers.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/sh
# comment
+nis::::::
broken:x:abc:1::/:/bin/sh
huge:x:4294967295:1::/:/bin/sh
checker:x:990:991::/nonexistent:/usr/sbin/nologin
1000:x:7:8::/:/bin/sh
`;
const GROUP = "root:x:0:\ncheckers:x:991:a,b\nempty:x::\n";

test("names and numbers", () => {
  using dir = new ScriptDirectory();
  const passwd = dir.file("passwd", PASSWD);
  const group = dir.file("group", GROUP);
  expect(lookupUser("root", passwd)).toEqual({ uid: 0, gid: 0 });
  expect(lookupUser("checker", passwd)).toEqual({ uid: 990, gid: 991 });
  expect(lookupUser("990", passwd)).toEqual({ uid: 990, gid: 991 });
  expect(lookupUser("5000", passwd)).toEqual({ uid: 5000, gid: 5000 });
  expect(lookupUser("1000", passwd)).toEqual({ uid: 7, gid: 8 });
  for (
    const name of ["nobody", "broken", "huge", "", "-1", "4294967295", "99999999999", "# comment", "1e3"]
  ) {
    expect(lookupUser(name, passwd)).toBeNull();
  }
  expect(lookupGroup("checkers", group)).toBe(991);
  expect(lookupGroup("42", group)).toBe(42);
  for (const name of ["empty", "a", "", "4294967295"]) expect(lookupGroup(name, group)).toBeNull();
});

test("no file: root and numbers still work", () => {
  expect(lookupUser("root", "/no/such/passwd")).toEqual({ uid: 0, gid: 0 });
  expect(lookupUser("nobody", "/no/such/passwd")).toBeNull();
  expect(lookupUser("0", "/no/such/passwd")).toEqual({ uid: 0, gid: 0 });
});

test("a changed file is read again", () => {
  using dir = new ScriptDirectory();
  const passwd = dir.file("passwd", "a:x:1:1:::\n");
  expect(lookupUser("b", passwd)).toBeNull();
  writeFileSync(`${passwd}.new`, "b:x:2:2:::\n");
  renameSync(`${passwd}.new`, passwd);
  expect(lookupUser("b", passwd)).toEqual({ uid: 2, gid: 2 });
  expect(lookupUser("a", passwd)).toBeNull();
});

test("no content of the file and no name makes it throw or gives ids outside of 0..2^32-2", () => {
  using dir = new ScriptDirectory();
  const passwd = dir.file("passwd");
  const row = fc.array(fc.oneof(fc.string(), fc.nat().map(String)), { maxLength: 8 }).map((cells) =>
    cells.join(":")
  );
  fc.assert(
    fc.property(
      fc.array(row),
      fc.oneof(fc.string(), fc.bigInt({ min: -1n, max: 2n ** 40n }).map(String)),
      (rows, name) => {
        writeFileSync(passwd, rows.join("\n"));
        const found = lookupUser(name, passwd);
        for (const id of found === null ? [] : [found.uid, found.gid]) {
          expect(Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1).toBe(true);
        }
      },
    ),
  );
});
