// Options of baton's own commands: the forms that getopt knows, and what is refused.
import { describe, expect, test } from "bun:test";
import { parseOptions, UsageError } from "../../../src/cli/usage.ts";

const OPTIONS = {
  file: { type: "string", short: "f" },
  detail: { type: "boolean", short: "D" },
  help: { type: "boolean", short: "h" },
} as const;

const read = (...args: string[]) => parseOptions("run", args, OPTIONS, true);
const refusal = (...args: string[]) => {
  try {
    parseOptions("run", args, OPTIONS, false);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
  }
  return null;
};

describe("options", () => {
  test("a value stands in its own word, after = or right after the letter", () => {
    for (const words of [["--file", "a=b"], ["--file=a=b"], ["-f", "a=b"], ["-fa=b"], ["-Dfa=b"]]) {
      expect(read(...words).values.file).toBe("a=b");
    }
    expect(read("--file=").values.file).toBe("");
    expect(read("--file", "-").values.file).toBe("-");
    expect(read("-f", "a", "-f", "b").values.file).toBe("b");
  });

  test("flags may share a word; -- ends the options", () => {
    expect({ ...read("-Dh", "x", "--", "-f", "--file").values }).toEqual({ detail: true, help: true });
    expect(read("-Dh", "x", "--", "-f", "--file").positionals).toEqual(["x", "-f", "--file"]);
  });

  test("what is wrong is named, with the way to the help", () => {
    const help = ": see baton run --help";
    expect(refusal("--fil", "x")).toBe(`unknown option --fil${help}`);
    expect(refusal("--toString")).toBe(`unknown option --toString${help}`);
    expect(refusal("-Dx")).toBe(`unknown option -x${help}`);
    expect(refusal("--file")).toBe(`option --file needs a value${help}`);
    expect(refusal("-f", "-D")).toBe(`option -f needs a value, and -D looks like an option${help}`);
    expect(refusal("--detail=yes")).toBe(`option --detail takes no value${help}`);
    expect(refusal("stray")).toBe(`unexpected word stray${help}`);
  });
});
