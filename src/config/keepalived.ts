// Logical lines of keepalived.conf to the tree of statements: braces, and what is wrong with them.
import type { Report } from "./diagnostic.ts";
import { words } from "./lex.ts";
import type { Span, Text, Word } from "./text.ts";
import type { Block, Statement } from "./tree.ts";

/** Blocks may be nested so deep. */
const DEEPEST = 32;

/** The characters as codes: a file has many, and strings of one character cost more. */
const QUOTE = 0x22, DOLLAR = 0x24, OPEN = 0x7b, CLOSE = 0x7d;

interface OpenBlock {
  block: Block;
  /** The opening brace; null for the file itself. */
  brace: Span | null;
  owner: string;
}

/** Builds the tree. Missing and extra braces are warnings: what is there is used. */
export function parseLines(lines: readonly Text[], report: Report): Block {
  const root: Block = { statements: [] };
  const open: OpenBlock[] = [{ block: root, brace: null, owner: "" }];
  const top = () => open[open.length - 1] as OpenBlock;
  for (const line of lines) {
    if (!/[{}]/.test(line.text)) {
      addStatement(top().block, line, report);
      continue;
    }
    let from = 0;
    while (from <= line.text.length) {
      const at = indexOfBrace(line.text, from);
      addStatement(top().block, line.slice(from, at < 0 ? undefined : at).trim(), report);
      if (at < 0) break;
      if (line.text[at] === "{") openBlock(open, line.span(at, at + 1), report);
      else if (open.length > 1) (open.pop() as OpenBlock).block.end = line.source;
      else {
        report.warning(
          line.span(at, at + 1),
          "this } closes nothing, so it is ignored; delete it or add the missing {",
        );
      }
      from = at + 1;
    }
  }
  for (const { brace, owner } of open.slice(1).reverse()) {
    report.warning(brace, `the block of ${owner} is never closed, so it ends with the file; add a }`);
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

function openBlock(open: OpenBlock[], brace: Span, report: Report): void {
  const { block, owner } = open[open.length - 1] as OpenBlock;
  const last = block.statements.at(-1);
  const inner: Block = { statements: [] };
  if (last !== undefined && last.block === null) {
    // What is nested deeper than any keyword reaches is read but belongs to nothing: trees are walked by recursion.
    if (open.length <= DEEPEST) last.block = inner;
    const name = open.length > DEEPEST ? owner : shortName(last);
    open.push({ block: inner, brace, owner: name });
    return;
  }
  report.warning(
    brace,
    "this { opens a block without a keyword, so the block is ignored; write the keyword before it",
  );
  open.push({ block: inner, brace, owner: "no keyword" });
}

function shortName({ words: [keyword, name] }: Statement): string {
  const text = name === undefined || name.value.length > 40
    ? keyword.value
    : `${keyword.value} ${name.value}`;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The index of the next brace that is not in double quotes and not part of an undefined ${NAME}; -1 = none. */
export function indexOfBrace(text: string, from: number): number {
  let quoted = false;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) quoted = !quoted;
    else if (quoted) continue;
    else if (code === DOLLAR && text[i + 1] === "{") {
      const name = /^\$\{[A-Za-z_]\w*(\s[^{}"]*)?\}/.exec(text.slice(i, i + 256));
      if (name !== null) i += name[0].length - 1;
    } else if (code === OPEN || code === CLOSE) return i;
  }
  return -1;
}
