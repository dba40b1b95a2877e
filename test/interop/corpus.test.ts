// keepalived's own verdict on the corpus: what it accepts has no error here, each line that it complains of has a
// finding, and what it accepts it accepts again after a conversion there and back.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { convert } from "../../src/config/convert.ts";
import { loadConfig } from "../../src/config/load.ts";
import { NEWER } from "../../src/config/reference_newer.ts";
import { find, needs } from "../support/peer.ts";

const CORPUS = join(import.meta.dir, "../corpus");
const FILES = readdirSync(CORPUS).filter((name) => /^\d.*\.conf$/.test(name)).sort();
/** A check takes keepalived some milliseconds; two files of the corpus it never finishes. */
const LIMIT_S = 20;
const PATIENCE_MS = 80_000;
/** Begins the line behind the output for a file. */
const MARK = "@verdict";

/** Files that bring keepalived 2.2.7 down or hold it for ever: there is no verdict to compare with. */
const NO_VERDICT = new Set(["39-definition-of-itself.conf", "40-definition-circle.conf"]);

const COMPARED = FILES.filter((name) => !NO_VERDICT.has(name));

/** keepalived loses its way in these at the first complaint, which is the one that must be matched. */
const FIRST_ONLY: Record<string, string> = {
  "05-bom.conf": "the byte order mark takes the first keyword away, and with it the meaning of the block",
  "60-long-line.conf":
    "what does not fit the buffer counts as lines of its own, also in the numbers of the others",
  "61-very-long-line.conf": "the same",
};

/** What depends on the machine: `baton check` says it too, this test reads the text alone. */
const MACHINE = /doesn't exist$/;

const ready = needs("keepalived", "keepalived") && needs("unshare", "util-linux");

interface Verdict {
  code: number;
  lines: { line: number; text: string }[];
}

/** keepalived's verdict on each file, in one network of its own with the interfaces that the corpus names. */
async function verdicts(paths: readonly string[]): Promise<Map<string, Verdict>> {
  const links = ["eth0", "eth1", "eth2", "bond0"].map((name) => `ip link add ${name} type bridge`).join(
    " && ",
  );
  const each = `timeout ${LIMIT_S} ${
    find("keepalived")
  } -t -f "$file" -i alpha 2>&1; code=$?; echo; echo "${MARK} $code $file"`;
  const child = Bun.spawn([
    "unshare",
    "-n",
    "sh",
    "-c",
    `${links} && for file; do ${each}; done`,
    "sh",
    ...paths,
  ], {
    cwd: CORPUS,
    stdout: "pipe",
    stderr: "inherit",
  });
  const found = new Map<string, Verdict>();
  let said: string[] = [];
  for (const text of (await new Response(child.stdout).text()).split("\n")) {
    const [mark, code, path] = text.split(" ");
    if (mark !== MARK || path === undefined) said.push(text);
    else {
      found.set(path, { code: Number(code), lines: said.flatMap((each) => complaint(each, path)) });
      said = [];
    }
  }
  return found;
}

function complaint(text: string, path: string): Verdict["lines"] {
  const found = /^\((?:(.*): )?Line (\d+)\) (.*)/.exec(text);
  if (found === null || MACHINE.test(text)) return [];
  // Of an included file only the main file's own lines are compared.
  if (found[1] !== undefined && basename(found[1]) !== basename(path)) return [];
  return [{ line: Number(found[2]), text: found[3] ?? "" }];
}

const folder = mkdtempSync(join(tmpdir(), "baton-corpus-"));
const options = { hostName: "alpha", environment: {} };
let corpus = new Map<string, Verdict>();
let converted = new Map<string, Verdict>();

beforeAll(async () => {
  if (!ready) return;
  corpus = await verdicts(COMPARED.map((name) => join(CORPUS, name)));
  // There and back again. Of a file that keepalived complains of the lines would be other ones.
  const paths = COMPARED.filter(clean).map((name) => {
    const yaml = join(folder, `${name}.yaml`);
    writeFileSync(yaml, convert(join(CORPUS, name), options, "yaml").text ?? "refused");
    const conf = join(folder, name);
    writeFileSync(conf, convert(yaml, options, "conf").text ?? "refused");
    return conf;
  });
  converted = await verdicts(paths);
}, PATIENCE_MS);

afterAll(() => rmSync(folder, { recursive: true }));

function clean(name: string): boolean {
  const verdict = corpus.get(join(CORPUS, name));
  return verdict?.code === 0 && verdict.lines.length === 0;
}

describe.skipIf(!ready)("keepalived -t", () => {
  for (const name of COMPARED) {
    test(name, () => {
      const path = join(CORPUS, name);
      const verdict = corpus.get(path);
      if (verdict === undefined) throw new Error(`keepalived said nothing of ${name}`);
      const { code, lines } = verdict;
      const { diagnostics, config } = loadConfig(path, options);
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
  for (const name of COMPARED) {
    test(name, () => {
      const verdict = converted.get(join(folder, name));
      expect(verdict === undefined).toBe(!clean(name));
      if (verdict !== undefined) expect(verdict).toEqual({ code: 0, lines: [] });
    });
  }

  test("most of the corpus is clean enough to tell", () => expect(converted.size).toBeGreaterThan(40));
});

describe.skipIf(!ready)("what the reference calls newer", () => {
  test("is unknown to keepalived 2.2.7", async () => {
    const path = join(folder, "newer.conf");
    const blocks = Object.entries(NEWER).map(([block, names]) => {
      const name = block === "global_defs" ? "" : " X";
      return `${block}${name} {\n${names.join("\n")}\n}\n`;
    });
    writeFileSync(path, blocks.join(""));
    const said = (await verdicts([path])).get(path)?.lines ?? [];
    const unknown = new Set(said.flatMap(({ text }) => /^Unknown keyword '(.*)'/.exec(text)?.[1] ?? []));
    expect([...unknown].sort()).toEqual([...new Set(Object.values(NEWER).flat())].sort());
  });
});
