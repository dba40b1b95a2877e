// Reads the argument of a statement as the table says, and reports what is wrong with it.
import { bad, between, type Context } from "./context.ts";
import type { Keyword } from "./keywords/types.ts";
import type { Value } from "./settings.ts";
import { nearest } from "./suggest.ts";
import type { Word } from "./text.ts";
import type { Statement } from "./tree.ts";
import {
  parseBoolean,
  parseInteger,
  parseMillisecondsUs,
  parseTimeUs,
  readAddress,
  readCommand,
  readIdentity,
  showMillisecondsUs,
  showTimeUs,
} from "./values.ts";

/** An argument that could not be read: its problem has been reported. */
export const UNREADABLE: unique symbol = Symbol("unreadable");

const NOTHING: Word[] = [];

/** Reports that the argument cannot be used: the keyword and the argument `isWhat`. */
function wrong(
  context: Context,
  keyword: Keyword,
  argument: Word,
  isWhat: string,
  cure: string,
  hint?: string,
): typeof UNREADABLE {
  bad(context, argument.span, `${shown(keyword, argument)} ${isWhat}`, fallback(keyword), cure, hint);
  return UNREADABLE;
}

function shown({ name }: Keyword, argument: Word): string {
  return `${name} "${argument.value}"`;
}

/** The value of a statement; undefined for blocks. */
export function readArgument(
  context: Context,
  keyword: Keyword,
  statement: Statement,
): Value | undefined | typeof UNREADABLE {
  const { type, name } = keyword;
  const { words } = statement;
  const word = words[0], argument = words[1];
  if (
    type === null || type.kind === "lines" || type.kind === "block" || type.kind === "named" ||
    type.kind === "entries" || type.kind === "free"
  ) {
    return undefined;
  }
  if (argument === undefined) {
    const bare = bareValue(type);
    if (bare !== undefined) return bare;
    const what = `${name} lacks its argument`;
    const cure = `write ${name} ${keyword.argument}`;
    if (keyword.missing === "warning") bad(context, word.span, what, fallback(keyword), cure);
    else context.report.fatal(word.span, "argument", `${what}; ${cure}`);
    return UNREADABLE;
  }
  const more = words.length > 2 ? words.slice(2) : NOTHING;
  switch (type.kind) {
    case "flag": {
      if (context.syntax === "conf") {
        extraWords(context, name, [argument, ...more]);
        return true;
      }
      const value = parseBoolean(argument.value);
      return value ??
        wrong(context, keyword, argument, "is neither true nor false", "write true or false");
    }
    case "boolean": {
      extraWords(context, name, more);
      const value = parseBoolean(argument.value);
      return value ?? wrong(context, keyword, argument, "is neither on nor off", "write on or off");
    }
    case "integer": {
      extraWords(context, name, more);
      const value = parseInteger(argument.value);
      if (value !== undefined && value >= type.min && value <= type.max) return value;
      const cure = `write a whole number${range(type.min, type.max)}`;
      if (value === undefined) return wrong(context, keyword, argument, "is not a whole number", cure);
      return wrong(context, keyword, argument, `is outside ${type.min}..${type.max}`, cure);
    }
    case "seconds":
      extraWords(context, name, more);
      return readTime(context, keyword, argument, type);
    case "milliseconds": {
      extraWords(context, name, more);
      const value = parseMillisecondsUs(argument.value, context.syntax);
      if (value !== undefined && value >= type.minUs && value <= type.maxUs) return value;
      const [least, most] = [type.minUs, type.maxUs].map((us) => showMillisecondsUs(us, "conf"));
      const cure = `write milliseconds from ${least} to ${most}`;
      if (value === undefined) {
        return wrong(context, keyword, argument, "is not a number of milliseconds", cure);
      }
      return wrong(context, keyword, argument, `is outside ${least}..${most} ms`, cure);
    }
    case "weight":
      return readWeight(context, keyword, type, [argument, ...more]);
    case "choice": {
      extraWords(context, name, more);
      if (type.of.includes(argument.value)) return argument.value;
      const hint = nearest(argument.value, type.of);
      return wrong(
        context,
        keyword,
        argument,
        `is not one of ${type.of.join(", ")}`,
        `write ${type.of.join(" or ")}`,
        hint,
      );
    }
    case "address": {
      extraWords(context, name, more);
      const address = readAddress(argument.value);
      if (address === undefined) {
        return wrong(
          context,
          keyword,
          argument,
          "is not an IP address",
          "write an address without a prefix length",
        );
      }
      if (type.family !== undefined && address.family !== type.family) {
        return wrong(
          context,
          keyword,
          argument,
          `is not an ${type.family === "ipv4" ? "IPv4" : "IPv6"} address`,
          "write one",
        );
      }
      if (type.multicast === true && !address.multicast) {
        return wrong(
          context,
          keyword,
          argument,
          "is not a multicast address",
          "write one of 224.0.0.0/4 or ff00::/8",
        );
      }
      return address.address;
    }
    case "interface":
      extraWords(context, name, more);
      context.places.note("interface", argument.value, argument);
      return isInterfaceName(argument.value) ? argument.value : wrong(
        context,
        keyword,
        argument,
        "cannot be the name of an interface",
        "write a name of at most 15 characters without a slash",
      );
    case "word":
    case "secret":
      extraWords(context, name, more);
      return argument.value;
    case "words":
      extraWords(context, name, more.slice(type.max - 1));
      if (more.length + 1 < type.min) {
        bad(
          context,
          argument.span,
          `${name} lacks a word`,
          fallback(keyword),
          `write ${name} ${keyword.argument}`,
        );
        return UNREADABLE;
      }
      return { words: [argument, ...more].slice(0, type.max) };
    case "identity":
      extraWords(context, name, more.slice(1));
      noteWords(context, argument, more[0]);
      return { identity: readIdentity([argument, ...more]) ?? { user: argument.value, group: null } };
    case "command":
      return readCommandValue(context, name, type.identity, statement, fallback(keyword));
  }
}

