// The samples of every keyword: none of the table is missing, both syntaxes mean the same, and so does what is
// converted there and back.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { convert } from "../../../src/config/convert.ts";
import type { Keyword } from "../../../src/config/keywords/types.ts";
import { keyword, KEYWORDS } from "../../../src/config/keywords.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { type LoadOptions, readDocument } from "../../../src/config/read.ts";
import type { Block, Syntax } from "../../../src/config/tree.ts";
import { parseYaml } from "../../../src/config/yaml.ts";
import { memoryFiles } from "./support.ts";

const FOLDER = join(import.meta.dir, "../../golden/config/all");
const OPTIONS: LoadOptions = { hostName: "alpha.example.org", environment: {}, random: () => 0.5 };
const SAMPLES: Record<Syntax, string> = {
  conf: join(FOLDER, "keywords.conf"),
  yaml: join(FOLDER, "keywords.yaml"),
};
/** What is said of a keyword that is only another spelling. */
const EXPECTED =
  / is an old (name|form); | is the old spelling of |^keepalived does not put back a route without dev/;
/** What the table calls the first word of an entry, whatever it is. */
const FIRST_WORDS = ["IP", "IP[/MASK]", "IFNAME", "[to] DEST"];

/** Keywords that have effect. Directives belong to the reader of lines: no tree holds them, and YAML has none. */
function wanted(): Keyword[] {
  return [...KEYWORDS].filter(([block]) => block !== "directives")
    .flatMap(([, rows]) => [...rows.values()].filter(({ effect }) => effect === true));
}

/** Adds `BLOCK KEYWORD` of all that stands in the tree. */
function find(block: Block, name: string, into: Set<string>): Set<string> {
  for (const { words: [first], block: inner } of block.statements) {
    into.add(`${name} ${first.value}`);
    const type = keyword(name, first.value)?.type;
    if (inner === null) continue;
    if (type?.kind === "block" || type?.kind === "named") find(inner, type.block, into);
    if (type?.kind === "entries" && type.entry !== null) findInEntries(inner, type.entry, into);
  }
  return into;
}

function findInEntries(block: Block, name: string, into: Set<string>): void {
  for (const { words } of block.statements) {
    for (const each of [...FIRST_WORDS, ...words.map(({ value }) => value)]) into.add(`${name} ${each}`);
  }
}

/** The result of a conversion, and what it means when it is read as a file of its own. */
function converted(path: string, text: string, to: Syntax): { path: string; text: string; config: unknown } {
  const files = memoryFiles({ [path]: text });
  const { text: result, diagnostics } = convert(path, { ...OPTIONS, files }, to);
  expect(diagnostics).toEqual([]);
  const other = `/converted.${to}`;
  const again = memoryFiles({ [other]: result ?? "" });
  return { path: other, text: result ?? "", config: meaning(other, { ...OPTIONS, files: again }) };
}

/** The whole configuration without the name of its file. */
function meaning(path: string, options = OPTIONS): unknown {
  const { config, diagnostics } = loadConfig(path, options);
  expect(diagnostics.map(({ message }) => message).filter((each) => !EXPECTED.test(each))).toEqual([]);
  expect(config).not.toBeNull();
  return { ...config, file: "" };
}

describe("the samples of every keyword", () => {
  for (const syntax of ["conf", "yaml"] as const) {
    test(`${syntax}: no keyword of the table is missing`, () => {
      const there = find(readDocument(SAMPLES[syntax], OPTIONS, parseYaml).root!, "root", new Set());
      const missing = wanted().filter(({ block, name }) => !there.has(`${block} ${name}`));
      expect(missing.map(({ block, name }) => `${block} ${name}`)).toEqual([]);
    });

    test(`${syntax}: converted there and back it means the same`, async () => {
      const text = await Bun.file(SAMPLES[syntax]).text();
      const there = converted(SAMPLES[syntax], text, syntax === "conf" ? "yaml" : "conf");
      const back = converted(there.path, there.text, syntax);
      const whole = meaning(SAMPLES[syntax]);
      expect(there.config).toEqual(whole);
      expect(back.config).toEqual(whole);
    });
  }

  test("mean the same in both syntaxes", () => {
    expect(meaning(SAMPLES.yaml)).toEqual(meaning(SAMPLES.conf));
  });
});
