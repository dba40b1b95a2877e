// Words to values: numbers, times, addresses, commands. Each returns undefined for what it cannot read.
import { formatAddress, isMulticast, parseAddress } from "../vrrp/address.ts";
import type { Report } from "./diagnostic.ts";
import { shellWords } from "./lex.ts";
import type { Command, ScriptIdentity } from "../command.ts";
import type { Family } from "./virtual.ts";
import { Text, type Word } from "./text.ts";
import type { Statement, Syntax } from "./tree.ts";

/** A whole number in decimal, with or without a sign. */
export function parseInteger(text: string): number | undefined {
  return /^\s*[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const UNITS: Record<string, number> = { us: 1, ms: 1000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000 };

/** A time in microseconds: seconds with a fraction; in YAML a unit may follow (us, ms, s, m, h). */
export function parseTimeUs(text: string, syntax: Syntax): number | undefined {
  const match = /^\s*([+-]?(?:\d{1,15}(?:\.\d*)?|\.\d+))\s*(us|ms|s|m|h)?$/.exec(text);
  if (match === null || (match[2] !== undefined && syntax === "conf")) return undefined;
  return Math.round(Number(match[1]) * (UNITS[match[2] ?? "s"] ?? 0));
}

/** Microseconds as people write them in this syntax: `0.5`, or `500ms` in YAML. */
export function showTimeUs(timeUs: number, syntax: Syntax): string {
  if (syntax === "conf") return String(timeUs / 1_000_000);
  const unit = timeUs % 1_000_000 === 0 ? "s" : timeUs % 1000 === 0 ? "ms" : "us";
  return `${timeUs / (UNITS[unit] ?? 1)}${unit}`;
}

/** A time in microseconds: milliseconds with a fraction; in YAML a unit may follow. */
export function parseMillisecondsUs(text: string, syntax: Syntax): number | undefined {
  const bare = /^\s*[+-]?(?:\d{1,12}(?:\.\d*)?|\.\d+)\s*$/.test(text);
  return bare ? Math.round(Number(text) * 1000) : syntax === "yaml" ? parseTimeUs(text, syntax) : undefined;
}

/** Microseconds as people write milliseconds in this syntax: `50`, or `50ms` in YAML. */
export function showMillisecondsUs(timeUs: number, syntax: Syntax): string {
  return syntax === "conf" ? String(timeUs / 1000) : showTimeUs(timeUs, syntax);
}

/** on, yes, true and off, no, false. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(on|yes|true)$/.test(text)) return true;
  return /^(off|no|false)$/.test(text) ? false : undefined;
}

/** An address in canonical text. */
export interface Address {
  address: string;
  family: Family;
  multicast: boolean;
  bytes: Uint8Array;
}

/** An IPv4 or IPv6 address without prefix length. */
export function readAddress(text: string): Address | undefined {
  const bytes = parseAddress(text);
  if (bytes === null) return undefined;
  const family = bytes.length === 4 ? "ipv4" : "ipv6";
  // Of IPv4 there is one way to write it.
  const address = family === "ipv4" ? text : formatAddress(bytes);
  return { address, family, multicast: isMulticast(bytes, 0, bytes.length), bytes };
}

/** USER [GROUP] from the words of a line. */
export function readIdentity(words: readonly Word[]): ScriptIdentity | null {
  const [user, group] = words;
  return user === undefined ? null : { user: user.value, group: group?.value ?? null };
}

/** A command and the words that follow it on its line. */
export interface ReadCommand {
  command: Command;
  /** What stands after the command and is not its user or group. */
  ignored: Word[];
  /** Where the user and the group stand. */
  user: Word | undefined;
  group: Word | undefined;
}

/**
 * The command of a statement, by shell-like rules. keepalived.conf: the first word is split again, so a quoted
 * command has arguments; after it a user and a group may stand (`identity`). YAML: a string is split once, a
 * list is taken word by word.
 */
export function readCommand(
  statement: Statement,
  identity: boolean,
  { syntax, report }: { syntax: Syntax; report: Report },
): ReadCommand | undefined {
  const { raw } = statement;
  const split = raw === null ? statement.words.slice(1) : shellWords(raw, report);
  const [first, ...rest] = split;
  if (first === undefined) return undefined;
  if (syntax === "yaml") {
    const words = split.map(({ value }) => value);
    const command = { words, identity: readIdentity(statement.identity ?? []) };
    return { command, ignored: [], user: statement.identity?.[0], group: statement.identity?.[1] };
  }
  const { source, column, length } = first.span;
  const inner = shellWords(Text.at(source, first.value, column - 1, column - 1 + length), report);
  if (inner.length === 0) return undefined;
  const taken = identity ? rest.slice(0, 2) : [];
  return {
    command: { words: inner.map(({ value }) => value), identity: readIdentity(taken) },
    ignored: rest.slice(taken.length),
    user: taken[0],
    group: taken[1],
  };
}
