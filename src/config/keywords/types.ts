// What the table of keywords says about a keyword, and the arguments that keywords take.

/** What a keyword takes. Times are kept in microseconds. */
export type Argument =
  /** No argument; in YAML true or false. */
  | { kind: "flag" }
  /** on/off, yes/no, true/false; the bare keyword means true. */
  | { kind: "boolean" }
  /** `bare`: the value of the keyword without an argument. */
  | { kind: "integer"; min: number; max: number; bare?: number }
  /** Seconds in keepalived.conf; with a unit in YAML. `whole`: keepalived.conf knows no fractions here. */
  | { kind: "seconds"; minUs: number; maxUs: number; whole?: true }
  /** `bare`: the value of the keyword without an argument. */
  | { kind: "word"; bare?: string }
  /** Milliseconds with at most three decimals; in YAML with a unit, if another one. */
  | { kind: "milliseconds"; minUs: number; maxUs: number }
  /** Any number of words, none included; what they mean is their reader's to say. */
  | { kind: "free" }
  | { kind: "interface" }
  /** A word that is never shown. */
  | { kind: "secret" }
  | { kind: "choice"; of: readonly string[]; bare?: string }
  | { kind: "address"; family?: "ipv4" | "ipv6"; multicast?: true }
  /** `min` to `max` words. */
  | { kind: "words"; min: number; max: number }
  /** A program, in quotes with its arguments; `identity`: a user and a group may follow; `bare`: it may be left out. */
  | { kind: "command"; identity: boolean; bare?: true }
  /** USER [GROUP]. */
  | { kind: "identity" }
  /** N [reverse]. */
  | { kind: "weight"; min: number; max: number }
  /** Words that the decoder of the block reads, and that are never shown; in YAML a text or a list of texts. */
  | { kind: "lines" }
  /** `{ }` with the keywords of `block`. `apart`: several stand each for itself; in YAML a list of mappings. */
  | { kind: "block"; block: string; apart?: true }
  /** `NAME { }` with the keywords of `block`. */
  | { kind: "named"; block: string }
  /** `{ }` with one entry a line, made of the words of `entry`; null: of names only. */
  | { kind: "entries"; entry: string | null };

/** One row of the table. */
export interface Keyword {
  block: string;
  name: string;
  /** The argument in the notation of the reference page. */
  argument: string;
  default: string;
  meaning: string;
  /** True when baton acts on it; "not yet": known and skipped with a warning; "none": likewise, for good. */
  effect: true | "not yet" | "none";
  /** Why it has no effect, for good; "" for the others. */
  reason: string;
  /** How the argument is read; null for what the reader of files handles, and for keywords without effect. */
  type: Argument | null;
  /** Which one counts when it is given twice; `all` = all of them. */
  twice: "first" | "last" | "all";
  /** The argument may be missing in keepalived.conf: a warning, and the default is kept. */
  missing: "error" | "warning";
  /** baton's own, unknown to keepalived. */
  own: boolean;
}

/** A row that has effect, before its defaults are filled in. */
export type Row = [
  name: string,
  type: Argument | null,
  argument: string,
  fallback: string,
  meaning: string,
  options?: Partial<Pick<Keyword, "twice" | "missing" | "own">>,
];

const MICROSECONDS = 1_000_000;

/** Seconds from `min` to `max`. */
export function seconds(min: number, max: number, whole?: true): Argument {
  const range = { minUs: Math.round(min * MICROSECONDS), maxUs: Math.round(max * MICROSECONDS) };
  return whole === undefined ? { kind: "seconds", ...range } : { kind: "seconds", ...range, whole };
}

/** Milliseconds from `min` to `max`. */
export function milliseconds(min: number, max: number): Argument {
  return { kind: "milliseconds", minUs: min * 1000, maxUs: max * 1000 };
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): Argument {
  return { kind: "integer", min, max };
}

/** Which one counts when a keyword is given twice. */
export const FIRST = { twice: "first" } as const;
export const ALL = { twice: "all" } as const;

/** A program, after which its user and group may stand. */
export const NOTIFY: Argument = { kind: "command", identity: true };

/** The lists of what is tracked by its name; `by`: the end of a sentence that begins with what is in them. */
export function trackRows(by: string): Row[] {
  const lists = [
    ["track_script", "Scripts"],
    ["track_file", "Files"],
    ["track_process", "Processes"],
    ["track_bfd", "BFD sessions"],
  ] as const;
  const type = { kind: "entries", entry: "track-entry" } as const;
  const argument = "{ NAME [weight N [reverse|noreverse]] }";
  return lists.map(([name, things]) => [name, type, argument, "none", `${things} ${by}`, ALL]);
}
