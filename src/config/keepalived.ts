// Logical lines of keepalived.conf to the tree of statements: braces, and what is wrong with them.
import type { Report } from "./diagnostic.ts";
import { keyword } from "./keywords.ts";
import { words } from "./lex.ts";
import type { Text, Word } from "./text.ts";
import type { Block, Statement } from "./tree.ts";

/** Blocks may be nested so deep. */
const DEEPEST = 32;

const BRACE = /[{}]/;
/** Blocks that keepalived does not look into when they have no name. */
export const MUST_BE_NAMED = /^(vrrp_instance|vrrp_sync_group|track_group)$/;
/** What indexOfBrace looks at. */
const SPECIAL = /["${}]/g;

/** The characters as codes: a file has many, and strings of one character cost more. */
const QUOTE = 0x22, DOLLAR = 0x24, OPEN = 0x7b, CLOSE = 0x7d;

interface OpenBlock {
  block: Block;
  /** The line of the opening brace and where it stands there. */
  line: Text;
  at: number;
  /** Whose block it is; null: a block without a keyword. */
  owner: Statement | null;
  inside: Inside;
}

/** What a block holds: keywords, the entries of a list, or what nobody reads (null). */
type Inside = { keywords: string } | "entries" | null;

/** Builds the tree. Missing and extra braces are warnings: what is there is used. */
export function parseLines(lines: readonly Text[], report: Report): Block {
  const root: Block = { statements: [] };
  const open: OpenBlock[] = [];
  let block = root;
  for (const line of lines) {
    const { text } = line;
    if (line.isPlain || !BRACE.test(text)) {
      addStatement(block, line, report);
      continue;
    }
    for (let from = 0; from < text.length;) {
      const at = indexOfBrace(text, from);
      const to = at < 0 ? text.length : at;
      if (to > from) addStatement(block, line.slice(from, to).trim(), report);
      if (at < 0) break;
      if (text[at] === "{") {
        const around = open.at(-1);
        // As for keepalived: nothing is nested in a list, which ends at the first }.
        if (around?.inside === "entries") warnOfNesting(around, line, at, report);
        else block = openBlock(open, block, line, at, report);
      } else if (open.length > 0) {
        block.end = line.source;
        open.pop();
        block = open.length > 0 ? open[open.length - 1]!.block : root;
      } else {
        report.warning(
          line.span(at, at + 1),
          "this } closes nothing, so it is ignored; delete it or add the missing {",
        );
      }
      from = at + 1;
    }
  }
  for (const { line, at, owner } of open.reverse()) {
    const name = owner === null ? "no keyword" : shortName(owner);
    report.warning(
      line.span(at, at + 1),
      `the block of ${name} is never closed, so it ends with the file; add a }`,
    );
  }
  return root;
}

function addStatement(block: Block, text: Text, report: Report): void {
  if (text.text === "") return;
  const found = words(text, report);
  const first = found[0];
  // An open quote takes the argument with it: the line says nothing any more.
  if (first === undefined || (found.length === 1 && !first.quoted && text.text.includes('"'))) return;
  block.statements.push(new ConfStatement(found as [Word, ...Word[]], text));
}

/** A statement whose text behind the keyword is cut out only for those who ask: commands. */
class ConfStatement implements Statement {
  readonly words: [Word, ...Word[]];
  block: Block | null = null;
  readonly #text: Text;

  constructor(words: [Word, ...Word[]], text: Text) {
    this.words = words;
    this.#text = text;
  }

  get raw(): Text {
    const { value, quoted } = this.words[0];
    return this.#text.slice(quoted ? value.length + 2 : value.length).trim();
  }
}

/** Opens a block in `outer`. Returns it. */
function openBlock(open: OpenBlock[], outer: Block, line: Text, at: number, report: Report): Block {
  const last = outer.statements.at(-1);
  const block: Block = { statements: [] };
  if (last !== undefined && last.block === null) {
    // What is nested deeper than any keyword reaches is read but belongs to nothing: trees are walked by recursion.
    const tooDeep = open.length >= DEEPEST;
    if (!tooDeep) last.block = block;
    const owner = tooDeep ? open[open.length - 1]!.owner : last;
    open.push({ block, line, at, owner, inside: tooDeep ? null : insideOf(last, open.at(-1)) });
    return block;
  }
  report.warning(
    line.span(at, at + 1),
    "this { opens a block without a keyword, so the block is ignored; write the keyword before it",
  );
  open.push({ block, line, at, owner: null, inside: null });
  return block;
}

/** What the block of a statement holds that stands in `around`. */
function insideOf({ words: [{ value }, name] }: Statement, around: OpenBlock | undefined): Inside {
  const outer = around === undefined ? { keywords: "root" } : around.inside;
  if (outer === null || outer === "entries") return null;
  // keepalived skips a block that lacks its name whole, by counting braces.
  if (name === undefined && MUST_BE_NAMED.test(value)) return null;
  const type = keyword(outer.keywords, value)?.type;
  if (type?.kind === "entries") return "entries";
  return type?.kind === "block" || type?.kind === "named" ? { keywords: type.block } : null;
}

function warnOfNesting({ owner }: OpenBlock, line: Text, at: number, report: Report): void {
  const list = owner?.words[0].value ?? "a list";
  report.warning(
    line.span(at, at + 1),
    `this { in ${list} is ignored, and the next } ends ${list}; add the } that is missing above`,
  );
}

function shortName({ words: [keyword, name] }: Statement): string {
  const text = name === undefined || name.value.length > 40
    ? keyword.value
    : `${keyword.value} ${name.value}`;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * The index of the next brace that is not in double quotes and not part of an undefined ${NAME}; -1 = none.
 * `every`: those of a ${NAME} too, which keepalived splits there.
 */
export function indexOfBrace(text: string, from: number, every = false): number {
  // Most lines have nothing special before their first brace.
  SPECIAL.lastIndex = from;
  if (!SPECIAL.test(text)) return -1;
  let quoted = false;
  for (let i = SPECIAL.lastIndex - 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) quoted = !quoted;
    else if (quoted) continue;
    else if (code === DOLLAR && text[i + 1] === "{" && !every) {
      const name = /^\$\{[A-Za-z_]\w*(\s[^{}"]*)?\}/.exec(text.slice(i, i + 256));
      if (name !== null) i += name[0].length - 1;
    } else if (code === OPEN || code === CLOSE) return i;
  }
  return -1;
}
