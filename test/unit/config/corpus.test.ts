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
import { load, messages } from "./support.ts";

const CORPUS = join(import.meta.dir, "../../corpus");
const OPTIONS: LoadOptions = { hostName: "alpha.example.org", environment: {}, random: () => 0.5 };
const FILES = readdirSync(CORPUS).filter((name) => /^\d.*\.(conf|yaml)$/.test(name)).sort();

/** What is said of nothing in particular: only what differs from it is written down, so new keywords change no file. */
const PLAIN = load(
  'vrrp_script s {\nscript "x"\n}\nvrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n' +
    "192.0.2.1\n}\nvirtual_ipaddress_excluded {\n192.0.2.2\n}\ntrack_script {\ns\n}\n}\n",
).config as Config;

/** The parts of a value that the plain one does not have; arrays are compared item by item with its first. */
function special(value: unknown, plain: unknown): unknown {
  if (Bun.deepEquals(value, plain)) return undefined;
  if (Array.isArray(value)) {
    return value.map((each) => special(each, Array.isArray(plain) ? plain[0] : undefined));
  }
  if (typeof value !== "object" || value === null || typeof plain !== "object" || plain === null) {
    return value;
  }
  const entries = Object.entries(value).map((
    [key, each],
  ) => [key, special(each, (plain as Record<string, unknown>)[key])]);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

/** What a file means, in a few lines: everything that a fault of the reader would change. */
function summary({ global, instances, scripts }: Config): string[] {
  const short = (value: unknown) => {
    const text = JSON.stringify(value) ?? "plain";
    return text.length > 2000 ? `${text.slice(0, 1000)}... (${text.length} characters)` : text;
  };
  return [
    `global ${short(special(global, PLAIN.global))}`,
    ...scripts.map((script) => `script ${script.name} ${short(special(script, PLAIN.scripts[0]))}`),
    ...instances.map((each) => `instance ${each.name} ${short(special(each, PLAIN.instances[0]))}`),
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
