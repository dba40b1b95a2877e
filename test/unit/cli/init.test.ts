// Which command process 1 runs.
import { expect, test } from "bun:test";
import { commandWords } from "../../../src/cli/init.ts";

const isCommand = (word: string) => ["run", "check"].includes(word);

test("an ordinary process runs what it was called with", () => {
  expect(commandWords([], isCommand, {})).toEqual([]);
  expect(commandWords(["splash"], isCommand, {})).toEqual(["splash"]);
});

test("without a command, process 1 is the daemon", () => {
  for (const mark of ["machine", "container"]) {
    expect(commandWords([], isCommand, { BATON_INIT: mark })).toEqual(["run"]);
  }
});

test("a word that the kernel left over is no command of a machine, but it is the user's in a container", () => {
  expect(commandWords(["splash"], isCommand, { BATON_INIT: "machine" })).toEqual(["run"]);
  expect(commandWords(["splash"], isCommand, { BATON_INIT: "container" })).toEqual(["splash"]);
});

test("commands and keepalived's options are taken as they are", () => {
  for (const words of [["check", "/x"], ["-n", "-f", "/x"]]) {
    expect(commandWords(words, isCommand, { BATON_INIT: "machine" })).toEqual(words);
  }
});

test("the mark is not passed on", () => {
  const environment: Record<string, string | undefined> = { BATON_INIT: "machine", PATH: "/bin" };
  commandWords([], isCommand, environment);
  expect(environment).toEqual({ PATH: "/bin" });
});
