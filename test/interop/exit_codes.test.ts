// The exit codes of -t and of a start, for the same files as keepalived.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { instance } from "../support/conf.ts";
import { BATON } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { needs } from "../support/peer.ts";

const HAVE = needs("keepalived", "keepalived");
const GOOD = instance({ version: 3, interval: 0.1 });
const MISSING = "vrrp_instance X {\n  interface eth0\n  virtual_router_id\n}\n";

/** What both answer with; a pair where baton is meant to differ. */
const CASES: [name: string, text: string, code: number | { keepalived: number; baton: number }][] = [
  ["clean", GOOD, 0],
  ["an unknown word", `nonsense\n${GOOD}`, 5],
  ["a brace too few", GOOD.trimEnd().slice(0, -1), 5],
  ["a value out of range", GOOD.replace("priority 100", "priority 300"), 5],
  ["a parameter is missing", MISSING, 2],
  ["an include that must be there", `includem /nonexistent\n${GOOD}`, 6],
  ["an include that may be missing", `include /nonexistent\n${GOOD}`, 0],
  ["an include whose directory is missing", `include /nonexistent.d/*.conf\n${GOOD}`, 0],
  ["an include whose directory must be there", `includem /nonexistent.d/*.conf\n${GOOD}`, 6],
  ["a script without a name", `vrrp_script {\n}\n${GOOD}`, 2],
  ["include_check", `global_defs {\n  include_check\n}\ninclude /nonexistent\n${GOOD}`, 6],
  [
    "include_check of another kind",
    `global_defs {\n  include_check +match\n}\ninclude /nonexistent*\n${GOOD}`,
    0,
  ],
  [
    "scripts without security",
    `vrrp_script s {\n  script /bin/true\n}\n${instance({ lines: ["track_script {\ns\n}"] })}`,
    6,
  ],
];

async function answer(lab: Lab, words: string[]): Promise<number> {
  return await lab.node("a").spawn(words[0]!, words).exited;
}

// shows: global_defs include_check
test.concurrent.skipIf(!HAVE)("-t", async () => {
  await using lab = await Lab.create({ a: {} });
  for (const [i, [name, text, code]] of CASES.entries()) {
    const file = lab.path(`${i}.conf`);
    writeFileSync(file, text);
    const expected = typeof code === "number" ? { keepalived: code, baton: code } : code;
    const [keepalived, baton] = await Promise.all([
      answer(lab, ["keepalived", "-t", "-f", file]),
      answer(lab, [BATON, "-t", "-f", file]),
    ]);
    expect({ name, keepalived, baton }).toEqual({ name, ...expected });
  }
  const absent = ["-t", "-f", lab.path("absent.conf")];
  // A test that is content with a file that is not there tests nothing: later keepalived says 4, as baton does.
  expect(await answer(lab, ["keepalived", ...absent])).toBe(0);
  expect(await answer(lab, [BATON, ...absent])).toBe(4);
  const file = lab.path("e.conf");
  writeFileSync(file, `include /nonexistent\n${GOOD}`);
  for (const program of ["keepalived", BATON]) {
    expect(await answer(lab, [program, "-e", "-t", "-f", file])).toBe(6);
  }
});

test.concurrent.skipIf(!HAVE)("a start", async () => {
  await using lab = await Lab.create({ a: {} });
  const file = lab.path("missing.conf");
  writeFileSync(file, MISSING);
  for (const [program, name] of [["keepalived", "k"], [BATON, "b"]] as const) {
    const files = ["-p", lab.path(`${name}.pid`), "-r", lab.path(`${name}-vrrp.pid`)];
    expect(await answer(lab, [program, "-nlG", "-f", file, ...files])).toBe(2);
    expect(await answer(lab, [program, "-nlG", "-f", lab.path("absent.conf"), ...files])).toBe(6);
    expect(await answer(lab, [program, "--no-such-option"])).toBe(1);
    expect(await answer(lab, [program, "--signum=NONE"])).toBe(1);
  }
});
