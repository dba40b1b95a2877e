// Walks a block of statements along the table of keywords: known, unknown, misplaced, given twice.
import { extraWords, readArgument, UNREADABLE } from "./arguments.ts";
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import { KEYWORDS, meantKeyword, otherBlock } from "./keywords.ts";
import { ENDS_BARE } from "./keywords/ending.ts";
import type { Keyword } from "./keywords/types.ts";
import { Settings } from "./settings.ts";
import { checkServers } from "./servers.ts";
import { ignoredLines } from "./ignored.ts";
import { place, type Statement } from "./tree.ts";

/** What belongs to the process for virtual servers. */
const SERVERS = /^(?:virtual_server|virtual_server_group|SSL)$/;

/** Decodes the statements of a block. `owner`: the block in words, for messages ("vrrp_instance VI_1"). */
export function decodeBlock(
  decoding: Decoding,
  { statements }: { readonly statements: readonly Statement[] },
  blockName: string,
  owner: string,
): Settings {
  const settings = new Settings();
  const rows = KEYWORDS.get(blockName);
  for (const statement of statements) {
    const row = rows?.get(statement.words[0].value);
    if (row === undefined) unknownKeyword(decoding, statement, blockName, owner);
    else if (row.effect !== true) later(decoding, statement, row);
    else decodeStatement(decoding, settings, statement, row);
  }
  return settings;
}

function later({ later, report, syntax }: Decoding, statement: Statement, row: Keyword): void {
  const { block, name, argument, reason } = row;
  const bare = syntax === "conf" && statement.words.length === 1;
  if (bare && ENDS_BARE[block]?.has(name) === true) {
    const message = `${name} lacks its argument; write ${name} ${argument} or delete it`;
    report.fatal(place(statement), "argument", message);
  } else if (name === "virtual_server") {
    const which = statement.words.slice(1, 4).map(({ value }) => value).join(" ");
    const message =
      `virtual_server ${which} has no effect in this version yet, so its whole block is skipped`;
    report.harmless(place(statement), `${message}; run a load balancer beside baton`);
  } else later.add(name, place(statement), reason);
  if (SERVERS.test(name) && syntax === "conf") checkServers(report, statement);
}

function decodeStatement(decoding: Decoding, settings: Settings, statement: Statement, row: Keyword): void {
  const { name, type, twice } = row;
  const takesBlock = type?.kind === "block" || type?.kind === "named" || type?.kind === "entries";
  if (statement.block !== null && !takesBlock) {
    const message = `${name} takes no block, so what stands in its braces is ignored; delete the braces`;
    if (decoding.syntax === "yaml") {
      decoding.report.error(place(statement), `${name} takes no block; write a plain value`);
    } else decoding.report.warning(place(statement), message);
  }
  if (takesBlock && decoding.syntax === "conf") checkOpening(decoding, statement, row);
  const value = readArgument(decoding, row, statement);
  if (value === UNREADABLE) {
    // A value that counts as the default still counts as given.
    if (!settings.has(name)) settings.add(name, statement, undefined);
    return;
  }
  const before = settings.get(name);
  if (before === undefined || twice === "all") return settings.add(name, statement, value);
  // One that could not be read gives way to one that can; blocks and free words have no value at all.
  if (before.value === undefined && !takesBlock && type?.kind !== "free") {
    return settings.replace(name, statement, value);
  }
  if (type?.kind !== "flag") again(decoding, twice, before.statement, statement);
  if (twice === "last") settings.replace(name, statement, value);
}

/** A block without braces, or with words that it does not take before them. */
function checkOpening(decoding: Decoding, statement: Statement, { name, type }: Keyword): void {
  const words = statement.words.slice(type?.kind === "named" ? 2 : 1);
  if (statement.block === null) {
    const takes = type?.kind === "named" ? `${name} NAME { ... }` : `${name} { ... }`;
    bad(decoding, place(statement), `${name} lacks its braces`, "nothing belongs to it", `write ${takes}`);
  } else if (words.length > 0) extraWords(decoding, name, words);
}

/** A keyword that is given again: says which one does not count. */
function again({ report }: Decoding, twice: Keyword["twice"], before: Statement, now: Statement): void {
  const name = now.words[0].value;
  const line = (statement: Statement) => `line ${place(statement).source.number}`;
  if (place(before).source === place(now).source && place(before).column === place(now).column) return;
  if (twice === "first") {
    report.warning(
      place(now),
      `${name} was given in ${line(before)} already, so this one is ignored; delete one`,
    );
  } else {
    report.warning(
      place(before),
      `${name} is given again in ${line(now)}, so this one is ignored; delete one`,
    );
  }
}

function unknownKeyword(
  { report, syntax }: Decoding,
  statement: Statement,
  blockName: string,
  owner: string,
): void {
  const word = statement.words[0];
  // An undefined $NAME has been reported.
  if (syntax === "conf" && /^\$\{?[A-Za-z_]\w*\}?$/.test(word.value)) return;
  if (syntax === "conf" && statement.block !== null) ignoredLines(report, statement, statement.block);
  const where = owner === "" ? "at the top level" : `in ${owner}`;
  const hint = meantKeyword(blockName, word.value);
  const elsewhere = otherBlock(blockName, word.value);
  // A password on a line of its own must not be shown.
  const secret = /authentication$|auth_hmac$/.test(blockName) && hint === undefined &&
    elsewhere === undefined;
  const shown = secret
    ? "a word"
    : `"${word.value.length > 60 ? `${word.value.slice(0, 57)}...` : word.value}"`;
  // A misspelt key of auth_hmac still has its value beside it.
  const span = secret || blockName.endsWith("auth_hmac")
    ? { ...word.span, source: { ...word.span.source, text: "********" }, column: 1, length: 8 }
    : word.span;
  const ignored = syntax === "yaml"
    ? ""
    : `, so ${statement.block === null ? "the line" : "its whole block"} is ignored`;
  if (elsewhere !== undefined) {
    const cure = elsewhere === "the top level" && syntax === "conf"
      ? `it belongs to the top level: is a } missing above?`
      : `it belongs to ${elsewhere}: move it there`;
    const message = `${shown} is not a keyword ${where}${ignored}; ${cure}`;
    return syntax === "yaml" ? report.error(span, message) : report.warning(span, message);
  }
  const message = `${shown} is not a keyword ${where}${ignored}; correct or delete it`;
  return syntax === "yaml" ? report.error(span, message, hint) : report.warning(span, message, hint);
}
