// Conversion: whatever the words, the other syntax decodes to the same Config, or convert refuses with a sentence.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { convert } from "../../src/config/convert.ts";
import { loadConfig, type LoadOptions } from "../../src/config/load.ts";
import type { Config } from "../../src/config/model.ts";
import type { Syntax } from "../../src/config/tree.ts";
import { memoryFiles } from "../unit/config/support.ts";
import { PATIENCE, RUNS } from "./runs.ts";

function options(path: string, text: string): LoadOptions {
  return { hostName: "alpha", environment: {}, files: memoryFiles({ [path]: text }) };
}

function load(text: string, syntax: Syntax): Config | null {
  const { config } = loadConfig(`/x.${syntax}`, options(`/x.${syntax}`, text));
  return config === null ? null : { ...config, file: "" };
}

/** There and back again. Returns whether the conversion was done. */
function roundTrip(text: string, from: Syntax): boolean {
  const to = from === "conf" ? "yaml" : "conf";
  const before = load(text, from);
  const there = convert(`/x.${from}`, options(`/x.${from}`, text), to);
  if (before === null || there.text === null) {
    expect(there.text).toBeNull();
    expect(there.diagnostics.some(({ severity }) => severity === "error")).toBe(true);
    return false;
  }
  expect(load(there.text, to)).toEqual(before);
  const back = convert(`/x.${to}`, options(`/x.${to}`, there.text), from);
  expect(back.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(load(back.text as string, from)).toEqual(before);
  return true;
}

const word = fc.oneof(
  fc.constantFrom(
    "a",
    "VI_1",
    "null",
    "true",
    "0x10",
    "1e3",
    "~",
    "- x",
    "a: b",
    "a #b",
    "#",
    "!x",
    "@id",
    "{",
    "'",
    "é",
  ),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((text) => !/["\n\r\0\t]/.test(text)),
);
const argument = fc.oneof(
  word,
  fc.constantFrom('"', "\\", "\\n", "a b", "$X", "${_HASH}", "it's", "x;y", "\n", ""),
);
const line = fc.oneof(
  fc.integer({ min: 1, max: 255 }).map((value) => `priority ${value}`),
  fc.constantFrom(
    "nopreempt",
    "preempt",
    "state BACKUP",
    "state MASTER",
    "accept",
    "native_ipv6",
    "version 3",
  ),
  fc.integer({ min: 1, max: 4000 }).map((value) => `advert_int ${value / 100}`),
  fc.constantFrom(
    "skip_check_adv_addr",
    "strict_mode off",
    "v3_checksum_as_v2 on",
    "vip_lease no",
    "debug 2",
  ),
  fc.constantFrom(
    "garp_master_refresh 60",
    "garp_master_repeat 3",
    "preempt_delay 1.5",
    "mcast_src_ip 192.0.2.3",
  ),
  fc.constantFrom("unicast_peer {\n192.0.2.7\n192.0.2.8\n}", "unicast_src_ip 192.0.2.6"),
  fc.constantFrom("track_script {\nchk weight -20\n}", "track_interface {\neth1 weight 5 reverse\neth2\n}"),
  fc.constantFrom(
    "virtual_ipaddress_excluded { 2001:db8::1/64 }",
    "authentication {\nauth_type PASS\nauth_pass x\n}",
  ),
  fc.constantFrom(
    "# a comment",
    "! another # one",
    "nonsense {\na b\n}",
    "virtual_routes {\n10.0.0.0/8 dev eth0\n}",
  ),
  word.map((text) => `notify "/bin/x ${text.replace(/["\\$]/g, "")}" root`),
  word.map((text) => `authentication {\nauth_type PASS\nauth_pass "${text}"\n}`),
);

describe("convert", () => {
  test("keepalived.conf to YAML and back", () => {
    const file = fc.record({
      router: word,
      names: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
      lines: fc.array(line, { maxLength: 8 }),
      comment: fc.string({ maxLength: 12 }).map((text) => text.replace(/[\n\r\0]/g, "")),
    });
    let done = 0;
    fc.assert(
      fc.property(file, ({ router, names, lines, comment }) => {
        const blocks = names.map((name, index) =>
          `# ${comment}\nvrrp_instance "${name}" { # ${comment}\ninterface eth0\nvirtual_router_id ${
            index + 1
          }\n` +
          `virtual_ipaddress {\n192.0.2.${index + 1}/24 dev eth0 # ${comment}\n}\n${
            lines.join("\n")
          }\n# ${comment}\n}\n`
        );
        const text =
          `global_defs {\nrouter_id "${router}"\n}\nvrrp_script chk {\nscript "/bin/true a"\ninterval 0.5\n}\n`;
        if (roundTrip(text + blocks.join(""), "conf")) done++;
      }),
      { numRuns: RUNS },
    );
    expect(done).toBeGreaterThan(RUNS / 2);
  }, PATIENCE);

  test("YAML to keepalived.conf and back", () => {
    const keywords = fc.record({
      priority: fc.integer({ min: 1, max: 254 }),
      advert_int: fc.constantFrom("100ms", "2s", "0.25", 1),
      preempt: fc.boolean(),
      skip_check_adv_addr: fc.boolean(),
      garp_master_delay: fc.constantFrom("5s", "0"),
      vip_lease: fc.boolean(),
      notify: fc.oneof(
        fc.array(argument, { minLength: 1, maxLength: 4 }),
        fc.record({
          command: fc.array(argument, { minLength: 1, maxLength: 3 }),
          user: fc.constantFrom("root", "a b"),
        }),
      ),
      track_interface: fc.constantFrom(["eth1"], { eth1: { weight: 5, reverse: true } }, ["eth1 weight -3"]),
      authentication: fc.record({ auth_type: fc.constant("PASS"), auth_pass: argument }),
    }, { requiredKeys: [] });
    const file = fc.record({
      global_defs: fc.record({ router_id: argument, vrrp_version: fc.constantFrom(2, 3) }, {
        requiredKeys: [],
      }),
      instances: fc.dictionary(word, keywords, { minKeys: 1, maxKeys: 3 }),
    });
    let done = 0;
    fc.assert(
      fc.property(file, ({ global_defs, instances }) => {
        const named = Object.entries(instances).map(([name, body], index) => [name, {
          interface: "eth0",
          virtual_router_id: index + 1,
          virtual_ipaddress: [`192.0.2.${index + 1}/24`],
          ...body,
        }]);
        const text = JSON.stringify({ global_defs, vrrp_instance: Object.fromEntries(named) });
        if (roundTrip(text, "yaml")) done++;
      }),
      { numRuns: RUNS },
    );
    expect(done).toBeGreaterThan(RUNS / 10);
  }, PATIENCE);

  test("any text: a result with the same meaning or a refusal", () => {
    const token = fc.constantFrom(
      "vrrp_instance A {",
      "vrrp_instance A {",
      "interface eth0",
      "virtual_router_id 1",
      "virtual_ipaddress {",
      "192.0.2.1",
      "}",
      "}",
      "{",
      "global_defs {",
      "router_id x",
      "# c",
      "$A=b",
      "${A}",
      "~SEQ(i,2) 10.0.0.${i}",
      "vrrp_script s {",
      'script "x"',
      "track_script {",
      "s",
      "nonsense {",
      "priority 300",
      "auth_pass",
      '"',
      "vrrp_version 3",
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
        const text = tokens.join("\n");
        const before = load(text, "conf");
        const { text: converted, diagnostics } = convert("/x.conf", options("/x.conf", text), "yaml");
        if (converted === null) expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
        else expect(load(converted, "yaml")).toEqual(before);
      }),
      { numRuns: RUNS },
    );
  }, PATIENCE);
});
