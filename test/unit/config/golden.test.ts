// Golden files: wrong configurations with their exact messages, good ones with the exact model.
// UPDATE_GOLDEN=1 rewrites what is expected.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../../src/config/load.ts";
import { rendered } from "./support.ts";

const GOLDEN = join(import.meta.dir, "../../golden/config");
const OPTIONS = { hostName: "alpha.example.org", environment: { SITE: "north" }, random: () => 0.5 };

function sources(folder: string): string[] {
  return readdirSync(join(GOLDEN, folder)).filter((name) => /\.(conf|yaml)$/.test(name)).sort();
}

function compare(path: string, actual: string): void {
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, actual);
  expect(existsSync(path), `${path} is missing; run with UPDATE_GOLDEN=1`).toBe(true);
  expect(actual).toBe(readFileSync(path, "utf8"));
}

describe("wrong configurations", () => {
  test("there are at least 24 of them", () => {
    expect(sources("bad").length).toBeGreaterThanOrEqual(24);
  });

  for (const name of sources("bad")) {
    test(name, () => {
      const path = join(GOLDEN, "bad", name);
      const result = loadConfig(path, OPTIONS);
      expect(result.diagnostics).not.toBeEmpty();
      expect(result.config === null).toBe(result.diagnostics.some(({ severity }) => severity === "error"));
      compare(
        path.replace(/\.(conf|yaml)$/, ".expected"),
        rendered(result).replaceAll(join(GOLDEN, "bad/"), ""),
      );
    });
  }
});

describe("good configurations", () => {
  for (const name of sources("good").filter((each) => !each.startsWith("part-"))) {
    test(name, () => {
      const path = join(GOLDEN, "good", name);
      const result = loadConfig(path, OPTIONS);
      expect(rendered(result)).toBe("");
      const model = JSON.stringify({ ...result.config, file: name }, null, 2).replaceAll(
        join(GOLDEN, "good"),
        "GOOD",
      );
      compare(path.replace(/\.(conf|yaml)$/, ".json"), `${model}\n`);
    });
  }
});
