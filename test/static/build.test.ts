// The build: both machines, the same bytes from another directory; another machine's executable works.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { needs } from "../support/peer.ts";
import { outcome, temporary } from "./support.ts";

const ROOT = resolve(import.meta.dir, "../..");
const SOURCES = ["src", "native", "config", "build.ts", "package.json", "package-lock.json", "tsconfig.json"];
const cross = needs("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu libc6-dev-arm64-cross");
const emulated = cross && needs("qemu-aarch64-static", "qemu-user-static");

const elsewhere = temporary();
const trees = [join(elsewhere.path, "a"), join(elsewhere.path, "a directory/of another name")] as const;

/** `npm run build:static -- WORDS` in a copy of the sources. */
function build(tree: string, ...words: string[]) {
  const env = { TMPDIR: tree, HOME: process.env["HOME"] ?? "/" };
  return outcome([process.execPath, "build.ts", "static", ...words], { cwd: tree, env });
}

function built(tree: string, name: string): Buffer {
  return readFileSync(join(tree, "dist", name));
}

beforeAll(() => {
  const [first, second] = trees;
  for (const name of SOURCES) cpSync(join(ROOT, name), join(first, name), { recursive: true });
  // Packages are copied: the names of the parts depend on where a package lies below the working directory.
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    if (path !== "" && dev !== true) cpSync(join(ROOT, path), join(first, path), { recursive: true });
  }
  cpSync(first, second, { recursive: true });
  mkdirSync(join(ROOT, "node_modules/.cache"), { recursive: true });
  for (const tree of trees) {
    for (const name of ["bun", ".cache"]) {
      symlinkSync(join(ROOT, "node_modules", name), join(tree, "node_modules", name));
    }
  }
});
afterAll(() => elsewhere[Symbol.dispose]());

test.skipIf(!cross)("both machines, the same bytes wherever it is built", async () => {
  for (const tree of trees) expect(await build(tree)).toMatchObject({ code: 0, error: "" });
  for (const name of ["baton-linux-x64", "baton-linux-arm64", "baton.cdx.json", "SHA256SUMS"]) {
    expect([name, built(trees[0], name).equals(built(trees[1], name))]).toEqual([name, true]);
  }
});

test.skipIf(!emulated)("the one for arm64 says and finds what this machine's does", async () => {
  const [tree] = trees;
  const file = join(tree, "dist/baton-linux-arm64");
  const conf = join(ROOT, "config/keepalived.conf");
  for (const words of [["version"], ["check", conf], ["check", "/does/not/exist"], ["nonsense"]]) {
    const expected = await outcome([join(tree, `dist/baton-linux-${process.arch}`), ...words]);
    expect(await outcome(["qemu-aarch64-static", file, ...words])).toEqual(expected);
  }
});

test("one machine is built alone; one that is not known is one sentence", async () => {
  const [, tree] = trees;
  rmSync(join(tree, "dist"), { recursive: true, force: true });
  expect(await build(tree, process.arch)).toMatchObject({ code: 0, error: "" });
  const rows = built(tree, "SHA256SUMS").toString().trim().split("\n");
  expect(rows.map((row) => row.slice(66))).toEqual([`baton-linux-${process.arch}`, "baton.cdx.json"]);
  expect(await build(tree, "riscv64")).toEqual({
    code: 1,
    out: "",
    error: "build: riscv64 is not a machine that can be built for: name x64 or arm64\n",
  });
});
