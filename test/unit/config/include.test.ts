// include and its variants: patterns, relative paths, what is skipped, what is an error.
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expandBraces, type Files } from "../../../src/config/files.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { instance, load, type MemoryFile, memoryFiles, messages } from "./support.ts";

function names(text: string, files: Record<string, MemoryFile>): string[] | undefined {
  return load(text, files).config?.instances.map(({ name }) => name);
}

describe("include", () => {
  const files = {
    "/etc/baton/conf.d/b.conf": instance("", "B", 2, "192.0.2.2"),
    "/etc/baton/conf.d/a.conf": instance("", "A", 1, "192.0.2.1"),
    "/etc/baton/conf.d/.hidden.conf": instance("", "H", 9, "192.0.2.9"),
    "/etc/baton/conf.d/deep/c.conf": "include ../a.conf\ninclude part\n",
    "/etc/baton/conf.d/deep/part": instance("notify ${_PWD}/n", "C", 3, "192.0.2.3"),
    "/srv/d.conf": instance("", "D", 4, "192.0.2.4"),
  };
  const cases: [line: string, found: string[]][] = [
    ["include conf.d/a.conf", ["A"]],
    ["include conf.d/*.conf", ["A", "B"]],
    ["include conf.d/{b,a}.conf", ["B", "A"]],
    ["include conf.d/[ab].conf", ["A", "B"]],
    ["include conf.d/[^a].conf", ["B"]],
    ["include conf.d/?.conf", ["A", "B"]],
    ["include /srv/d.conf", ["D"]],
    ["include conf.d/deep/c.conf", ["A", "C"]],
    ["include ${_PWD}/conf.d/a.conf", ["A"]],
    ["@alpha include conf.d/a.conf\n@beta include conf.d/b.conf", ["A"]],
    ["$D=conf.d\ninclude ${D}/b.conf", ["B"]],
    ["includea conf.d/{a,b}.conf # all checks", ["A", "B"]],
    ['include "conf.d/a.conf"', ["A"]],
    ["include conf.d/none*.conf\ninclude conf.d/a.conf", ["A"]],
  ];
  for (const [line, found] of cases) test(line, () => expect(names(`${line}\n`, files)).toEqual(found));

  // shows: directives include, ${_PWD}
  test("relative paths and ${_PWD} are those of the file that is read", () => {
    const { config } = load("include conf.d/deep/c.conf\n", files);
    expect(config?.instances[1]?.notify.any?.words).toEqual(["/etc/baton/conf.d/deep/n"]);
  });

  test("a block may go on in another file", () => {
    const parts = { "/etc/baton/x": "priority 7\n}\n" };
    expect(
      load("vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 1\ninclude x\n", parts).config
        ?.instances[0]?.priority,
    ).toBe(7);
  });

  test("a fault is shown in the file that holds it", () => {
    const [found] = load("include x\n" + instance(), { "/etc/baton/x": "\nfoo\n" }).diagnostics;
    expect([found?.file, found?.line]).toEqual(["/etc/baton/x", 2]);
  });

  // shows: directives includem, includew, includea
  test("a missing file is a warning for include and includer, an error where it is checked", () => {
    for (
      const [word, error] of [
        ["include", false],
        ["includer", false],
        ["includeb", false],
        ["includem", true],
        ["includew", true],
        ["includea", true],
      ] as const
    ) {
      expect(load(`${word} none\n${instance()}`).config === null, word).toBe(error);
      expect(messages(load(`${word} none\n${instance()}`))[0]).toContain("does not exist");
    }
    expect(load(`include none*\n${instance()}`).diagnostics).toEqual([]);
    expect(load(`includew none*\n${instance()}`).config).toBeNull();
  });

  test("of braces only includeb and includea want every file, and includew any", () => {
    const forms = ["include", "includer", "includem", "includew", "includeb", "includea"];
    const refused = (pattern: string) =>
      forms.filter((word) =>
        load(`${word} ${pattern}\n${instance()}`, { "/etc/baton/p": "" }).config === null
      );
    // As keepalived 2.2.7 -t says of each.
    expect(refused("{p,none}")).toEqual(["includeb", "includea"]);
    expect(refused("{none}")).toEqual(["includeb", "includea"]);
    expect(refused("{none,zz*}")).toEqual(["includeb", "includea"]);
    expect(refused("{p,none*}")).toEqual([]);
    expect(refused("{none*,zz*}")).toEqual(["includew", "includea"]);
  });

  // shows: directives includer, includeb
  test("a file that may not be read is a warning for include, an error for every other form", () => {
    const path = "/etc/baton/keepalived.conf";
    for (const word of ["include", "includer", "includem", "includew", "includeb", "includea"]) {
      const files = memoryFiles({ [path]: `${word} x\n${instance()}` });
      const read: Files["read"] = (name, anyKind) =>
        name === path ? files.read(name, anyKind) : { ok: false, reason: "unreadable" };
      const result = loadConfig(path, { hostName: "h", environment: {}, files: { ...files, read } });
      expect(messages(result)[0]).toContain('"/etc/baton/x" cannot be read');
      expect(result.config === null, word).toBe(word !== "include");
    }
  });

  test("an executable file and a directory are skipped with a warning", () => {
    const text = `include x\ninclude dir\n${instance()}`;
    const result = load(text, {
      "/etc/baton/x": { text: "foo", executable: true },
      "/etc/baton/dir/y": "foo",
    });
    expect(messages(result).map((each) => each.split(",")[0])).toEqual([
      '1:9 warning: the included file "/etc/baton/x" is executable',
      '2:9 warning: "/etc/baton/dir" is not a regular file',
    ]);
    expect(result.config).not.toBeNull();
  });

  test("circles are cut", () => {
    const result = load(`include x\n${instance()}`, {
      "/etc/baton/x": "include y\n",
      "/etc/baton/y": "include x\ninclude keepalived.conf\n",
    });
    expect(result.config?.instances.length).toBe(1);
    expect(messages(result).filter((text) => text.includes("includes itself")).length).toBe(2);
  });
});

