// The files of config/ are what the table of keywords says, and the samples are right.
import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyword, KEYWORDS } from "../../../src/config/keywords.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { referencePage } from "../../../src/config/reference.ts";
import { NEWER } from "../../../src/config/reference_newer.ts";
import { jsonSchema } from "../../../src/config/schema.ts";
import { rendered } from "./support.ts";

const ROOT = join(import.meta.dir, "../../..");

function generated(path: string, text: string): void {
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(join(ROOT, path), text);
  expect(readFileSync(join(ROOT, path), "utf8") === text, `${path} is old; run with UPDATE_GOLDEN=1`).toBe(
    true,
  );
}

describe("generated files", () => {
  test("config/README.md", () => generated("config/README.md", referencePage()));
  test("config/schema.json", () =>
    generated("config/schema.json", `${JSON.stringify(jsonSchema(), null, 2)}\n`));
});

describe("samples", () => {
  for (const name of ["keepalived.conf", "baton.yaml"]) {
    test(name, () => expect(rendered(loadConfig(join(ROOT, "config", name), { hostName: "a" }))).toBe(""));
  }
});

describe("the table of keywords", () => {
  const rows = readFileSync(join(ROOT, "test/data/keepalived-keywords.tsv"), "utf8").trim().split("\n").slice(
    1,
  );

  test("knows every keyword of keepalived", () => {
    expect(rows.length).toBe(543);
    const missing = rows.filter((row) => {
      const [block = "", name = ""] = row.split("\t");
      return keyword(block, name) === undefined;
    });
    expect(missing).toEqual([]);
  });

  test("holds nothing else but baton's own", () => {
    const known = new Set(rows.map((row) => row.replace("\t", " ")));
    const extra = [...KEYWORDS].flatMap(([block, names]) =>
      [...names.values()].map((row) => ({ row, block }))
    )
      .filter(({ row, block }) => !known.has(`${block} ${row.name}`));
    expect(extra.map(({ row, block }) => `${block} ${row.name}`)).toEqual([
      "global_defs vip_lease",
      "global_defs smtp_tls",
      "global_defs smtp_tls_verify",
      "global_defs smtp_tls_ca",
      "global_defs smtp_user",
      "global_defs smtp_password",
      "vrrp_instance vip_lease",
    ]);
    expect(extra.every(({ row }) => row.own)).toBe(true);
  });

  test("gives effect to each keyword that is called newer", () => {
    const names = Object.entries(NEWER).flatMap(([block, names]) =>
      names.map((name) => keyword(block, name))
    );
    expect(names.every((row) => row?.effect === true && !row.own)).toBe(true);
  });

  test("describes every keyword", () => {
    for (const names of KEYWORDS.values()) {
      for (const { name, argument, default: fallback, meaning } of names.values()) {
        expect([name, argument, fallback, meaning].every((text) => text !== ""), name).toBe(true);
      }
    }
  });
});
