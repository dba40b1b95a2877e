// include_check: what of the plain include is an error.

/** All checks, in the letters of includer, includem, includew and includeb. */
export const ALL_CHECKS = "rmwb";

const LETTERS: Readonly<Record<string, string>> = {
  none: "",
  all: ALL_CHECKS,
  read: "r",
  match: "m",
  wildcard_match: "w",
  brace_match: "b",
};

/**
 * The checks that hold after `include_check WORDS`, when `before` held until then: words with + or - change them,
 * others replace them, and without any word all are on. `unknown`: words that are none of these.
 */
export function includeChecks(
  words: readonly string[],
  before: string,
): { checks: string; unknown: string[] } {
  if (words.length === 0) return { checks: ALL_CHECKS, unknown: [] };
  const unknown: string[] = [];
  // keepalived lets the first word without a sign replace what was.
  let checks = words.some((word) => !/^[+-]/.test(word)) ? "" : before;
  for (const word of words) {
    const name = word.replace(/^[+-]/, "");
    const letters = Object.hasOwn(LETTERS, name) ? LETTERS[name] : undefined;
    if (letters === undefined) unknown.push(word);
    else if (word.startsWith("-")) {
      checks = [...checks].filter((letter) => !letters.includes(letter)).join("");
    } else checks += letters;
  }
  return { checks: [...new Set(checks)].join(""), unknown };
}
