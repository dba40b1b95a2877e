// Reads an entry of many options word by word: a route, a rule. What makes the entry unusable ends it.
import { isInterfaceName } from "./arguments.ts";
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { Family } from "./model.ts";
import { keyword } from "./keywords.ts";
import { type NameTable, numberOf } from "./names.ts";
import { type PrefixConfig, ROUTE_MARK } from "./routing.ts";
import { nearest } from "./suggest.ts";
import type { Word } from "./text.ts";
import type { Statement } from "./tree.ts";
import { type Address, parseInteger, readAddress } from "./values.ts";

/** The entry cannot be used; says why and what helps. */
export class Unusable extends Error {
  readonly word: Word;
  readonly cure: string;
  /** Nothing starts. */
  readonly fatal: boolean;
  constructor(word: Word, what: string, cure: string, fatal = false) {
    super(what);
    this.word = word;
    this.cure = cure;
    this.fatal = fatal;
  }
}

/** The words of an entry, taken from the front. Every reader throws Unusable. */
export class Entry {
  readonly decoding: Decoding;
  readonly text: string;
  /** The word that the entry begins with. */
  readonly first: Word;
  readonly #words: Word[];
  #last: Word;

  constructor(decoding: Decoding, statement: Statement) {
    this.decoding = decoding;
    this.#words = [...statement.words];
    this.first = statement.words[0];
    this.#last = this.first;
    this.text = statement.words.map(({ value }) => value).join(" ");
  }

  /** The word last taken. */
  get last(): Word {
    return this.#last;
  }

  /** The next word without taking it. */
  get next(): Word | undefined {
    return this.#words[0];
  }

  take(): Word | undefined {
    const word = this.#words.shift();
    if (word !== undefined) this.#last = word;
    return word;
  }

  /** Takes the next word if it is this one. */
  skip(value: string): boolean {
    if (this.next?.value !== value) return false;
    this.take();
    return true;
  }

  /** The value of an option. */
  value(option: Word): Word {
    const word = this.take();
    if (word === undefined) {
      // keepalived ends here at once.
      throw new Unusable(
        option,
        `${option.value} lacks its value`,
        `write a value after ${option.value}`,
        true,
      );
    }
    return word;
  }

  fail(word: Word, what: string, cure: string): never {
    throw new Unusable(word, what, cure);
  }

  /** Takes an option that is known and has no effect, with its value. False: it is none of those. */
  skipWithoutEffect(option: Word, kind: "route" | "rule"): boolean {
    const row = keyword(`${kind}-entry`, option.value);
    if (row === undefined) return false;
    this.decoding.later.add(option.value, option.span, row.reason);
    if (row.argument === "-") return true;
    // as [to] ADDRESS
    this.skip("to");
    this.value(option);
    return true;
  }

  /** Ends the entry at a word that is no option; `likely`: what may be meant. */
  refuse(word: Word, kind: "route" | "rule", likely: readonly string[]): never {
    const hint = nearest(word.value, likely);
    const cure = hint === undefined ? "correct or delete it" : `did you mean ${hint}?`;
    this.fail(word, `"${word.value}" is not an option of a ${kind}`, cure);
  }

  /** A part of the entry is left out; the rest is used. */
  ignore(word: Word, what: string, cure: string): void {
    bad(this.decoding, word.span, what, "it is ignored", cure);
  }

  /** A number in decimal; `parse`: how else it may be written. */
  number(option: Word, min: number, max: number, parse = parseInteger): number {
    const word = this.value(option);
    const number = parse(word.value);
    if (number === undefined || number < min || number > max) {
      this.fail(word, `${option.value} "${word.value}" is not a number from ${min} to ${max}`, "correct it");
    }
    return number;
  }

  named(option: Word, table: NameTable, what: string): number {
    const word = this.value(option);
    const number = numberOf(table, word.value);
    if (number === undefined) {
      const cure = `write a number, or add the name to /etc/iproute2/${table}`;
      this.fail(word, `${what} "${word.value}" is unknown on this machine`, cure);
    }
    return number;
  }

