// $NAME=value definitions and what stands for ${NAME} where it is used.
import type { Report } from "./diagnostic.ts";
import { Text } from "./text.ts";

/** Values that the predefined names stand for. */
export interface Predefined {
  /** Value of ${_INSTANCE}: the configuration id. */
  configId: string;
  environment: Record<string, string | undefined>;
  /** A number in [0, 1). */
  random: () => number;
}

/** A line may grow to so many characters. */
export const LONGEST_LINE = 65_536;

const USE = /\$\{([A-Za-z_]\w*)(?:\s([^{}]*))?\}|\$([A-Za-z_]\w*)(?=[\s,)]|$)/g;
const DEPTH = 32;

/** The definitions made so far. A definition of more than one line holds them all. */
export class Definitions {
  readonly #lines = new Map<string, Text[]>();
  readonly #predefined: Predefined;
  readonly #report: Report;
  #random: () => number;

  constructor(predefined: Predefined, report: Report) {
    this.#predefined = predefined;
    this.#random = predefined.random;
    this.#report = report;
  }

  /** From now on ${_RANDOM} gives numbers that depend on the seed alone. */
  seed(seed: number): void {
    this.#random = seededRandom(seed);
  }

  has(name: string): boolean {
    return this.#lines.has(name);
  }

  set(name: string, lines: Text[]): void {
    this.#lines.set(name, lines);
  }

  /**
   * A line with every definition in it replaced: usually one line, more when a definition of several lines ends
   * it. Null = a definition refers to itself or grows without bound; that is reported.
   * `directory`: the value of ${_PWD}.
   */
  substitute(line: Text, directory: string): Text[] | null {
    return this.#substitute(line, directory, []);
  }

  #substitute(line: Text, directory: string, active: string[]): Text[] | null {
    if (!line.text.includes("$")) return [line];
    const { text } = line;
    const parts: Text[] = [];
    const more: Text[] = [];
    let from = 0;
    let grown = 0;
    for (const match of text.matchAll(USE)) {
      const at = match.index;
      const end = at + match[0].length;
      const name = match[1] ?? match[3] ?? "";
      const value = this.#value(line, at, end, name, match[2], directory, active);
      if (value === null) return null;
      if (value === undefined || (value.length > 1 && end !== text.length)) continue;
      parts.push(line.slice(from, at));
      from = end;
      const [first, ...rest] = value as [Text, ...Text[]];
      // A block that stands alone keeps the places of its own lines, which say more than the place of use.
      if (rest.length > 0 && text.slice(0, at).trim() === "") return value;
      parts.push(line.standIn(at, end, first.text));
      more.push(...rest);
      grown += first.text.length;
      if (grown > LONGEST_LINE) {
        this.#report.error(line.span(at, end), `the line grows without end; shorten the definition ${name}`);
        return null;
      }
    }
    if (parts.length === 0) return [line];
    parts.push(line.slice(from));
    return [Text.join(line.source, parts), ...more];
  }

  /** What a use stands for; undefined = it stays as it is, null = it is broken and reported. */
  #value(
    line: Text,
    at: number,
    end: number,
    name: string,
    argument: string | undefined,
    directory: string,
    active: string[],
  ): Text[] | null | undefined {
    const predefined = this.#predefinedValue(name, argument, directory);
    if (predefined !== undefined) return [line.standIn(at, end, predefined)];
    const lines = argument === undefined ? this.#lines.get(name) : undefined;
    if (lines === undefined) return undefined;
    if (active.includes(name) || active.length >= DEPTH) {
      const span = line.span(at, end);
      const what = `the definition ${active[0] ?? name} refers to itself, so it has no value`;
      this.#report.error(span, `${what}; give it a value that does not contain $${name}`);
      return null;
    }
    // Lines of a block are expanded when they are read, since they may define what they use.
    if (lines.length > 1) return lines;
    return this.#substitute(lines[0] as Text, directory, [...active, name]);
  }

  #predefinedValue(name: string, argument: string | undefined, directory: string): string | undefined {
    switch (name) {
      case "_PWD":
        return directory;
      case "_INSTANCE":
        return this.#predefined.configId;
      case "_HASH":
        return "#";
      case "_BANG":
        return "!";
      case "_ENV":
        return argument === undefined ? undefined : this.#predefined.environment[argument.trim()] ?? "";
      case "_RANDOM":
        return this.#randomValue(argument ?? "");
      default:
        return undefined;
    }
  }

  #randomValue(argument: string): string | undefined {
    const bounds = argument.split(/\s+/).filter((word) => word !== "");
    if (bounds.length > 2 || !bounds.every((word) => /^\d{1,9}$/.test(word))) return undefined;
    const [least = 0, most = 32_767] = bounds.map(Number);
    return String(least + Math.floor(this.#random() * (Math.max(least, most) - least + 1)));
  }
}

/** Numbers in [0, 1) that only depend on the seed: Weyl steps through the finalizer of MurmurHash3 (32 bits). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
  };
}
