// baton convert on the command line: files, exit codes, and what it will not overwrite.
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "../../../src/cli/convert.ts";
import { UsageError } from "../../../src/cli/usage.ts";

const folder = mkdtempSync(join(tmpdir(), "baton-convert-"));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = `vrrp_instance V {
  interface eth0
  virtual_router_id 1
  virtual_ipaddress {
    192.0.2.1/24
  }
}
`;

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("0: done, and the file is its owner's alone, since it may hold passwords", () => {
  const output = join(folder, "good.yaml");
  expect(convert([file("good.conf", GOOD), "--to", "yaml", "-o", output])).toBe(0);
  expect(readFileSync(output, "utf8")).toStartWith("vrrp_instance:\n  V:\n    interface: eth0\n");
  expect(statSync(output).mode & 0o777).toBe(0o600);
});

test("1: done, and something became a comment", () => {
  const output = join(folder, "odd.yaml");
  expect(convert([file("odd.conf", `${GOOD}nonsense x\n`), "--to", "yaml", "-o", output])).toBe(1);
  expect(readFileSync(output, "utf8")).toContain("# nonsense x\n");
});

test("2: not done: errors in the file, or a file that is there already", () => {
  const output = file("precious.yaml", "precious");
  expect(convert([file("bad.conf", "vrrp_script {\n}\n"), "--to", "yaml", "-o", join(folder, "bad.yaml")]))
    .toBe(2);
  expect(() => statSync(join(folder, "bad.yaml"))).toThrow();
  expect(convert([file("good.conf", GOOD), "--to", "yaml", "-o", output])).toBe(2);
  expect(readFileSync(output, "utf8")).toBe("precious");
});

test("one file, and a syntax", () => {
  expect(() => convert(["--to", "yaml"])).toThrow(UsageError);
  expect(() => convert(["a", "b", "--to", "yaml"])).toThrow(UsageError);
  expect(() => convert(["a", "--to", "json"])).toThrow(UsageError);
  expect(() => convert(["a"])).toThrow(UsageError);
});
