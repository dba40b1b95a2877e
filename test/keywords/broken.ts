// The program with one keyword broken: the reader skips BATON_BROKEN_KEYWORD ("BLOCK<tab>KEYWORD"). For tests only.
//
// As `--preload` of `bun test`, and as a plugin of `bun build`; the sources themselves know nothing of it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BunPlugin } from "bun";

const ROOT = join(import.meta.dir, "../..");

/** Variable that names the broken keyword. */
export const VARIABLE = "BATON_BROKEN_KEYWORD";

const BROKEN = `process.env["${VARIABLE}"]`;

/** Source text of a condition: the keyword of the block is the broken one. `name` is source text too. */
function broken(block: string, name: string): string {
  return `(${BROKEN} === \`${block}\\t\${${name}}\`)`;
}

/** A change of a file: what is put behind (or instead of) a piece of its text that occurs once. */
interface Change {
  at: string;
  behind?: string;
  instead?: string;
}

/** Where keywords are read. What is not in the table's own walk is a word of an entry, or a directive. */
export const PLACES: { file: string; changes: Change[] }[] = [
  {
    // Blocks: the row has no effect, as those that are known and not built yet.
    file: "src/config/keywords.ts",
    changes: [{
      at: "const made = makeRow(this.#block, row);",
      instead: `const whole = makeRow(this.#block, row);
    const made: Keyword = ${broken("${this.#block}", "name")}
      ? { ...whole, effect: "not yet", type: null, twice: "all" }
      : whole;`,
    }],
  },
  {
    file: "src/config/routes.ts",
    changes: [
      { at: 'from "./entry.ts";', behind: '\nimport { keyword } from "./keywords.ts";' },
      {
        at: "#option(word: Word): void {",
        behind: `
    if ${broken("route-entry", "word.value")} {
      if (keyword("route-entry", word.value)?.argument === "-") return;
      for (const each of ["lock", "inet", "inet6"]) this.#entry.skip(each);
      return void this.#entry.take();
    }`,
      },
      {
        at: "#destination(word: Word): void {",
        behind: `\n    if ${broken("route-entry", '"[to] DEST"')} return;`,
      },
    ],
  },
  {
    file: "src/config/rules.ts",
    changes: [
      { at: 'from "./entry.ts";', behind: '\nimport { keyword } from "./keywords.ts";' },
      {
        at: "#option(word: Word): void {",
        behind: `
    if ${broken("rule-entry", "word.value")} {
      if (keyword("rule-entry", word.value)?.argument !== "-") this.#entry.take();
      return;
    }`,
      },
    ],
  },
  {
    file: "src/config/addresses.ts",
    changes: [
      {
        at: "const [word, ...options] = entry.words;\n  const read = readPrefixed(",
        instead: `if ${broken("address-entry", '"IP[/MASK]"')} return undefined;
  const [word, ...whole] = entry.words;
  const at = whole.findIndex(({ value }) => ${broken("address-entry", "value")});
  const bare = at >= 0 && keyword("address-entry", whole[at]!.value)?.argument === "-";
  const options = at < 0 ? whole : whole.toSpliced(at, bare ? 1 : 2);
  const read = readPrefixed(`,
      },
    ],
  },
  {
    file: "src/config/endpoints.ts",
    changes: [{
      at: 'for (const entry of settings.entries("unicast_peer")) {',
      instead: `for (const whole of settings.entries("unicast_peer")) {
    if ${broken("vrrp_instance/unicast_peer-entry", '"IP"')} continue;
    const option = whole.words.findIndex(({ value }) => ${
        broken("vrrp_instance/unicast_peer-entry", "value")
      });
    const left = option < 0 ? whole.words : whole.words.toSpliced(option, 2);
    const entry = Object.create(whole, { words: { value: left } }) as typeof whole;`,
    }],
  },
  {
    file: "src/config/track.ts",
    changes: [
      {
        at: "if (option === undefined) return found;",
        behind: `\n  if (option.value === "weight" && ${broken("track-entry", '"weight"')}) return found;`,
      },
      {
        at: 'if (direction?.value === "reverse") found.reverse = true;',
        instead: `if (direction !== undefined && ${broken("track-entry", "direction.value")}) return found;
  if (direction?.value === "reverse") found.reverse = true;`,
      },
    ],
  },
  {
    file: "src/config/delays.ts",
    changes: [{
      at: "const skip = (span: typeof name.span",
      instead: `if ${broken("interface_up_down_delays", '"IFNAME"')} continue;
    const skip = (span: typeof name.span`,
    }],
  },
  {
    file: "src/config/linkbeat.ts",
    changes: [{
      at: "for (const { words: [name, method, extra] } of blocks) {",
      behind: `\n    if ${broken("linkbeat_interfaces", '"IFNAME"')} continue;`,
    }],
  },
  {
    file: "src/config/expand.ts",
    changes: [
      {
        at: 'const holds = (condition[2] === this.#configId) !== (condition[1] === "^");',
        instead: `const holds = ${broken("directives", "`@${condition[1]}ID`")} ||
        (condition[2] === this.#configId) !== (condition[1] === "^");`,
      },
      {
        // include_check and random_seed are heard by the reader of lines.
        at: "const [keyword, ...values] = words(line, null).map(({ value }) => value);",
        behind: `\n    if ${broken("global_defs", "keyword")} return;`,
      },
      {
        at: "#define(name: string, value: Text, depth: number): void {",
        behind: `\n    if ${broken("directives", '"$NAME="')} return;`,
      },
      {
        at: "#repeat(line: Text, depth: number): void {",
        behind: `\n    if ${broken("directives", "/^~\\w+/.exec(line.text)?.[0]")} return;`,
      },
      {
        // A stricter form of include is taken for the plain one, which is left out.
        at: 'const checks = (FORMS[keyword.value] ?? "")',
        instead: `const skipped = ${broken("directives", "keyword.value")};
    if (skipped && keyword.value === "include") return;
    const checks = (skipped ? "" : FORMS[keyword.value] ?? "")`,
      },
    ],
  },
  {
    file: "src/config/definitions.ts",
    changes: [{
      at:
        "#predefinedValue(name: string, argument: string | undefined, directory: string): string | undefined {",
      behind: `\n    if ${broken("directives", "`\\${${name}}`")} return undefined;`,
    }],
  },
];

/** The text of a file with its changes. Fails when a place is not there, or there twice. */
export async function changed(file: string): Promise<string> {
  const place = PLACES.find((each) => each.file === file);
  if (place === undefined) throw new Error(`nothing is changed in ${file}`);
  let text = readFileSync(join(ROOT, file), "utf8");
  for (const { at, behind, instead } of place.changes) {
    const parts = text.split(at);
    if (parts.length !== 2) throw new Error(`${file} has "${at}" ${parts.length - 1} times, not once`);
    text = parts.join(instead ?? at + behind);
  }
  return text;
}

/** Replaces the sources by the changed ones while they are loaded. */
export const plugin: BunPlugin = {
  name: "one keyword broken",
  setup(build) {
    for (const { file } of PLACES) {
      const filter = new RegExp(`/${file.replaceAll(".", "\\.")}$`);
      build.onLoad({ filter }, async () => ({ contents: await changed(file), loader: "ts" }));
    }
  },
};

// Only a process that was told to break something loads the changed sources.
if (process.env[VARIABLE] !== undefined) Bun.plugin(plugin);
