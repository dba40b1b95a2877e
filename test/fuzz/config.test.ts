// The readers of keepalived.conf and YAML: no text makes them throw, hang, grow without bound or forget to speak.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { KEYWORDS } from "../../src/config/keywords.ts";
import { renderDiagnostic } from "../../src/config/load.ts";
import { Report } from "../../src/config/diagnostic.ts";
import { shellWords } from "../../src/config/lex.ts";
import { Text } from "../../src/config/text.ts";
import { PATIENCE, RUNS } from "./runs.ts";
import { instance, load } from "../unit/config/support.ts";

/** More findings than these are counted, not kept; errors are one a statement at most. */
const MOST_FINDINGS = 1000;

/** Every result is consistent, and every place lies in its line. */
function sane(text: string | Uint8Array, path?: string): void {
  const result = load(text, { "/etc/baton/other": "priority 1\n}\n" }, path === undefined ? {} : { path });
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  expect(result.config === null).toBe(errors.length > 0);
  expect(result.diagnostics.length).toBeLessThan(MOST_FINDINGS);
  for (const found of result.diagnostics) {
    expect(found.message.length).toBeGreaterThan(0);
    expect(found.message).not.toMatch(/undefined|NaN|\[object/);
    if (found.line > 0) {
      expect(found.column).toBeGreaterThanOrEqual(1);
      expect(found.column).toBeLessThanOrEqual(found.text.length + 1);
    }
    renderDiagnostic(found, false);
  }
  for (const each of result.config?.instances ?? []) {
    expect(each.vrid >= 1 && each.vrid <= 255 && each.priority >= 1 && each.priority <= 255).toBe(true);
    expect(each.advertIntervalUs >= 10_000 && each.advertIntervalUs <= 255_000_000).toBe(true);
    expect(each.addresses.every(({ family }) => family === each.family)).toBe(true);
    expect(new TextEncoder().encode(each.authentication?.password ?? "").length).toBeLessThanOrEqual(8);
    expect(each.announce.masterRepeat >= 1 && each.announce.refreshRepeat >= 1).toBe(true);
  }
}

const names = [...KEYWORDS].filter(([block]) => block !== "directives").flatMap((
  [, rows],
) => [...rows.keys()]);
const token = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...names) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "vrrp_instance",
      "interface",
      "virtual_router_id",
      "virtual_ipaddress",
      "authentication",
      "auth_type",
      "auth_pass",
      "track_script",
      "vrrp_script",
      "script",
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "{",
      "}",
      "\n",
      "\n",
      '"',
      "'",
      "\\",
      "\\\n",
      "#",
      "!",
      "\t",
      "\r\n",
      "\0",
      "$",
      "${",
      "}",
      "(",
      ")",
      ",",
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "$X=",
      "$X",
      "${X}",
      "$Y=$X",
      "~SEQ(X,1,3)",
      "~SEQx(Y,1,20)",
      "~LST({X,Y},{1,2},{3})",
      "@alpha",
      "@^alpha",
      "include other",
      "include keepalived.conf",
      "include *",
      "${_RANDOM 1 2}",
      "${_PWD}",
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "VI_1",
      "eth0",
      "192.0.2.1/24",
      "fe80::1",
      "PASS",
      "AH",
      "MASTER",
      "-1",
      "0",
      "255",
      "256",
      "0.01",
      "1e9",
      "weight",
      "reverse",
      "dev",
      "scope",
      "on",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
);
const soup = fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join(" "));

describe("keepalived.conf", () => {
  test("arbitrary bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => sane(bytes)), { numRuns: RUNS });
  }, PATIENCE);

  test("words of the language in any order", () => {
    fc.assert(fc.property(soup, (text) => sane(text)), { numRuns: RUNS });
  }, PATIENCE);

  test("an instance with any lines in it", () => {
    fc.assert(fc.property(soup, (text) => sane(instance(text))), { numRuns: RUNS });
  }, PATIENCE);

  test("definitions and repetitions that feed each other", () => {
    const name = fc.constantFrom("A", "B", "C");
    const use = fc.oneof(name.map((each) => `\${${each}}`), fc.constantFrom("x", " ", "1", "\\\n"));
    const value = fc.array(use, { maxLength: 6 }).map((parts) => parts.join(""));
    const line = fc.oneof(
      fc.tuple(name, value).map(([each, text]) => `$${each}=${text}`),
      fc.tuple(name, fc.nat(400), value).map(([each, end, text]) => `~SEQ(${each},${end}) ${text}`),
      fc.tuple(name, value, value).map(([each, a, b]) => `~LST(${each},${a},${b}) ${b}${a}`),
      value,
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => sane(lines.join("\n"))),
      { numRuns: RUNS },
    );
  }, PATIENCE);

  test("a right file with characters removed, doubled or changed", () => {
    const right = instance(
      'authentication {\n auth_type PASS\n auth_pass x\n }\n track_interface {\n eth1 weight 5\n }\n notify "/bin/x a"',
    );
    const change = fc.tuple(
      fc.nat(right.length - 1),
      fc.nat(3),
      fc.constantFrom("{", "}", '"', "\n", "#", "$", "~", "9"),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        let text = right;
        for (const [at, remove, insert] of changes) {
          text = text.slice(0, at) + insert + text.slice(at + remove);
        }
        sane(text);
      }),
      { numRuns: RUNS },
    );
  }, PATIENCE);
});

