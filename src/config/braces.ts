// keepalived counts braces in its own way: which lines it complains of after a brace too many, too few or elsewhere.
import type { Report } from "./diagnostic.ts";
import { indexOfBrace, MUST_BE_NAMED } from "./keepalived.ts";
import { keyword } from "./keywords.ts";
import { opensServerBlock, serverKeyword } from "./servers.ts";
import type { Span, Text } from "./text.ts";

/** What a keyword opens: a block with keywords, a list of entries, a block that is not looked into, or nothing. */
type Opens = { keywords: string } | "entries" | "unseen" | null;

/** A part of a line as keepalived reads lines: it ends behind {, and } stands alone. */
interface Piece {
  word: string;
  opens: boolean;
  /** There is a word behind the first. */
  named: boolean;
  span: Span;
}

/** What belongs to the process for virtual servers. */
const SERVERS = /^(virtual_server|virtual_server_group|SSL)$/;

/** Warns of each line without a finding so far that keepalived takes otherwise, because of braces before it. */
export function warnOfBraces(lines: readonly Text[], report: Report): void {
  const pieces = lines.flatMap(cut);
  // Two of its processes read the file, and each skips the blocks of the other by counting braces.
  new Reader(pieces, report, false).read();
  new Reader(pieces, report, true).read();
}

function cut(line: Text): Piece[] {
  const { text } = line;
  if (!/[{}]/.test(text)) return text === "" ? [] : [piece(line, false)];
  const found: Piece[] = [];
  for (let from = 0; from < text.length;) {
    const at = indexOfBrace(text, from, true);
    const before = line.slice(from, at < 0 ? undefined : at).trim();
    const opens = text[at] === "{";
    if (before.text !== "") found.push(piece(before, opens));
    if (at < 0) break;
    if (!opens || before.text === "") found.push(brace(line, at));
    from = at + 1;
  }
  return found;
}

function piece(text: Text, opens: boolean): Piece {
  const [, word = "", rest = ""] = /^"?([^\s"]*)"?(.*)$/s.exec(text.text) ?? [];
  return { word, opens, named: rest.trim() !== "", span: text.span() };
}

function brace(line: Text, at: number): Piece {
  return { word: line.text[at] as string, opens: false, named: false, span: line.span(at, at + 1) };
}

/** One of the processes of keepalived that read the file. */
class Reader {
  readonly #pieces: readonly Piece[];
  readonly #report: Report;
  /** Whether the blocks of VRRP are skipped. */
  readonly #skipping: boolean;
  #at = 0;
  /** Where the braces went wrong first. */
  #cause: Span | null = null;

  constructor(pieces: readonly Piece[], report: Report, skipping: boolean) {
    this.#pieces = pieces;
    this.#report = report;
    this.#skipping = skipping;
  }

  read(): void {
    const open = ["root"];
    /** How many blocks are open around one that lacks its {. */
    let unsound = Infinity;
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++] as Piece;
      if (piece.word === "}" && open.length > 1) {
        open.pop();
        if (open.length <= unsound && unsound < Infinity) {
          unsound = Infinity;
          this.#wrong(piece, "takes this } for the end of a block that was not opened");
        }
        continue;
      }
      const opens = this.#opened(open[open.length - 1] as string, piece.word, piece.named);
      if (opens === undefined) this.#ignored(piece);
      else if (opens === "unseen") this.#skip(piece);
      else if (opens === "entries") this.#entries(piece);
      else if (opens !== null) {
        if (!this.#brace(piece)) unsound = Math.min(unsound, open.length);
        open.push(opens.keywords);
      } else if (piece.opens) {
        // The brace means nothing, and the } that was meant for it closes the block around.
        this.#cause ??= piece.span;
      }
    }
  }

  /** What a word opens in a block; undefined = it is no keyword there. */
  #opened(block: string, word: string, named: boolean): Opens | undefined {
    if (opensServerBlock(block)) {
      if (serverKeyword(block, word) === undefined) return undefined;
      return opensServerBlock(word) ? { keywords: word } : null;
    }
    const row = keyword(block, word);
    if (row === undefined) return undefined;
    const { type } = row;
    if (block === "root" && SERVERS.test(word)) {
      if (!this.#skipping) return "unseen";
      return word === "virtual_server_group" ? "entries" : { keywords: word };
    }
    if (type?.kind !== "block" && type?.kind !== "named" && type?.kind !== "entries") return null;
    const skips = this.#skipping || (MUST_BE_NAMED.test(word) && !named);
    if (block === "root" && word !== "global_defs" && skips) return "unseen";
    return type.kind === "entries" ? "entries" : { keywords: type.block };
  }

  /** Whether a block has its {, which may stand in a line of its own; where there is none, it goes on without. */
  #brace(piece: Piece): boolean {
    if (piece.opens) return true;
    const next = this.#pieces[this.#at];
    if (next?.word === "{") {
      this.#at++;
      return true;
    }
    this.#cause ??= piece.span;
    if (next !== undefined) this.#wrong(next, "misses a { before this line");
    return false;
  }

  /** A list ends at the first }, whatever stands in it. */
  #entries(piece: Piece): void {
    let sound = piece.opens;
    if (!sound && this.#pieces[this.#at]?.word === "{") {
      sound = true;
      this.#at++;
    }
    if (!sound) this.#cause ??= piece.span;
    while (this.#at < this.#pieces.length) {
      const entry = this.#pieces[this.#at++] as Piece;
      if (entry.word === "}") {
        if (!sound) this.#wrong(entry, "takes this } for the end of the list");
        return;
      }
      if (entry.opens || entry.word === "{") sound = false;
      if (!sound) this.#ignored(entry);
    }
  }

  #skip(piece: Piece): void {
    if (!piece.opens) {
      if (this.#pieces[this.#at]?.word !== "{") {
        this.#cause ??= piece.span;
        // It wants a block to skip, and takes the next line for its beginning.
        const next = MUST_BE_NAMED.test(piece.word) && !piece.named ? this.#pieces[this.#at] : undefined;
        if (next !== undefined) {
          this.#at++;
          this.#ignored(next);
        }
        return;
      }
      this.#at++;
    }
    for (let depth = 1; depth > 0 && this.#at < this.#pieces.length;) {
      const { word, opens } = this.#pieces[this.#at++] as Piece;
      if (opens || word === "{") depth++;
      else if (word === "}") depth--;
    }
  }

  #ignored(piece: Piece): void {
    if (piece.opens || piece.word === "{" || piece.word === "}") this.#cause ??= piece.span;
    this.#wrong(piece, "ignores this line");
  }

  #wrong({ span }: Piece, what: string): void {
    if (this.#report.speaksOf(span)) return;
    const { source } = this.#cause ?? span;
    const where = source === span.source ? "here" : `in line ${source.number}`;
    this.#report.warning(span, `keepalived ${what}, because of the braces ${where}; put those right`);
  }
}
