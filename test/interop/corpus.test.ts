// keepalived's own verdict on the corpus: what it accepts has no error here, each line that it complains of has a
// finding, and what it accepts it accepts again after a conversion there and back.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { convert } from "../../src/config/convert.ts";
import { loadConfig } from "../../src/config/load.ts";
import { find, needs } from "../support/peer.ts";

const CORPUS = join(import.meta.dir, "../corpus");
const FILES = readdirSync(CORPUS).filter((name) => /^\d.*\.conf$/.test(name)).sort();
/** A check takes keepalived some milliseconds; two files of the corpus it never finishes. */
const LIMIT_S = 5;

/** Files that bring keepalived 2.2.7 down or hold it for ever: there is no verdict to compare with. */
const NO_VERDICT = new Set(["39-definition-of-itself.conf", "40-definition-circle.conf"]);

/** keepalived loses its way in these at the first complaint, which is the one that must be matched. */
const FIRST_ONLY: Record<string, string> = {
  "05-bom.conf": "the byte order mark takes the first keyword away, and with it the meaning of the block",
  "60-long-line.conf":
    "what does not fit the buffer counts as lines of its own, also in the numbers of the others",
  "61-very-long-line.conf": "the same",
  "67b-unknown-block-inside.conf": "it reads the braces of the unknown block as those of the instance",
};

/** What depends on the machine: `baton check` says it too, this test reads the text alone. */
const MACHINE = /doesn't exist$/;

const ready = needs("keepalived", "keepalived") && needs("unshare", "util-linux");

/** keepalived's complaints about a file, in a network of its own with the interfaces that the corpus names. */
async function complaints(path: string): Promise<{ code: number; lines: { line: number; text: string }[] }> {
  const links = ["eth0", "eth1", "eth2", "bond0"].map((name) => `ip link add ${name} type bridge`).join(
    " && ",
  );
  const script = `${links} && exec timeout ${LIMIT_S} ${find("keepalived")} -t -f "$1" -i alpha`;
  const child = Bun.spawn(["unshare", "-n", "sh", "-c", script, "sh", path], {
    cwd: CORPUS,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const lines = `${out}${errors}`.split("\n").flatMap((text) => {
    const found = /^\((?:(.*): )?Line (\d+)\) (.*)/.exec(text);
    if (found === null || MACHINE.test(text)) return [];
    // Of an included file only the main file's own lines are compared.
    if (found[1] !== undefined && basename(found[1]) !== basename(path)) return [];
    return [{ line: Number(found[2]), text: found[3] ?? "" }];
  });
  return { code: await child.exited, lines };
}

describe.skipIf(!ready)("keepalived -t", () => {
  for (const name of FILES.filter((each) => !NO_VERDICT.has(each))) {
    test.concurrent(name, async () => {
      const path = join(CORPUS, name);
      const { code, lines } = await complaints(path);
      const { diagnostics, config } = loadConfig(path, { hostName: "alpha", environment: {} });
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      // 2: it ends at once. Else it starts, with what is left: then an error would be too much.
      if (code === 2) expect(errors).not.toEqual([]);
      else if (code === 0) expect(errors.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
      expect(code === 124 || code >= 128, `keepalived ended with ${code}`).toBe(false);
      const known = new Set(diagnostics.filter(({ file }) => file === path).map(({ line }) => line));
      const compared = name in FIRST_ONLY ? lines.slice(0, 1) : lines;
      const missed = compared.filter(({ line }) => !known.has(line)).map(({ line, text }) =>
        `${line}: ${text.slice(0, 160)}`
      );
      expect(missed).toEqual([]);
      if (config === null) expect(errors).not.toEqual([]);
    });
  }
});

describe.skipIf(!ready)("keepalived -t takes what convert writes", () => {
  for (const name of FILES.filter((each) => !NO_VERDICT.has(each))) {
    test.concurrent(name, async () => {
      const path = join(CORPUS, name);
      const options = { hostName: "alpha", environment: {} };
      const before = await complaints(path);
      // Of a file that it complains of the lines would be other ones.
      if (before.code !== 0 || before.lines.length > 0) return;
      const { text: yaml } = convert(path, options, "yaml");
      if (yaml === null) throw new Error(`${name} is not converted`);
      const folder = mkdtempSync(join(tmpdir(), "baton-corpus-"));
      try {
        writeFileSync(join(folder, "x.yaml"), yaml);
        const { text } = convert(join(folder, "x.yaml"), options, "conf");
        writeFileSync(join(folder, "x.conf"), text ?? "");
        expect(await complaints(join(folder, "x.conf"))).toEqual({ code: 0, lines: [] });
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
