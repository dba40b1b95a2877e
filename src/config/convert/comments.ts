// The comments of a configuration: which statement each of them speaks about.
import { commentStart } from "../lex.ts";
import type { SourceLine } from "../text.ts";
import type { Block, Statement } from "../tree.ts";

/** Comments without their marker, by what they stand at. */
export interface Comments {
  /** On lines of their own, above a statement. */
  before: Map<Statement, string[]>;
  /** Behind it on its line. */
  behind: Map<Statement, string>;
  /** At the end of a block, or of the file (the root). */
  end: Map<Block, string[]>;
}

/** The comment of each line of keepalived.conf that has one. */
export function confComments(lines: readonly SourceLine[]): Map<SourceLine, string> {
  const found = new Map<SourceLine, string>();
  for (const line of lines) {
    const at = commentStart(line.text);
    if (at >= 0) found.set(line, plain(line.text.slice(at + 1)));
  }
  return found;
}

/** The same for YAML, from the tokens of its lexer. */
export function yamlComments(
  lines: readonly SourceLine[],
  tokens: Iterable<string>,
): Map<SourceLine, string> {
  const byNumber = new Map(lines.map((line) => [line.number, line]));
  const found = new Map<SourceLine, string>();
  let number = 1;
  for (const token of tokens) {
    const line = byNumber.get(number);
    // One that speaks to editors of YAML means nothing elsewhere.
    if (token.startsWith("#") && line !== undefined && !/^# *yaml-language-server:/.test(token)) {
      found.set(line, plain(token.slice(1)));
    }
    for (const char of token) if (char === "\n") number++;
  }
  return found;
}

/** The line of a statement; in YAML a named block starts at its name, below the keyword. */
export function lineOf({ words: [keyword, name], block }: Statement): SourceLine {
  return (block === null ? keyword : name ?? keyword).span.source;
}

/** A comment that neither syntax stumbles over. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.trimEnd().replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff]/g, "\ufffd");
}

/**
 * Gives each comment to a statement: one behind it on its line, or the next one below; at the end of a block to
 * the block. `lines`: in the order in which the tree was made of them.
 */
export function placeComments(
  root: Block,
  lines: readonly SourceLine[],
  comments: ReadonlyMap<SourceLine, string>,
): Comments {
  const placed: Comments = { before: new Map(), behind: new Map(), end: new Map() };
  const key = (line: SourceLine | undefined) => `${line?.number}\0${line?.file}`;
  const index = new Map(lines.map((line, at) => [key(line), at]));
  let next = 0;
  const claim = (until: number): string[] => {
    const found: string[] = [];
    for (; next < until; next++) {
      const comment = comments.get(lines[next] as SourceLine);
      if (comment !== undefined) found.push(comment);
    }
    return found;
  };
  const walk = (block: Block) => {
    for (const statement of block.statements) {
      const at = index.get(key(lineOf(statement))) ?? -1;
      const before = claim(at);
      if (before.length > 0) placed.before.set(statement, before);
      if (at === next) {
        const behind = comments.get(lines[at] as SourceLine);
        if (behind !== undefined) placed.behind.set(statement, behind);
        next++;
      }
      if (statement.block !== null) walk(statement.block);
    }
    const end = claim(block === root ? lines.length : index.get(key(block.end)) ?? -1);
    if (end.length > 0) placed.end.set(block, end);
  };
  walk(root);
  return placed;
}
