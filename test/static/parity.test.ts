// The same program, dynamic and static, prints the same: workers, FFI, HTTP, names, children, signals, compiled code.
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { needs } from "../support/peer.ts";
import { buildParity, outcome, temporary } from "./support.ts";

const directory = temporary();
afterAll(() => directory[Symbol.dispose]());

test("on this machine", async () => {
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  const programs = await buildParity(arch, join(directory.path, "own"));
  const dynamic = await outcome([programs.dynamic]);
  const relinked = await outcome([programs.static], { env: { BATON_STATIC_DEBUG: "1" } });
  expect(dynamic).toMatchObject({ code: 0, error: "" });
  expect(dynamic.out).not.toContain("FAILED");
  expect(dynamic.out.split("\n").length).toBeGreaterThan(50);
  expect(relinked.out).toBe(dynamic.out);
  expect(relinked.code).toBe(0);
  const missing = [...relinked.error.matchAll(/dlsym (\w+)/g)].map((match) => match[1]!).sort();
  expect(missing).toEqual(["__asan_init", "__tsan_init", "baton_has_no_such_function"]);
});

const emulated = process.arch === "x64" && needs("qemu-aarch64-static", "qemu-user-static") &&
  needs("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu");

// Emulated are system calls, but not netlink, nor the start of another program of that machine.
test.skipIf(!emulated)("arm64, emulated: what computes, workers, the network", async () => {
  const programs = await buildParity("arm64", join(directory.path, "arm64"));
  const groups = ["computing", "workers", "network"];
  const cross = ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"];
  const dynamic = await outcome([...cross, programs.dynamic, ...groups]);
  const relinked = await outcome(["qemu-aarch64-static", programs.static, ...groups]);
  expect(dynamic).toMatchObject({ code: 0, error: "" });
  expect(dynamic.out).not.toContain("FAILED");
  expect(relinked).toEqual(dynamic);
});