describe("YAML", () => {
  test("arbitrary bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => sane(bytes, "/etc/baton/x.yaml")), {
      numRuns: RUNS,
    });
  }, PATIENCE);

  test("any tree under the keywords", () => {
    const { tree } = fc.letrec((tie) => ({
      scalar: fc.oneof(
        fc.constantFrom("eth0", "192.0.2.1", "", "a b", "-5 reverse", "100ms", "{"),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.string({ maxLength: 5 }),
      ),
      tree: fc.oneof(
        { maxDepth: 5 },
        tie("scalar"),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names, "VI_1", "192.0.2.1"), tie("tree"), { maxKeys: 5 }),
      ),
    }));
    const file = fc.record({
      vrrp_instance: fc.record({
        VI_1: fc.dictionary(fc.constantFrom(...KEYWORDS.get("vrrp_instance")!.keys()), tree, { maxKeys: 12 }),
      }),
      global_defs: tree,
      vrrp_script: tree,
    }, { requiredKeys: [] });
    fc.assert(fc.property(file, (value) => sane(Bun.YAML.stringify(value, null, 1), "/etc/baton/x.yaml")), {
      numRuns: RUNS,
    });
    fc.assert(fc.property(file, (value) => sane(JSON.stringify(value), "/etc/baton/x.yaml")), {
      numRuns: RUNS,
    });
  }, PATIENCE);
});

describe("what is written is read back", () => {
  const address = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));

  test("instances in both syntaxes", () => {
    const value = fc.record({
      vrid: fc.integer({ min: 1, max: 255 }),
      priority: fc.integer({ min: 1, max: 254 }),
      centiseconds: fc.integer({ min: 1, max: 4095 }),
      addresses: fc.uniqueArray(address, { minLength: 1, maxLength: 20, selector: ([ip]) => ip }),
    });
    fc.assert(
      fc.property(value, ({ vrid, priority, centiseconds, addresses }) => {
        const lines = addresses.map(([ip, length]) => `${ip}/${length}`);
        const conf = load(
          `vrrp_instance V {\ninterface eth0\nversion 3\nvirtual_router_id ${vrid}\npriority ${priority}\n` +
            `advert_int ${centiseconds / 100}\nvirtual_ipaddress {\n${lines.join("\n")}\n}\n}\n`,
        );
        const keywords = {
          interface: "eth0",
          version: 3,
          virtual_router_id: vrid,
          priority,
          advert_int: `${centiseconds * 10}ms`,
          virtual_ipaddress: lines,
        };
        const yaml = load(JSON.stringify({ vrrp_instance: { V: keywords } }), {}, { path: "/x.yaml" });
        expect(conf.diagnostics).toEqual([]);
        expect(yaml.diagnostics).toEqual([]);
        expect(conf.config?.instances[0]).toMatchObject({
          vrid,
          priority,
          advertIntervalUs: centiseconds * 10_000,
        });
        expect(conf.config?.instances[0]?.addresses.map((each) => `${each.address}/${each.prefixLength}`))
          .toEqual(lines);
        expect(yaml.config?.instances).toEqual(conf.config?.instances ?? []);
      }),
      { numRuns: 300 },
    );
  }, PATIENCE);

  test("words in single quotes come back from the command splitter", () => {
    const word = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !/['\\\0\r\n]/.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (list) => {
        const report = new Report("f");
        const line = list.map((each) => `'${each}'`).join(" ");
        expect(shellWords(Text.line({ file: "f", number: 1, text: line }), report).map(({ value }) => value))
          .toEqual(list);
        expect(report.diagnostics()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  }, PATIENCE);
});
