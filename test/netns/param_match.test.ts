// vrrp_track_process: which parameters match; each form is a bit of the priority. keepalived 2.2.7 is no witness: in a
// network namespace it hears of no process.
import { test } from "bun:test";
import { copyFileSync } from "node:fs";
import { basename } from "node:path";
import { GLOBAL, instance } from "../support/conf.ts";
import { Baton } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";

/** Words after the name, param_match (null = none is written), and whether a process with 1000 2000 is meant. */
const FORMS: [words: string, match: string | null, meant: boolean][] = [
  ["", null, true],
  ["1000 2000", "", true],
  ["1000", "", false],
  ["1000", "initial", true],
  ["1000 20", "partial", true],
  ["2000", "initial", false],
  ["1000 30", "partial", false],
];

// shows: vrrp_track_process param_match
test.concurrent("exact, initial and partial parameters", async () => {
  await using lab = await Lab.create({ a: {} });
  const a = lab.node("a");
  const program = lab.path(`pm${process.pid}`);
  copyFileSync(Bun.which("sleep")!, program);
  a.spawn("the process", [program, "1000", "2000"]);
  const blocks = FORMS.map(([words, match], i) =>
    [
      `vrrp_track_process p${i} {`,
      `  process ${basename(program)} ${words}`,
      ...(match === null ? [] : [`  param_match ${match}`]),
      `  weight ${1 << i}`,
      "}",
      "",
    ].join("\n")
  );
  const lines = ["track_process {", ...FORMS.map((_, i) => `  p${i}`), "}"];
  const text = GLOBAL + blocks.join("") + instance({ priority: 50, version: 3, interval: 0.1, lines });
  const expected = 50 + FORMS.reduce((sum, [, , meant], i) => sum + (meant ? 1 << i : 0), 0);
  const ours = new Baton(a, text).start();
  await ours.shows((i) => i.priority.effective === expected);
});