function noteWords({ places }: Context, user: Word | undefined, group: Word | undefined): void {
  if (user !== undefined) places.note("user", user.value, user.span);
  if (group !== undefined) places.note("group", group.value, group.span);
}

const ENCODER = new TextEncoder();

/** `all` and `default`: no IP works there, and their parameters are those of every interface. */
const NO_INTERFACES = new Set([".", "..", "all", "default"]);

/** A name that the kernel can give an interface with IP addresses (dev_valid_name in net/core/dev.c). */
export function isInterfaceName(name: string): boolean {
  if (NO_INTERFACES.has(name)) return false;
  if (/^[\w-]{1,15}$/.test(name)) return true;
  return name.length < 16 && ENCODER.encode(name).length < 16 && /^[^\s/:]+$/.test(name);
}

/** Reports the words that a keyword does not take. */
export function extraWords(context: Context, name: string, more: readonly Word[]): void {
  if (more.length === 0) return;
  const first = more[0] as Word, last = more[more.length - 1] as Word;
  const where = between(first.span, last.span);
  if (name.startsWith("auth_")) {
    // What follows may be part of a password.
    const cure = name === "auth_pass"
      ? "put a password with blanks in double quotes"
      : "start a new line for auth_pass";
    return bad(context, where, `${name} takes one word`, "what follows it is ignored", cure);
  }
  const words = more.map(({ value }) => value).join(" ");
  bad(context, where, `${name} does not take "${words}"`, "that is ignored", "delete it or start a new line");
}

