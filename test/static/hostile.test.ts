// A caller's environment and working directory that want to change what the file does: they do not.
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outcome, STATIC, temporary } from "./support.ts";

const VARIABLES: Record<string, string> = {
  BUN_BE_BUN: "1",
  BUN_OPTIONS: "--preload=./evil.ts --print 666",
  BUN_CONFIG_PRELOAD: "./evil.ts",
  BUN_INSPECT: "ws://127.0.0.1:1/?break=1",
  BUN_INSPECT_PRELOAD: "./evil.ts",
  BUN_JSC_dumpOptions: "1",
  BUN_JSC_useJIT: "0",
  BUN_JSC_logGC: "1",
  NODE_OPTIONS: "--require ./evil.ts",
  NODE_PATH: ".",
  NODE_CHANNEL_FD: "1",
  NODE_DEBUG: "net,fs",
  MIMALLOC_VERBOSE: "1",
  UV_THREADPOOL_SIZE: "100000",
  LD_PRELOAD: "./libc.so.6",
  LD_LIBRARY_PATH: ".",
};

/** A directory full of files that Bun, Node or a loader would read. */
function hostileDirectory() {
  const directory = temporary();
  const evil = 'console.log("EVIL");\nprocess.exit(66);\n';
  const files: Record<string, string> = {
    "evil.ts": evil,
    "bunfig.toml": 'preload = ["./evil.ts"]\n[run]\npreload = ["./evil.ts"]\n',
    ".env": "BUN_BE_BUN=1\nBUN_OPTIONS=--preload=./evil.ts\nEVIL=EVIL\n",
    "package.json": '{"type": "module", "main": "./evil.ts", "scripts": {"version": "echo EVIL"}}',
    "tsconfig.json": '{"compilerOptions": {"paths": {"hono": ["./evil.ts"]}}}',
    "libc.so.6": "not a library",
    "libc.so": "not a library",
    "version.ts": evil,
    "version": "EVIL",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory.path, name), text);
  mkdirSync(join(directory.path, "node_modules/hono"), { recursive: true });
  writeFileSync(join(directory.path, "node_modules/hono/index.js"), evil);
  return directory;
}

test("each variable by itself, in a hostile directory", async () => {
  using directory = hostileDirectory();
  const expected = await outcome([STATIC, "version"]);
  expect(expected).toMatchObject({ code: 0, error: "", out: expect.stringMatching(/^baton \d/) });
  for (const [name, value] of Object.entries(VARIABLES)) {
    const found = await outcome([STATIC, "version"], { env: { [name]: value }, cwd: directory.path });
    expect({ name, ...found }).toEqual({ name, ...expected });
  }
});

test("all of them at once change neither check nor its exit code", async () => {
  using directory = hostileDirectory();
  const conf = join(directory.path, "x.conf");
  writeFileSync(conf, "vrrp_instance VI_1 {\n virtual_router_id 300\n}\n");
  const expected = await outcome([STATIC, "check", conf]);
  expect(expected.code).toBeGreaterThan(0);
  const found = await outcome([STATIC, "check", conf], { env: VARIABLES, cwd: directory.path });
  expect(found).toEqual(expected);
});

test("the runtime's variables are not seen by the program, those that name a machine are", async () => {
  using directory = temporary();
  const conf = join(directory.path, "x.conf");
  // An unknown word is quoted in the finding: so it shows what the environment was.
  writeFileSync(conf, "x${_ENV NODE_OPTIONS}x${_ENV BUN_FOO}x${_ENV NODE_NAME}x${_ENV OTHER}x 1\n");
  const env = { NODE_OPTIONS: "a", BUN_FOO: "b", NODE_NAME: "c", OTHER: "d" };
  const { out, error } = await outcome([STATIC, "check", conf], { env });
  expect(out + error).toContain("xxxcxdx");
});
