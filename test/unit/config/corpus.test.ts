// The corpus: what each file means and what is said about it, and that conversion keeps the meaning.
// UPDATE_GOLDEN=1 rewrites what is expected.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Conversion, convert } from "../../../src/config/convert.ts";
import { loadConfig, type LoadOptions, type LoadResult } from "../../../src/config/load.ts";
import type { Config } from "../../../src/config/model.ts";
import { systemFiles } from "../../../src/config/files.ts";
import type { Syntax } from "../../../src/config/tree.ts";
import { messages } from "./support.ts";

const CORPUS = join(import.meta.dir, "../../corpus");
const OPTIONS: LoadOptions = { hostName: "alpha.example.org", environment: {}, random: () => 0.5 };
const FILES = readdirSync(CORPUS).filter((name) => /^\d.*\.(conf|yaml)$/.test(name)).sort();

/** What a file means, in a few lines: everything that a fault of the reader would change. */
function summary({ global, instances, scripts }: Config): string[] {
  const short = (value: unknown) => {
    const text = JSON.stringify(value);
    return text.length > 2000 ? `${text.slice(0, 1000)}... (${text.length} characters)` : text;
  };
  return [
    `global ${short(global)}`,
    ...scripts.map((script) => `script ${short(script)}`),
    ...instances.map((instance) => `instance ${short(instance)}`),
  ];
}

function other(path: string): Syntax {
  return path.endsWith(".yaml") ? "conf" : "yaml";
}

function verdict({ text, diagnostics }: Conversion): string[] {
  const said = diagnostics.map(({ line, severity, message }) => `  ${line} ${severity}: ${message}`);
  return [text === null ? "refused" : "done", ...said];
}

/** A result of `convert` as a file, in the folder of its source. */
function loadText(text: string, syntax: Syntax): LoadResult {
  const path = join(CORPUS, `converted.${syntax}`);
  const bytes = new TextEncoder().encode(text);
  return loadConfig(path, { ...OPTIONS, files: memory(path, bytes) });
}

function memory(path: string, bytes: Uint8Array): LoadOptions["files"] & object {
  return {
    ...systemFiles,
    read: (asked, anyKind) =>
      asked === path ? { ok: true, bytes, realPath: path } : systemFiles.read(asked, anyKind),
  };
}

test("there are at least 60 files", () => {
  expect(FILES.length).toBeGreaterThanOrEqual(60);
});

describe("what is expected", () => {
  for (const name of FILES) {
    test(name, () => {
      const path = join(CORPUS, name);
      const result = loadConfig(path, OPTIONS);
      const actual = [
        ...messages(result),
        ...result.config === null ? ["does not start"] : summary(result.config),
        `convert: ${verdict(convert(path, OPTIONS, other(path))).join("\n")}`,
        "",
      ].join("\n").replaceAll(`${dirname(path)}/`, "");
      const expected = `${path}.expected`;
      if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(expected, actual);
      expect(existsSync(expected), `${expected} is missing; run with UPDATE_GOLDEN=1`).toBe(true);
      expect(actual).toBe(readFileSync(expected, "utf8"));
    });
  }
});

describe("converted, and converted back", () => {
  for (const name of FILES) {
    test(name, () => {
      const path = join(CORPUS, name);
      const { config } = loadConfig(path, OPTIONS);
      const to = other(path);
      const there = convert(path, OPTIONS, to);
      if (config === null) {
        expect(there.text).toBeNull();
        return;
      }
      if (there.text === null) {
        // A refusal names a line of the source.
        expect(there.diagnostics.some(({ line, severity }) => line > 0 && severity === "error")).toBe(true);
        return;
      }
      expect(loadText(there.text, to).config).toEqual({ ...config, file: expect.any(String) });
      const between = join(CORPUS, `converted.${to}`);
      const files = memory(between, new TextEncoder().encode(there.text));
      const back = convert(between, { ...OPTIONS, files }, to === "yaml" ? "conf" : "yaml");
      expect(back.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(loadText(back.text ?? "", to === "yaml" ? "conf" : "yaml").config)
        .toEqual({ ...config, file: expect.any(String) });
    });
  }
});