  /** [SOURCE/]DESTINATION. */
  realms(option: Word): number {
    const word = this.value(option);
    const [first = "", second] = word.value.split("/");
    const from = second === undefined ? 0 : numberOf("rt_realms", first);
    const to = numberOf("rt_realms", second ?? first);
    if (from === undefined || to === undefined) {
      this.fail(word, `realms "${word.value}" are unknown`, "write [SOURCE/]DESTINATION, each 0 to 255");
    }
    return from * 0x1_0000 + to;
  }

  interface(option: Word): string {
    const word = this.value(option);
    if (!isInterfaceName(word.value)) {
      const what = `${option.value} "${word.value}" cannot be the name of an interface`;
      this.fail(word, what, "write at most 15 characters");
    }
    this.decoding.places.note("interface", word.value, word.span);
    return word.value;
  }

  address(option: Word): Address & { word: Word } {
    const word = this.value(option);
    const read = readAddress(word.value);
    if (read === undefined) {
      this.fail(
        word,
        `${option.value} "${word.value}" is not an IP address`,
        "write an address without prefix length",
      );
    }
    return { ...read, word };
  }

  /** ADDRESS[/LENGTH]; a bad length counts as the whole address, as keepalived takes it. */
  prefix(word: Word): PrefixConfig & { family: Family } {
    const slash = word.value.indexOf("/");
    const read = readAddress(slash < 0 ? word.value : word.value.slice(0, slash));
    if (read === undefined) {
      this.fail(
        word,
        `"${word.value}" is not an IP prefix`,
        "write a prefix such as 192.0.2.0/24 or 2001:db8::/64",
      );
    }
    const most = read.family === "ipv4" ? 32 : 128;
    const { address, family } = read;
    if (slash < 0) return { address, family, prefixLength: most };
    const mask = word.value.slice(slash + 1);
    const prefixLength = /^\d{1,3}$/.test(mask) ? Number(mask) : -1;
    if (prefixLength >= 0 && prefixLength <= most) return { address, family, prefixLength };
    bad(
      this.decoding,
      word.span,
      `"/${mask}" is not a prefix length`,
      `/${most} is used`,
      `write a number from 0 to ${most}`,
    );
    return { address, family, prefixLength: most };
  }
}

/** The family that all addresses of an entry must share. */
export class EntryFamily {
  #family: Family | null = null;
  #forced = false;

  /** The family so far; null = nothing has told it. */
  get known(): Family | null {
    return this.#family;
  }

  /** Takes note of an address (or of `inet`, `inet6`); throws Unusable if it does not fit. */
  note(entry: Entry, word: Word, family: Family): void {
    if (this.#family !== null && this.#family !== family) {
      const mixed = this.#forced ? "is of another family than inet or inet6 says" : "mixes IPv4 and IPv6";
      entry.fail(word, `"${word.value}" ${mixed}`, "write addresses of one family");
    }
    this.#family = family;
  }

  /** `inet` or `inet6` was written. */
  force(entry: Entry, word: Word, family: Family): void {
    this.note(entry, word, family);
    this.#forced = true;
  }
}

/** Reads an entry by `read`; what makes it unusable is reported, and undefined returned. */
export function readEntry<T>(
  decoding: Decoding,
  statement: Statement,
  kind: "route" | "rule",
  read: (entry: Entry) => T,
): T | undefined {
  try {
    return read(new Entry(decoding, statement));
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    const { word: { span }, message, cure } = error;
    if (error.fatal) decoding.report.fatal(span, "argument", `${message}; ${cure}`);
    else bad(decoding, span, message, `the ${kind} is skipped`, cure);
    return undefined;
  }
}

/** The protocol of a route or rule: one that is watched carries baton's own, as keepalived gives it its own. */
export function takeProtocol(
  entry: Entry,
  given: number | null,
  tracked: boolean,
  kind: "route" | "rule",
): number {
  const RTPROT_KEEPALIVED = 18;
  if (given === null || (tracked && given === RTPROT_KEEPALIVED)) return ROUTE_MARK;
  if (!tracked) return given;
  const what = `a ${kind} that is tracked has protocol ${ROUTE_MARK}`;
  entry.decoding.report.warning(
    entry.last.span,
    `${what}, so the given protocol is ignored; add no_track to keep it`,
  );
  return ROUTE_MARK;
}
