// Text that remembers where in which file each of its characters came from.

/** One line of a file as it was read, without its line end. */
export interface SourceLine {
  file: string;
  /** From 1; 0 when there is no line to show. */
  number: number;
  text: string;
}

/** A place in a source line. `column` counts from 1 in UTF-16 units. */
export interface Span {
  source: SourceLine;
  column: number;
  length: number;
}

/** `text[at, at + length)` came from source columns `[start, end)`, counted from 0. */
interface Piece {
  at: number;
  length: number;
  start: number;
  end: number;
}

/**
 * A run of characters with their origins; immutable. Nearly every text is one run of its line: those have no
 * pieces, only the column where they start, since a file makes some for each of its lines.
 */
export class Text {
  readonly source: SourceLine;
  readonly text: string;
  /** Column (from 0) of the first character of a text without pieces. */
  readonly #start: number;
  readonly #pieces: readonly Piece[] | null;
  /** Known to hold words and spaces alone: no quote, brace, comment or other blank. */
  readonly isPlain: boolean;

  private constructor(
    source: SourceLine,
    text: string,
    start: number,
    pieces: readonly Piece[] | null,
    isPlain = false,
  ) {
    this.source = source;
    this.text = text;
    this.#start = start;
    this.#pieces = pieces;
    this.isPlain = isPlain;
  }

  /** A whole source line. */
  static line(source: SourceLine): Text {
    return new Text(source, source.text, 0, null);
  }

  /** A source line without blanks at both ends. */
  static trimmed(source: SourceLine, isPlain: boolean): Text {
    const text = source.text.trim();
    return new Text(source, text, text === "" ? 0 : source.text.indexOf(text), null, isPlain);
  }

  /** `text`, standing for columns `[start, end)` (from 0) of the source line. */
  static at(source: SourceLine, text: string, start: number, end: number): Text {
    if (text.length > 0 && end - start === text.length) return new Text(source, text, start, null);
    return new Text(source, text, 0, [{ at: 0, length: text.length, start, end }]);
  }

  /** Texts one after the other; places are shown in the line of `source`, where all of them came from. */
  static join(source: SourceLine, parts: readonly Text[]): Text {
    const pieces: Piece[] = [];
    let length = 0;
    for (const part of parts) {
      for (const piece of part.#runs()) pieces.push({ ...piece, at: piece.at + length });
      length += part.text.length;
    }
    return new Text(source, parts.map(({ text }) => text).join(""), 0, pieces);
  }

  #runs(): readonly Piece[] {
    const { length } = this.text;
    return this.#pieces ?? [{ at: 0, length, start: this.#start, end: this.#start + length }];
  }

  /** The part `[from, to)`. */
  slice(from: number, to: number = this.text.length): Text {
    const text = this.text.slice(from, to);
    if (this.#pieces === null) {
      // An empty part stands where it would begin, at the last character at the latest.
      const start = text === "" ? Math.max(0, Math.min(from, this.text.length - 1)) : from;
      return new Text(this.source, text, this.#start + start, null);
    }
    const pieces: Piece[] = [];
    for (const piece of this.#pieces) {
      const start = Math.max(piece.at, from);
      const end = Math.min(piece.at + piece.length, to);
      if (start >= end) continue;
      pieces.push({ at: start - from, length: end - start, ...origin(piece, start, end) });
    }
    if (pieces.length === 0) {
      const { start } = this.#origin(Math.min(from, Math.max(0, this.text.length - 1)));
      pieces.push({ at: 0, length: 0, start, end: start });
    }
    return new Text(this.source, text, 0, pieces);
  }

  /** `by`, whose place is the place of `[from, to)`. */
  standIn(from: number, to: number, by: string): Text {
    const { start } = this.#origin(from);
    const { end } = this.#origin(Math.max(from, to - 1));
    return Text.at(this.source, by, start, end);
  }

  /** Without blanks at both ends. */
  trim(): Text {
    const trimmed = this.text.trim();
    if (trimmed.length === this.text.length) return this;
    const start = trimmed === "" ? 0 : this.text.indexOf(trimmed);
    return this.slice(start, start + trimmed.length);
  }

  /** Where `[from, to)` stands in the source line. */
  span(from = 0, to: number = this.text.length): Span {
    if (this.#pieces === null) {
      const most = this.text.length;
      const first = Math.min(from, most);
      const end = Math.min(Math.max(from + 1, to), most);
      return { source: this.source, column: this.#start + first + 1, length: Math.max(1, end - first) };
    }
    const { start } = this.#origin(from);
    const { end } = this.#origin(Math.max(from, to - 1));
    return { source: this.source, column: start + 1, length: Math.max(1, end - start) };
  }

  #origin(index: number): { start: number; end: number } {
    if (this.#pieces === null) {
      const { length } = this.text;
      if (index < length) return { start: this.#start + index, end: this.#start + index + 1 };
      return { start: this.#start + length, end: this.#start + length };
    }
    for (const piece of this.#pieces) {
      if (index < piece.at + piece.length) return origin(piece, index, index + 1);
    }
    const last = this.#pieces.at(-1);
    return { start: last?.end ?? 0, end: last?.end ?? 0 };
  }
}

function origin(piece: Piece, from: number, to: number): { start: number; end: number } {
  if (piece.length !== piece.end - piece.start) return { start: piece.start, end: piece.end };
  return { start: piece.start + from - piece.at, end: piece.start + to - piece.at };
}

/** A word with its place. */
export interface Word {
  readonly value: string;
  readonly span: Span;
  /** It stood in quotes, so nothing in it is special. */
  readonly quoted: boolean;
}

/** A word of a line of keepalived.conf. Its place is worked out for who asks: few of a file's words are ever named. */
export class LineWord implements Word {
  readonly value: string;
  readonly quoted: boolean;
  readonly #line: Text;
  readonly #from: number;

  /** `from`: where it stands in the line, its quote included. */
  constructor(line: Text, from: number, value: string, quoted: boolean) {
    this.#line = line;
    this.#from = from;
    this.value = value;
    this.quoted = quoted;
  }

  get span(): Span {
    return this.#line.span(this.#from, this.#from + this.value.length + (this.quoted ? 2 : 0));
  }
}
