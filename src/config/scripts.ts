// vrrp_script blocks to the model.
import { bad, type Context, noteIdentity } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import type { ScriptConfig, ScriptIdentity } from "./model.ts";
import { leftOut, namedOnce } from "./once.ts";
import type { Settings } from "./settings.ts";
import type { Span } from "./text.ts";
import { closing, type Statement } from "./tree.ts";

const SECOND_US = 1_000_000;

/** A script with the place of its name. */
export interface PlacedScript {
  script: ScriptConfig;
  span: Span;
  settings: Settings;
  /** Who runs it, script_user included; null = nobody is named. */
  runsAs: ScriptIdentity | null;
}

/**
 * All usable scripts by name. What is not usable is reported and left out. `scriptUser`: who runs those that name
 * nobody.
 */
export function readScripts(
  decoding: Decoding,
  statements: readonly Statement[],
  scriptUser: ScriptIdentity | null,
): Map<string, PlacedScript> {
  const scripts = new Map<string, PlacedScript>();
  for (const { statement, name } of namedOnce(decoding, statements, "ends")) {
    const script = readScript(decoding, statement, name.value, scriptUser);
    if (script !== undefined) scripts.set(name.value, { ...script, span: name.span });
  }
  return scripts;
}

function readScript(
  decoding: Decoding,
  statement: Statement,
  name: string,
  scriptUser: ScriptIdentity | null,
): Omit<PlacedScript, "span"> | undefined {
  const settings = decodeBlock(
    decoding,
    statement.block ?? { statements: [] },
    "vrrp_script",
    `vrrp_script ${name}`,
  );
  const read = settings.command("script");
  const span = statement.words[1]?.span ?? statement.words[0].span;
  const end = closing(statement.block, span);
  let intervalUs = settings.number("interval") ?? SECOND_US;
  if (intervalUs === 0) {
    const where = settings.span("interval") ?? span;
    bad(decoding, where, `interval 0 of vrrp_script ${name} is not possible`, "1 is used", "write 1 or more");
    intervalUs = SECOND_US;
  }
  if (settings.number("timeout") === 0 && decoding.syntax === "conf") {
    const what = "timeout 0 is that of the interval here and 1 for keepalived";
    decoding.report.warning(settings.span("timeout"), `${what}; write the seconds that are meant`);
  }
  const identity = settings.identity("user") ?? null;
  if (identity !== null) warnOfNumbers(decoding, identity, settings.span("user") ?? span);
  else if (scriptUser !== null) {
    noteIdentity(decoding.places, scriptUser, end);
    warnOfNumbers(decoding, scriptUser, end);
  }
  if (read === undefined) {
    // The reader of YAML has said it of a script that is none.
    if (decoding.syntax === "yaml" && settings.has("script")) return undefined;
    const cure = 'write script "/path/to/program arguments"';
    return leftOut(decoding, statement, span, `vrrp_script ${name} has no script`, cure);
  }
  const { weight = 0, reverse = false } = settings.weight("weight") ?? {};
  const script: ScriptConfig = {
    name,
    command: { words: read.command.words, identity },
    intervalUs,
    timeoutUs: settings.number("timeout") || intervalUs,
    weight,
    reverse,
    rise: settings.number("rise") ?? 1,
    fall: settings.number("fall") ?? 1,
    initFail: settings.boolean("init_fail") ?? false,
  };
  return { script, settings, runsAs: identity ?? scriptUser };
}

/** Takes note that a line of the text depends on who runs a script. */
export function noteUse(context: Context, { runsAs }: PlacedScript, span: Span): void {
  noteIdentity(context.places, runsAs, span);
  if (runsAs !== null) warnOfNumbers(context, runsAs, span);
}

/** keepalived knows users and groups by name only. */
export function warnOfNumbers(
  { syntax, report }: Context,
  { user, group }: ScriptIdentity,
  span: Span,
): void {
  const number = [user, group ?? ""].find((name) => /^\d+$/.test(name));
  if (syntax === "yaml" || number === undefined) return;
  const what = `keepalived takes ${number} for a name and leaves the script out, baton for the number it is`;
  report.warning(span, `${what}; write the name`);
}
