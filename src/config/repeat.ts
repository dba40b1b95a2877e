// ~SEQ and ~LST: one line repeated with changing definitions.

/** A parsed ~SEQ or ~LST: which names get which values, turn by turn, and where its text ends. */
export interface Repeat {
  names: string[];
  turns: string[][];
  /** Index of the first character after the closing parenthesis. */
  end: number;
}

/** What is wrong with a repetition, in words that follow the text of it, and the cure. */
export interface RepeatFault {
  fault: string;
  cure: string;
  /** It is right but too long: half of it would be worse than nothing. */
  tooLong?: true;
}

const NAME = /^[A-Za-z_]\w*$/;

/** Whether a line starts like a repetition. */
export function startsRepeat(text: string): boolean {
  return /^~(SEQx?|LST)\s*\(/.test(text);
}

/** Index after the parenthesis that closes the repetition at the start of the line, or -1. */
export function repeatEnd(text: string): number {
  return text.indexOf(")") + 1 || -1;
}

/** Parses the repetition that `text` is (up to and including the closing parenthesis). `most`: turns allowed. */
export function parseRepeat(text: string, most: number): Repeat | RepeatFault {
  const match = /^~(SEQx?|LST)\s*\((.*)\)$/s.exec(text);
  if (match === null) {
    return {
      fault: "is no repetition",
      cure: "write ~SEQ(name, start, step, end) or ~LST(name, value, ...)",
    };
  }
  const inner = match[2] ?? "";
  const parsed = match[1] === "LST" ? parseList(inner) : parseSequence(inner, match[1] === "SEQx", most);
  return "fault" in parsed ? parsed : { ...parsed, end: text.length };
}

function parseSequence(inner: string, hexadecimal: boolean, most: number): Omit<Repeat, "end"> | RepeatFault {
  const [name = "", ...rest] = inner.split(",").map((part) => part.trim());
  if (!NAME.test(name)) {
    return { fault: "lacks the name of its variable", cure: "write ~SEQ(name, start, step, end)" };
  }
  const numbers = rest.map((part) => /^[+-]?(0x[0-9a-f]+|\d+)$/i.test(part) ? integer(part) : NaN);
  if (numbers.length < 1 || numbers.length > 3 || !numbers.every((number) => Number.isSafeInteger(number))) {
    return {
      fault: "needs one to three whole numbers after the name",
      cure: "write ~SEQ(name, start, step, end)",
    };
  }
  const end = numbers.at(-1) as number;
  const start = numbers.length > 1 ? numbers[0] as number : end < 0 ? -1 : 1;
  const step = numbers.length > 2 ? numbers[1] as number : end < start ? -1 : 1;
  if (step === 0 || (end - start) * step < 0) {
    return { fault: "never reaches its end", cure: "the step must lead from the start to the end" };
  }
  if ((end - start) / step >= most) {
    return { fault: `repeats more often than ${most} times`, cure: "use fewer turns", tooLong: true };
  }
  const turns: string[][] = [];
  for (let value = start; step > 0 ? value <= end : value >= end; value += step) {
    turns.push([value.toString(hexadecimal ? 16 : 10)]);
  }
  return { names: [name], turns };
}

function integer(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  return sign * Number(text.replace(/^[+-]/, ""));
}

function parseList(inner: string): Omit<Repeat, "end"> | RepeatFault {
  const members = listMembers(inner);
  if (members === null) {
    return { fault: "has braces that do not match", cure: "write ~LST({a,b},{1,2},{3,4})" };
  }
  const [first = [], ...turns] = members;
  if (first.length === 0 || !first.every((name) => NAME.test(name))) {
    return { fault: "lacks the name of its variable", cure: "write ~LST(name, value, ...)" };
  }
  if (turns.length === 0) return { fault: "has no values", cure: "write ~LST(name, value, ...)" };
  return { names: first, turns };
}

/** Comma-separated members, each a word or a `{tuple}`; null when the braces do not match. */
function listMembers(inner: string): string[][] | null {
  const members: string[][] = [];
  const pattern = /(?:\s*\{([^{}]*)\}\s*|([^,{}]*))(,|$)/y;
  while (pattern.lastIndex <= inner.length) {
    const match = pattern.exec(inner);
    if (match === null) return null;
    const parts = match[1] === undefined ? [match[2] ?? ""] : match[1].split(",");
    members.push(parts.map((part) => part.trim()));
    if (match[3] === "") break;
  }
  return members;
}
