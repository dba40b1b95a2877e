// Which of two places of a configuration is read first: keepalived knows only what stands above.
import type { SourceLine, Span } from "./text.ts";

/** The order in which the lines of a configuration and its included files are read. */
export class ReadingOrder {
  readonly #lines: readonly SourceLine[];
  #numbers: ReadonlyMap<SourceLine, number> | null = null;

  /** `lines`: of all files, in the order of reading. Without any, as for YAML, nothing stands too late. */
  constructor(lines: readonly SourceLine[]) {
    this.#lines = lines;
  }

  /** Whether `place` is read after `other`. */
  isAfter(place: Span, other: Span): boolean {
    if (this.#lines.length === 0) return false;
    if (place.source === other.source) return place.column > other.column;
    if (place.source.file === other.source.file) return place.source.number > other.source.number;
    this.#numbers ??= new Map(this.#lines.map((line, number) => [line, number]));
    const number = this.#numbers.get(place.source), otherNumber = this.#numbers.get(other.source);
    return number !== undefined && otherNumber !== undefined && number > otherNumber;
  }
}
