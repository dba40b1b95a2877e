// The keywords that change how a file is read, and those of the process itself: values, and what is wrong with them.
import { describe, expect, test } from "bun:test";
import { includeChecks } from "../../../src/config/include_check.ts";
import { instance, load, messages } from "./support.ts";

function priorities(head: string): (number | undefined)[] {
  const body = instance("priority ${_RANDOM 1 250}", "A") +
    instance("priority ${_RANDOM 1 250}", "B", 2, "192.0.2.2");
  return load(`${head}\n${body}`).config?.instances.map(({ priority }) => priority) ?? [];
}

// shows: global_defs random_seed
test("random_seed: the same numbers each time, others for another seed", () => {
  const seeded = (seed: number) => priorities(`global_defs {\n  random_seed ${seed}\n}`);
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);
  for (const seed of seeds) expect(seeded(seed)).toEqual(seeded(seed));
  expect(new Set(seeds.map((seed) => seeded(seed).join())).size).toBeGreaterThan(15);
  expect(seeds.every((seed) => seeded(seed).every((value) => value! >= 1 && value! <= 250))).toBe(true);
});

// shows: global_defs include_check
describe("include_check", () => {
  const cases: [words: string, bad: string[]][] = [
    ["", ["none", "none*", "{a,none}"]],
    ["all", ["none", "none*", "{a,none}"]],
    ["none", []],
    ["read", []],
    ["match", ["none"]],
    ["wildcard_match", ["none*"]],
    ["brace_match", ["{a,none}"]],
    ["+match -match", []],
  ];
  const files = { "/etc/baton/conf.d/a": instance("", "A") };
  for (const [words, bad] of cases) {
    test(`include_check ${words}`, () => {
      const lines = ["none", "none*", "{a,none}"];
      const found = lines.filter((line) => {
        const text = `global_defs {\n  include_check ${words}\n}\ninclude conf.d/a\ninclude conf.d/${line}\n`;
        return load(text, files).config === null;
      });
      expect(found).toEqual(bad);
    });
  }
  test("words with a sign change what holds, words without one replace it; unknown ones are named", () => {
    expect(includeChecks(["+match"], "r").checks).toBe("rm");
    expect(includeChecks(["-match"], "rm").checks).toBe("r");
    expect(includeChecks(["match"], "rw").checks).toBe("m");
    expect(includeChecks(["sometimes"], "").unknown).toEqual(["sometimes"]);
    const text = `global_defs {\n  include_check sometimes\n}\n${instance("", "A")}`;
    expect(messages(load(text)).join()).toContain('include_check knows no "sometimes"');
  });
  test("an included file does not change it for the others", () => {
    const more = { ...files, "/etc/baton/conf.d/strict": "global_defs {\n  include_check all\n}\n" };
    expect(load("include conf.d/strict\ninclude conf.d/none\ninclude conf.d/a\n", more).config).not
      .toBeNull();
  });
});

describe("what is no value is ignored with a warning", () => {
  const cases: [keyword: string, field: "umask" | "saveDirectory"][] = [
    ["umask 0999", "umask"],
    ["umask IWGRP|NONE", "umask"],
    ["config_save_dir here", "saveDirectory"],
  ];
  for (const [keyword, field] of cases) {
    test(keyword, () => {
      const result = load(`global_defs {\n  ${keyword}\n}\n${instance("", "A")}`);
      expect(result.config?.daemon[field]).toBeNull();
      expect(messages(result).join()).toContain("is ignored");
    });
  }
  test("net_namespace a/b", () => {
    const result = load(`net_namespace a/b\n${instance("", "A")}`);
    expect(result.config?.daemon.namespace).toBeNull();
  });
});

test("umask in octal and in words", () => {
  const mask = (text: string) =>
    load(`global_defs {\n  umask ${text}\n}\n${instance("", "A")}`).config?.daemon.umask;
  expect([mask("022"), mask("0177"), mask("IXUSR|IRWXG|S_IRWXO")]).toEqual([0o022, 0o177, 0o177]);
});