function readTime(
  context: Context,
  keyword: Keyword,
  argument: Word,
  type: { minUs: number; maxUs: number; whole?: true },
): Value | typeof UNREADABLE {
  const { syntax } = context;
  const value = parseTimeUs(argument.value, syntax);
  if (value === undefined || value < type.minUs || value > type.maxUs) {
    const show = (us: number) => showTimeUs(us, syntax);
    const limits = type.maxUs >= 0xffff_ffff ? "" : ` from ${show(type.minUs)} to ${show(type.maxUs)}`;
    const cure = syntax === "yaml"
      ? `write a time${limits}, for example 500ms or 1s`
      : `write seconds${limits}`;
    if (value === undefined) return wrong(context, keyword, argument, "is not a time", cure);
    const range = `${show(type.minUs)}..${show(type.maxUs)}`;
    return wrong(context, keyword, argument, value < 0 ? "is negative" : `is outside ${range}`, cure);
  }
  if (type.whole === true && syntax === "conf" && value % 1_000_000 !== 0) {
    const whole = Math.floor(value / 1_000_000);
    bad(
      context,
      argument.span,
      `${shown(keyword, argument)} is not a whole number of seconds`,
      `${whole} is used`,
      "write whole seconds",
    );
    return whole * 1_000_000;
  }
  if (argument.value.length > 7 && /\.\d{7,}/.test(argument.value)) {
    bad(
      context,
      argument.span,
      `${shown(keyword, argument)} is finer than a microsecond`,
      "it is rounded",
      "write at most six decimals",
    );
  }
  return value;
}

function readWeight(
  context: Context,
  keyword: Keyword,
  type: { min: number; max: number },
  words: readonly [Word, ...Word[]],
): Value | typeof UNREADABLE {
  const [first, second, ...more] = words;
  const weight = parseInteger(first.value);
  const cure = `write a whole number from ${type.min} to ${type.max}`;
  if (weight === undefined) return wrong(context, keyword, first, "is not a whole number", cure);
  if (weight < type.min || weight > type.max) {
    return wrong(context, keyword, first, `is outside ${type.min}..${type.max}`, cure);
  }
  const reverse = second?.value === "reverse";
  extraWords(context, keyword.name, reverse || second === undefined ? more : [second, ...more]);
  return { weight, reverse };
}

function readCommandValue(
  context: Context,
  name: string,
  identity: boolean,
  statement: Statement,
  instead: string,
): Value | typeof UNREADABLE {
  const read = readCommand(statement, identity, context);
  const [word, argument] = statement.words;
  if (read === undefined) {
    bad(
      context,
      (argument ?? word).span,
      `${name} names no program`,
      instead,
      "write a path, in quotes with its arguments",
    );
    return UNREADABLE;
  }
  const [first] = read.ignored;
  const last = read.ignored.at(-1);
  if (first !== undefined && last !== undefined) {
    const words = read.ignored.map(({ value }) => value).join(" ");
    const cure = `put the program and its arguments in one pair of double quotes`;
    bad(context, between(first.span, last.span), `${name} does not take "${words}"`, "that is ignored", cure);
  }
  const { command: { words: [program = ""] }, user, group } = read;
  context.places.note("program", program, (argument ?? word).span);
  noteWords(context, user, group);
  return { command: read };
}

function bareValue(type: NonNullable<Keyword["type"]>): Value | undefined {
  if (type.kind === "flag" || type.kind === "boolean") return true;
  const { kind } = type;
  const mayBeBare = kind === "integer" || kind === "word" || kind === "choice" || kind === "command";
  return mayBeBare ? type.bare : undefined;
}

function range(min: number, max: number): string {
  return max > 1_000_000 ? ` of ${min} or more` : ` from ${min} to ${max}`;
}

/** What happens instead of a value that cannot be read. */
function fallback(keyword: Keyword): string {
  const value = keyword.default;
  if (value === "required") return "it counts as not given";
  if (value === "-" || value === "none") return "it is ignored";
  const [first = ""] = value.split(" (");
  return /^[\w.:]+$/.test(first) ? `the default ${first} is used` : "it is ignored";
}
