// vrrp_script blocks to the model.
import { bad } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import type { ScriptConfig } from "./model.ts";
import type { Settings } from "./settings.ts";
import type { Span } from "./text.ts";
import { closing, type Statement } from "./tree.ts";

const SECOND_US = 1_000_000;

/** A script with the place of its name. */
export interface PlacedScript {
  script: ScriptConfig;
  span: Span;
  settings: Settings;
}

/** All usable scripts by name. What is not usable is reported and left out. */
export function readScripts(decoding: Decoding, statements: readonly Statement[]): Map<string, PlacedScript> {
  const scripts = new Map<string, PlacedScript>();
  for (const statement of statements) {
    const [keyword, name] = statement.words;
    if (name === undefined) {
      // keepalived ends here.
      decoding.report.error(keyword.span, "vrrp_script lacks its name; write vrrp_script NAME { ... }");
      continue;
    }
    const earlier = scripts.get(name.value);
    if (earlier !== undefined) {
      const line = earlier.span.source.number;
      const what = `vrrp_script ${name.value} was defined in line ${line} already`;
      bad(decoding, name.span, what, "this one is ignored", "rename or delete it");
      continue;
    }
    const script = readScript(decoding, statement, name.value);
    if (script !== undefined) scripts.set(name.value, { ...script, span: name.span });
  }
  return scripts;
}

function readScript(
  decoding: Decoding,
  statement: Statement,
  name: string,
): Omit<PlacedScript, "span"> | undefined {
  const settings = decodeBlock(
    decoding,
    statement.block ?? { statements: [] },
    "vrrp_script",
    `vrrp_script ${name}`,
  );
  const read = settings.command("script");
  const span = statement.words[1]?.span ?? statement.words[0].span;
  if (read === undefined) {
    // The reader of YAML has said it of a script that is none.
    if (decoding.syntax === "conf" || !settings.has("script")) {
      const cure = 'write script "/path/to/program arguments"';
      bad(
        decoding,
        closing(statement.block, span),
        `vrrp_script ${name} has no script`,
        "it is left out",
        cure,
      );
    }
    return undefined;
  }
  let intervalUs = settings.number("interval") ?? SECOND_US;
  if (intervalUs === 0) {
    const where = settings.span("interval") ?? span;
    bad(decoding, where, `interval 0 of vrrp_script ${name} is not possible`, "1 is used", "write 1 or more");
    intervalUs = SECOND_US;
  }
  const { weight = 0, reverse = false } = settings.weight("weight") ?? {};
  const script: ScriptConfig = {
    name,
    command: { words: read.command.words, identity: settings.identity("user") ?? null },
    intervalUs,
    timeoutUs: settings.number("timeout") || intervalUs,
    weight,
    reverse,
    rise: settings.number("rise") ?? 1,
    fall: settings.number("fall") ?? 1,
    initFail: settings.boolean("init_fail") ?? false,
  };
  return { script, settings };
}