describe("the real file system", () => {
  test("files are found, executable ones skipped, links and relative paths followed", () => {
    const directory = mkdtempSync(join(tmpdir(), "baton-config-"));
    try {
      mkdirSync(join(directory, "d"));
      writeFileSync(join(directory, "d/a.conf"), instance("", "A", 1));
      writeFileSync(join(directory, "d/x.conf"), instance("", "X", 2));
      chmodSync(join(directory, "d/x.conf"), 0o755);
      symlinkSync(join(directory, "main"), join(directory, "d/loop.conf"));
      writeFileSync(join(directory, "main"), "include d/*.conf\n");
      const result = loadConfig(join(directory, "main"), { hostName: "h" });
      expect(result.config?.instances.map(({ name }) => name)).toEqual(["A"]);
      expect(result.diagnostics.length).toBe(2);
      expect(loadConfig(join(directory, "d"), { hostName: "h" }).config).toBeNull();
      expect(messages(loadConfig(join(directory, "none"), { hostName: "h" }))).toEqual([
        "0:0 error: the file does not exist; correct the path",
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("brace alternatives", () => {
  const cases: [pattern: string, found: string[]][] = [
    ["a", ["a"]],
    ["a{b,c}d", ["abd", "acd"]],
    ["{a,b}{c,d}", ["ac", "ad", "bc", "bd"]],
    ["{foo/{,cat,dog},bar}", ["bar", "foo/", "foo/cat", "foo/dog"]],
    ["a{}b{c}", ["a{}b{c}"]],
    ["a{b", ["a{b"]],
  ];
  for (const [pattern, found] of cases) {
    test(pattern, () => expect(expandBraces(pattern).sort()).toEqual(found.sort()));
  }
  test("their number is bounded", () => {
    expect(expandBraces("{a,b}".repeat(40)).length).toBeLessThan(4096);
  });
});
