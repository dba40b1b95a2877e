// What the file is: static for every tool that asks, safe from strip, listed with its hash and its contents.
import { expect, test } from "bun:test";
import { copyFileSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { needs } from "../support/peer.ts";
import { outcome, STATIC, temporary } from "./support.ts";

const binutils = needs("readelf", "binutils");

test.skipIf(!needs("file", "file"))("file says that it is statically linked", async () => {
  const { out } = await outcome(["file", "--brief", STATIC]);
  expect(out).toContain("ELF 64-bit LSB executable");
  expect(out).toContain("statically linked");
});

test.skipIf(!binutils)(
  "readelf finds no interpreter, no dynamic section, and nothing to write and execute",
  async () => {
    expect((await outcome(["readelf", "-dW", STATIC])).out.trim()).toBe(
      "There is no dynamic section in this file.",
    );
    const { out } = await outcome(["readelf", "-lW", STATIC]);
    expect(out).toMatch(/^ {2}TLS /m);
    expect(out).not.toMatch(/INTERP|DYNAMIC|NEEDED/);
    expect(out).not.toMatch(/ RWE /);
  },
);

test("ldd says so too", async () => {
  const { code, error } = await outcome(["ldd", STATIC], { env: { LC_ALL: "C" } });
  expect([code, error.trim()]).toEqual([1, "not a dynamic executable"]);
});

test.skipIf(!binutils)("strip refuses it and leaves it as it is", async () => {
  using directory = temporary();
  const copy = join(directory.path, "baton");
  copyFileSync(STATIC, copy);
  const { code, error } = await outcome(["strip", copy]);
  expect(code).not.toBe(0);
  expect(error).toContain("has no sections");
  expect(readFileSync(copy).equals(readFileSync(STATIC))).toBe(true);
});

test("nothing is looked up at run time that is not inside, but for the sanitizers", async () => {
  const { out, error } = await outcome([STATIC, "version"], { env: { BATON_STATIC_DEBUG: "1" } });
  expect(out).toStartWith("baton ");
  const names = [...error.matchAll(/^baton: dlsym (\w+): not in this executable$/gm)].map((match) =>
    match[1]!
  );
  expect([...new Set(names)].sort()).toEqual(["__asan_init", "__tsan_init"]);
});

test("SHA256SUMS has the right hash of every file", async () => {
  const { code, out } = await outcome(["sha256sum", "--check", "SHA256SUMS"], { cwd: dirname(STATIC) });
  expect([code, out]).toEqual([0, expect.stringContaining(`${basename(STATIC)}: OK`)]);
});

test("the bill of materials names the runtime, its engine, the C library and each package", async () => {
  const bill = await Bun.file(join(dirname(STATIC), "baton.cdx.json")).json();
  expect([bill.bomFormat, bill.specVersion]).toEqual(["CycloneDX", "1.5"]);
  const components = bill.components as {
    name: string;
    version: string;
    licenses: unknown[];
    hashes?: unknown[];
  }[];
  const names = components.map(({ name }) => name);
  for (const name of ["@oven/bun-linux-x64", "JavaScriptCore (WebKit)", "GNU C Library"]) {
    expect(names).toContain(name);
  }
  const own = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
  for (const [name, version] of Object.entries(own.dependencies)) {
    expect(components.find((c) => c.name === name)).toMatchObject({ version, hashes: [expect.anything()] });
  }
  expect(components.filter(({ version, licenses }) => !version || licenses.length === 0)).toEqual([]);
});
